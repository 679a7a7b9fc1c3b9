"""The views keep their contract: what clients of the last release read is there, or the version says otherwise."""

from __future__ import annotations

import duckdb

from foundation.release import Release
from quality.last_release import ALIAS
from quality.registry import check
from quality.result import CheckResult

_FIRST = "1.0.0"


def check_view_contract(
    warehouse: duckdb.DuckDBPyConnection, candidate: str, last: Release | None, version: str
) -> CheckResult:
    """Compare the columns of the attached `candidate`, of `version`, with those of the attached last release."""
    if last is None:
        return check("views_keep_their_contract").result(0)
    gone, new = _changes(warehouse, candidate, list(last.manifest.tables))
    major, minor, _ = (int(part) for part in version.split("."))
    was_major, was_minor, _ = (int(part) for part in (last.manifest.views_version or _FIRST).split("."))
    if major > was_major:
        return check("views_keep_their_contract").result(0)
    broken = gone + (new if (major, minor) == (was_major, was_minor) else [])
    return check("views_keep_their_contract").result(len(broken), broken[:5])


def _changes(warehouse: duckdb.DuckDBPyConnection, candidate: str, tables: list[str]) -> tuple[list[str], list[str]]:
    """Columns that are gone or of another type, and columns that are new, of the last release's tables."""
    rows = warehouse.execute(
        f"""
        with before as (
            select table_name, column_name, data_type from duckdb_columns()
            where database_name = '{ALIAS}' and table_name in $tables
        ),
        now as (
            select table_name, column_name, data_type from duckdb_columns()
            where database_name = $candidate and table_name in $tables
        )
        select table_name || '.' || column_name, before.data_type, now.data_type
        from before
        full join now using (table_name, column_name)
        where before.data_type is distinct from now.data_type
        order by 1
        """,
        {"tables": tables, "candidate": candidate},
    ).fetchall()
    gone = [f"{name}: {before} → {now or 'gone'}" for name, before, now in rows if before is not None]
    return gone, [f"{name}: new" for name, before, _ in rows if before is None]
