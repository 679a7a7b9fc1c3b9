"""Files that appear whole or not at all, and that are their owner's only."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

CHUNK = 1 << 20

_OF_OTHERS = 0o077


def create_private_files() -> None:
    """From now on files that this process and its children make can be read by their owner only."""
    os.umask(_OF_OTHERS)


def make_private(folder: Path) -> None:
    """Take from group and others what they may do with a folder and everything below it.

    Only with what is ours; a link is not followed. What cannot be changed (a read-only file system) stays as it is:
    `open_to_others` reports it. A folder that everybody writes to, as /tmp, is not ours alone and is left as it is.
    """
    try:
        found = folder.stat()
    except OSError:
        return
    if found.st_mode & stat.S_ISVTX:
        return
    _tighten(folder.resolve())
    # A folder comes before what is in it: from then on nobody else can put something in the place of a file.
    for place in _below(folder):
        _tighten(place)


def open_to_others(folder: Path) -> Iterator[Path]:
    """What group or others may read, write or enter, of a folder and everything below it; links are not followed."""
    with suppress(OSError):
        if folder.stat().st_mode & _OF_OTHERS:
            yield folder
    for place in _below(folder):
        with suppress(OSError):
            found = place.lstat()
            if not stat.S_ISLNK(found.st_mode) and found.st_mode & _OF_OTHERS:
                yield place


def is_ours(place: Path) -> bool:
    """Whether the user of this process owns a file or folder."""
    return place.lstat().st_uid == os.geteuid()


def _tighten(place: Path) -> None:
    with suppress(OSError):
        found = place.lstat()
        if not stat.S_ISLNK(found.st_mode) and found.st_mode & _OF_OTHERS and found.st_uid == os.geteuid():
            place.chmod(stat.S_IMODE(found.st_mode) & ~_OF_OTHERS)


def _below(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        yield from (Path(parent, name) for name in (*folders, *files))


def sha256_of(file: Path) -> str:
    """The SHA-256 of a file as it is stored, in hexadecimal."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


@contextmanager
def written_whole(target: Path) -> Iterator[Path]:
    """A temporary path to write to; renamed to `target` when the block ends well, removed when it does not."""
    temporary = target.with_name(f".{target.name}.partial")
    try:
        yield temporary
        flush_to_disk(temporary)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def write_json(target: Path, content: Any) -> None:
    """Write `content` as indented JSON, whole or not at all."""
    with written_whole(target) as temporary:
        temporary.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def flush_to_disk(path: Path) -> None:
    """Make a file's or folder's content survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
