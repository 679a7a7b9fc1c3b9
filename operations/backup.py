"""Backup and restore: deliveries, releases, and what people did and said; the warehouse is built again from them.

A backup is a folder: `landing/`, `data/`, and `backup.json` with the checksum of every file. What was in it stays in
it, independent of the sources: only what belongs to a withdrawn release is removed. Names from `backup.json` are
read as what anybody may have written there: nothing is read or written outside the folders that were named.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, StringConstraints, ValidationError, model_validator

from foundation.database import machine_failures
from foundation.errors import PregError
from foundation.files import flush_to_disk, make_private, sha256_of, write_json, written_whole
from foundation.release import MANIFEST
from foundation.settings import Settings
from foundation.text import printable
from foundation.writer_lock import restore_marker
from publication.store.audit_log import utc
from publication.store.release import CURRENT

DESCRIPTION = "backup.json"

# Of the data directory: what cannot be made again from the deliveries.
_KEPT = (
    "releases",
    "profile_releases",
    "withdrawn",
    "audit_log",
    "acts",
    "notices",
    "profiles",
    "client_profiles",
    "signoff.csv",
    "person_hash.key",
    "gate_overrides.csv",
    "serving/access_log",
    "serving/clients.sqlite",
    "serving/help_numbers.sqlite",
)
_ACCESS_LOG = "serving/access_log"
# Databases that services may write while they are copied: the backup has a copy of one moment.
_DATABASES = ("serving/clients.sqlite", "serving/help_numbers.sqlite")
# What never changes once it is there: where it has, the copy in the backup is the one to keep.
_UNCHANGING = ("landing/", "data/releases/")
# More than this share of a backup gone from the sources is an accident until somebody says otherwise.
_SHARE_THAT_MAY_GO = 0.1
_RELEASE_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]*")


@dataclass(frozen=True)
class BackupReport:
    """How many files a backup holds, and how many of them were copied now.

    removed: files of withdrawn releases that are no longer in it. gone: files that it keeps though they are gone from
    the sources. changed: files that never change and have changed in the sources; it keeps them as they were. lost:
    files that neither the sources nor the backup has whole. left_out: files of the sources whose names no backup holds.
    """

    files: int
    copied: int
    removed: int = 0
    gone: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def _name(name: str) -> str:
    if not _is_name(name):
        raise ValueError(f"{printable(name)} is no name of a file in a backup")
    return name


def _is_name(name: str) -> bool:
    """Whether a name is that of a file that a backup may hold: below one of its folders, without a way out of it."""
    parts = name.split("/")
    if any(not part or part.startswith(".") or "\\" in part or not part.isprintable() for part in parts):
        return False
    kept = any(name == f"data/{each}" or name.startswith(f"data/{each}/") for each in _KEPT)
    return kept or (len(parts) > 1 and parts[0] == "landing")


_Name = Annotated[str, AfterValidator(_name)]
_Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class _Index(BaseModel):
    """`backup.json`. current: the release that is current. gone: names whose sources were gone when it was written."""

    format_version: Literal[1] = 1
    made_at: str = ""
    current: str | None = None
    files: dict[_Name, _Digest] = {}
    gone: list[_Name] = []

    @model_validator(mode="after")
    def _current_is_one_of_its_releases(self) -> _Index:
        if self.current is not None and not (
            _RELEASE_ID.fullmatch(self.current) and f"data/releases/{self.current}/{MANIFEST}" in self.files
        ):
            raise ValueError("the current release is not in it")
        return self


def back_up(
    settings: Settings, out: Path, now: dt.datetime | None = None, *, although_gone: bool = False
) -> BackupReport:
    """Write a backup into `out`. The caller must hold the writer's lock: nothing is published meanwhile.

    Raises `PregError`, and changes nothing, when the sources have lost much of what the backup has: a folder that is
    missing or empty, or more than a tenth of the files. although_gone: go on then, too; what is gone stays in the
    backup.
    """
    _refuse_place(settings, out)
    before = _read(out) if (out / DESCRIPTION).is_file() else _Index()
    withdrawn = _withdrawn(settings, out)
    sources, left_out = _sources(settings, withdrawn)
    kept = {name: digest for name, digest in before.files.items() if not _is_withdrawn(name, withdrawn)}
    gone = {name for name in kept if name not in sources and not _is_replaced(settings, name)}
    if not although_gone:
        _refuse_loss(settings, kept, gone, set(before.gone))
    files: dict[str, str] = {}
    copied, changed, lost = 0, [], []
    with machine_failures(str(out)):
        out.mkdir(parents=True, exist_ok=True, mode=0o700)
        make_private(out)
        for name, source in sources.items():
            target = _inside(out, name)
            digest, there = sha256_of(source), _digest_of(target)
            if name.startswith(_UNCHANGING) and kept.get(name, digest) != digest and there == kept[name]:
                changed.append(name)
                files[name] = there
                continue
            if there != digest:
                _copy(source, target, digest)
                copied += 1
            files[name] = digest
        for name in sorted(gone):
            if _digest_of(_inside(out, name)) == kept[name]:
                files[name] = kept[name]
            else:
                lost.append(name)
        link = settings.releases_dir / CURRENT
        current = link.readlink().name if link.is_symlink() else None
        if f"data/releases/{current}/{MANIFEST}" not in files:
            current = None
        index = _Index(
            made_at=utc(now or dt.datetime.now(dt.UTC)), current=current, files=files, gone=sorted(gone & set(files))
        )
        # What is removed is no longer asked for by then: a backup that is cut off can be restored at any moment.
        write_json(out / DESCRIPTION, index.model_dump())
        removed = [name for name in before.files if name not in files and name not in lost]
        for name in removed:
            _inside(out, name).unlink(missing_ok=True)
        _remove_releases(out, withdrawn)
        make_private(out)
    return BackupReport(len(files), copied, len(removed), index.gone, changed, lost, left_out)


def restore(settings: Settings, source: Path) -> BackupReport:
    """Put a backup into an empty landing folder and data directory, or go on with a restore of it that was cut off.

    Every file is compared with its checksum first. Raises `PregError`, and changes nothing, when one does not fit or
    when there is something already. Until all is there, nothing else can be done with the data directory.
    """
    content = _read(source)
    marker = restore_marker(settings)
    of_this = sha256_of(source / DESCRIPTION)
    if marker.is_file():
        _refuse_other_backup(marker, of_this)
    else:
        _refuse_occupied(settings)
    broken = [name for name, digest in content.files.items() if _digest_of(_inside(source, name)) != digest]
    if broken:
        raise PregError(
            f"the backup is not whole: {len(broken)} files are missing or changed, {broken[0]} first",
            where=str(source),
            todo="take another backup",
        )
    copied = 0
    with machine_failures(str(settings.data_dir)):
        for folder in (settings.data_dir, settings.landing_dir):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            make_private(folder)
        write_json(marker, {"backup": of_this, "from": str(source)})
        for name, digest in content.files.items():
            kind, _, rest = name.partition("/")
            target = _inside(settings.landing_dir if kind == "landing" else settings.data_dir, rest)
            if _digest_of(target) != digest:
                _copy(_inside(source, name), target, digest)
                copied += 1
        if content.current:
            link = settings.releases_dir / CURRENT
            link.unlink(missing_ok=True)
            link.symlink_to(content.current)
            flush_to_disk(settings.releases_dir)
        for folder in (settings.data_dir, settings.landing_dir):
            make_private(folder)
        marker.unlink()
        flush_to_disk(settings.data_dir)
    return BackupReport(len(content.files), copied)


def _refuse_place(settings: Settings, out: Path) -> None:
    if not settings.landing_dir.is_dir():
        raise PregError(
            "the landing folder is not there; nothing was backed up",
            where=str(settings.landing_dir),
            todo="mount it, or name another one: --landing",
        )
    for folder in (settings.landing_dir, *(settings.data_dir / name for name in _KEPT)):
        if out.resolve().is_relative_to(folder.resolve()):
            raise PregError(
                "a backup is not among what it is of", where=str(out), todo=f"name a folder outside {folder}"
            )


def _refuse_loss(settings: Settings, kept: dict[str, str], gone: set[str], known: set[str]) -> None:
    """Refuse to go on when more has gone since the last backup than somebody would have taken away."""
    new = gone - known
    emptied = [
        group
        for group, files in Counter(map(_group, kept)).items()
        if files == len([name for name in gone if _group(name) == group]) and any(_group(name) == group for name in new)
    ]
    if not emptied and len(new) <= _SHARE_THAT_MAY_GO * len(kept):
        return
    what = f"all of {', '.join(sorted(emptied))}" if emptied else f"more than {_SHARE_THAT_MAY_GO:.0%} of it"
    raise PregError(
        f"{len(new)} of {len(kept)} files of the last backup are gone from landing and data, {what}; {min(new)} first",
        where=f"{settings.landing_dir}, {settings.data_dir}",
        todo=(
            "see that both folders are there and mounted; if it is meant, preg backup --although-gone keeps in the"
            " backup what is gone. What must be gone from the backup too is withdrawn: preg release withdraw"
        ),
    )


def _refuse_occupied(settings: Settings) -> None:
    occupied = [
        folder
        for folder in (settings.landing_dir, settings.releases_dir)
        if folder.is_dir() and any(not path.name.startswith(".") for path in folder.iterdir())
    ]
    # A database with its log: what a server left would be written over what is restored.
    registers = (settings.data_dir / f"{name}{end}" for name in _DATABASES for end in ("", "-wal", "-shm", "-journal"))
    occupied += [file for file in (settings.warehouse, *registers) if file.exists()]
    if occupied:
        raise PregError(
            f"there is something already: {', '.join(map(str, occupied))}",
            where=str(settings.data_dir),
            todo="restore into empty folders: --landing and --data",
        )


def _refuse_other_backup(marker: Path, of_this: str) -> None:
    try:
        begun = json.loads(marker.read_text(encoding="utf-8"))["backup"]
    except (OSError, ValueError, KeyError, TypeError):
        begun = ""
    if begun != of_this:
        raise PregError(
            "a restore of another backup, or of this one as it was before, was cut off here",
            where=str(marker),
            todo="restore into empty folders: --landing and --data",
        )


def _withdrawn(settings: Settings, out: Path) -> set[str]:
    """The releases of which there is a record that they were withdrawn; of one that is not here, a record in the backup
    is enough."""
    here, there = (
        {file.stem for file in folder.glob("*.json") if _RELEASE_ID.fullmatch(file.stem)}
        for folder in (settings.withdrawn_dir, out / "data" / settings.withdrawn_dir.name)
    )
    return here | {release_id for release_id in there if not (settings.releases_dir / release_id).exists()}


def _is_withdrawn(name: str, withdrawn: set[str]) -> bool:
    """Whether a file is of a withdrawn release, or of the release of a profile that was made from it."""
    match name.split("/"):
        case ["data", "releases", release_id, *_] | ["data", "profile_releases", _, release_id, *_]:
            return release_id in withdrawn
    return False


def _is_replaced(settings: Settings, name: str) -> bool:
    """Whether the release of a profile was written again, without this file: what it gave before is given no more."""
    match name.split("/"):
        case ["data", "profile_releases", profile, release_id, *_]:
            return (settings.data_dir / "profile_releases" / profile / release_id).is_dir()
    return False


def _remove_releases(out: Path, withdrawn: set[str]) -> None:
    """Everything that a backup has of withdrawn releases, also what a backup that was cut off has left."""
    profiles = out / "data" / "profile_releases"
    parents = [out / "data" / "releases", *(profiles.iterdir() if profiles.is_dir() else [])]
    for parent in parents:
        for release_id in withdrawn:
            folder = _inside(out, (parent / release_id).relative_to(out).as_posix())
            if folder.is_dir():
                shutil.rmtree(folder)


def _group(name: str) -> str:
    """What goes as one when a folder is not mounted: a source of the landing, a folder of the data."""
    return "/".join(name.split("/")[:2])


def _sources(settings: Settings, withdrawn: set[str]) -> tuple[dict[str, Path], list[str]]:
    """Name → file of what is backed up; and the names that cannot be."""
    found = {
        **{
            f"landing/{file.relative_to(settings.landing_dir).as_posix()}": file
            for file in _files(settings.landing_dir)
        },
        **{
            f"data/{file.relative_to(settings.data_dir).as_posix()}": file
            for kept in _KEPT
            if kept not in (*_DATABASES, _ACCESS_LOG)
            for file in _files(settings.data_dir / kept)
        },
        **{f"data/{_ACCESS_LOG}/{file.name}": file for file in _copies_of_access_log(settings)},
        **{
            f"data/{name}": _copy_of_database(settings, name)
            for name in _DATABASES
            if (settings.data_dir / name).is_file()
        },
    }
    left_out = [name for name in found if not _is_name(name)]
    return {
        name: file for name, file in found.items() if _is_name(name) and not _is_withdrawn(name, withdrawn)
    }, left_out


def _copies_of_access_log(settings: Settings) -> list[Path]:
    """Copies of the segments of the log that the index knows of, to their last whole line: it is written meanwhile."""
    place, copies = settings.data_dir / _ACCESS_LOG, settings.work_dir / "backup" / "access_log"
    with machine_failures(str(copies)):
        shutil.rmtree(copies, ignore_errors=True)
        if not place.is_dir():
            return []
        copies.mkdir(parents=True, mode=0o700)
        # The index first: a segment that begins meanwhile is not in it, and not in the backup.
        index = place / "segments.jsonl"
        known = index.read_bytes() if index.is_file() else b""
        for file in sorted(place.glob("*.jsonl")):
            if file == index or file.name.encode() in known:
                content = known if file == index else file.read_bytes()
                (copies / file.name).write_bytes(content[: content.rfind(b"\n") + 1])
    return sorted(copies.iterdir())


def _copy_of_database(settings: Settings, name: str) -> Path:
    """A copy of a SQLite database as it is at one moment, also while it is written."""
    copy = settings.work_dir / "backup" / Path(name).name
    with machine_failures(str(copy)):
        copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        copy.unlink(missing_ok=True)
        with closing(sqlite3.connect(settings.data_dir / name, timeout=60)) as database:
            database.execute("vacuum into ?", [str(copy)])
    return copy


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


def _inside(root: Path, name: str) -> Path:
    """The place of a name below `root`. Raises `PregError` where a link would lead elsewhere."""
    place = root
    for part in PurePosixPath(name).parts:
        place = place / part
        if place.is_symlink():
            raise PregError(
                f"{printable(name)} leads through a link",
                where=str(place),
                todo="remove the link; look who has made it",
            )
    return place


def _digest_of(place: Path) -> str | None:
    return sha256_of(place) if place.is_file() else None


def _copy(source: Path, target: Path, digest: str) -> None:
    """Copy a file, whole or not at all, for its owner only."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with written_whole(target) as temporary:
        temporary.unlink(missing_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as copy, source.open("rb") as original:
            shutil.copyfileobj(original, copy)
        if sha256_of(temporary) != digest:
            raise PregError("a file has changed while it was copied", where=str(source), todo="try again")


def _read(folder: Path) -> _Index:
    try:
        return _Index.model_validate_json((folder / DESCRIPTION).read_bytes())
    except ValidationError as error:
        why = "; ".join(printable(each["msg"]) for each in error.errors()[:3])
    except OSError as error:
        why = str(error)
    raise PregError(
        f"the backup's description cannot be read: {why}",
        where=str(folder / DESCRIPTION),
        todo="name the folder that preg backup wrote to",
    )
