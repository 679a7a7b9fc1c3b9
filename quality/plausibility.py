"""Plausibility: what can hardly be true of a person, compared with what the last release had of it.

A source has such persons now and then, and PREG shows what the
source says: they are a warning, which stays until its cause is gone; many whom the last release did not have stop the
publication. A first release has nothing to be compared with, and is only warned.
"""

from __future__ import annotations

from collections.abc import Callable

import duckdb

from foundation.release import Recurrence
from quality.last_release import ALIAS
from quality.registry import Check, checks_of
from quality.result import CheckResult, Kind, Severity

_SAMPLE_SIZE = 5

# More than this many persons that are new since the last release stop the publication: at least this many, and of each
# thousand.
_AT_LEAST = 10
_OF_A_THOUSAND = 1


def check_plausibility(
    connection: duckdb.DuckDBPyConnection, candidate: str, last_tables: set[str], mask: Callable[[str], str]
) -> list[CheckResult]:
    """Run the checks on the attached `candidate`, and on the last release where it is attached too."""
    ((persons,),) = connection.execute(f"select count(*) from {candidate}.preg_person").fetchall()
    allowed = max(_AT_LEAST, persons * _OF_A_THOUSAND // 1000)
    return [_check(connection, check, candidate, last_tables, allowed, mask) for check in checks_of(Kind.PLAUSIBILITY)]


def _check(
    connection: duckdb.DuckDBPyConnection,
    check: Check,
    candidate: str,
    last_tables: set[str],
    allowed: int,
    mask: Callable[[str], str],
) -> CheckResult:
    has_before = check.about in last_tables
    try:
        # Once each: a check reads a whole table, and finds few.
        _keep(connection, "found_now", check.rows_of(candidate))
        if has_before:
            _keep(connection, "found_before", check.rows_of(ALIAS))
    except (duckdb.CatalogException, duckdb.BinderException):
        return check.not_run()
    found = _count(connection, "found_now")
    new = _count(connection, _others("found_now", "found_before")) if has_before else found
    resolved = _count(connection, _others("found_before", "found_now")) if has_before else 0
    sample = []
    if found:
        first = _others("found_now", "found_before") if has_before and new else "found_now"
        sample = sorted(
            mask(str(nin))
            for (nin,) in connection.execute(
                f"select distinct nin from {first} where nin is not null limit {_SAMPLE_SIZE}"
            ).fetchall()
        )
    return check.result(
        found,
        sample,
        severity=Severity.BLOCK if has_before and new > allowed else Severity.WARN,
        rows=check.rows_of(""),
        since_last=Recurrence(new=new, standing=found - new, mended=resolved),
    )


def _keep(connection: duckdb.DuckDBPyConnection, name: str, rows: str) -> None:
    """Keep the persons of the rows of a check in a temporary table."""
    connection.execute(f"create or replace temp table {name} as select nin from ({rows})")


def _others(rows: str, known: str) -> str:
    """SQL: the rows of persons who are not among the known. Both are tables."""
    return f"(select nin from {rows} where nin is null or nin not in (select nin from {known} where nin is not null))"


def _count(connection: duckdb.DuckDBPyConnection, rows: str) -> int:
    ((found,),) = connection.execute(f"select count(*) from {rows}").fetchall()
    return int(found)
