"""`preg person`: one person in a release, for who has a reason to look."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import sys
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from cli.console import console, line, value
from cli.current_release import current
from cli.options import DataOption
from foundation.errors import PregError
from foundation.person_hash import load_key, person_hash
from foundation.settings import Settings
from publication.store.audit_log import utc
from publication.store.look_ups import LookUp, who, write_look_up

_NUMBER_OF_DIGITS = 11


class Shape(StrEnum):
    """How the answer is given."""

    TABLE = "table"
    JSON = "json"


def person(
    number: Annotated[str, typer.Argument(help="Any number the person ever had; - reads it from the input.")],
    why: Annotated[str, typer.Option("--why", help="The reason, kept in the log; nothing about a person.")] = "",
    form: Annotated[Shape, typer.Option("--format", help="table or json.")] = Shape.TABLE,
    data: DataOption = None,
) -> None:
    """A person in the current release: record, addresses, family, history, and PREG beside Persontjenesten.

    The look-up is written into the log first: who, why, and the person by keyed hash.
    """
    # Slow to import.
    from publication.reports.one_person import one_person, present_number

    if not why.strip():
        raise typer.BadParameter("a look-up has a reason", param_hint="--why")
    if number == "-":
        number = sys.stdin.readline()
    number = number.strip()
    if len(number) != _NUMBER_OF_DIGITS or not (number.isascii() and number.isdigit()):
        raise PregError("this is no person's number", todo=f"give {_NUMBER_OF_DIGITS} digits")
    settings = Settings.with_given(data_dir=data)
    release = current(settings)
    write_look_up(
        settings,
        LookUp(
            utc(dt.datetime.now(dt.UTC)),
            "person",
            # Whoever it is, by the number of today; a number that nobody has, as it was asked for.
            person_hash(present_number(release, number) or number, load_key(settings)),
            release.release_id,
            who(),
            why.strip(),
        ),
    )
    found = one_person(release, number)
    if form is Shape.JSON:
        # ASCII: no letter of it does anything to a terminal.
        typer.echo(json.dumps(dataclasses.asdict(found), default=str, indent=2))
        return
    if not found.record:
        console.print(line("PREG has the number, and no person by it now: it leads to ", found.nin))
    _show_facts("person", found.record)
    _show_rows("addresses", found.addresses)
    _show_rows("numbers", found.numbers)
    _show_rows("family", found.family)
    _show_rows("changes since the first delivery", found.changes)
    beside = [{name: each for name, each in row.items() if name != "persontjenesten_path"} for row in found.beside]
    _show_rows("PREG beside Persontjenesten", beside)


def _show_facts(title: str, facts: dict[str, Any]) -> None:
    table = Table(title, "", header_style="bold", title_justify="left")
    for name, given in facts.items():
        if given is not None:
            table.add_row(value(name), value(given))
    if facts:
        console.print(table)


def _show_rows(title: str, rows: list[dict[str, Any]]) -> None:
    """A table of rows; columns without a value in any of them are left out."""
    console.print()
    console.print(Text(title, "bold"))
    if not rows:
        console.print("none")
        return
    names = [name for name in rows[0] if any(row[name] is not None for row in rows)]
    table = Table(header_style="bold")
    for name in names:
        table.add_column(value(name), overflow="fold")
    for row in rows:
        marked = "yellow" if row.get("difference") else ""
        table.add_row(*(value(row[name], marked) for name in names))
    console.print(table)
