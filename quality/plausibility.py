"""Plausibility: what can hardly be true of a person, beside what the last release had of it.

The checks are data: `quality/suites/plausibility.yml`. A source has such persons now and then, and PREG shows what the
source says: they are a warning, which stays until its cause is gone; many whom the last release did not have stop the
publication. A first release has nothing to be compared with, and is only warned.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb
import yaml

from quality.last_release import ALIAS
from quality.result import CheckResult, CheckSpec, Severity, SinceLast

_SUITE = Path(__file__).with_name("suites") / "plausibility.yml"
_SAMPLE_SIZE = 5

# More than this many persons whom the last release did not have stop the publication: at least so many, and of each
# thousand.
_AT_LEAST = 10
_OF_A_THOUSAND = 1


@dataclass(frozen=True)
class PlausibilityCheck:
    """One entry of the suite. rows: SQL that selects `nin`, with `{release}` for the database."""

    name: str
    table: str
    rows: str
    why: str
    todo: str

    @property
    def spec(self) -> CheckSpec:
        """The check as the catalogue lists it."""
        return CheckSpec(self.name, "plausibility", self.table, Severity.BLOCK, self.why, self.todo)

    def rows_of(self, database: str) -> str:
        """The query on an attached database; an empty name is the database that is open."""
        return self.rows.replace("{release}.", f"{database}." if database else "")


@cache
def plausibility_checks() -> tuple[PlausibilityCheck, ...]:
    """The suite, in its order."""
    return tuple(PlausibilityCheck(**entry) for entry in yaml.safe_load(_SUITE.read_text(encoding="utf-8")))


def check_plausibility(
    connection: duckdb.DuckDBPyConnection, candidate: str, last_tables: set[str], mask: Callable[[str], str]
) -> list[CheckResult]:
    """Run the suite on the attached `candidate`, and on the last release where it is attached too."""
    ((persons,),) = connection.execute(f"select count(*) from {candidate}.preg_person").fetchall()
    allowed = max(_AT_LEAST, persons * _OF_A_THOUSAND // 1000)
    return [_check(connection, check, candidate, last_tables, allowed, mask) for check in plausibility_checks()]


def _check(
    connection: duckdb.DuckDBPyConnection,
    check: PlausibilityCheck,
    candidate: str,
    last_tables: set[str],
    allowed: int,
    mask: Callable[[str], str],
) -> CheckResult:
    has_before = check.table in last_tables
    try:
        found = _count(connection, check.rows_of(candidate))
        before = _count(connection, check.rows_of(ALIAS)) if has_before else 0
        new = _count(connection, _others(check.rows_of(candidate), check.rows_of(ALIAS))) if has_before else found
        mended = _count(connection, _others(check.rows_of(ALIAS), check.rows_of(candidate))) if before else 0
    except (duckdb.CatalogException, duckdb.BinderException):
        return check.spec.not_run()
    sample = []
    if found:
        first = (
            _others(check.rows_of(candidate), check.rows_of(ALIAS)) if has_before and new else check.rows_of(candidate)
        )
        sample = sorted(
            mask(str(nin))
            for (nin,) in connection.execute(
                f"select distinct nin from ({first}) where nin is not null limit {_SAMPLE_SIZE}"
            ).fetchall()
        )
    return check.spec.result(
        found,
        sample,
        severity=Severity.BLOCK if has_before and new > allowed else Severity.WARN,
        rows=check.rows_of(""),
        since_last=SinceLast(new, found - new, mended),
    )


def _others(rows: str, known: str) -> str:
    """SQL: the rows of persons who are not among the known."""
    return f"select nin from ({rows}) where nin is null or nin not in (select nin from ({known}) where nin is not null)"


def _count(connection: duckdb.DuckDBPyConnection, rows: str) -> int:
    ((found,),) = connection.execute(f"select count(*) from ({rows})").fetchall()
    return int(found)
