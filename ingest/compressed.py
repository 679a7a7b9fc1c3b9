"""Reading delivered files line by line, compressed or not; only for the few that need a second look."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, cast

import zstandard

CHUNK = 1 << 20


def open_stream(path: Path) -> IO[bytes]:
    """The file's content, decompressed by its ending (.gz, .zst)."""
    if path.suffix == ".gz":
        return cast(IO[bytes], gzip.open(path, "rb"))
    if path.suffix == ".zst":
        reader = zstandard.ZstdDecompressor().stream_reader(path.open("rb"), read_across_frames=True, closefd=True)
        return io.BufferedReader(reader)
    return path.open("rb")


def lines_at(path: Path, records: Sequence[int]) -> Iterator[tuple[int, int, str]]:
    """For each record number asked for (ascending, from 1): record number, line number, text.

    A record is a line that is not blank. Bytes that are not UTF-8 are shown as U+FFFD.
    """
    wanted = iter(records)
    next_wanted = next(wanted, None)
    record = 0
    with open_stream(path) as stream:
        for line_number, line in enumerate(stream, start=1):
            if next_wanted is None:
                return
            if not line.strip():
                continue
            record += 1
            if record == next_wanted:
                yield record, line_number, line.decode("utf-8", errors="replace").rstrip("\r\n")
                next_wanted = next(wanted, None)


def why_unreadable(path: Path) -> str | None:
    """What is wrong with a compressed file, or None when it decompresses to its end."""
    try:
        if path.suffix == ".gz":
            with gzip.open(path, "rb") as stream:
                while stream.read(CHUNK):
                    pass
        elif path.suffix == ".zst":
            return _why_zstandard_unreadable(path)
    except (OSError, EOFError, zstandard.ZstdError) as error:
        return f"the compressed file cannot be read to its end: {error}"
    return None


def _why_zstandard_unreadable(path: Path) -> str | None:
    decompressor = zstandard.ZstdDecompressor().decompressobj()
    finished = True
    with path.open("rb") as stream:
        data = stream.read(CHUNK)
        while data:
            finished = False
            decompressor.decompress(data)
            if decompressor.eof:
                finished = True
                data = decompressor.unused_data
                decompressor = zstandard.ZstdDecompressor().decompressobj()
            else:
                data = b""
            data = data or stream.read(CHUNK)
    return None if finished else "the compressed file is truncated: it ends in the middle of a frame"
