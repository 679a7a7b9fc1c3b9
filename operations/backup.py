"""Backup and restore: deliveries, releases, and what people did and said; the warehouse is built anew from them.

A backup is a folder: `landing/`, `data/`, and `backup.json` with the checksum of every file. Deliveries and releases do
not change, so a backup into a folder that holds an earlier one copies what is new.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foundation.database import machine_failures
from foundation.errors import PregError
from foundation.files import sha256_of, write_json
from foundation.settings import Settings
from publication.acts import utc
from publication.release import CURRENT

DESCRIPTION = "backup.json"

# Of the data directory: what cannot be made again from the deliveries.
_KEPT = (
    "releases",
    "profile_releases",
    "withdrawn",
    "acts",
    "notices",
    "profiles",
    "client_profiles",
    "signoff.csv",
    "person_hash.key",
    "gate_overrides.csv",
)


@dataclass(frozen=True)
class BackupReport:
    """How many files a backup holds, and how many of them were copied now."""

    files: int
    copied: int


def back_up(settings: Settings, out: Path, now: dt.datetime | None = None) -> BackupReport:
    """Write a backup into `out`. Only for who holds the writer's lock: nothing is published meanwhile."""
    before = _read(out)["files"] if (out / DESCRIPTION).is_file() else {}
    files: dict[str, str] = {}
    copied = 0
    with machine_failures(str(out)):
        for name, source in _sources(settings):
            target = out / name
            digest = sha256_of(source)
            if before.get(name) != digest or not target.is_file():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target)
                copied += 1
            files[name] = digest
        # What was withdrawn since the last backup is withdrawn from the backup as well.
        for gone in set(before) - set(files):
            (out / gone).unlink(missing_ok=True)
        link = settings.releases_dir / CURRENT
        write_json(
            out / DESCRIPTION,
            {
                "format_version": 1,
                "made_at": utc(now or dt.datetime.now(dt.UTC)),
                "current": link.readlink().name if link.is_symlink() else None,
                "files": files,
            },
        )
    return BackupReport(len(files), copied)


def restore(settings: Settings, source: Path) -> BackupReport:
    """Put a backup into an empty landing folder and data directory.

    Every file is held against its checksum first. Raises `PregError`, and changes nothing, when one does not fit or
    when there is something already.
    """
    content = _read(source)
    occupied = [
        folder
        for folder in (settings.landing_dir, settings.releases_dir)
        if folder.is_dir() and any(not path.name.startswith(".") for path in folder.iterdir())
    ]
    if occupied:
        raise PregError(
            f"there is something already: {', '.join(map(str, occupied))}",
            where=str(settings.data_dir),
            todo="restore into empty folders: --landing and --data",
        )
    broken = [
        name
        for name, digest in content["files"].items()
        if not (source / name).is_file() or sha256_of(source / name) != digest
    ]
    if broken:
        raise PregError(
            f"the backup is not whole: {len(broken)} files are missing or changed, {broken[0]} first",
            where=str(source),
            todo="take another backup",
        )
    with machine_failures(str(settings.data_dir)):
        for name in content["files"]:
            kind, _, rest = name.partition("/")
            target = (settings.landing_dir if kind == "landing" else settings.data_dir) / rest
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / name, target)
        if content["current"]:
            (settings.releases_dir / CURRENT).symlink_to(content["current"])
    return BackupReport(len(content["files"]), len(content["files"]))


def _sources(settings: Settings) -> Iterator[tuple[str, Path]]:
    yield from (
        (f"landing/{file.relative_to(settings.landing_dir).as_posix()}", file) for file in _files(settings.landing_dir)
    )
    for name in _KEPT:
        place = settings.data_dir / name
        for file in _files(place):
            yield f"data/{file.relative_to(settings.data_dir).as_posix()}", file


def _files(place: Path) -> Iterator[Path]:
    """The files of a folder, or a file; nothing that is still being written, and no link."""
    if place.is_file():
        yield place
        return
    if not place.is_dir():
        return
    for entry in sorted(place.iterdir()):
        if entry.name.startswith(".") or entry.is_symlink():
            continue
        yield from _files(entry)


def _read(folder: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PregError(
            f"the backup's description cannot be read: {error}",
            where=str(folder / DESCRIPTION),
            todo="name the folder that preg backup wrote to",
        ) from error
    return content
