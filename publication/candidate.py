"""The candidate: one build of the marts as it would be published, not yet visible.

`<data>/work/candidate/` with preg.duckdb, parquet/ and candidate.json; replaced whole at each build.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from foundation.database import machine_failures, session
from foundation.errors import BuildFailed
from foundation.files import write_json
from foundation.settings import Settings
from publication.content_hash import content_hash
from publication.tables import RELEASE_TABLES

DATABASE = "preg.duckdb"
DESCRIPTION = "candidate.json"
CHECK_RESULTS = "check_results.json"
MARTS = "marts"


@dataclass(frozen=True)
class Candidate:
    """A candidate on disk: its folder, and what it was made from.

    tables: name → rows and content hash. inputs: the deliveries in force. sequence_number: Freg's last.
    newest_event_at: when Freg registered the newest document, ISO 8601 in UTC; None without documents.
    """

    folder: Path
    tables: dict[str, dict[str, Any]]
    inputs: list[dict[str, Any]]
    sequence_number: int | None
    newest_event_at: str | None

    @property
    def database(self) -> Path:
        """The candidate's DuckDB file."""
        return self.folder / DATABASE

    @property
    def check_results(self) -> Path:
        """Where the gate writes its results."""
        return self.folder / CHECK_RESULTS


def candidate_folder(settings: Settings) -> Path:
    """Where the one candidate of a data directory lies."""
    return settings.work_dir / "candidate"


def build_candidate(settings: Settings) -> Candidate:
    """Copy the marts out of the warehouse. Raises `BuildFailed` when a table of the release was not built."""
    folder = candidate_folder(settings)
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "parquet").mkdir(parents=True)
    with session(settings, settings.warehouse) as connection, machine_failures(str(folder)):
        _check_built(connection)
        connection.execute(f"attach '{folder / DATABASE}' as candidate")
        for table, order in RELEASE_TABLES.items():
            _copy(connection, table, order, folder)
        tables = {
            table: {
                "rows": _count(connection, f"candidate.{table}"),
                "content_hash": content_hash(connection, f"candidate.{table}"),
            }
            for table in RELEASE_TABLES
        }
        candidate = Candidate(
            folder,
            tables,
            loaded_inputs(connection),
            _last_sequence_number(connection),
            _newest_event_at(connection),
        )
        connection.execute("detach candidate")
    write_json(
        folder / DESCRIPTION,
        {
            "tables": candidate.tables,
            "inputs": candidate.inputs,
            "sequence_number": candidate.sequence_number,
            "newest_event_at": candidate.newest_event_at,
        },
    )
    return candidate


def read_candidate(settings: Settings) -> Candidate:
    """The candidate that `build_candidate` left. Raises `BuildFailed` when there is none."""
    folder = candidate_folder(settings)
    file = folder / DESCRIPTION
    if not file.is_file():
        raise BuildFailed("there is no candidate", where=str(folder), todo="build one: preg run")
    content = json.loads(file.read_text(encoding="utf-8"))
    return Candidate(
        folder, content["tables"], content["inputs"], content["sequence_number"], content["newest_event_at"]
    )


def loaded_inputs(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """The deliveries that are in the warehouse, in the order in which they apply, as the manifest shows them."""
    columns = (
        "source, delivery_id, kind, created_at, sequence_from, sequence_to, extracted_at, manifest_sha256,"
        " rows_delivered, rows_loaded, rows_quarantined"
    )
    cursor = connection.execute(
        f"select {columns} from raw.delivery order by source, position, created_at, delivery_id"
    )
    names = [column[0] for column in cursor.description]
    return [
        {
            name: value if isinstance(value, int | str | None) else value.isoformat()
            for name, value in zip(names, row, strict=True)
        }
        for row in cursor.fetchall()
    ]


def _check_built(connection: duckdb.DuckDBPyConnection) -> None:
    built = {
        table
        for (table,) in connection.execute(
            "select table_name from information_schema.tables where table_schema = ?", [MARTS]
        ).fetchall()
    }
    missing = sorted(set(RELEASE_TABLES) - built)
    if missing:
        raise BuildFailed(
            f"not built: {', '.join(missing)}",
            where="schema marts of the warehouse",
            todo="build the models first: preg run, or materialise the dbt assets",
        )


def _copy(connection: duckdb.DuckDBPyConnection, table: str, order: tuple[str, ...], folder: Path) -> None:
    ordering = ", ".join(f"{column} nulls first" for column in order)
    connection.execute(f"create table candidate.{table} as select * from {MARTS}.{table} order by {ordering}")
    for column, comment in connection.execute(
        "select column_name, comment from duckdb_columns()"
        " where schema_name = ? and table_name = ? and comment is not null and database_name = current_database()",
        [MARTS, table],
    ).fetchall():
        quoted = comment.replace("'", "''")
        connection.execute(f"comment on column candidate.{table}.\"{column}\" is '{quoted}'")
    connection.execute(
        f"copy candidate.{table} to '{folder / 'parquet' / (table + '.parquet')}' (format parquet, compression zstd)"
    )


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"select count(*) from {table}").fetchone()
    return int(row[0]) if row else 0


def _last_sequence_number(connection: duckdb.DuckDBPyConnection) -> int | None:
    row = connection.execute("select max(sequence_to) from raw.delivery where source = 'freg'").fetchone()
    return None if row is None or row[0] is None else int(row[0])


def _newest_event_at(connection: duckdb.DuckDBPyConnection) -> str | None:
    row = connection.execute(
        "select strftime(max(ajourholdstidspunkt) at time zone 'UTC', '%Y-%m-%dT%H:%M:%SZ') from raw.freg_document"
    ).fetchone()
    return None if row is None or row[0] is None else str(row[0])
