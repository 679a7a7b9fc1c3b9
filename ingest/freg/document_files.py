"""The documents in files that people have: JSON or JSON lines, one each, in a list, or as a bulk look-up gives them.

Files are split by their brackets, without recursion and without reading a document: what is in one is looked at later,
when it is known how large and deep it is. Each document comes with the line where it begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import orjson

from ingest.compressed import unpacked
from ingest.limits import Limits
from ingest.scan import BYTE_ORDER_MARK, ScanStoppedError

ENDINGS = (".json", ".ndjson", ".jsonl")
_BY_LINE = (".ndjson", ".jsonl")

# A line may be a bulk look-up with many documents, each of which is measured by itself.
_LONGEST_LINE = 64 << 20

# A JSON file is in memory whole.
_LARGEST_WHOLE = 512 << 20

# Lists and bulk look-ups in each other that are opened: a list of answers, its list of look-ups, and one to spare.
_MOST_OPENED = 3

NOT_UTF8 = "not_utf8"
TOO_LARGE = "too_large"

# A string (or what there is of one that does not end), a bracket, a comma.
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{},]', re.DOTALL)
_NOT_BLANK = re.compile(r"[^ \t\r\n]")
_LIST_FOLLOWS = re.compile(r"[ \t\r\n]*:[ \t\r\n]*\[")
_LOOK_UPS = '"oppslag"'


class FoundDocument(NamedTuple):
    """A document as it is in a file, of any kind, and the line where it begins.

    problem: why its text is not given, as a code; empty when it is.
    """

    line: int
    text: str
    problem: str = ""


class _Span(NamedTuple):
    begin: int
    end: int


def documents_in(path: Path, limits: Limits) -> Iterator[FoundDocument]:
    """The documents of a file (.json, .ndjson, .jsonl, also .gz and .zst), as they are in it.

    Raises OSError, `DamagedFileError` or `ScanStoppedError` where the file cannot be read any further.
    """
    place = path.resolve()
    pieces = _limited(place, limits)
    if _ending(place) in _BY_LINE:
        for number, line in _lines(pieces, max(_LONGEST_LINE, limits.largest)):
            yield from _of_line(number, line)
    else:
        content = _whole(pieces)
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            yield FoundDocument(content.count(b"\n", 0, error.start) + 1, "", NOT_UTF8)
            return
        yield from _located(text, 1, (span for value in _values(text) for span in _documents(text, value)))


def is_readable(path: Path) -> bool:
    """Whether a file has a name that says it holds JSON."""
    return _ending(path.resolve()) in ENDINGS


def _ending(path: Path) -> str:
    name = path.with_suffix("") if path.suffix in (".gz", ".zst") else path
    return name.suffix


def _limited(path: Path, limits: Limits) -> Iterator[bytes]:
    """The content, as far as a file of its size may unpack to."""
    most = limits.unpacked(path.stat().st_size)
    total = 0
    for piece in unpacked(path):
        total += len(piece)
        if total > most:
            raise ScanStoppedError(f"the file unpacks to more than {most:,} bytes, which is more than it may")
        yield piece


def _whole(pieces: Iterator[bytes]) -> bytes:
    content = bytearray()
    for piece in pieces:
        content += piece
        if len(content) > _LARGEST_WHOLE:
            raise ScanStoppedError(f"the file has more than {_LARGEST_WHOLE:,} bytes: give it as JSON lines (.ndjson)")
    return bytes(content)


def _lines(pieces: Iterator[bytes], longest: int) -> Iterator[tuple[int, bytes | None]]:
    """Number and content of each line that is not blank; None for one that is too long to be kept."""
    number, line, is_too_long = 1, bytearray(), False
    for piece in pieces:
        *ended, rest = piece.split(b"\n")
        for part in ended:
            if is_too_long or len(line) + len(part) > longest:
                yield number, None
            elif (whole := bytes(line) + part).strip():
                yield number, whole
            number, line, is_too_long = number + 1, bytearray(), False
        is_too_long = is_too_long or len(line) + len(rest) > longest
        line = bytearray() if is_too_long else line + rest
    if is_too_long:
        yield number, None
    elif line.strip():
        yield number, bytes(line)


def _of_line(number: int, line: bytes | None) -> Iterator[FoundDocument]:
    if line is None:
        yield FoundDocument(number, "", TOO_LARGE)
        return
    try:
        text = line.removeprefix(BYTE_ORDER_MARK).decode("utf-8").strip(" \t\r\n")
    except UnicodeDecodeError:
        yield FoundDocument(number, "", NOT_UTF8)
        return
    if text.startswith("{") and _LOOK_UPS not in text:
        yield FoundDocument(number, text)
        return
    value = next(_values(text), None)
    if value is None:
        return
    if value.end < len(text):
        # A line is one value, or none.
        yield FoundDocument(number, text)
        return
    yield from _located(text, number, _documents(text, value))


def _located(text: str, first_line: int, spans: Iterator[_Span]) -> Iterator[FoundDocument]:
    line, seen = first_line, 0
    for begin, end in spans:
        line, seen = line + text.count("\n", seen, begin), begin
        yield FoundDocument(line, text[begin:end])


def _values(text: str) -> Iterator[_Span]:
    """The values that follow one another in a text; what is no list and no object ends with its line."""
    begins = _NOT_BLANK.search(text)
    while begins:
        begin = begins.start()
        end = _closing(text, begin) if text[begin] in "[{" else text.find("\n", begin)
        yield _trimmed(text, begin, len(text) if end < 0 else end)
        begins = _NOT_BLANK.search(text, end) if end >= 0 else None


def _tokens(text: str, begin: int, end: int) -> Iterator[tuple[re.Match[str], int]]:
    """The brackets, commas and names of interest of a text, each with how many lists and objects are open after it."""
    depth = 0
    for token in _TOKEN.finditer(text, begin, end):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token.group(), 0)
        yield token, depth


def _closing(text: str, begin: int) -> int:
    """Where the list or object that begins at a place has ended, or -1."""
    return next((token.end() for token, depth in _tokens(text, begin, len(text)) if depth == 0), -1)


def _documents(text: str, value: _Span, opened: int = 0) -> Iterator[_Span]:
    """The documents in a value: those of a list, of a bulk look-up's list, or the value itself."""
    items = None
    if opened < _MOST_OPENED:
        if text[value.begin] == "[":
            items = _items(text, value.begin, value.end)
        elif text[value.begin] == "{" and text.find(_LOOK_UPS, value.begin, value.end) >= 0:
            items = _look_ups(text, value)
    if items is None:
        yield value
        return
    for item in items:
        # An item that is missing, as after a comma too many, is no document.
        yield from _documents(text, item, opened + 1) if item.begin < item.end else (item,)


