"""Loading Matrikkelen's `;`-separated files into their raw tables.

A file is read by its own header: known columns are typed, unknown ones are kept in `unknown_elements` and reported,
a missing required one refuses the delivery. A row that does not fit goes to `raw.quarantine`.

The names in a header are the sender's: in SQL a column is c0, c1, … by its place, and its name is a value.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence

import duckdb

from foundation.database import MACHINE_ERRORS, sql_identifier
from foundation.errors import DeliveryRefused
from foundation.text import printable
from ingest.compressed import lines_at, open_stream
from ingest.contracts.matrikkel import SEPARATOR, Column, MatrikkelTable, table_of_file
from ingest.counts import LoadCounts, Progress, Rejection
from ingest.documents import REJECTIONS_SHOWN, TOO_LARGE, is_mostly_rejected, refused_as_rejected, too_large_sql
from ingest.landing import Delivery
from ingest.limits import Limits
from ingest.load_area import LoadFile
from ingest.matrikkel.coordinates import to_utm33

_FILE_NAME = re.compile(r"^(?P<stem>[A-Za-z_]+)(-\d+)?\.csv(\.gz|\.zst)?$")
_LONGEST_HEADER = 1 << 20
_MOST_COLUMNS = 500

# How Kartverket and the register have written points in time; ISO 8601 is tried first.
_TIMESTAMP_FORMATS = ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y", "%Y%m%d")


def load_tables(
    connection: duckdb.DuckDBPyConnection,
    delivery: Delivery,
    load_files: Sequence[LoadFile],
    delivery_number: int,
    limits: Limits,
    progress: Progress,
) -> LoadCounts:
    """Load a verified delivery within the caller's transaction. Raises `DeliveryRefused` as `load_documents` does."""
    counts = LoadCounts()
    total = sum(file.delivered.bytes for file in load_files)
    done = 0
    for file in load_files:
        _FileLoad(connection, delivery, delivery_number, file, limits).run(counts)
        done += file.delivered.bytes
        progress(done, total)
    if counts.quarantined:
        counts.rejections = _rejections(connection, delivery_number)
        if is_mostly_rejected(delivery, counts.quarantined, limits):
            raise refused_as_rejected(delivery, counts.quarantined, counts.rejections)
    for column, rows in counts.unknown_elements.items():
        connection.execute("insert into raw.unknown_element values (?, ?, ?)", [delivery_number, column, rows])
    return counts


def _rejections(connection: duckdb.DuckDBPyConnection, delivery_number: int) -> list[Rejection]:
    """The commonest reasons of a delivery's rows in quarantine, each with the place of its first row."""
    rows = connection.execute(
        """
        select file_name || ': ' || reason as what, count(*) as records,
            'for example ' || file_name || ':' || min(line_number)
        from raw.quarantine
        where delivery_number = $number
        group by file_name, reason
        order by records desc, what
        limit $most
        """,
        {"number": delivery_number, "most": REJECTIONS_SHOWN},
    ).fetchall()
    return [Rejection(*row) for row in rows]


