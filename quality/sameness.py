"""Sameness: what is published is what was built, row for row, in every form in which it is published."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from foundation.database import sql_text, tables_of
from foundation.release import ReleaseFolder
from quality.owners import OPERATIONS
from quality.result import CheckResult, CheckSpec, Severity

CANDIDATE_IS_MARTS = CheckSpec(
    "candidate_is_the_marts",
    "reconciliation",
    "candidate",
    Severity.BLOCK,
    "what is published is what was built",
    "run again: the warehouse was built again after the candidate was made, or somebody wrote to the candidate",
    owner=OPERATIONS,
)
PARQUET_IS_DATABASE = CheckSpec(
    "candidate_parquet_is_the_database",
    "reconciliation",
    "candidate",
    Severity.BLOCK,
    "who reads the Parquet files reads the same rows as who reads the database",
    "run again; if it comes back, look at the disk",
    owner=OPERATIONS,
)
TABLES_ARE_DECLARED = CheckSpec(
    "candidate_has_the_declared_tables",
    "reconciliation",
    "candidate",
    Severity.BLOCK,
    "a table or file that nobody declared is checked by nobody; one that is missing was not built",
    "look at publication/candidate/tables.py, and at what else wrote to the candidate's folder",
    owner=OPERATIONS,
)
COLUMNS_ARE_THE_CONTRACT = CheckSpec(
    "candidate_columns_are_the_contract",
    "reconciliation",
    "candidate",
    Severity.BLOCK,
    "clients name columns and trust their types; the models' contracts say which they are",
    "look at the model's contract in dbt_project/models/marts; a change of the views needs a new version of them",
    owner=OPERATIONS,
)
SAMENESS_CHECKS = (CANDIDATE_IS_MARTS, PARQUET_IS_DATABASE, TABLES_ARE_DECLARED, COLUMNS_ARE_THE_CONTRACT)


def check_sameness(
    warehouse: duckdb.DuckDBPyConnection,
    candidate: str,
    place: ReleaseFolder,
    marts: Sequence[str],
    others: Sequence[str],
) -> list[CheckResult]:
    """Hold the candidate in `place`, attached to the warehouse as `candidate`, against the marts it was copied from.

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
        CANDIDATE_IS_MARTS.result(len(different), different[:5]),
        PARQUET_IS_DATABASE.result(len(unlike), unlike[:5]),
        TABLES_ARE_DECLARED.result(len(undeclared), undeclared[:5]),
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
    return COLUMNS_ARE_THE_CONTRACT.result(len(different), [column for (column,) in different[:5]])


def _rows(warehouse: duckdb.DuckDBPyConnection, relation: str) -> tuple[int, int]:
    """How many rows, and the sum of their hashes: the same for the same rows in any order."""
    ((rows, hashes),) = warehouse.execute(
        f"select count(*), coalesce(sum(cast(hash(content) as hugeint)), 0) from {relation} as content"
    ).fetchall()
    return int(rows), int(hashes)
