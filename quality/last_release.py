"""The newest release, with which the gate compares a candidate: whether or not it is the current one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from foundation.database import sql_text, tables_of
from foundation.release import Release
from quality.registry import check
from quality.result import CheckResult

# The name under which its database is attached.
ALIAS = "last_release"


def check_comparable(last: Release | None, last_tables: set[str], *, published_before: bool) -> CheckResult:
    """Whether the candidate could be compared; where nothing was ever published there is nothing to compare with."""
    comparable = last is not None and {"preg_person", "preg_address", "field_comparison_summary"} <= last_tables
    return check("there_is_a_release_to_compare_with").result(
        0 if comparable or (last is None and not published_before) else 1
    )


@contextmanager
def attached(connection: duckdb.DuckDBPyConnection, last: Release | None) -> Iterator[set[str]]:
    """The database of `last`, attached as `ALIAS` within the block; gives the names of its tables, none without one."""
    if last is None or not last.database.is_file():
        yield set()
        return
    connection.execute(f"attach {sql_text(last.database)} as {ALIAS} (read_only)")
    try:
        yield tables_of(connection, ALIAS)
    finally:
        connection.execute(f"detach {ALIAS}")
