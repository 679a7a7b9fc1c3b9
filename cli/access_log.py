"""`preg access-log`: who has looked up whom through the services."""

from __future__ import annotations

import dataclasses
import datetime as dt
import sys
from typing import Annotated

import typer

from cli.console import console, line
from cli.current_release import current
from cli.listing import FormOption, ListForm, show_list
from cli.options import DataOption
from foundation.errors import PregError
from foundation.person_hash import load_key, person_hash
from foundation.settings import Settings
from publication.store.audit_log import utc
from publication.store.look_ups import LookUp, who, write_look_up

app = typer.Typer(
    help="The log of look-ups through the services.", no_args_is_help=True, pretty_exceptions_enable=False
)


@app.command()
def verify(data: DataOption = None) -> None:
    """Whether every line is there as it was written. Status 1 when one is not."""
    from serving.access.access_log import verify as verify_log

    lines, problems = verify_log(Settings.with_given(data_dir=data))
    if problems:
        first = problems[0]
        raise PregError(
            f"the access log is not as it was written: {len(problems)} problems",
            where="\n".join(f"{each.file}, line {each.line}: {each.what}" for each in problems[:20]),
            todo=f"keep {first.file} as it is, and find out who has changed it",
        )
    console.print(line(f"{lines:,} lines, each as it was written"))


@app.command()
def about(
    number: Annotated[str, typer.Argument(help="Any number the person ever had; - reads it from the input.")],
    why: Annotated[str, typer.Option("--why", help="The reason, kept in the log; nothing about a person.")] = "",
    form: FormOption = ListForm.TABLE,
    data: DataOption = None,
) -> None:
    """Who has looked a person up: what the person may be told who asks. The question is logged first."""
    from ingest.contracts.numbers import has_check_digits
    from serving.access.access_log import entries_about

    if not why.strip():
        raise typer.BadParameter("a look-up has a reason", param_hint="--why")
    number = (sys.stdin.readline() if number == "-" else number).strip()
    if not has_check_digits(number):
        raise PregError("this is no person's number", todo="give eleven digits whose check digits fit")
    settings = Settings.with_given(data_dir=data)
    release = current(settings)
    with release.open() as connection:
        numbers = [
            each
            for (each,) in connection.execute(
                "select number from person_number"
                " where nin = (select nin from person_number where number = ?) order by number",
                [number],
            ).fetchall()
        ]
    write_look_up(
        settings,
        LookUp(
            utc(dt.datetime.now(dt.UTC)),
            "access log",
            person_hash(number, load_key(settings)),
            release.release_id,
            who(),
            why.strip(),
        ),
    )
    rows = [
        {name: each for name, each in dataclasses.asdict(entry).items() if name != "persons"}
        for entry in entries_about(settings, numbers or [number])
    ]
    show_list(rows, ("at", "client", "interface", "operation", "outcome", "purpose", "release_id"), form)
