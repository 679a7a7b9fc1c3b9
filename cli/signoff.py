"""`preg signoff`: accepting how a field compares."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from cli.console import console, line
from cli.current_release import current
from cli.field_names import compared_field, mapped_fields, pregs_name
from cli.listing import FormOption, ListForm, show_list
from cli.options import DataOption, command
from foundation.settings import Settings

_PAGES = "The report of the next release shows it; pages with it now: "


def signoff(
    field: Annotated[str | None, typer.Argument(help="The field: Person.Sn, or its column.")] = None,
    name: Annotated[str, typer.Option("--name", help="Who signs.")] = "",
    note: Annotated[str, typer.Option("--note", help="Why it is accepted; nothing about a person.")] = "",
    pair: Annotated[str, typer.Option("--pair", help="Which comparison.")] = "preg_persontjenesten",
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take back what was signed for the field.")] = False,
    form: FormOption = ListForm.TABLE,
    data: DataOption = None,
) -> None:
    """Sign a field off at the rate of the current release; without a field, list the sign-offs.

    A sign-off is void when the share of equal values, of those that have a value and follow from no other field, has
    fallen by more than one in a thousand since.
    """
    from publication.reports.signoff import counts_to_sign, read_signoffs, sign, withdraw_signoff

    settings = Settings.with_given(data_dir=data)
    release = current(settings)
    if field is None and (withdraw or name or note):
        raise typer.BadParameter("name the field", param_hint="field")
    fields = mapped_fields(settings, release)
    if field is not None:
        if not name.strip():
            raise typer.BadParameter("a sign-off has a name", param_hint="--name")
        if withdraw:
            entity, _, column = compared_field(field, fields).rpartition(".")
            withdraw_signoff(
                settings, (pair, entity, column), name=name.strip(), note=note.strip(), today=dt.date.today()
            )
            console.print(line(f"withdrawn  {pair}  ", pregs_name(entity, column, fields)))
            console.print(line(_PAGES, command("preg report")))
            return
        signed = sign(
            settings,
            release.database,
            release.release_id,
            pair=pair,
            field=compared_field(field, fields),
            name=name.strip(),
            note=note.strip(),
            today=dt.date.today(),
        )
        named = pregs_name(signed.entity, signed.field, fields)
        console.print(line(f"signed  {signed.pair}  {named}  {signed.rate:.3%} equal"))
        console.print(line(_PAGES, command("preg report")))
        return
    with release.open() as connection:
        counts = counts_to_sign(connection)
    rows = []
    for key, each in sorted(read_signoffs(settings).items()):
        compared, equal = counts.get(key, (0, 0))
        rows.append(
            {
                "pair": each.pair,
                "field": pregs_name(each.entity, each.field, fields),
                "name": each.name,
                "date": str(each.date),
                "age_days": (dt.date.today() - dt.date.fromisoformat(each.date)).days,
                "equal_when_signed": each.rate,
                "equal_now": equal / compared if compared else None,
                "holds": each.holds(compared, equal),
                "note": each.note,
            }
        )
    rates = dict.fromkeys(("equal_when_signed", "equal_now"), "{:.3%}".format)
    columns = ("pair", "field", "name", "date", "age_days", "equal_when_signed", "equal_now", "holds", "note")
    show_list(rows, columns, form, {**rates, "holds": lambda holds: "holds" if holds else "void"})
