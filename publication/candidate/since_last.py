"""What has become of the comparison since the release before: the trend of each field, and new and gone differences.

Unlike the other tables these depend on which releases there were before, not on the deliveries alone; they are no part
of the content that two builds of the same deliveries have in common.
"""

from __future__ import annotations

from typing import Any

import duckdb

from foundation.database import comments_of, put_comments, sql_text, tables_of
from foundation.release import Release, TableContent
from publication.candidate.content_hash import content_sum

TREND = "field_comparison_trend"
CHANGE = "field_comparison_change"

_SUMMARY = "field_comparison_summary"
_DIFFERENCES = "field_comparison_differences"

_COMMENTS = {
    TREND: {
        "": "The summary of the comparison (field_comparison_summary) of this release and of each before it.",
        "release_id": "The release; blank: this one.",
        "published_at": "When it was published, UTC; blank: this one.",
    },
    CHANGE: {
        "": "One row for each difference that has come or gone since the release before.",
        "pair": "The two sides, left and right.",
        "nin": "The person's present number in PREG, else the side's own.",
        "entity": "Person, Store or Address.",
        "field": "The column of preg_person or preg_address.",
        "change": "new (not in the release before), gone (only there), other kind.",
        "difference_kind": "The kind of difference now; blank where it is gone.",
        "kind_before": "The kind in the release before; blank where it is new.",
    },
}


def write_since_last(
    connection: duckdb.DuckDBPyConnection, candidate: str, previous: Release | None
) -> dict[str, TableContent]:
    """Write the tables into the attached database `candidate`; returns the rows and content hash of each."""
    there: set[str] = set()
    if previous is not None and previous.database.is_file():
        connection.execute(f"attach {sql_text(previous.database)} as previous (read_only)")
        there = tables_of(connection, "previous")
    _write_trend(connection, candidate, previous, there)
    _write_change(connection, candidate, there)
    if previous is not None and previous.database.is_file():
        connection.execute("detach previous")
    described = comments_of(connection, candidate, _SUMMARY)
    for table, comments in {**_COMMENTS, TREND: {**described, **_COMMENTS[TREND]}}.items():
        put_comments(connection, f"{candidate}.{table}", comments)
    return {
        table: TableContent(
            rows=_count(connection, f"{candidate}.{table}"),
            content_hash=str(content_sum(connection, f"{candidate}.{table}")),
        )
        for table in (TREND, CHANGE)
    }


def _write_trend(
    connection: duckdb.DuckDBPyConnection, candidate: str, previous: Release | None, there: set[str]
) -> None:
    parts = [
        "select cast(null as varchar) as release_id, cast(null as timestamp) as published_at, summary.*"
        f" from {candidate}.{_SUMMARY} as summary"
    ]
    parameters: dict[str, Any] = {}
    if previous is not None and _SUMMARY in there:
        parts.append(
            "select cast($release_id as varchar) as release_id, cast($published_at as timestamp) as published_at,"
            f" summary.* from previous.{_SUMMARY} as summary"
        )
        parameters = {
            "release_id": previous.release_id,
            "published_at": previous.manifest.published_at.removesuffix("Z"),
        }
    if TREND in there:
        parts.append(f"select * from previous.{TREND} where release_id is not null")
    connection.execute(
        f"create or replace table {candidate}.{TREND} as select * from ({' union all by name '.join(parts)})"
        # A release from before blank cells were counted apart has none of them.
        " where compared + coalesce(both_blank, 0) > 0 order by published_at nulls last, pair, entity, field",
        parameters,
    )


def _write_change(connection: duckdb.DuckDBPyConnection, candidate: str, there: set[str]) -> None:
    before = (
        f"""
        select pair, nin, entity, field, difference_kind from previous.{_DIFFERENCES}
        where pair in (select pair from {candidate}.{_SUMMARY} where compared > 0)
        """
        if {_DIFFERENCES, _SUMMARY} <= there
        else f"select pair, nin, entity, field, difference_kind from {candidate}.{_DIFFERENCES} where false"
    )
    # A pair that is compared for the first time has no differences that are new.
    known_pairs = f"(select pair from previous.{_SUMMARY} where compared > 0)" if _SUMMARY in there else "('')"
    connection.execute(
        f"""
        create or replace table {candidate}.{CHANGE} as
        with before as ({before}),
        now as (
            select pair, nin, entity, field, difference_kind from {candidate}.{_DIFFERENCES}
            where pair in {known_pairs}
        )
        select
            pair,
            nin,
            entity,
            field,
            case
                when before.difference_kind is null then 'new'
                when now.difference_kind is null then 'gone'
                else 'other kind'
            end as change,
            now.difference_kind,
            before.difference_kind as kind_before
        from now
        full join before using (pair, nin, entity, field)
        where now.difference_kind is distinct from before.difference_kind
        order by pair, nin, entity, field
        """
    )


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"select count(*) from {table}").fetchone()
    return int(row[0]) if row else 0
