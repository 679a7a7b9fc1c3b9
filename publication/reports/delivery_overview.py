"""The delivery overview (leveranseoversikt): what was published, what is planned, and what went wrong.

The table `delivery_overview` of a release, a page, an iCalendar file and an Atom feed of the same rows. A release knows
what was published before it; `preg overview write` writes page and feeds again, with what has been said since.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass, fields
from itertools import islice
from pathlib import Path

import duckdb

from foundation.database import put_comments, sql_text, write_parquet
from foundation.release import Manifest, ReleaseFolder, TableContent
from foundation.settings import Settings
from publication.candidate.content_hash import content_sum
from publication.reports.notices import list_notices
from publication.store.audit_log import AuditEntry, audit_entries
from publication.store.release_windows import OSLO, is_in_window, windows_after

TABLE = "delivery_overview"
_PLANNED = 14
_KEPT = 400

COMMENTS = {
    "": "What was published, is planned, was announced or went wrong: one row each.",
    "kind": "published | rolled back | promoted | withdrawn | planned | announcement | incident.",
    "starts_at": "When it began or will begin, UTC.",
    "ends_at": "When it ended or will end, UTC; blank while an incident lasts.",
    "local_time": "When it began or will begin, by the clock in Oslo.",
    "duration_seconds": "How long checking and publishing took.",
    "release_id": "The release.",
    "sequence_from": "The first sequence number of Freg that was new in the release.",
    "sequence_to": "The last sequence number of Freg in the release.",
    "persons_changed": "Persons whose record or present address changed since the release before.",
    "views_version": "The version of the views (docs/view-versions.md).",
    "in_window": "Whether it fell into a publication window.",
    "done_by": "Who did it: a name, or automatic.",
    "note": "What changed, why, or what went wrong.",
}


@dataclass(frozen=True)
class Entry:
    """A row of the overview: see `COMMENTS`. Times in UTC, without a time zone, as the table has them."""

    kind: str
    starts_at: dt.datetime
    ends_at: dt.datetime | None
    local_time: str
    duration_seconds: float | None = None
    release_id: str = ""
    sequence_from: int | None = None
    sequence_to: int | None = None
    persons_changed: int | None = None
    views_version: str = ""
    in_window: bool | None = None
    done_by: str = ""
    note: str = ""


_COLUMNS = (
    "kind varchar, starts_at timestamp, ends_at timestamp, local_time varchar, duration_seconds double,"
    " release_id varchar, sequence_from bigint, sequence_to bigint, persons_changed bigint, views_version varchar,"
    " in_window boolean, done_by varchar, note varchar"
)


def published_entry(
    settings: Settings, manifest: Manifest, before: Manifest | None, persons_changed: int | None
) -> Entry:
    """The row of a release. before: the manifest of the release before."""
    published = dt.datetime.fromisoformat(manifest.published_at)
    made = dt.datetime.fromisoformat(manifest.candidate_made_at or manifest.published_at)
    last = None if before is None else before.sequence_number
    return Entry(
        "published",
        _plain(published),
        _plain(published),
        _local(published),
        max(0.0, (published - made).total_seconds()),
        manifest.release_id,
        None if last is None else last + 1,
        manifest.sequence_number,
        persons_changed,
        manifest.views_version,
        is_in_window(published, settings.window_minutes),
        "automatic" if manifest.approver is None else manifest.approver.name,
        _what_changed(manifest, before),
    )


def overview(settings: Settings, published: list[Entry], now: dt.datetime) -> list[Entry]:
    """Every row: what was published, what people did besides, what was said, and the next windows; newest first."""
    made = {(entry.release_id, entry.starts_at) for entry in published}
    rows = [
        *published,
        *(
            entry
            for done in audit_entries(settings)
            if done.action != "published" and ((entry := _of_audit_entry(done)).release_id, entry.starts_at) not in made
        ),
        *_of_notices(settings),
        *_planned(settings, now),
    ]
    return sorted(rows, key=lambda entry: (entry.starts_at, entry.kind), reverse=True)


def read_published(database: Path | None) -> list[Entry]:
    """The rows of published releases that a release keeps, newest first; none where it keeps none."""
    if database is None or not database.is_file():
        return []
    with duckdb.connect(str(database), read_only=True) as connection:
        ((there,),) = connection.execute(
            f"select count(*) from duckdb_tables() where table_name = {sql_text(TABLE)}"
        ).fetchall()
        if not there:
            return []
        names = ", ".join(field.name for field in fields(Entry))
        rows = connection.execute(
            f"select {names} from {TABLE} where kind = 'published' order by starts_at desc limit {_KEPT}"
        ).fetchall()
    return [Entry(*row) for row in rows]


def write_overview_table(place: ReleaseFolder, entries: list[Entry]) -> dict[str, TableContent]:
    """Write the table into a release that is being made; returns its rows and content hash."""
    with duckdb.connect(str(place.database)) as connection:
        connection.execute(f"create or replace table {TABLE} ({_COLUMNS})")
        connection.executemany(
            f"insert into {TABLE} values ({', '.join('?' * len(fields(Entry)))})",
            [list(asdict(entry).values()) for entry in entries],
        )
        put_comments(connection, TABLE, COMMENTS)
        write_parquet(connection, TABLE, place.parquet_file(TABLE))
        return {TABLE: TableContent(rows=len(entries), content_hash=str(content_sum(connection, TABLE)))}


def _what_changed(manifest: Manifest, before: Manifest | None) -> str:
    known = set() if before is None else {(each.source, each.delivery_id) for each in before.inputs}
    new = [each for each in manifest.inputs if (each.source, each.delivery_id) not in known]
    sources = f" ({', '.join(sorted({each.source for each in new}))})" if new else ""
    parts = [_counted(len(new), "new deliver", "y", "ies") + sources]
    warned = sum(not check.passed for check in manifest.checks)
    if warned:
        parts.append(_counted(warned, "warning", "", "s"))
    if manifest.outside_window:
        parts.append(f"outside its window: {manifest.outside_window}")
    if manifest.approver is not None:
        parts.append(f"approved: {manifest.approver.why}")
    return "; ".join(parts)


def _counted(number: int, word: str, one: str, many: str) -> str:
    return f"{number} {word}{one if number == 1 else many}"


def _of_audit_entry(done: AuditEntry) -> Entry:
    at = dt.datetime.fromisoformat(done.at)
    return Entry(
        done.action, _plain(at), _plain(at), _local(at), release_id=done.release_id, done_by=done.by, note=done.why
    )


def _of_notices(settings: Settings) -> list[Entry]:
    entries = []
    for notice in list_notices(settings):
        starts = dt.datetime.fromisoformat(notice.starts_at)
        ends = dt.datetime.fromisoformat(notice.ends_at) if notice.ends_at else None
        entries.append(
            Entry(
                notice.kind,
                _plain(starts),
                None if ends is None else _plain(ends),
                _local(starts),
                done_by=notice.by,
                note=notice.what,
            )
        )
    return entries


def _planned(settings: Settings, now: dt.datetime) -> list[Entry]:
    length = dt.timedelta(minutes=settings.window_minutes)
    return [
        Entry(
            "planned", _plain(opens), _plain(opens + length), _local(opens), in_window=True, note="publication window"
        )
        for opens in islice(windows_after(now), _PLANNED)
    ]


def _plain(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC).replace(tzinfo=None)


def _local(moment: dt.datetime) -> str:
    return moment.astimezone(OSLO).strftime("%Y-%m-%d %H:%M")
