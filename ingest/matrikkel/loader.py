"""Loading Matrikkelen's `;`-separated files into their raw tables.

A file is read by its own header: known columns are typed, unknown ones are kept in `unknown_elements` and reported,
a missing required one refuses the delivery. A row that does not fit goes to `raw.quarantine`.
"""

from __future__ import annotations

import csv
import re

import duckdb

from foundation.errors import DeliveryRefused
from ingest.compressed import lines_at, open_stream, why_unreadable
from ingest.contracts.matrikkel import SEPARATOR, Column, MatrikkelTable, table_of_file
from ingest.counts import LoadCounts, Progress
from ingest.landing import DeliveredFile, Delivery
from ingest.matrikkel.coordinates import to_utm33

_FILE_NAME = re.compile(r"^(?P<stem>[A-Za-z_]+)(-\d+)?\.csv(\.gz|\.zst)?$")
_LONGEST_ROW = 16 << 20

# How Kartverket and the register have written points in time; ISO 8601 is tried first.
_TIMESTAMP_FORMATS = ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y", "%Y%m%d")


def load_tables(
    connection: duckdb.DuckDBPyConnection, delivery: Delivery, delivery_number: int, progress: Progress
) -> LoadCounts:
    """Load a verified delivery within the caller's transaction. Raises `DeliveryRefused` as `load_documents` does."""
    counts = LoadCounts()
    total = sum(file.bytes for file in delivery.manifest.files)
    done = 0
    for file in delivery.manifest.files:
        _FileLoad(connection, delivery, delivery_number, file).run(counts)
        done += file.bytes
        progress(done, total)
    for column, rows in counts.unknown_elements.items():
        connection.execute("insert into raw.unknown_element values (?, ?, ?)", [delivery_number, column, rows])
    return counts


