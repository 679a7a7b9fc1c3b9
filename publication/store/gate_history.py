"""The gate's results and measures, kept in the release itself with those of the releases before: their trend.

`gate_results` has one row per check and release, `gate_measure` one per measure, dimension and release. They depend on
which releases there were before, and are no part of the content that two builds of the same deliveries share.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from foundation.database import put_comments, sql_text, tables_of, write_parquet
from foundation.release import Manifest, ReleaseFolder, TableContent
from publication.candidate.content_hash import content_sum

RESULTS = "gate_results"
MEASURES = "gate_measure"

# How many releases each table goes back.
_RELEASES_OF_RESULTS = 400
_RELEASES_OF_MEASURES = 120

_OF_RELEASE = {
    "release_id": "The release.",
    "published_at": "When it was published, UTC.",
}
COMMENTS = {
    RESULTS: {
        "": "What a check found, in this release and in those before it: one row a release and check.",
        **_OF_RELEASE,
        "check_name": "The check; preg gate list describes each.",
        "kind": "expectation | plausibility | drift | comparison | reconciliation | protection | dbt.",
        "about": "The table, measure or group of files that it looks at.",
        "owner": "Who answers for the check.",
        "severity": "block | warn.",
        "passed": "Whether it found nothing.",
        "ran": "Whether it could be run.",
        "failures": "Rows, deliveries or fields that broke it.",
        "new_failures": "Of them, those that the release before did not have; blank where they are not distinguished.",
        "standing_failures": "Of them, those that the release before had too.",
        "mended_failures": "Failures of the release before whose cause is gone.",
    },
    MEASURES: {
        "": "What was measured in this release and in those before it: one row a release, measure and group.",
        **_OF_RELEASE,
        "newest_event_at": "When Freg registered the newest document, UTC.",
        "measure": "What was measured: see quality/measures.py.",
        "dimension": "Of what: a kommune, a field, a code; blank for all.",
        "value": "The number.",
        "total": "Of how many, where the measure is a share.",
    },
}


@dataclass(frozen=True)
class GateRecord:
    """What the gate left of a candidate: results, and the Parquet file of its measures where there is one."""

    results: Sequence[Any]
    measures: Path | None


def write_gate_history(
    place: ReleaseFolder, manifest: Manifest, record: GateRecord, previous: Path | None
) -> dict[str, TableContent]:
    """Write both tables into a release that is being made; returns the rows and content hash of each.

    manifest: as far as it is known. previous: the database of the release before.
    """
    with duckdb.connect(str(place.database)) as connection:
        there: set[str] = set()
        if previous is not None and previous.is_file():
            connection.execute(f"attach {sql_text(previous)} as previous (read_only)")
            there = tables_of(connection, "previous")
        _write_results(connection, manifest, record.results, RESULTS in there)
        _write_measures(connection, manifest, record.measures, MEASURES in there)
        for table, comments in COMMENTS.items():
            put_comments(connection, table, comments)
        facts = {}
        for table in (RESULTS, MEASURES):
            write_parquet(connection, table, place.parquet_file(table))
            ((rows,),) = connection.execute(f"select count(*) from {table}").fetchall()
            facts[table] = TableContent(rows=int(rows), content_hash=str(content_sum(connection, table)))
    return facts


def _write_results(
    connection: duckdb.DuckDBPyConnection, manifest: Manifest, results: Sequence[Any], has_before: bool
) -> None:
    rows = [
        {
            "check_name": row["name"],
            **{name: row[name] for name in ("kind", "about", "owner", "passed", "ran", "failures")},
            "severity": str(row["severity"]),
            **{f"{name}_failures": (row["since_last"] or {}).get(name) for name in ("new", "standing", "mended")},
        }
        for row in (result.as_json() for result in results)
    ]
    connection.execute(
        f"""
        create or replace table {RESULTS} as
        select $release_id as release_id, cast($published_at as timestamp) as published_at, *
        from (
            select unnest(cast($rows as json)::struct(check_name varchar, kind varchar, about varchar, owner varchar,
                severity varchar, passed boolean, ran boolean, failures bigint, new_failures bigint,
                standing_failures bigint, mended_failures bigint)[], recursive := true)
        )
        {_before(RESULTS, _RELEASES_OF_RESULTS) if has_before else ""}
        order by published_at, release_id, check_name
        """,
        {**_named(manifest), "rows": json.dumps(rows)},
    )


def _write_measures(
    connection: duckdb.DuckDBPyConnection, manifest: Manifest, measures: Path | None, has_before: bool
) -> None:
    source = (
        f"read_parquet({sql_text(measures)})"
        if measures is not None and measures.is_file()
        else "(select '' as measure, '' as dimension, 0.0::double as value, 0.0::double as total where false)"
    )
    connection.execute(
        f"""
        create or replace table {MEASURES} as
        select $release_id as release_id, cast($published_at as timestamp) as published_at,
            cast($newest as timestamp) as newest_event_at, measure, dimension, value, total
        from {source}
        {_before(MEASURES, _RELEASES_OF_MEASURES) if has_before else ""}
        order by published_at, release_id, measure, dimension
        """,
        {**_named(manifest), "newest": (manifest.newest_event_at or "").removesuffix("Z") or None},
    )


def _named(manifest: Manifest) -> dict[str, str]:
    return {"release_id": manifest.release_id, "published_at": manifest.published_at.removesuffix("Z")}


def _before(table: str, releases: int) -> str:
    """SQL: the rows of the releases before, as many releases as are kept."""
    return f"""
        union all by name
        select * from previous.{table}
        where release_id <> $release_id and release_id in (
            select release_id from previous.{table}
            group by release_id order by max(published_at) desc limit {releases - 1}
        )
    """
