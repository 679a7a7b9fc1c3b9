"""The candidate: one build of the marts as it would be published, not yet visible.

`<data>/work/candidate/` (`CandidateFolder` has the names of its files); replaced whole at each build.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from foundation.database import (
    another_connection,
    column_types,
    comments_of,
    machine_failures,
    put_comments,
    session,
    sql_text,
    tables_of,
    write_parquet,
)
from foundation.errors import BuildFailed
from foundation.files import write_json
from foundation.release import CandidateFolder, Input, Lineage, Release, TableContent
from foundation.settings import Settings
from publication.candidate.base import create_affected, is_usable, lineage_of
from publication.candidate.content_hash import ContentSum, content_sum
from publication.candidate.help_numbers import write_help_numbers
from publication.candidate.since_last import write_since_last
from publication.candidate.tables import RELEASE_TABLES, ReleaseTable
from publication.candidate.view_version import current_view_version
from publication.store.audit_log import utc

MARTS = "marts"

# What a release's database has besides its tables: views and macros, a file for each idea.
_VIEWS = Path(__file__).with_name("release_views")
# A cleaned copy of a release from before 2.1.0 has no words for codes.
_NEEDS = {"labels.sql": "preg_code"}
# Views with the columns of a table, which mean the same there.
_SHOWS = {
    "preg_address_history": "preg_address",
    "preg_address_labelled": "preg_address",
    "preg_person_labelled": "preg_person",
    "resident_address": "preg_address",
}


@dataclass(frozen=True)
class Candidate(CandidateFolder):
    """A candidate on disk: its folder, and what it was made from (see `foundation.release.Manifest`).

    tables: by name. inputs: the deliveries in force. newest_event_at: None without documents. since_last: the tables
    that say what has changed since the release before, and who has a common help number. made_at: when it was begun,
    ISO 8601 in UTC.
    """

    tables: dict[str, TableContent]
    inputs: list[Input]
    sequence_number: int | None
    newest_event_at: str | None
    lineage: Lineage
    since_last: dict[str, TableContent] = field(default_factory=dict)
    made_at: str = ""


def candidate_folder(settings: Settings) -> CandidateFolder:
    """Where the one candidate of a data directory is."""
    return CandidateFolder(settings.work_dir / "candidate")


def build_candidate(settings: Settings, before: Release | None = None) -> Candidate:
    """Copy the marts out of the warehouse, into files that are written again.

    before: the release before, since which the trend and the changes of the comparison are computed. Where it is of the
    same series of builds, its hashes and unchanged Parquet files spare work; the content is the same. Raises
    `BuildFailed` when a table of the release was not built.
    """
    place = candidate_folder(settings)
    made_at = utc(dt.datetime.now(dt.UTC))
    shutil.rmtree(place.folder, ignore_errors=True)
    place.parquet.mkdir(parents=True)
    with session(settings, settings.warehouse) as connection, machine_failures(str(place.folder)):
        lineage = _check_built(connection)
        base = before if before is not None and is_usable(before, lineage) else None
        tables = _write_tables(connection, place, base)
        candidate = Candidate(
            place.folder,
            tables,
            loaded_inputs(connection),
            _last_sequence_number(connection),
            _newest_event_at(connection),
            lineage,
            _add_since_last(connection, place, before, settings),
            made_at,
        )
    write_json(
        place.description,
        {
            "tables": _as_json(candidate.tables),
            "inputs": [each.as_json() for each in candidate.inputs],
            "sequence_number": candidate.sequence_number,
            "newest_event_at": candidate.newest_event_at,
            "lineage": candidate.lineage.as_json(),
            "since_last": _as_json(candidate.since_last),
            "made_at": candidate.made_at,
            "views_version": current_view_version(),
        },
    )
    return candidate


def read_candidate(settings: Settings) -> Candidate:
    """The candidate that `build_candidate` left. Raises `BuildFailed` when there is none."""
    place = candidate_folder(settings)
    if not place.description.is_file():
        raise BuildFailed("there is no candidate", where=str(place.folder), todo="build one: preg run")
    content = json.loads(place.description.read_text(encoding="utf-8"))
    return Candidate(
        place.folder,
        _tables(content["tables"]),
        [Input.model_validate(each) for each in content["inputs"]],
        content["sequence_number"],
        content["newest_event_at"],
        Lineage.model_validate(content["lineage"]),
        _tables(content.get("since_last", {})),
        content.get("made_at", ""),
    )


def content_of(tables: dict[str, TableContent]) -> str:
    """The hash of the content of tables: that of the release that has them."""
    return hashlib.sha256(json.dumps(_as_json(tables), sort_keys=True).encode()).hexdigest()


def _as_json(tables: dict[str, TableContent]) -> dict[str, dict[str, Any]]:
    return {name: table.as_json() for name, table in tables.items()}


def _tables(content: dict[str, Any]) -> dict[str, TableContent]:
    return {name: TableContent.model_validate(table) for name, table in content.items()}


def loaded_inputs(connection: duckdb.DuckDBPyConnection) -> list[Input]:
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
        Input.model_validate(
            {
                name: value if isinstance(value, int | str | None) else value.isoformat()
                for name, value in zip(names, row, strict=True)
            }
        )
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
    connection: duckdb.DuckDBPyConnection, place: CandidateFolder, before: Release | None, settings: Settings
) -> dict[str, TableContent]:
    connection.execute(f"attach {sql_text(place.database)} as candidate")
    facts = write_since_last(connection, "candidate", before)
    facts |= write_help_numbers(connection, "candidate", settings)
    for name in facts:
        write_parquet(connection, f"candidate.{name}", place.parquet_file(name))
    connection.execute("detach candidate")
    return facts


def _write_tables(
    connection: duckdb.DuckDBPyConnection, place: CandidateFolder, base: Release | None
) -> dict[str, TableContent]:
    """Every table into a fresh file: a file that was edited still holds what was deleted from it.

    base: a release since which only known persons have changed (`is_usable`): a table's hash follows from theirs, and a
    Parquet file of the same content, which was written whole, is the base's.
    """
    connection.execute(f"attach {sql_text(place.database)} as candidate")
    if base is not None:
        connection.execute(f"attach {sql_text(base.database)} as base (read_only)")
    # While a table is copied, the one before is hashed and written as Parquet: neither keeps every core busy.
    with another_connection(connection) as beside, ThreadPoolExecutor(max_workers=1) as pool:
        if base is not None and base.manifest.lineage is not None:
            create_affected(beside, base.manifest.lineage)
        begun = {}
        for name, table in RELEASE_TABLES.items():
            _copy_table(connection, name, table)
            begun[name] = pool.submit(_write_parquet, beside, name, table, place, base)
        facts = {name: written.result() for name, written in begun.items()}
    if base is not None:
        connection.execute("detach base")
    connection.execute("detach candidate")
    add_views(place.database)
    return facts


def _write_parquet(
    connection: duckdb.DuckDBPyConnection, name: str, table: ReleaseTable, place: CandidateFolder, base: Release | None
) -> TableContent:
    """Hash a table of the candidate, and write its Parquet file; needs the temporary table `affected` with a base."""
    if base is not None and table.person:
        content = _hash_since(connection, name, table, base)
    else:
        content = content_sum(connection, f"candidate.{name}")
    facts = _facts(connection, name, content)
    if base is not None and facts == base.manifest.tables[name]:
        shutil.copyfile(base.parquet_file(name), place.parquet_file(name))
    else:
        write_parquet(connection, f"candidate.{name}", place.parquet_file(name))
    return facts


def add_views(database: Path) -> None:
    """Views and table functions; in the file itself, so that they use its tables under any name of attachment."""
    with duckdb.connect(str(database)) as release:
        ((name,),) = release.execute("select current_database()").fetchall()
        there = tables_of(release, name)
        for file in sorted(_VIEWS.glob("*.sql")):
            if file.name not in _NEEDS or _NEEDS[file.name] in there:
                release.execute(file.read_text(encoding="utf-8"))
        for view, table in _SHOWS.items():
            # None where the view is not there.
            own = column_types(release, name, view)
            described = {**comments_of(release, name, table), **comments_of(release, name, view)}
            put_comments(release, view, {column: said for column, said in described.items() if column in own})


def _hash_since(connection: duckdb.DuckDBPyConnection, name: str, table: ReleaseTable, base: Release) -> ContentSum:
    """The hash of a table: the base's, less that of affected persons as they were, with that as they are."""
    is_affected = f"{table.person} in (select number from affected)"
    gone = content_sum(connection, f"(select * from base.{name} where {is_affected})")
    arrived = content_sum(connection, f"(select * from candidate.{name} where {is_affected})")
    return ContentSum.parse(base.manifest.tables[name].content_hash) - gone + arrived


def _copy_table(connection: duckdb.DuckDBPyConnection, name: str, table: ReleaseTable) -> None:
    connection.execute(f"create table candidate.{name} as select * from {MARTS}.{name} order by {_ordering(table)}")
    warehouse = connection.execute("select current_database()").fetchall()[0][0]
    put_comments(connection, f"candidate.{name}", comments_of(connection, warehouse, name, MARTS))


def _ordering(table: ReleaseTable) -> str:
    return ", ".join(f"{column} nulls first" for column in table.order)


def _facts(connection: duckdb.DuckDBPyConnection, name: str, content: ContentSum) -> TableContent:
    return TableContent(rows=_count(connection, f"candidate.{name}"), content_hash=str(content))


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


def view_statements(name: str) -> str:
    """The statements of a file of `release_views`, for what asks by the same macros as the views of a release."""
    return (_VIEWS / f"{name}.sql").read_text(encoding="utf-8")
