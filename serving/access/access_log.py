"""The log of what clients looked up: `<data>/serving/access_log/`, append-only and chained by hash.

Each process writes a segment, `<UTC time>-<random>.jsonl`: a line per call, written before the answer goes out; who
asked, of whom (by keyed hash), when, through which interface, for which purpose, from which release. Each line has the
hash of itself and the line before, so none can be changed or taken out unseen. `segments.jsonl` chains the segments in
the same way: when one was begun, and how one ended. A segment whose process was killed is closed by the next that
starts. What cannot be noticed is a tail cut off a segment that is still open.
"""

from __future__ import annotations

import datetime as dt
import errno
import fcntl
import hashlib
import os
import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from foundation.database import machine_failures
from foundation.person_hash import load_key, person_hash
from foundation.settings import Settings

_INDEX = "segments.jsonl"
_START = "0" * 64
_HASH = b',"hash":"'
_END = b'"}\n'


@dataclass(frozen=True)
class Problem:
    """What is wrong with the log: in which file, at which line (0: the file), and what."""

    file: str
    line: int
    what: str


@dataclass(frozen=True)
class Entry:
    """A line of the log, as it was written."""

    at: str
    client: str
    interface: str
    operation: str
    persons: tuple[str, ...]
    outcome: str
    purpose: str
    release_id: str


def access_log_dir(settings: Settings) -> Path:
    """Where the log is."""
    return settings.serving_dir / "access_log"


