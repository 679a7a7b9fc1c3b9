"""Integrity of the candidate: what is published is what was built, row for row, in every form."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from foundation.database import sql_text, tables_of
from foundation.release import ReleaseFolder
from quality.registry import check
from quality.result import CheckResult


def check_integrity(
    warehouse: duckdb.DuckDBPyConnection,
    candidate: str,
    place: ReleaseFolder,
    marts: Sequence[str],
    others: Sequence[str],
) -> list[CheckResult]:
    """Compare the candidate in `place`, attached to the warehouse as `candidate`, with the marts it was copied from.

    marts, others: the tables that it must have, those that are copies of marts and those that are not.
    """
    present = tables_of(warehouse, candidate)
    files = {path.relative_to(place.parquet).as_posix() for path in place.parquet.rglob("*")}
    declared = {*marts, *others}
    undeclared = sorted(
        (present ^ declared) | {Path(name).stem for name in files ^ {f"{table}.parquet" for table in declared}}
    )
    different, unlike = [], []
    for table in sorted(present & declared):
        published = _rows(warehouse, f"{candidate}.{table}")
        if table in marts and _rows(warehouse, f"marts.{table}") != published:
            different.append(table)
        file = place.parquet_file(table)
        if file.is_file() and _rows(warehouse, f"read_parquet({sql_text(file)})") != published:
            unlike.append(table)
    return [
        check("candidate_is_the_marts").result(len(different), different[:5]),
        check("candidate_parquet_is_the_database").result(len(unlike), unlike[:5]),
        check("candidate_has_the_declared_tables").result(len(undeclared), undeclared[:5]),
        _columns_are_the_contract(warehouse, candidate, marts),
    ]


def _columns_are_the_contract(
    warehouse: duckdb.DuckDBPyConnection, candidate: str, marts: Sequence[str]
) -> CheckResult:
    columns = "select table_name, column_name, data_type, column_index from duckdb_columns()"
    different = warehouse.execute(
        f"""
        with contract as (
            {columns} where database_name = current_database() and schema_name = 'marts' and table_name in $marts
        ),
        published as ({columns} where database_name = $candidate and table_name in $marts)
        select table_name || '.' || column_name
            || ': ' || coalesce(contract.data_type, 'not there') || ' → ' || coalesce(published.data_type, 'not there')
        from contract
        full join published using (table_name, column_name)
        where contract.data_type is distinct from published.data_type
            or contract.column_index is distinct from published.column_index
        order by 1
        """,
        {"marts": list(marts), "candidate": candidate},
    ).fetchall()
    return check("candidate_columns_are_the_contract").result(len(different), [column for (column,) in different[:5]])


def _rows(warehouse: duckdb.DuckDBPyConnection, relation: str) -> tuple[int, int]:
    """How many rows, and the sum of their hashes: the same for the same rows in any order."""
    ((rows, hashes),) = warehouse.execute(
        f"select count(*), coalesce(sum(cast(hash(content) as hugeint)), 0) from {relation} as content"
    ).fetchall()
    return int(rows), int(hashes)