def _items(text: str, begin: int, end: int) -> list[_Span] | None:
    """The items of the list that begins at a place and ends at another; None when it does not end there."""
    items: list[_Span] = []
    item = begin + 1
    for token, depth in _tokens(text, begin, end):
        mark = token.group()
        if depth == 0:
            if mark != "]" or token.end() != end:
                return None
            last = _trimmed(text, item, token.start())
            return [*items, last] if items or last.begin < last.end else []
        if depth == 1 and mark == ",":
            items.append(_trimmed(text, item, token.start()))
            item = token.end()
    return None


def _look_ups(text: str, value: _Span) -> list[_Span] | None:
    """The items of the list `oppslag` of an object; None when it has none, or is no object."""
    for token, depth in _tokens(text, value.begin, value.end):
        if depth == 1 and token.group() == _LOOK_UPS and (follows := _LIST_FOLLOWS.match(text, token.end(), value.end)):
            begin = follows.end() - 1
            end = _closing(text, begin)
            if end < 0 or not _is_json(f"{text[value.begin : begin]}[]{text[end : value.end]}"):
                return None
            return _items(text, begin, end)
    return None


def _is_json(text: str) -> bool:
    try:
        orjson.loads(text)
    except ValueError:
        return False
    return True


def _trimmed(text: str, begin: int, end: int) -> _Span:
    first = _NOT_BLANK.search(text, begin, end)
    return _Span(first.start(), begin + len(text[begin:end].rstrip(" \t\r\n"))) if first else _Span(end, end)
