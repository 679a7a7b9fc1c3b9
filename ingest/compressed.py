"""Delivered files as bytes, compressed or not, piece by piece: memory does not grow with what is unpacked."""

from __future__ import annotations

import gzip
import io
import os
import stat
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, cast

import zstandard

CHUNK = 1 << 20

# For zstandard, as much as unpacks to 128 MB in the worst case (a block of 4 bytes stands for 128 kB), and no window
# that is larger: the most that its own command accepts, too.
_ZSTD_SLICE = 4 << 10
_ZSTD_WINDOW = 1 << 27

_GZIP_WITH_HEADER = 31


class DamagedFileError(Exception):
    """A compressed file that is not what its name says, or that cannot be read to its end; the text says which."""


def open_regular(path: Path) -> IO[bytes]:
    """Open a file that is one: no link, no pipe, no device. Raises OSError for anything else, and never waits."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(f"{path.name} is not a regular file")
    return os.fdopen(descriptor, "rb")


def unpacked(path: Path, seen: Callable[[bytes], None] = lambda _block: None) -> Iterator[bytes]:
    """The content of a regular file in pieces of at most `CHUNK` bytes, unpacked by its ending (.gz, .zst).

    seen: is given the file's bytes as they are stored. Raises `DamagedFileError`.
    """
    with open_regular(path) as stream:
        blocks = _blocks(stream, seen)
        if path.suffix == ".gz":
            yield from _gunzipped(blocks)
        elif path.suffix == ".zst":
            yield from _unzstandarded(blocks)
        else:
            yield from blocks


def _blocks(stream: IO[bytes], seen: Callable[[bytes], None]) -> Iterator[bytes]:
    while block := stream.read(CHUNK):
        seen(block)
        yield block


def _gunzipped(blocks: Iterator[bytes]) -> Iterator[bytes]:
    member, began, members = zlib.decompressobj(_GZIP_WITH_HEADER), False, 0
    for block in blocks:
        while block:
            began = True
            try:
                piece = member.decompress(block, CHUNK)
            except zlib.error as error:
                raise DamagedFileError(_why(members, "gzip", error)) from error
            if piece:
                yield piece
            if member.eof:
                block = member.unused_data
                member, began, members = zlib.decompressobj(_GZIP_WITH_HEADER), False, members + 1
            else:
                block = member.unconsumed_tail
    while began and not member.eof:
        piece = member.decompress(b"", CHUNK)
        if not piece:
            raise DamagedFileError("the compressed file is truncated: it ends in the middle")
        yield piece


def _unzstandarded(blocks: Iterator[bytes]) -> Iterator[bytes]:
    unpacker = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    frame, began, frames = unpacker.decompressobj(), False, 0
    for block in blocks:
        for start in range(0, len(block), _ZSTD_SLICE):
            data = block[start : start + _ZSTD_SLICE]
            while data:
                began = True
                try:
                    piece = frame.decompress(data)
                except zstandard.ZstdError as error:
                    raise DamagedFileError(_why(frames, "zstandard", error)) from error
                for begin in range(0, len(piece), CHUNK):
                    yield piece[begin : begin + CHUNK]
                data = b""
                if frame.eof:
                    data = frame.unused_data
                    frame, began, frames = unpacker.decompressobj(), False, frames + 1
    if began:
        raise DamagedFileError("the compressed file is truncated: it ends in the middle of a frame")


def _why(parts: int, form: str, error: Exception) -> str:
    """What an error of a library means: parts of the file that could be read come before it."""
    unknown = any(word in str(error) for word in ("header check", "Unknown frame", "unknown compression"))
    if unknown and not parts:
        return f"the file's name says that it is compressed ({form}), its content is not"
    if unknown:
        return "something that is not compressed follows the end of the compressed data"
    return f"the compressed file cannot be read to its end: {error}"


def open_stream(path: Path) -> IO[bytes]:
    """The file's content, unpacked by its ending (.gz, .zst)."""
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
