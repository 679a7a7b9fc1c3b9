"""Reading the register of common help numbers: a file of the data directory, or PostgreSQL.

The services alone write it (`serving.help_numbers.register`); the next release and the wash read it here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from foundation.database import machine_failures
from foundation.errors import MachineFailure
from foundation.settings import Settings

_AT_A_TIME = 10_000


def register_rows(settings: Settings, query: str) -> Iterator[list[dict[str, Any]]]:
    """The rows of a query that both databases read, some at a time; none where there is no register yet.

    Raises `MachineFailure` when it cannot be read.
    """
    if settings.help_number_database is None:
        yield from _rows_of_file(settings, query)
    else:
        yield from _rows_of_postgresql(settings.help_number_database.get_secret_value(), query)


def _rows_of_file(settings: Settings, query: str) -> Iterator[list[dict[str, Any]]]:
    file = settings.help_numbers_file
    if not file.is_file():
        return
    with (
        machine_failures(str(file)),
        closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True, timeout=30)) as register,
    ):
        register.row_factory = sqlite3.Row
        found = register.execute(query)
        while rows := found.fetchmany(_AT_A_TIME):
            yield [dict(row) for row in rows]


def _rows_of_postgresql(place: str, query: str) -> Iterator[list[dict[str, Any]]]:
    # Most installations have a file.
    import psycopg
    from psycopg.rows import dict_row

    try:
        with psycopg.connect(place, row_factory=dict_row) as register:
            if register.execute("select to_regclass('help_person') as there").fetchone() == {"there": None}:
                return
            with register.cursor(name="rows") as found:
                found.execute(query.encode())
                while rows := found.fetchmany(_AT_A_TIME):
                    yield rows
    except psycopg.Error as error:
        raise postgresql_failure(error) from error


def postgresql_failure(error: Exception) -> MachineFailure:
    """A failure of PostgreSQL, without what was asked, and without the password that its address may have."""
    return MachineFailure(
        f"PostgreSQL could not go on: {type(error).__name__}",
        where="the register of common help numbers",
        todo="look at PREG_HELP_NUMBER_DATABASE and PostgreSQL's log; nothing was changed that was not answered",
    )
