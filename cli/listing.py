"""What commands list: as a table for people, as CSV or JSON for programs, with the same columns."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Annotated

import typer
from rich.table import Table

from cli.console import console, value
from foundation.spreadsheet import safe_cell
from foundation.text import printable

Row = Mapping[str, object]


class ListForm(StrEnum):
    """How a list is given."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


FormOption = Annotated[ListForm, typer.Option("--format", help="table, csv or json.")]


def show_list(
    rows: Sequence[Row],
    columns: Sequence[str],
    form: ListForm,
    shown: Mapping[str, Callable[[object], str]] | None = None,
) -> None:
    """Show rows: a table has `columns` with blanks for underscores, CSV and JSON have their names as they are.

    rows: by column; a list of texts is a cell of several. shown: how a column is written in the table, where not as it
    is. Numbers are right-aligned. A text that a spreadsheet would execute has a leading apostrophe in CSV.
    """
    if form is ListForm.JSON:
        # ASCII: no letter of it does anything to a terminal.
        typer.echo(json.dumps([{name: row[name] for name in columns} for row in rows], indent=2, default=str))
        return
    if form is ListForm.CSV:
        typer.echo(_as_csv(rows, columns), nl=False)
        return
    table = Table(header_style="bold")
    for name in columns:
        numeric = any(isinstance(row[name], int | float) and not isinstance(row[name], bool) for row in rows)
        # A name that must be copied is never cut: it goes on in the next line.
        table.add_column(name.replace("_", " "), overflow="fold", justify="right" if numeric else "left")
    for row in rows:
        table.add_row(*(value(_cell(row[name], (shown or {}).get(name))) for name in columns))
    console.print(table)


def _cell(given: object, shown: Callable[[object], str] | None) -> str:
    if given is None:
        return ""
    if shown is not None:
        return shown(given)
    if isinstance(given, bool):
        return "yes" if given else "no"
    if isinstance(given, int):
        return f"{given:,}"
    return "; ".join(map(str, given)) if isinstance(given, list) else str(given)


def _as_csv(rows: Sequence[Row], columns: Sequence[str]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_csv_cell(row[name]) for name in columns])
    return text.getvalue()


def _csv_cell(given: object) -> object:
    if given is None or isinstance(given, bool | int | float):
        return "" if given is None else str(given).lower() if isinstance(given, bool) else given
    text = "; ".join(map(str, given)) if isinstance(given, list) else str(given)
    return safe_cell(printable(text, len(text)))
