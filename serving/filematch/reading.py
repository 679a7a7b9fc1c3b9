"""Reading a client's file: CSV in whatever form, Excel or Parquet, into the table `original` of a session.

What a file is, is told by its first bytes, never by its name. `original` has the file's columns as c0, c1 … in the
order of the file (its rowid), and `unreadable`: why a row could not be read, NULL where it could. No text of the file
becomes SQL: the columns have names of ours.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import python_calamine

from foundation.database import sql_text
from foundation.errors import PregError

CSV, EXCEL, PARQUET = "csv", "xlsx", "parquet"

_CHUNK = 1 << 20
_ROWS_AT_A_TIME = 20_000
# The most bytes that an Excel file may unpack to: all of a sheet is in memory while it is read.
MOST_UNPACKED = 1 << 30
_MOST_COLUMNS = 1000
_LONGEST_HEADER_LINE = 1 << 20
_SEPARATORS = ";,\t|"
_MAGIC = {b"PK\x03\x04": EXCEL, b"PAR1": PARQUET}
# What is often sent and cannot be read: its first bytes, and what it is.
_OTHERS = {
    b"\xd0\xcf\x11\xe0": "an Excel file of the old form (.xls)",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "compressed (gzip)",
    b"PK\x05\x06": "an empty zip file",
    b"\x28\xb5\x2f\xfd": "compressed (zstd)",
    b"Rar!": "compressed (rar)",
}
_SAVE_AS = "save it as CSV (UTF-8), Excel (.xlsx) or Parquet"
csv.field_size_limit(_LONGEST_HEADER_LINE)


@dataclass(frozen=True)
class Source:
    """How a file was read. encoding, separator: of CSV; sheet: of Excel; blank otherwise."""

    form: str
    headers: tuple[str, ...]
    encoding: str = ""
    separator: str = ""
    has_mark: bool = False
    sheet: str = ""


def read_file(connection: duckdb.DuckDBPyConnection, file: Path, work: Path, most_rows: int) -> Source:
    """Read a file into the table `original`. work: a folder for what is written meanwhile.

    Raises `PregError` for a file that cannot be read: what, where in it, and what to do.
    """
    name = file.name
    with file.open("rb") as stream:
        begins = stream.read(4)
    if not begins:
        raise PregError("the file is empty", where=name, todo="send one with a line of headers and a row per person")
    for magic, what in _OTHERS.items():
        if begins.startswith(magic):
            raise PregError(f"the file is {what}", where=name, todo=_SAVE_AS)
    form = _MAGIC.get(begins, CSV)
    if form == EXCEL:
        source = _read_excel(connection, file, most_rows)
    elif form == PARQUET:
        source = _read_parquet(connection, file, most_rows)
    else:
        source = _read_csv(connection, file, work, most_rows)
    ((rows,),) = connection.execute("select count(*) from original").fetchall()
    if not rows:
        raise PregError("the file has no rows", where=name, todo="send one with a row per person below the headers")
    _refuse_too_many(rows, most_rows, name)
    return source


def _refuse_too_many(rows: int, most_rows: int, name: str) -> None:
    if rows > most_rows:
        raise PregError(
            f"the file has more than {most_rows:,} rows", where=name, todo="send it in parts (PREG_WASH_MOST_ROWS)"
        )


# Parquet


def _read_parquet(connection: duckdb.DuckDBPyConnection, file: Path, most_rows: int) -> Source:
    place = sql_text(file.resolve())
    try:
        ((rows,),) = connection.execute(f"select num_rows from parquet_file_metadata({place})").fetchall()
        _refuse_too_many(rows, most_rows, file.name)
        headers = [str(name) for name, *_ in connection.execute(f"describe from read_parquet({place})").fetchall()]
        _refuse_too_wide(len(headers), file.name)
        names = ", ".join(f"c{number}" for number in range(len(headers)))
        connection.execute(
            f"create table original as select *, cast(null as varchar) as unreadable"
            f" from read_parquet({place}) as given({names})"
        )
    except (duckdb.Error, UnicodeDecodeError) as error:
        _refuse_machine(error)
        raise PregError(
            "the Parquet file is broken or has something in it that cannot be read", where=file.name, todo=_SAVE_AS
        ) from error
    return Source(PARQUET, tuple(headers))


# Excel


def _read_excel(connection: duckdb.DuckDBPyConnection, file: Path, most_rows: int) -> Source:
    _refuse_bomb(file)
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(file))
        sheets = book.sheet_names
        rows: Iterator[list[Any]] = book.get_sheet_by_index(0).iter_rows() if sheets else iter([])
        given = ([_cell(value) for value in row] for row in rows)
        header = next((row for row in given if any(row)), None)
        if header is None:
            raise PregError("the first sheet is empty", where=file.name, todo="put the register on the first sheet")
        while header and not header[-1]:
            header.pop()
        _refuse_too_wide(len(header), file.name)
        kept = (row for row in given if any(row))
        _insert(connection, _fitted(kept, len(header), "cells"), len(header), most_rows, file.name)
    except PregError:
        raise
    except BaseException as error:
        # A panic of calamine's is no Exception; what is ours to end on stays.
        if isinstance(error, (KeyboardInterrupt, SystemExit, GeneratorExit)):
            raise
        _refuse_machine(error)
        raise PregError(
            "the file is no Excel file that can be read, or is broken", where=file.name, todo=_SAVE_AS
        ) from error
    return Source(EXCEL, tuple(header), sheet=str(sheets[0]))


def _refuse_bomb(file: Path) -> None:
    """Raise `PregError` for a file that unpacks to too much: by what comes out of it, not by what it says."""
    left = MOST_UNPACKED
    try:
        with zipfile.ZipFile(file) as packed:
            if "[Content_Types].xml" not in packed.namelist():
                raise PregError("the file is a zip file, and no Excel file", where=file.name, todo=_SAVE_AS)
            for member in packed.infolist():
                with packed.open(member) as stream:
                    while chunk := stream.read(_CHUNK):
                        left -= len(chunk)
                        if left < 0:
                            raise PregError(
                                f"the Excel file unpacks to more than {MOST_UNPACKED >> 20} MiB",
                                where=file.name,
                                todo="save it as CSV (UTF-8) or Parquet, or send it in parts",
                            )
    except PregError:
        raise
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        raise PregError("the Excel file is broken or has a password", where=file.name, todo=_SAVE_AS) from error
    except Exception as error:  # zlib and lzma have errors of their own
        raise PregError("the Excel file is broken", where=file.name, todo=_SAVE_AS) from error


def _cell(value: Any) -> str:
    """A cell as text: a whole number without a point, a day as 1980-12-31."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")
    return str(value)