class _FileLoad:
    """One file of a delivery on its way into its raw table."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        delivery: Delivery,
        delivery_number: int,
        file: LoadFile,
        limits: Limits,
    ) -> None:
        self.connection = connection
        self.delivery = delivery
        self.number = delivery_number
        self.file = file
        self.limits = limits
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
        expected = self.file.delivered.rows
        if rows + rejected != expected:
            found = "more" if rows + rejected > expected else str(rows + rejected)
            raise self._refused(
                f"wrong row count: the manifest says {expected} rows, the file has {found}",
                "have the delivery sent again, whole, with a manifest that describes it",
            )
        quarantined = self._insert(header)
        if self.table.has_coordinates:
            counts.notices.extend(to_utm33(self.connection, self.table.name, self.number, self.file.name))
        counts.loaded += rows - quarantined
        counts.quarantined += quarantined + rejected
        counts.tables.add(self.table.name)
        for place, name in self._unknown(header).items():
            if name or self._has_values(place):
                counts.unknown_elements[f"{self.stem}.{_shown(name, place)}"] = rows

    def _header(self) -> list[str]:
        """The names in the file's header, in the contract's words where it knows them; a column may have none."""
        try:
            with open_stream(self.file.path) as stream:
                line = stream.readline(_LONGEST_HEADER).decode("utf-8-sig").rstrip("\r\n")
            names = next(csv.reader([line], delimiter=SEPARATOR), [])
        except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
            raise self._refused(
                f"the header cannot be read: {printable(error)}",
                "the file must be UTF-8 with a header line, and each line must end with a line feed",
            ) from error
        header = self.table.in_our_words([name.strip() for name in names])
        missing = [
            column.in_file
            for column in self.table.columns
            if column.required and column.in_file and column.in_file not in header
        ]
        if missing or not header:
            found = printable(", ".join(header)) or "nothing"
            raise self._refused(
                f"the header has no column {', '.join(missing) or 'at all'}; found: {found}",
                f"the file must be {SEPARATOR}-separated with the public header",
            )
        if len(header) > _MOST_COLUMNS:
            raise self._refused(
                f"the header has {len(header):,} columns; at most {_MOST_COLUMNS} are read",
                f"the file must be {SEPARATOR}-separated with the public header",
            )
        named = [name for name in header if name]
        if len(set(named)) != len(named):
            raise self._refused("the header names a column twice", "have the file made again")
        return header

    def _unknown(self, header: list[str]) -> dict[int, str]:
        """Place → name of each column that the contract does not know; a name may be empty."""
        known = {column.in_file for column in self.table.columns if column.in_file}
        return {place: name for place, name in enumerate(header) if name not in known}

    def _has_values(self, place: int) -> bool:
        return bool(self._one(f"select count(*) from incoming where trim({_at(place)}) <> ''"))

    def _read(self, header: list[str]) -> None:
        columns = ", ".join(f"'{_at(place)}': 'VARCHAR'" for place in range(len(header)))
        for leftover in ("reject_errors", "reject_scans"):
            self.connection.execute(f"drop table if exists {leftover}")
        most = self.file.delivered.rows + 1
        try:
            self.connection.execute(
                f"""
                create or replace temp table incoming as
                select *
                from read_csv(
                    $file, delim = '{SEPARATOR}', quote = '"', escape = '"', header = false, skip = 1,
                    columns = {{{columns}}}, auto_detect = false, store_rejects = true,
                    -- A line may be wrong in several ways, each of which counts.
                    rejects_limit = {most * 4}, hive_partitioning = false,
                    max_line_size = {self.limits.largest}, null_padding = false
                )
                limit {most}
                """,
                {"file": str(self.file.path)},
            )
        except MACHINE_ERRORS:
            raise
        except duckdb.Error as error:
            # The message of DuckDB's may quote the row.
            raise self._refused(
                f"the file cannot be read as a table ({type(error).__name__})",
                f"the file must be {SEPARATOR}-separated, each row on its line; have it made again",
            ) from error

    def _quarantine_rejected_lines(self) -> int:
        """Lines that are not a row of the file's columns, or not UTF-8, or too long to be read."""
        rejected = self.connection.execute(
            "select line, min(lower(cast(error_type as varchar))) from reject_errors group by line order by line"
        ).fetchall()
        # DuckDB counts the lines after the skipped header; a record number counts the header too.
        texts = {line: text for _, line, text in lines_at(self.file.path, [int(line) for line, _ in rejected])}
        for line, error_type in rejected:
            size = self.file.too_long.get(int(line))
            self.connection.execute(
                f"""
                insert into raw.quarantine
                select $number, $file, $line, null,
                    case when $size is null then 'not_a_row' else '{TOO_LARGE}' end,
                    case when $size is null then $reason else {too_large_sql("$size", self.limits)} end,
                    case when $size is null then $text end
                """,
                {
                    "number": self.number,
                    "file": self.file.name,
                    "line": int(line),
                    "size": size,
                    "reason": f"the line is not a row of the file ({error_type.replace('_', ' ')})",
                    "text": texts.get(int(line)),
                },
            )
        return len(rejected)

    def _insert(self, header: list[str]) -> int:
        """Insert the rows that can be cast; returns how many could not."""
        delivered = [
            (column, _at(header.index(column.in_file)))
            for column in self.table.columns
            if column.in_file and column.in_file in header
        ]
        checks = [(column, _does_not_fit(column, at)) for column, at in delivered]
        reason = " ".join(
            f"when {condition} then '{column.in_file}: {_expectation(column)}'" for column, condition in checks
        )
        rejected = " or ".join(condition for _, condition in checks)
        quarantined = int(
            self._one(f"select count(*) from incoming where {rejected}")  # the usual answer is none
        )
        given = {"number": self.number, "file": self.file.name}
        if quarantined:
            row, names = _as_object({place: _shown(name, place) for place, name in enumerate(header)})
            self.connection.execute(
                f"""
                insert into raw.quarantine
                with numbered as (select row_number() over () + 1 as line_number, * from incoming)
                select $number, $file, line_number, null, 'invalid_value', case {reason} end, {row}
                from numbered
                where {rejected}
                """,
                {**given, **names},
            )
        kept, names = _as_object(
            {
                place: _shown(name, place)
                for place, name in self._unknown(header).items()
                if name or self._has_values(place)
            }
        )
        columns = ", ".join(sql_identifier(column.name) for column, _ in delivered)
        values = ", ".join(_cast(column, at) for column, at in delivered)
        self.connection.execute(
            f"""
            insert into raw.{self.table.name} (delivery_number, file_name, unknown_elements, {columns})
            select $number, $file, {kept}, {values}
            from incoming
            where not ({rejected})
            """,
            {**given, **names},
        )
        return quarantined

    def _count(self, name: str) -> int:
        return int(self._one(f"select count(*) from {name}"))

    def _one(self, statement: str) -> int:
        row = self.connection.execute(statement).fetchone()
        return int(row[0]) if row else 0


