"""`preg query`: SQL on the current release."""

from __future__ import annotations

import sys
import tempfile
from enum import StrEnum
from pathlib import Path

import duckdb
from rich.table import Table

from cli.console import console
from cli.current_release import current
from foundation.database import machine_failures
from foundation.errors import PregError
from foundation.settings import Settings


class Form(StrEnum):
    """How an answer is given."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


# What DuckDB calls them; JSON is one list, as programs read it.
_COPY_OPTIONS = {
    Form.CSV: "format csv, header",
    Form.JSON: "format json, array true",
    Form.PARQUET: "format parquet, compression zstd",
}


def answer(settings: Settings, sql: str, form: Form, *, rows: int, out: Path | None) -> None:
    """Show the first `rows` of an answer as a table, or give all of it in another form, to a file or to the output.

    Raises `PregError` for SQL that DuckDB does not take, and for Parquet without a file.
    """
    if form is Form.PARQUET and out is None:
        raise PregError("Parquet is no text that a terminal can show", todo="name a file: --out answer.parquet")
    with current(settings).open() as connection:
        try:
            if form is Form.TABLE and out is None:
                _show(connection, sql, rows)
            else:
                _copy(connection, sql, Form.CSV if form is Form.TABLE else form, out)
        except duckdb.Error as error:
            raise PregError(
                f"the release cannot answer this: {error}",
                todo="the tables and columns: preg query 'show tables', preg query 'describe preg_person'",
            ) from error


def _show(connection: duckdb.DuckDBPyConnection, sql: str, rows: int) -> None:
    cursor = connection.execute(sql)
    names = [column[0] for column in cursor.description or []]
    found = cursor.fetchmany(rows + 1)
    table = Table(show_lines=False, header_style="bold")
    for name in names:
        table.add_column(name, overflow="fold")
    for row in found[:rows]:
        table.add_row(*("" if value is None else str(value) for value in row))
    console.print(table)
    if len(found) > rows:
        console.print(f"[dim]the first {rows} rows; --rows N shows more, --format csv all of them[/dim]")


def _copy(connection: duckdb.DuckDBPyConnection, sql: str, form: Form, out: Path | None) -> None:
    query = sql.strip().rstrip(";")
    if out is not None:
        with machine_failures(str(out)):
            out.parent.mkdir(parents=True, exist_ok=True)
            connection.execute(f"copy ({query}) to '{out}' ({_COPY_OPTIONS[form]})")
        console.print(f"written  [bold]{out}[/bold]")
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "answer"
        connection.execute(f"copy ({query}) to '{file}' ({_COPY_OPTIONS[form]})")
        sys.stdout.write(file.read_text(encoding="utf-8"))
