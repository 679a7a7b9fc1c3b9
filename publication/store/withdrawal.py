"""Withdrawing a release: its content goes, and what stays says that it was there, when, and why it is there no more."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from glob import escape
from pathlib import Path

from foundation.errors import PregError
from foundation.files import flush_to_disk, write_json
from foundation.settings import Settings
from foundation.text import printable
from publication.candidate.candidate import candidate_folder
from publication.store.audit_log import AuditEntry, utc, write_audit_entry
from publication.store.release import (
    CURRENT,
    current_release,
    list_releases,
    read_release,
    release_folders,
    remove_unfinished,
)


@dataclass(frozen=True)
class Withdrawal:
    """What is left of a withdrawn release: `<data>/withdrawn/<release_id>.json`. Times in ISO 8601, UTC."""

    release_id: str
    published_at: str
    sequence_number: int | None
    content_hash: str
    withdrawn_at: str
    why: str


def withdraw(
    settings: Settings,
    release_ids: Sequence[str],
    why: str,
    *,
    even_current: bool = False,
    by: str = "",
    now: dt.datetime | None = None,
) -> list[Withdrawal]:
    """Remove the content of releases for good, and keep a record of each. The caller must hold the writer's lock.

    by: who withdraws them, as far as it is given. With `even_current` the current one may be among them; then there is
    no current release until the next is published: an older one is never put in its place. Raises `PregError`, and
    withdraws none, when one of them is not there or is the current one. A process that has a file of a release open
    keeps what it has opened. A release whose manifest cannot be read is withdrawn by the name of its folder.
    """
    found = release_folders(settings)
    missing = [release_id for release_id in release_ids if release_id not in found]
    if missing:
        raise PregError(
            f"no such release: {', '.join(map(printable, missing))}",
            where=str(settings.releases_dir),
            todo="preg release list shows them",
        )
    link = settings.releases_dir / CURRENT
    current = link.readlink().name if link.is_symlink() else ""
    takes_current = current in release_ids
    if takes_current and not even_current:
        raise PregError(
            f"{current} is the current release: its readers would have none",
            where=str(link),
            todo="publish a new one first (preg run), or say --even-current",
        )
    now = now or dt.datetime.now(dt.UTC)
    # What an earlier withdrawal left that was killed.
    remove_unfinished(settings)
    if takes_current:
        # The candidate that it was published from has the same content.
        shutil.rmtree(candidate_folder(settings).folder, ignore_errors=True)
    records = []
    for release_id in dict.fromkeys(release_ids):
        record = _record(found[release_id], release_id, now, why)
        # The record comes first: a release is never gone without one. A name with a dot is nobody's release; what a
        # kill leaves of it is removed by the next withdrawal or publication.
        settings.withdrawn_dir.mkdir(parents=True, exist_ok=True)
        write_json(settings.withdrawn_dir / f"{release_id}.json", asdict(record))
        write_audit_entry(settings, AuditEntry(utc(now), "withdrawn", release_id, by, why))
        if release_id == current:
            link.unlink()
        going = settings.releases_dir / f".{release_id}.withdrawn"
        found[release_id].rename(going)
        flush_to_disk(settings.releases_dir)
        if going.is_symlink():
            going.unlink()
        else:
            shutil.rmtree(going)
        _withdraw_copies(settings, release_id)
        records.append(record)
    return records


def _record(folder: Path, release_id: str, now: dt.datetime, why: str) -> Withdrawal:
    """What is kept of a release; of one whose manifest cannot be read, that it was there."""
    try:
        manifest = read_release(folder).manifest
        known = (manifest.published_at, manifest.sequence_number, manifest.content_hash)
    except PregError:
        known = ("", None, "")
    return Withdrawal(release_id, *known, utc(now), why)


def _withdraw_copies(settings: Settings, release_id: str) -> None:
    """What profiles of clients and the services have of a withdrawn release goes with it."""
    name = escape(release_id)
    copies = [*settings.profile_releases_dir.glob(f"*/{name}"), *settings.serving_stores_dir.glob(name)]
    # A store that is being made, or was left half made.
    copies += settings.serving_stores_dir.glob(f".{name}.*.partial")
    for folder in sorted(copies):
        going = folder.with_name(f".{folder.name}.withdrawn")
        folder.rename(going)
        flush_to_disk(folder.parent)
        shutil.rmtree(going)


def older_than_current(settings: Settings) -> list[str]:
    """The releases that were published before the current one. Raises `PregError` when none is current."""
    current = current_release(settings)
    if current is None:
        raise PregError(
            "nothing has been published", where=str(settings.releases_dir), todo="publish a release first: preg run"
        )
    return [release.release_id for release in list_releases(settings) if release.release_id < current.release_id]


def list_withdrawals(settings: Settings) -> list[Withdrawal]:
    """Every release that was withdrawn, oldest first."""
    return [
        Withdrawal(**json.loads(file.read_text(encoding="utf-8")))
        for file in sorted(settings.withdrawn_dir.glob("*.json"))
    ]
