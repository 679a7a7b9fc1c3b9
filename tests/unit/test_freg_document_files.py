"""Files of documents, split: every document once, with the line where it begins, for any kind of file."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import example, given
from hypothesis import strategies as st

from foundation.settings import Settings
from ingest.compressed import DamagedFileError
from ingest.freg import document_files
from ingest.freg.document_files import FoundDocument, documents_in
from ingest.limits import Limits
from ingest.scan import ScanStoppedError

LIMITS = Limits.of(Settings())

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(st.text(max_size=4) | st.sampled_from(["oppslag", "hendelse"]), children, max_size=3)
    ),
    max_leaves=10,
)


def read(folder: Path, content: str | bytes, name: str = "documents.json") -> list[FoundDocument]:
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(documents_in(file, LIMITS))


def opened(value: Any, times: int = 0) -> list[Any]:
    """The documents of a value, as `documents_in` must find them."""
    if times < 3 and isinstance(value, list):
        return [document for item in value for document in opened(item, times + 1)]
    if times < 3 and isinstance(value, dict) and isinstance(value.get("oppslag"), list):
        return [document for item in value["oppslag"] for document in opened(item, times + 1)]
    return [value]


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        ('{"a": 1}', [1]),
        ('\n\n{"a": 1}\n{"b": [{}]}\n', [3, 4]),
        ('[\n  {"a": 1},\n  {"b":\n 2},\n  {"c": "]"}\n]', [2, 3, 5]),
        ('{\n "antall": 2,\n "oppslag": [\n  {"a": 1},\n\n  {"b": 2}\n ]\n}', [4, 6]),
        ("[]", []),
        ("", []),
        ("\ufeff[{}]", [1]),
    ],
)
def test_each_document_has_the_line_where_it_begins(tmp_path: Path, content: str, lines: list[int]) -> None:
    found = read(tmp_path, content)
    assert [document.line for document in found] == lines
    assert all(isinstance(json.loads(document.text), dict) for document in found)


@pytest.mark.parametrize("ending", ["", ".gz", ".zst"])
def test_lines_are_read_one_by_one_and_a_broken_one_does_no_harm(tmp_path: Path, ending: str) -> None:
    content = b'\xef\xbb\xbf{"a": 1}\r\n\n{"b": \n[{"c": 1}, {"d": 2}]\n\xff\n{"oppslag": [{"e": 1}]} {}\n"x"'
    pack = {"": bytes, ".gz": gzip.compress, ".zst": zstandard.ZstdCompressor().compress}[ending]
    assert read(tmp_path, pack(content), f"documents.ndjson{ending}") == [
        (1, '{"a": 1}', ""),
        (3, '{"b":', ""),
        (4, '{"c": 1}', ""),
        (4, '{"d": 2}', ""),
        (5, "", "not_utf8"),
        (6, '{"oppslag": [{"e": 1}]} {}', ""),
        (7, '"x"', ""),
    ]


@pytest.mark.parametrize(
    "content",
    ['[{"a": 1}', '[{"a": 1}}', '[{"a": 1},]', '{"oppslag": [{"a": 1}], }', '{"oppslag": [{}}', '["', '[{"a": "\\"}'],
)
def test_what_is_broken_is_never_taken_for_whole(tmp_path: Path, content: str) -> None:
    found = read(tmp_path, content)

    def is_json(text: str) -> bool:
        try:
            json.loads(text)
        except ValueError:
            return False
        return True

    assert not all(is_json(document.text) for document in found)


def test_a_text_that_is_no_utf8_is_told_with_its_line(tmp_path: Path) -> None:
    assert read(tmp_path, b'{\n"a": "\xff"}') == [(2, "", "not_utf8")]


def test_what_is_too_much_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document_files, "_LONGEST_LINE", 10)
    monkeypatch.setattr(document_files, "_LARGEST_WHOLE", 100)
    limits = Limits(10, 64, 100, 1, 1)
    file = tmp_path / "lines.ndjson"
    file.write_text('{"a": 1}\n{"a": 12345678}\n{}\n"' + "x" * 50)
    assert [(line, problem) for line, _, problem in documents_in(file, limits)] == [
        (1, ""),
        (2, "too_large"),
        (3, ""),
        (4, "too_large"),
    ]
    whole = tmp_path / "whole.json"
    whole.write_text(json.dumps("x" * 200))
    with pytest.raises(ScanStoppedError, match="give it as JSON lines"):
        list(documents_in(whole, limits))


def test_a_compressed_file_that_breaks_off_is_told_after_what_could_be_read(tmp_path: Path) -> None:
    with pytest.raises(DamagedFileError):
        read(tmp_path, gzip.compress(b'{"a": 1}\n' * 50)[:-10], "documents.ndjson.gz")


def test_lists_in_each_other_cost_no_more_than_they_are_long(tmp_path: Path) -> None:
    deep = "[" * 100_000 + "]" * 100_000
    assert [document.text for document in read(tmp_path, deep)] == [deep[3:-3]]
    assert read(tmp_path, '"\\"' * 100_000)


@given(value=_json, indent=st.sampled_from([None, 1]), by_line=st.booleans())
@example(value={"x": "oppslag", "oppslag": [{"oppslag": [1]}]}, indent=1, by_line=False)
def test_every_document_is_found_once(
    tmp_path_factory: pytest.TempPathFactory, value: Any, indent: int | None, by_line: bool
) -> None:
    text = json.dumps(value, indent=None if by_line else indent)
    found = read(tmp_path_factory.mktemp("any"), text, "documents.ndjson" if by_line else "documents.json")
    assert [json.loads(document.text) for document in found] == opened(value)
    lines = text.split("\n")
    assert all(document.text.split("\n")[0].strip() in lines[document.line - 1] for document in found)


@given(content=st.binary(max_size=60) | st.text(alphabet='[]{},:"\\ \n1aoppslag', max_size=60).map(str.encode))
def test_whatever_a_file_is_it_is_split(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("any")
    read(folder, content)
    read(folder, content, "documents.ndjson")