class _FileLoad:
    """One file of a delivery on its way into its raw table."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        delivery: Delivery,
        delivery_number: int,
        file: DeliveredFile,
    ) -> None:
        self.connection = connection
        self.delivery = delivery
        self.number = delivery_number
        self.file = file
        self.path = delivery.path(file)
        match = _FILE_NAME.match(file.name)
        self.stem = match["stem"] if match else ""
        table = table_of_file(self.stem)
        if table is None:
            raise self._refused(
                f"unexpected file '{file.name}'",
                "files of this source are matrikkelenAdresse.csv, grunnkrets_bydel.csv or <table>.csv of the register",
            )
        self.table: MatrikkelTable = table

    def _refused(self, what: str, todo: str) -> DeliveryRefused:
        return self.delivery.refused(what, file=self.file.name, todo=todo)

    def run(self, counts: LoadCounts) -> None:
        """Read, check the row count, quarantine what does not fit, insert the rest."""
        header = self._header()
        self._read(header)
        rejected = self._quarantine_rejected_lines()
        rows = self._count("incoming")
        if rows + rejected != self.file.rows:
            raise self._refused(
                why_unreadable(self.path)
                or f"wrong row count: the manifest says {self.file.rows} rows, the file has {rows + rejected}",
                "have the delivery sent again, whole, with a manifest that describes it",
            )
        quarantined = self._insert(header)
        if self.table.has_coordinates:
            counts.notices.extend(to_utm33(self.connection, self.table.name, self.number, self.file.name))
        counts.loaded += rows - quarantined
        counts.quarantined += quarantined + rejected
        counts.tables.add(self.table.name)
        for name in self._unknown(header):
            counts.unknown_elements[f"{self.stem}.{name}"] = rows

    def _header(self) -> list[str]:
        try:
            with open_stream(self.path) as stream:
                line = stream.readline(_LONGEST_ROW).decode("utf-8-sig").strip("\r\n")
        except (OSError, EOFError, UnicodeDecodeError) as error:
            raise self._refused(
                f"the header cannot be read: {error}", "the file must be UTF-8 with a header line"
            ) from error
        header = self.table.in_our_words(next(csv.reader([line], delimiter=SEPARATOR), []))
        missing = [
            column.in_file
            for column in self.table.columns
            if column.required and column.in_file and column.in_file not in header
        ]
        if missing or not header:
            raise self._refused(
                f"the header has no column {', '.join(missing) or 'at all'}; found: {', '.join(header) or 'nothing'}",
                f"the file must be {SEPARATOR}-separated with the public header",
            )
        if len(set(header)) != len(header):
            raise self._refused("the header names a column twice", "have the file made again")
        return header

    def _unknown(self, header: list[str]) -> list[str]:
        known = {column.in_file for column in self.table.columns}
        return [name for name in header if name not in known]

    def _read(self, header: list[str]) -> None:
        columns = ", ".join(f"'{_quoted(name)}': 'VARCHAR'" for name in header)
        for leftover in ("reject_errors", "reject_scans"):
            self.connection.execute(f"drop table if exists {leftover}")
        self.connection.execute(
            f"""
            create or replace temp table incoming as
            select *
            from read_csv(
                $file, delim = '{SEPARATOR}', quote = '"', escape = '"', header = false, skip = 1,
                columns = {{{columns}}}, auto_detect = false, store_rejects = true, rejects_limit = 0,
                max_line_size = {_LONGEST_ROW}, null_padding = false
            )
            """,
            {"file": str(self.path)},
        )

    def _quarantine_rejected_lines(self) -> int:
        """Lines that are not a row of the file's columns, or not UTF-8."""
        rejected = self.connection.execute(
            "select line, min(lower(cast(error_type as varchar))) from reject_errors group by line order by line"
        ).fetchall()
        # DuckDB counts the lines after the skipped header; a record number counts the header too.
        texts = {line: text for _, line, text in lines_at(self.path, [int(line) for line, _ in rejected])}
        for line, error_type in rejected:
            self.connection.execute(
                "insert into raw.quarantine values (?, ?, ?, null, 'not_a_row', ?, ?)",
                [
                    self.number,
                    self.file.name,
                    int(line),
                    f"the line is not a row of the file ({error_type.replace('_', ' ')})",
                    texts.get(int(line)),
                ],
            )
        return len(rejected)

    def _insert(self, header: list[str]) -> int:
        """Insert the rows that can be cast; returns how many could not."""
        delivered = [column for column in self.table.columns if column.in_file in header]
        checks = [(column, _does_not_fit(column)) for column in delivered]
        reason = " ".join(
            f"when {condition} then '{column.in_file}: {_expectation(column)}'" for column, condition in checks
        )
        misfit = " or ".join(condition for _, condition in checks)
        quarantined = int(
            self._one(f"select count(*) from incoming where {misfit}")  # the usual answer is none
        )
        if quarantined:
            self.connection.execute(
                f"""
                insert into raw.quarantine
                with numbered as (select row_number() over () + 1 as line_number, * from incoming)
                select $number, $file, line_number, null, 'invalid_value', case {reason} end,
                    to_json(numbered)
                from numbered
                where {misfit}
                """,
                {"number": self.number, "file": self.file.name},
            )
        unknown = self._unknown(header)
        kept = (
            f"json_object({', '.join(f'''$${name}$$, {_identifier(name)}''' for name in unknown)})"
            if unknown
            else "null"
        )
        names = ", ".join(f'"{column.name}"' for column in delivered)
        values = ", ".join(_cast(column) for column in delivered)
        self.connection.execute(
            f"""
            insert into raw.{self.table.name} (delivery_number, file_name, unknown_elements, {names})
            select $number, $file, {kept}, {values}
            from incoming
            where not ({misfit})
            """,
            {"number": self.number, "file": self.file.name},
        )
        return quarantined

    def _count(self, name: str) -> int:
        return int(self._one(f"select count(*) from {name}"))

    def _one(self, statement: str) -> int:
        row = self.connection.execute(statement).fetchone()
        return int(row[0]) if row else 0


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def _text(column: Column) -> str:
    return f"nullif(trim({_identifier(column.in_file)}), '')"


def _cast(column: Column) -> str:
    """SQL: the column's text as its type; NULL when it cannot be."""
    text = _text(column)
    if column.sql_type == "VARCHAR":
        return text
    if column.sql_type.startswith("DECIMAL"):
        return f"try_cast(replace({text}, ',', '.') as {column.sql_type})"
    if column.sql_type == "TIMESTAMP":
        formats = ", ".join(f"'{each}'" for each in _TIMESTAMP_FORMATS)
        return f"coalesce(try_cast({text} as timestamp), try_strptime({text}, [{formats}]))"
    return f"try_cast({text} as {column.sql_type})"


def _does_not_fit(column: Column) -> str:
    """SQL: whether a row's value for the column cannot be used."""
    missing = f"{_text(column)} is null" if column.required else "false"
    if column.sql_type == "VARCHAR":
        return f"({missing})"
    return f"({missing} or ({_text(column)} is not null and {_cast(column)} is null))"


def _expectation(column: Column) -> str:
    words = {"VARCHAR": "a value", "INTEGER": "a whole number", "TIMESTAMP": "a point in time"}
    return f"expected {words.get(column.sql_type, 'a number')}"
