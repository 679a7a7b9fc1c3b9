"""A cleaned copy of an older release: without the places of those who are hidden today, rewritten and made current.

For when what came after a release is wrong, and going back to it would show again who has been protected since.
"""

from __future__ import annotations

import datetime as dt
import shutil

import duckdb

from foundation.database import (
    column_types,
    comments_of,
    machine_failures,
    put_comments,
    sql_identifier,
    sql_text,
    tables_of,
    write_parquet,
)
from foundation.release import Approver, Release, ReleaseFolder, TableContent
from foundation.settings import Settings
from ingest.contracts.places import (
    ADDRESS_TABLES,
    HARMLESS,
    NAMES_A_PERSON,
    TABLES_WITHOUT_PERSONS,
    TABLES_WITHOUT_PLACES,
)
from publication.candidate.candidate import add_views, content_of
from publication.candidate.content_hash import content_sum
from publication.store.audit_log import AuditEntry, utc, write_audit_entry
from publication.store.exposure import OLD, knowing_today
from publication.store.release import (
    Approval,
    Reporter,
    Scan,
    current_release,
    finish_release,
    next_release_time,
    remove_unfinished,
)

# Rows, and persons, about whom nothing is shown that discloses a place.
_ROW = "(nin in (select nin from hidden_today) or rowid in (select row_number from exposed where table_name = '{0}'))"
_PERSONS = "(select nin from hidden_today union select nin from exposed)"
# Protected since: of which grade is not what the older release knew.
_PROTECTED_SINCE = "nin in (select nin from hidden_today where is_protected) and postal_type not in (6, 7)"


def publish_cleaned(
    settings: Settings, release: Release, approval: Approval, write_report: Reporter, scan: Scan
) -> Release:
    """Publish a copy of `release` in which persons hidden today are hidden. The caller must hold the writer's lock."""
    remove_unfinished(settings)
    before = current_release(settings)
    now = next_release_time(settings, dt.datetime.now(dt.UTC))
    partial = ReleaseFolder(settings.releases_dir / f".{now:%Y%m%dT%H%M%SZ}.partial")
    with machine_failures(str(partial.folder)):
        shutil.rmtree(partial.folder, ignore_errors=True)
        partial.parquet.mkdir(parents=True)
        tables = _copy_cleaned(settings, release, partial)
        content = content_of(tables)
        release_id = f"{now:%Y%m%dT%H%M%SZ}-{content[:8]}"
        manifest = release.manifest.changed(
            release_id=release_id,
            published_at=utc(now),
            approver=Approver(name=approval.by, why=approval.why),
            cleaned_from=release.release_id,
            # No build has this content: nothing is built upon it.
            lineage=None,
            tables={name: tables[name] for name in release.manifest.tables},
            since_last={name: tables[name] for name in release.manifest.since_last if name in tables},
            content_hash=content,
        )
        if release.column_lineage.is_file():
            shutil.copyfile(release.column_lineage, partial.column_lineage)
        write_report(manifest, partial.database, partial.report)
        entry = AuditEntry(
            utc(now),
            "promoted",
            release_id,
            approval.by,
            approval.why,
            "" if before is None else before.release_id,
        )
        return finish_release(settings, partial, manifest, scan, lambda: write_audit_entry(settings, entry))


def _copy_cleaned(settings: Settings, release: Release, place: ReleaseFolder) -> dict[str, TableContent]:
    facts = {}
    with knowing_today(settings, release) as connection:
        connection.execute(f"attach {sql_text(place.database)} as cleaned")
        for table in sorted(tables_of(connection, OLD)):
            connection.execute(f"create table cleaned.{sql_identifier(table)} as {_cleaned(connection, table)}")
            put_comments(connection, f"cleaned.{sql_identifier(table)}", comments_of(connection, OLD, table))
            write_parquet(connection, f"cleaned.{sql_identifier(table)}", place.parquet_file(table))
            ((rows,),) = connection.execute(f"select count(*) from cleaned.{sql_identifier(table)}").fetchall()
            facts[table] = TableContent(
                rows=int(rows), content_hash=str(content_sum(connection, f"cleaned.{sql_identifier(table)}"))
            )
        connection.execute("detach cleaned")
    add_views(place.database)
    return facts


def _cleaned(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """SQL: a table of the older release, with nothing in it that discloses where somebody is who is hidden today."""
    source = f"{OLD}.{sql_identifier(table)}"
    if table in ADDRESS_TABLES:
        hidden = _ROW.format(table)
        columns = []
        for name, data_type in column_types(connection, OLD, table).items():
            column = sql_identifier(name)
            if name == "enrichment_method":
                columns.append(f"case when {hidden} then 'hidden' else {column} end as {column}")
            elif name == "postal_type":
                columns.append(f"case when {_PROTECTED_SINCE} then 7 else {column} end as {column}")
            elif name in HARMLESS and name not in ("enrichment_reason", "date_postal_type"):
                columns.append(column)
            else:
                columns.append(f"case when {hidden} then cast(null as {data_type}) else {column} end as {column}")
        return f"select {', '.join(columns)} from {source}"
    if table in ("preg_change_log", "field_comparison_differences"):
        pair = ("from_value", "to_value") if table == "preg_change_log" else ("left_value", "right_value")
        blank = f"entity = 'Address' and field <> 'postal_type' and nin in {_PERSONS}"
        values = ", ".join(f"case when not ({blank}) then {name} end as {name}" for name in pair)
        return f"select * replace ({values}) from {source}"
    naming = [name for name in column_types(connection, OLD, table) if name in NAMES_A_PERSON]
    if table in (*TABLES_WITHOUT_PLACES, *TABLES_WITHOUT_PERSONS):
        return f"select * from {source}"
    if not naming:
        return f"select * from {source} where false"
    hidden = " or ".join(f"coalesce({sql_identifier(name)} in {_PERSONS}, false)" for name in naming)
    return f"select * from {source} where not ({hidden})"