# CSV


def _read_csv(connection: duckdb.DuckDBPyConnection, file: Path, work: Path, most_rows: int) -> Source:
    encoding, has_mark = _encoding_of(file)
    text = file
    if encoding != "utf-8":
        text = work / "as_utf8.csv"
        _transcode(file, text, encoding)
    separator = _separator_of(text)
    with text.open("r", encoding="utf-8-sig", errors="replace", newline="") as stream:
        rows = _rows_of(stream, separator, file.name)
        begins = next(rows, [])
        header = begins if any(begins) else next((row for row in rows if any(row)), [])
        if not header:
            raise PregError("the file has nothing but blank lines", where=file.name, todo="send one with headers")
        while len(header) > 1 and not header[-1]:
            header.pop()
        _refuse_too_wide(len(header), file.name)
        is_first = header is begins and not any("\n" in each or "\r" in each for each in header)
        if not (is_first and _read_quickly(connection, text, separator, len(header))):
            kept = (row for row in rows if row)
            _insert(connection, _fitted(kept, len(header), "fields"), len(header), most_rows, file.name)
    return Source(CSV, tuple(header), encoding, separator, has_mark)


def _encoding_of(file: Path) -> tuple[str, bool]:
    """What letters a file is written in, and whether it has a mark (BOM) that says so: UTF-8, else UTF-16 where the
    mark says so, else Windows-1252, in which every file is something."""
    with file.open("rb") as stream:
        begins = stream.read(4)
        if begins.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16", True
        stream.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        with suppress(UnicodeDecodeError):
            while chunk := stream.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
            return "utf-8", begins.startswith(codecs.BOM_UTF8)
    return "windows-1252", False


