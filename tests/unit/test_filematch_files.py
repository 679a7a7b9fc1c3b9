"""The files that a client may send: read whole, or refused with what, where and what to do; never a stack trace."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb
import pytest
import xlsxwriter
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from foundation.errors import PregError
from serving.filematch import reading
from serving.filematch.columns import find_columns
from serving.filematch.reading import Source, read_file

_OURS = ("preg_status", "preg_nin", "preg_release")


def _read(content: bytes, folder: Path, most_rows: int = 1000) -> tuple[Source, list[tuple[Any, ...]]]:
    file = folder / "register"
    file.write_bytes(content)
    with duckdb.connect() as connection:
        source = read_file(connection, file, folder, most_rows)
        return source, connection.execute("from original order by rowid").fetchall()


def _workbook(*rows: list[Any]) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet = book.add_worksheet("Pasienter")
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row)
    return stream.getvalue()


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize(
    ("encoding", "told"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("windows-1252", "windows-1252"), ("utf-16", "utf-16")],
)
def test_a_csv_file_is_read_whatever_its_letters_and_separator(
    tmp_path: Path, separator: str, encoding: str, told: str
) -> None:
    text = f"Fnr{separator}Etternavn\r\n01815700143{separator}Bjørnå\r\n"
    source, rows = _read(text.encode(encoding), tmp_path)
    assert (source.headers, source.separator, source.encoding) == (("Fnr", "Etternavn"), separator, told)
    assert source.has_mark == (encoding in ("utf-8-sig", "utf-16"))
    assert rows == [("01815700143", "Bjørnå", None)]


def test_rows_that_are_not_as_long_as_the_headers_are_kept_and_told(tmp_path: Path) -> None:
    _, rows = _read(b'fnr;navn\n1;A\n2;B;more;still\n3\n\n4;D;;\n"5\n5";E\n', tmp_path)
    assert [row[:2] for row in rows] == [("1", "A"), ("2", "B more still"), ("3", None), ("4", "D"), ("5\n5", "E")]
    assert [row[2] for row in rows] == [
        None,
        "row 2 has 4 fields, the headers are 2",
        "row 3 has 1 fields, the headers are 2",
        None,
        None,
    ]


def test_an_excel_file_is_read_with_numbers_days_and_formulas(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"default_date_format": "dd.mm.yyyy"}) as book:
        sheet = book.add_worksheet("Pasienter")
        sheet.write_row(0, 0, ["fnr", "født", "navn"])
        sheet.write_row(1, 0, [1815700143, dt.datetime(1957, 1, 1), "=1+1 as text"])
        sheet.write_formula(2, 0, "=1+1", None, 1815700143)
    source, rows = _read(stream.getvalue(), tmp_path)
    assert (source.form, source.sheet) == ("xlsx", "Pasienter")
    assert rows[0][:2] == ("1815700143", "1957-01-01")
    assert rows[1][0] == "1815700143"


def test_a_parquet_file_keeps_its_types(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"copy (select 1 as a, 'x' as \"b;\"\"c\") to '{tmp_path}/x.parquet' (format parquet)")
    source, rows = _read((tmp_path / "x.parquet").read_bytes(), tmp_path)
    assert (source.form, source.headers, rows) == ("parquet", ("a", 'b;"c'), [(1, "x", None)])


def test_what_cannot_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as packed:
        packed.writestr("x.txt", "x")
    for content, told in (
        (b"", "is empty"),
        (b"\n\n  \n", "no rows"),
        (b";;\n;;\n", "nothing but blank lines"),
        (b"fnr;navn\n", "no rows"),
        (b"%PDF-1.7", "a PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old form"),
        (b"PAR1 and no more", "Parquet file is broken"),
        (zipped.getvalue(), "no Excel file"),
        (b"PK\x03\x04 and no more", "broken"),
        (_workbook([]), "first sheet is empty"),
        (b"fnr\n" + b"1\n" * 20, "more than 10 rows"),
        (";".join(f"c{place}" for place in range(2000)).encode() + b"\n1\n", "2,000 columns"),
        (b'fnr;navn\n1;"never ends' + b"x" * (2 << 20), "does not end"),
    ):
        with pytest.raises(PregError, match=told):
            _read(content, tmp_path, most_rows=10)
    monkeypatch.setattr(reading, "MOST_UNPACKED", 1 << 16)
    with pytest.raises(PregError, match="unpacks to more than"):
        _read(_workbook(*[["fnr" * 100]] * 2000), tmp_path)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(content=_workbook(["fnr"], ["1"])[:-30])
@example(content=_workbook(["fnr"], ["1"]).replace(b"sheet1", b"sheet9"))
@example(content=b'"\0;\xff\n"')
@given(content=st.binary(max_size=300) | st.text("fnr;\"',\n\r\t|\0æ1", max_size=60).map(lambda text: text.encode()))
def test_no_bytes_do_more_than_to_be_refused(tmp_path: Path, content: bytes) -> None:
    rows: list[tuple[Any, ...]] = []
    with suppress(PregError):
        source, rows = _read(content, tmp_path)
        find_columns(source.headers, {}, _OURS, "register")
        assert rows


def test_headers_say_what_columns_are_in_both_languages() -> None:
    for header in ("Fødselsnummer", "FNR", "fnr.", "National identity number", "NIN"):
        assert find_columns([header], {}, _OURS, "f").by_role == {"number": 0}
    found = find_columns(["id", "Etternavn", "First name", "Fødselsdato", "Postnr."], {}, _OURS, "f")
    assert found.by_role == {"family_name": 1, "given_name": 2, "birth_date": 3, "postal_code": 4}
    said = find_columns(["a", "fnr", "b"], {"number": "b", "name": "A"}, _OURS, "f")
    assert said.by_role == {"number": 2, "name": 0}


def test_headers_that_cannot_be_understood_are_refused() -> None:
    for headers, said, told in (
        (["a", "b"], {}, "neither a number nor a name"),
        (["fnr", "Fnr"], {}, "columns 1 and 2 have the same header"),
        (["fnr", "Personnummer"], {}, "two columns say number"),
        (["fnr"], {"number": "x"}, "no column is called x"),
        (["fnr"], {"shoe": "fnr"}, "cannot say shoe"),
    ):
        with pytest.raises(PregError, match=told):
            find_columns(headers, said, _OURS, "f")


def test_columns_of_an_earlier_wash_are_known_and_a_single_one_is_the_clients() -> None:
    washed = find_columns(["fnr", *_OURS], {}, _OURS, "f")
    assert (washed.headers, washed.washed) == (("fnr",), {"preg_status": 1, "preg_nin": 2, "preg_release": 3})
    own = find_columns(["fnr", "PREG_status", ""], {}, _OURS, "f")
    assert (own.headers, own.washed) == (("fnr", "given PREG_status", "column 3"), {})
