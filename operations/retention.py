"""Retention: what may no longer be kept is gone, from the bytes too.

A row that is deleted from a file of DuckDB or SQLite can be read back from the file: so what is left is written again.
"""

from __future__ import annotations

import datetime as dt
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import duckdb

from foundation.database import machine_failures, session, sql_text
from foundation.files import flush_to_disk
from foundation.settings import Settings
from publication.candidate.candidate import candidate_folder, content_of, read_candidate
from publication.store.release import current_release
from publication.store.retention import prune

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class RetentionReport:
    """What is gone: releases withdrawn, quarantined documents without their text now, files removed."""

    releases: int
    quarantined: int
    files: int


def apply_retention(settings: Settings, now: dt.datetime | None = None) -> RetentionReport:
    """Remove what is older than the settings keep, and write the warehouse again. The caller must hold the lock.

    Releases beyond `keep_releases` are withdrawn; texts of quarantined documents, logs and crash traces older than
    `keep_days` go, and the candidate unless it waits for approval.
    """
    before = (now or dt.datetime.now(dt.UTC)) - settings.keep_days * _DAY
    withdrawn = prune(settings)
    files = _remove_old_files(settings, before)
    if not _candidate_waits(settings, before):
        shutil.rmtree(candidate_folder(settings).folder, ignore_errors=True)
    quarantined = 0
    if settings.warehouse.is_file():
        quarantined = _forget_quarantined_texts(settings, before)
        write_warehouse_anew(settings)
    return RetentionReport(len(withdrawn), quarantined, files)


def write_warehouse_anew(settings: Settings) -> None:
    """Copy what the warehouse holds into a fresh file, and put that in its place: whole, or not at all."""
    fresh = settings.warehouse.with_name(f".{settings.warehouse.name}.again")
    with machine_failures(str(settings.warehouse)):
        fresh.unlink(missing_ok=True)
        with session(settings, ":memory:") as connection:
            connection.execute(f"attach {sql_text(settings.warehouse)} as before")
            connection.execute("checkpoint before")
            connection.execute(f"attach {sql_text(fresh)} as again")
            connection.execute("copy from database before to again")
            _go_on_counting(connection)
            connection.execute("detach again")
            connection.execute("detach before")
        flush_to_disk(fresh)
        fresh.replace(settings.warehouse)
        flush_to_disk(settings.warehouse.parent)


def vacuum_sqlite(folder: Path) -> None:
    """Write every SQLite file below a folder again, without what was deleted from it."""
    for file in sorted(folder.rglob("*.db")):
        with machine_failures(str(file)):
            connection = sqlite3.connect(file)
            try:
                connection.execute("vacuum")
                connection.execute("pragma wal_checkpoint(truncate)")
            finally:
                connection.close()


def _candidate_waits(settings: Settings, before: dt.datetime) -> bool:
    """Whether the candidate may still be published: it is not yet, and is not older than is kept."""
    description = candidate_folder(settings).description
    if not description.is_file() or description.stat().st_mtime < before.timestamp():
        return False
    current = current_release(settings)
    return current is None or content_of(read_candidate(settings).tables) != current.manifest.content_hash


def _go_on_counting(connection: duckdb.DuckDBPyConnection) -> None:
    """A copied sequence may give its last number once more: documents continue after the last that there is."""
    rows = connection.execute(
        "select schema_name || '.' || table_name from duckdb_columns()"
        " where database_name = 'again' and schema_name = 'raw' and column_name = 'document_number'"
    ).fetchall()
    last = max(
        (int(connection.execute(f"select coalesce(max(document_number), 0) from again.{table}").fetchall()[0][0])
         for (table,) in rows),
        default=0,
    )  # fmt: skip
    while (
        rows and int(connection.execute("select nextval('again.raw.document_number_sequence')").fetchall()[0][0]) < last
    ):
        pass


def _forget_quarantined_texts(settings: Settings, before: dt.datetime) -> int:
    """A document in quarantine is loaded again from its delivery, never from here: its text is only looked at."""
    with session(settings, settings.warehouse) as connection:
        there = connection.execute(
            "select count(*) from duckdb_tables() where schema_name = 'raw' and table_name = 'quarantine'"
        ).fetchall()[0][0]
        if not there:
            return 0
        deliveries = "select delivery_number from raw.delivery where created_at < ?"
        old = f"document is not null and delivery_number in ({deliveries})"
        ((count,),) = connection.execute(f"select count(*) from raw.quarantine where {old}", [before]).fetchall()
        connection.execute(f"update raw.quarantine set document = null where {old}", [before])
    return int(count)


def _remove_old_files(settings: Settings, before: dt.datetime) -> int:
    removed = 0
    for folder in (settings.logs_dir, settings.crashes_dir):
        for file in sorted(folder.glob("*")) if folder.is_dir() else []:
            if file.is_file() and file.stat().st_mtime < before.timestamp():
                file.unlink()
                removed += 1
    return removed
