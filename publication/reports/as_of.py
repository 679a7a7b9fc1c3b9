"""What PREG showed at the end of a day: of a person, and how many persons in all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb

from foundation.database import sql_text
from foundation.errors import PregError
from foundation.release import Release


@dataclass(frozen=True)
class Shown:
    """The records of one person as PREG showed them: rows of preg_person and preg_address, by column name.

    More than one person row where numbers that are one person now were two then.
    """

    persons: list[dict[str, Any]]
    addresses: list[dict[str, Any]]


def persons_shown(release: Release, shown_on: dt.date) -> int:
    """How many persons PREG showed at the end of the day `shown_on`."""
    with _history_of(release) as connection:
        row = connection.execute(f"select count(*) from preg_person_as_of({sql_text(str(shown_on))}::date)").fetchone()
    return int(row[0]) if row else 0


def person_shown(release: Release, shown_on: dt.date, number: str) -> Shown:
    """What PREG showed, at the end of the day `shown_on`, of the person whom `number` leads to now.

    number: any number the person ever had. Empty lists when nothing was shown, or the number is not known.
    """
    with _history_of(release) as connection:
        connection.execute(
            """
            create temp table asked_for as
            select nin
            from preg_state_as_of($shown_on)
            where person_nin = coalesce((select nin from person_number where number = $number), $number)
            """,
            {"shown_on": shown_on, "number": number},
        )
        return Shown(
            _rows(connection, "preg_person_as_of", shown_on, "nin"),
            _rows(
                connection,
                "preg_address_as_of",
                shown_on,
                "nin, current_address desc, date_adr_from desc nulls last, postal_address",
            ),
        )


@contextmanager
def _history_of(release: Release) -> Iterator[duckdb.DuckDBPyConnection]:
    with release.open() as connection:
        try:
            yield connection
        except duckdb.CatalogException as error:
            raise PregError(
                "the release has no history: it was published before releases had one",
                where=str(release.folder),
                todo="publish again: preg run",
            ) from error


def _rows(connection: duckdb.DuckDBPyConnection, function: str, shown_on: dt.date, order: str) -> list[dict[str, Any]]:
    cursor = connection.execute(
        f"select * from {function}(?) where nin in (select nin from asked_for) order by {order}", [shown_on]
    )
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
