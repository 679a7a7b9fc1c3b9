"""The candidate: one build of the marts as it would be published, not yet visible.

`<data>/work/candidate/` with preg.duckdb, parquet/ and candidate.json; replaced whole at each build.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from foundation.database import machine_failures, session, sql_text, write_parquet
from foundation.errors import BuildFailed
from foundation.files import write_json
from foundation.settings import Settings
from publication.acts import utc
from publication.base import Base, Lineage, is_usable, lineage_of, list_touched
from publication.content_hash import ContentSum, content_sum
from publication.since_last import Previous, write_since_last
from publication.tables import RELEASE_TABLES, ReleaseTable
from publication.view_version import current_view_version

DATABASE = "preg.duckdb"
DESCRIPTION = "candidate.json"
CHECK_RESULTS = "check_results.json"
MARTS = "marts"

# What a release's database has besides its tables: views and macros, a file for each idea.
_VIEWS = Path(__file__).with_name("release_views")


@dataclass(frozen=True)
class Candidate:
    """A candidate on disk: its folder, and what it was made from.

    tables: name → rows and content hash. inputs: the deliveries in force. sequence_number: Freg's last.
    newest_event_at: when Freg registered the newest document, ISO 8601 in UTC; None without documents.
    lineage: the build that it was copied from (see `publication.base`). since_last: name → rows and content hash of the
    tables that tell what has changed since the release before. made_at: when it was begun, ISO 8601 in UTC.
    """

    folder: Path
    tables: dict[str, dict[str, Any]]
    inputs: list[dict[str, Any]]
    sequence_number: int | None
    newest_event_at: str | None
    lineage: dict[str, Any]
    since_last: dict[str, dict[str, Any]] = field(default_factory=dict)
    made_at: str = ""

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


def build_candidate(settings: Settings, base: Base | None = None, previous: Previous | None = None) -> Candidate:
    """Copy the marts out of the warehouse, into files that are written anew.

    base: a release of the same series of builds, whose hashes and unchanged Parquet files spare work; the content is
    the same. previous: the release that the comparison is held against. Raises `BuildFailed` when a table of the
    release was not built.
    """
    folder = candidate_folder(settings)
    made_at = utc(dt.datetime.now(dt.UTC))
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "parquet").mkdir(parents=True)
    with session(settings, settings.warehouse) as connection, machine_failures(str(folder)):
        lineage = _check_built(connection)
        tables = _write_tables(connection, folder, base if is_usable(base, lineage) else None)
        candidate = Candidate(
            folder,
            tables,
            loaded_inputs(connection),
            _last_sequence_number(connection),
            _newest_event_at(connection),
            lineage.as_json(),
            _add_since_last(connection, folder, previous),
            made_at,
        )
    write_json(
        folder / DESCRIPTION,
        {
            "tables": candidate.tables,
            "inputs": candidate.inputs,
            "sequence_number": candidate.sequence_number,
            "newest_event_at": candidate.newest_event_at,
            "lineage": candidate.lineage,
            "since_last": candidate.since_last,
            "made_at": candidate.made_at,
            "views_version": current_view_version(),
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
        folder,
        content["tables"],
        content["inputs"],
        content["sequence_number"],
        content["newest_event_at"],
        content["lineage"],
        content.get("since_last", {}),
        content.get("made_at", ""),
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


def _check_built(connection: duckdb.DuckDBPyConnection) -> Lineage:
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
    lineage = lineage_of(connection)
    if lineage is None:
        raise BuildFailed(
            "the models are not of one build: the last one did not end well, or made only a part",
            where="build.progress of the warehouse",
            todo="build all of them: preg run, or materialise all dbt assets",
        )
    return lineage


def _add_since_last(
    connection: duckdb.DuckDBPyConnection, folder: Path, previous: Previous | None
) -> dict[str, dict[str, Any]]:
    connection.execute(f"attach {sql_text(folder / DATABASE)} as candidate")
    facts = write_since_last(connection, "candidate", previous)
    for name in facts:
        write_parquet(connection, f"candidate.{name}", folder / "parquet" / f"{name}.parquet")
    connection.execute("detach candidate")
    return facts


def _write_tables(connection: duckdb.DuckDBPyConnection, folder: Path, base: Base | None) -> dict[str, dict[str, Any]]:
    """Every table into a fresh file: a file that was edited still holds what was deleted from it.

    Where only some persons have changed since `base`, a table's hash follows from theirs, and a Parquet file of the
    same content, which was written whole, is the base's.
    """
    connection.execute(f"attach {sql_text(folder / DATABASE)} as candidate")
    if base is not None:
        list_touched(connection, base)
        connection.execute(f"attach {sql_text(base.database)} as base (read_only)")
    facts = {}
    for name, table in RELEASE_TABLES.items():
        _copy_table(connection, name, table)
        if base is not None and table.person:
            content = _hash_since(connection, name, table, base)
        else:
            content = content_sum(connection, f"candidate.{name}")
        facts[name] = _facts(connection, name, content)
        if base is not None and facts[name] == base.tables[name]:
            shutil.copyfile(base.parquet / f"{name}.parquet", folder / "parquet" / f"{name}.parquet")
        else:
            write_parquet(connection, f"candidate.{name}", folder / "parquet" / f"{name}.parquet")
    if base is not None:
        connection.execute("detach base")
    connection.execute("detach candidate")
    add_views(folder / DATABASE)
    return facts


def add_views(database: Path) -> None:
    """Views and table functions; in the file itself, so that they mean its tables whatever it is attached as."""
    with duckdb.connect(str(database)) as release:
        for file in sorted(_VIEWS.glob("*.sql")):
            release.execute(file.read_text(encoding="utf-8"))
        for column, comment in release.execute(
            """
            select column_name, of_table.comment
            from duckdb_columns() as of_view
            inner join duckdb_columns() as of_table using (column_name)
            where of_view.table_name = 'preg_address_history' and of_view.comment is null
                and of_table.table_name = 'preg_address'
            """
        ).fetchall():
            _describe(release, "preg_address_history", column, comment)


def _describe(connection: duckdb.DuckDBPyConnection, relation: str, column: str, comment: str) -> None:
    connection.execute(f'comment on column {relation}."{column}" is {sql_text(comment)}')


def _hash_since(connection: duckdb.DuckDBPyConnection, name: str, table: ReleaseTable, base: Base) -> ContentSum:
    """The hash of a table: the base's, less that of whoever was touched since as they were, with that as they are."""
    is_touched = f"{table.person} in (select number from touched)"
    gone = content_sum(connection, f"(select * from base.{name} where {is_touched})")
    arrived = content_sum(connection, f"(select * from candidate.{name} where {is_touched})")
    return ContentSum.parse(base.tables[name]["content_hash"]) - gone + arrived


def _copy_table(connection: duckdb.DuckDBPyConnection, name: str, table: ReleaseTable) -> None:
    connection.execute(f"create table candidate.{name} as select * from {MARTS}.{name} order by {_ordering(table)}")
    for column, comment in connection.execute(
        "select column_name, comment from duckdb_columns()"
        " where schema_name = ? and table_name = ? and comment is not null and database_name = current_database()",
        [MARTS, name],
    ).fetchall():
        _describe(connection, f"candidate.{name}", column, comment)


def _ordering(table: ReleaseTable) -> str:
    return ", ".join(f"{column} nulls first" for column in table.order)


def _facts(connection: duckdb.DuckDBPyConnection, name: str, content: ContentSum) -> dict[str, Any]:
    return {"rows": _count(connection, f"candidate.{name}"), "content_hash": str(content)}


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