def _transcode(file: Path, target: Path, encoding: str) -> None:
    with (
        file.open("r", encoding=encoding, errors="replace", newline="") as stream,
        target.open("w", encoding="utf-8", newline="") as out,
    ):
        while chunk := stream.read(_CHUNK):
            out.write(chunk)


def _separator_of(file: Path) -> str:
    """What stands between the fields: what the first line has most of, outside of quotes."""
    with file.open("r", encoding="utf-8-sig", errors="replace", newline="") as stream:
        line = next((each for each in iter(lambda: stream.readline(_LONGEST_HEADER_LINE), "") if each.strip()), "")
    outside = "".join(line.split('"')[::2])
    return max(_SEPARATORS, key=lambda separator: (outside.count(separator), -_SEPARATORS.index(separator)))


def _rows_of(stream: io.TextIOBase, separator: str, name: str) -> Iterator[list[str]]:
    """The rows of a CSV file. Raises `PregError` where it is none."""
    reader = csv.reader((line.replace("\0", "") for line in stream), delimiter=separator)
    try:
        yield from reader
    except csv.Error as error:
        raise PregError(
            "the file is no CSV that can be read: a field does not end",
            where=f"{name}, line {reader.line_num}",
            todo="look for a quotation mark that is opened and not closed",
        ) from error


def _read_quickly(connection: duckdb.DuckDBPyConnection, file: Path, separator: str, width: int) -> bool:
    """Let DuckDB read a file of which every row has as many fields as the headers; False where one has not."""
    kinds = ", ".join(f"'c{number}': 'VARCHAR'" for number in range(width))
    try:
        connection.execute(
            f"create table original as select *, cast(null as varchar) as unreadable"
            f" from read_csv({sql_text(file.resolve())}, columns = {{{kinds}}}, delim = {sql_text(separator)},"
            " quote = '\"', escape = '\"', header = true, auto_detect = false, strict_mode = true,"
            " null_padding = false, nullstr = '', max_line_size = 1048576)"
        )
    except duckdb.Error as error:
        _refuse_machine(error)
        return False
    return True


# Rows of either


def _fitted(rows: Iterable[list[str]], width: int, things: str) -> Iterator[list[str | None]]:
    """Rows of one width, each with why it could not be read; of a row that is too long the last field has the rest."""
    for number, row in enumerate(rows, 1):
        while len(row) > width and not row[-1]:
            row.pop()
        if len(row) == width:
            yield [*(each or None for each in row), None]
            continue
        why = f"row {number} has {len(row)} {things}, the headers are {width}"
        if len(row) > width:
            row[width - 1 :] = [" ".join(row[width - 1 :])]
        yield [*(each or None for each in row), *[None] * (width - len(row)), why]


def _insert(
    connection: duckdb.DuckDBPyConnection, rows: Iterator[list[str | None]], width: int, most_rows: int, name: str
) -> None:
    names = [*(f"c{number}" for number in range(width)), "unreadable"]
    connection.execute(f"create table original ({', '.join(f'{each} varchar' for each in names)})")
    schema = pa.schema([(each, pa.string()) for each in names])
    taken = 0
    while batch := list(islice(rows, _ROWS_AT_A_TIME)):
        taken += len(batch)
        _refuse_too_many(taken, most_rows, name)
        columns = [pa.array(map(_clean, column), pa.string()) for column in zip(*batch, strict=True)]
        part = pa.Table.from_arrays(columns, schema=schema)
        connection.register("part_of_file", part)
        connection.execute("insert into original select * from part_of_file")
        connection.unregister("part_of_file")


def _clean(text: str | None) -> str | None:
    """A text without what UTF-8 cannot have."""
    return text if text is None or text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _refuse_too_wide(width: int, name: str) -> None:
    if width > _MOST_COLUMNS:
        raise PregError(f"the file has {width:,} columns", where=name, todo=f"send at most {_MOST_COLUMNS:,} columns")


def _refuse_machine(error: BaseException) -> None:
    """Raise an error that is the machine's, not the file's, as it is."""
    if isinstance(error, (duckdb.OutOfMemoryException, MemoryError)) or (
        isinstance(error, OSError) and error.errno is not None
    ):
        raise error