class AccessLog:
    """The segment of one process. A line is with the operating system before `write` returns; it is on the disk at
    the latest when the segment is closed."""

    def __init__(self, settings: Settings) -> None:
        self._folder = access_log_dir(settings)
        self._key = load_key(settings)
        with machine_failures(str(self._folder)):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            began = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
            self.segment = f"{began}-{secrets.token_hex(4)}.jsonl"
            self._file = os.open(self._folder / self.segment, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
            # Held as long as the process lives: what nobody holds was left by one that was killed.
            fcntl.flock(self._file, fcntl.LOCK_EX)
            with _index(self._folder) as index:
                for name in _left_open(self._folder, index):
                    _close_in(index, self._folder, name)
                _append_chained(index, {"began": self.segment})
        self._last = _START
        self._one_at_a_time = threading.Lock()

    def write(
        self,
        *,
        client: str,
        interface: str,
        operation: str,
        numbers: Sequence[str],
        outcome: str,
        purpose: str,
        release_id: str,
    ) -> None:
        """Write a line. numbers: of the persons who are shown, or asked for. Raises `MachineFailure`: then nothing may
        be answered."""
        persons = [person_hash(number, self._key) for number in numbers]
        # Threads answer side by side: each line follows the one that is written before it.
        with self._one_at_a_time, machine_failures(str(self._folder)):
            line, last = _chained(
                {
                    "at": dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
                    "client": client,
                    "interface": interface,
                    "operation": operation,
                    "persons": persons,
                    "outcome": outcome,
                    "purpose": purpose,
                    "release_id": release_id,
                },
                self._last,
            )
            before = os.fstat(self._file).st_size
            if os.write(self._file, line) != len(line):
                # The disk is full: what is there of the line goes, and nobody is answered.
                os.ftruncate(self._file, before)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self._last = last

    def close(self) -> None:
        """The segment has ended: it is on the disk, and its end is told in the index."""
        with machine_failures(str(self._folder)), _index(self._folder) as index:
            os.fsync(self._file)
            _close_in(index, self._folder, self.segment)
        os.close(self._file)


def entries_about(settings: Settings, numbers: Sequence[str]) -> Iterator[Entry]:
    """Who has looked a person up, oldest first. numbers: every number that the person has or had."""
    key = load_key(settings)
    hashes = {person_hash(number, key) for number in numbers}
    found = []
    for file in _segments(access_log_dir(settings)):
        with file.open("rb") as stream:
            for line in stream:
                content = _parsed(line)
                if content is not None and hashes.intersection(content.get("persons", ())):
                    told = {field.name: content.get(field.name, "") for field in fields(Entry)}
                    found.append(Entry(**{**told, "persons": tuple(content["persons"])}))
    yield from sorted(found, key=lambda entry: entry.at)


def verify(settings: Settings) -> tuple[int, list[Problem]]:
    """How many lines the log has, and everything that is wrong with it."""
    folder = access_log_dir(settings)
    problems: list[Problem] = []
    lines = 0
    if not (folder / _INDEX).is_file():
        there = [Problem(_INDEX, 0, "the index is not there")] if list(_segments(folder)) else []
        return 0, there
    began: list[str] = []
    ended: dict[str, tuple[int, str]] = {}
    for number, content in _verified_lines(folder / _INDEX, problems):
        if "began" in content:
            began.append(str(content["began"]))
        elif "ended" in content:
            ended[str(content["ended"])] = (int(content["lines"]), str(content["last"]))
        else:
            problems.append(Problem(_INDEX, number, "the line tells neither of a beginning nor of an end"))
    names = {file.name for file in _segments(folder)}
    problems += [Problem(name, 0, "the segment is not there") for name in began if name not in names]
    problems += [Problem(name, 0, "the index does not know the segment") for name in sorted(names - set(began))]
    for name in sorted(names):
        last, count = _START, 0
        for _, content in _verified_lines(folder / name, problems):
            last, count = str(content["hash"]), count + 1
        lines += count
        if name in ended and ended[name] != (count, last):
            problems.append(Problem(name, count, f"the segment ended with line {ended[name][0]}"))
    return lines, problems


def _verified_lines(file: Path, problems: list[Problem]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The lines of a chain up to the first that is not as it was written."""
    before = _START
    with file.open("rb") as stream:
        for number, line in enumerate(stream, 1):
            content = _parsed(line)
            if content is None or content["before"] != before:
                problems.append(Problem(file.name, number, "the line is not as it was written, or one is missing"))
                return
            before = content["hash"]
            yield number, content


def _segments(folder: Path) -> list[Path]:
    return sorted(file for file in folder.glob("*.jsonl") if file.name != _INDEX)


def _left_open(folder: Path, index: BinaryIO) -> list[str]:
    """The segments that have begun and not ended, and whose process is no more."""
    index.seek(0)
    told = [content for line in index if (content := _parsed(line)) is not None]
    ended = {content.get("ended") for content in told}
    left = []
    for name in (str(content["began"]) for content in told if "began" in content and content["began"] not in ended):
        try:
            with (folder / name).open("rb") as stream:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            left.append(name)
        except FileNotFoundError:
            # `verify` tells of it.
            continue
        except BlockingIOError:
            continue
    return left


def _close_in(index: BinaryIO, folder: Path, name: str) -> None:
    last, count = _START, 0
    with (folder / name).open("rb") as stream:
        for line in stream:
            content = _parsed(line)
            if content is None:
                break
            last, count = str(content.get("hash", "")), count + 1
    _append_chained(index, {"ended": name, "lines": count, "last": last})


@contextmanager
def _index(folder: Path) -> Iterator[BinaryIO]:
    """The index, held by this process alone."""
    with (folder / _INDEX).open("a+b") as index:
        (folder / _INDEX).chmod(0o600)
        fcntl.flock(index, fcntl.LOCK_EX)
        yield index
        index.flush()
        os.fsync(index.fileno())


def _append_chained(index: BinaryIO, content: dict[str, Any]) -> None:
    index.seek(0)
    last = _START
    for line in index:
        if (told := _parsed(line)) is not None:
            last = str(told.get("hash", ""))
    line, _ = _chained({"at": dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"), **content}, last)
    index.seek(0, os.SEEK_END)
    index.write(line)


def _chained(content: dict[str, Any], before: str) -> tuple[bytes, str]:
    """A line with the hash of the line before and, as its last member, its own; and its own."""
    body = orjson.dumps({**content, "before": before})
    own = hashlib.sha256(body).hexdigest()
    return body[:-1] + _HASH + own.encode("ascii") + _END, own


def _parsed(line: bytes) -> dict[str, Any] | None:
    """The members of a line; None where it is not, byte for byte, as `_chained` made it."""
    end = len(line) - len(_END)
    begin = end - hashlib.sha256().digest_size * 2
    body = line[: max(begin - len(_HASH), 0)] + b"}"
    own = hashlib.sha256(body).hexdigest()
    if line[begin - len(_HASH) :] != _HASH + own.encode("ascii") + _END:
        return None
    content: dict[str, Any] = orjson.loads(body)
    return {**content, "hash": own}