def _at(place: int) -> str:
    """The name of ours for the column at a place of the file."""
    return f"c{place}"


def _shown(name: str, place: int) -> str:
    """What a column of the file is called to people: one without a name by its place."""
    return name or f"column {place + 1}"


def _as_object(columns: dict[int, str]) -> tuple[str, dict[str, str]]:
    """SQL: columns of the file as a JSON object by their names; and the names, which are parameters."""
    if not columns:
        return "null", {}
    members = ", ".join(f"$name_{place}, {_at(place)}" for place in columns)
    return f"json_object({members})", {f"name_{place}": name for place, name in columns.items()}


def _text(at: str) -> str:
    return f"nullif(trim({at}), '')"


def _cast(column: Column, at: str) -> str:
    """SQL: the text of a column of the file as the type of ours; NULL when it cannot be."""
    text = _text(at)
    if column.sql_type == "VARCHAR":
        return text
    if column.sql_type.startswith("DECIMAL"):
        return f"try_cast(replace({text}, ',', '.') as {column.sql_type})"
    if column.sql_type == "TIMESTAMP":
        formats = ", ".join(f"'{each}'" for each in _TIMESTAMP_FORMATS)
        return f"coalesce(try_cast({text} as timestamp), try_strptime({text}, [{formats}]))"
    # DuckDB rounds 1.5 and reads 1e3.
    return f"case when regexp_full_match({text}, '-?[0-9]+') then try_cast({text} as {column.sql_type}) end"


def _does_not_fit(column: Column, at: str) -> str:
    """SQL: whether a row's value for the column cannot be used."""
    missing = f"{_text(at)} is null" if column.required else "false"
    if column.sql_type == "VARCHAR":
        return f"({missing})"
    return f"({missing} or ({_text(at)} is not null and {_cast(column, at)} is null))"


def _expectation(column: Column) -> str:
    words = {"VARCHAR": "a value", "INTEGER": "a whole number", "TIMESTAMP": "a point in time"}
    return f"expected {words.get(column.sql_type, 'a number')}"
