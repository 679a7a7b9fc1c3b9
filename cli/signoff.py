"""`preg signoff`: accepting how a field compares."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer
from rich.table import Table

from cli.console import console, line, value
from cli.current_release import current
from cli.field_names import compared_field, mapped_fields
from cli.options import DataOption
from foundation.settings import Settings


def signoff(
    field: Annotated[str | None, typer.Argument(help="The field: Person.Sn, or its column.")] = None,
    name: Annotated[str, typer.Option("--name", help="Who signs.")] = "",
    note: Annotated[str, typer.Option("--note", help="Why it is accepted; nothing about a person.")] = "",
    pair: Annotated[str, typer.Option("--pair", help="Which comparison.")] = "preg_persontjenesten",
    data: DataOption = None,
) -> None:
    """Sign a field off at the rate of the current release; without a field, list the sign-offs.

    A sign-off is void when the share of equal values, of those that have a value and follow from no other field, has
    fallen by more than one in a thousand since.
    """
    from publication.reports.signoff import counts_to_sign, read_signoffs, sign

    settings = Settings.with_given(data_dir=data)
    release = current(settings)
    if field is not None:
        if not name.strip():
            raise typer.BadParameter("a sign-off has a name", param_hint="--name")
        signed = sign(
            settings,
            release.database,
            release.release_id,
            pair=pair,
            field=compared_field(field, mapped_fields(settings, release)),
            name=name.strip(),
            note=note.strip(),
            today=dt.date.today(),
        )
        console.print(line(f"signed  {signed.pair}  {signed.entity}.{signed.field}  {signed.rate:.3%} equal"))
        console.print("The report of the next release shows it.")
        return
    with release.open() as connection:
        counts = counts_to_sign(connection)
    table = Table(header_style="bold")
    for column in ("pair", "field", "name", "date", "signed at", "now", "", "note"):
        table.add_column(column)
    for key, each in sorted(read_signoffs(settings).items()):
        compared, equal = counts.get(key, (0, 0))
        table.add_row(
            value(each.pair),
            value(f"{each.entity}.{each.field}"),
            value(each.name),
            value(each.date),
            f"{each.rate:.3%}",
            f"{equal / compared:.3%}" if compared else "-",
            "holds" if each.holds(compared, equal) else "void",
            value(each.note),
        )
    console.print(table)
