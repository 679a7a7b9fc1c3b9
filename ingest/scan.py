"""The first look at a delivered file: all of it once, in pieces, before anything parses it.

Its checksum, and what it unpacks to: how many records, whether a line is longer than a document may be, whether it
begins or its lines end in a way that needs a corrected copy. A bomb is left as soon as it shows.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import zstandard

from foundation.files import sha256_of
from ingest.compressed import DamagedFileError, unpacked

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# What replaces in a copy a line that is too long: no UTF-8, so neither a document nor a row, for any columns.
MARK = b"\xff"


class ScanStoppedError(Exception):
    """A file that is not read any further; the text says why."""


@dataclass(frozen=True)
class FileScan:
    """What a file was when it was read.

    records: lines that are not blank, a header counted. long_lines: whether one is longer than a document may be.
    needs_copy: whether a corrected copy is needed before the file can be loaded.
    """

    sha256: str
    stored: int
    mtime_ns: int
    ctime_ns: int
    records: int
    long_lines: bool
    begins_with_mark: bool
    doubled_returns: bool

    @property
    def needs_copy(self) -> bool:
        """Whether the file is loaded from a copy: without long lines, byte order mark and doubled returns."""
        return self.long_lines or self.begins_with_mark or self.doubled_returns


def scan(path: Path, *, longest_line: int, most_bytes: int, most_records: int | None) -> FileScan:
    """Read a regular file to its end, or until it exceeds what it may be.

    Raises `ScanStoppedError` (too much in it), `DamagedFileError`, or OSError.
    """
    # Slow to import: numpy.
    from ingest.line_count import LineCount

    digest = hashlib.sha256()
    before = os.lstat(path)
    lines = LineCount(longest_line)
    total = 0
    first = b""
    for piece in unpacked(path, digest.update):
        if len(first) < len(BYTE_ORDER_MARK):
            first += piece[: len(BYTE_ORDER_MARK)]
        total += len(piece)
        if total > most_bytes:
            raise ScanStoppedError(
                f"the file unpacks to more than {most_bytes:,} bytes, which is more than {before.st_size:,} bytes may"
            )
        lines.take(piece)
        if most_records is not None and lines.records > most_records:
            raise ScanStoppedError(f"wrong row count: the manifest says {most_records} records, the file has more")
    lines.end()
    return FileScan(
        digest.hexdigest(),
        before.st_size,
        before.st_mtime_ns,
        before.st_ctime_ns,
        lines.records,
        lines.long,
        first.startswith(BYTE_ORDER_MARK),
        lines.doubled_returns,
    )


def same_file(path: Path, seen: FileScan) -> bool:
    """Whether a file is by its size and times the one that was scanned."""
    try:
        now = os.lstat(path)
    except FileNotFoundError:
        return False
    return (now.st_size, now.st_mtime_ns, now.st_ctime_ns) == (seen.stored, seen.mtime_ns, seen.ctime_ns)


def why_stopped(path: Path, sha256: str, error: DamagedFileError | ScanStoppedError) -> str:
    """Why a file is not read: that it is another than was sent comes before what is wrong with its content."""
    found = sha256_of(path)
    return str(error) if found == sha256.lower() else wrong_checksum(sha256, found)


def wrong_checksum(expected: str, found: str) -> str:
    """That a file is another than its manifest describes."""
    return f"wrong checksum: the manifest says sha256 {expected.lower()[:12]}…, the file has {found[:12]}…"


def write_corrected_copy(source: Path, target: Path, longest_line: int) -> dict[int, int]:
    """Write a copy of a scanned file (zstandard) that can be loaded; line numbers stay.

    A line that is too long is replaced by `MARK`, the byte order mark and returns at the ends of lines are left out.
    Returns line number → bytes of each line that was too long.
    """
    too_long: dict[int, int] = {}
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stored, zstandard.ZstdCompressor(level=1).stream_writer(stored) as out:
        for number, (line, length) in enumerate(_bounded_lines(source, longest_line), start=1):
            if length > longest_line:
                too_long[number] = length
                out.write(MARK + b"\n")
                continue
            if number == 1:
                # A line that is nothing but the mark stays what it was counted as, a record.
                line = line.removeprefix(BYTE_ORDER_MARK) if line.strip(BYTE_ORDER_MARK + b" \t\r") else line
            out.write(line.rstrip(b"\r") + b"\n")
    return too_long


def _bounded_lines(source: Path, longest: int) -> Iterator[tuple[bytes, int]]:
    """Each line and its length; of one that is too long only the length counts."""
    kept, length = bytearray(), 0
    for piece in unpacked(source):
        *ended, rest = piece.split(b"\n")
        for part in ended:
            length += len(part)
            if length <= longest:
                kept += part
            yield bytes(kept), length
            kept, length = bytearray(), 0
        length += len(rest)
        if length <= longest:
            kept += rest
    if length:
        yield bytes(kept), length
