"""Loading JSON documents, one per line, into a raw table by their contract.

Each file is read once: a line is taken apart by the contract, cast to the typed columns, and its shape is held
against the contract's, all in one statement. Only what stands out (a line that is not JSON, a value that does not
fit, an element that the contract does not know) is looked at again, by itself, to say what and where:

- a document that does not fit goes to `raw.quarantine` with its reason and its line;
- a document with unknown elements is loaded, and what was unknown is kept in `unknown_elements`;
- an element that comes once where the contract has a list, or as a list of one where it has a single one, is
  equivalent: it is read as the contract has it, and counted in `raw.other_form`;
- an empty text and other placeholders (9999-12-31, 0001-01-01) are read as no value;
- a document that is deeper or has more in it than the limits say is not taken apart at all, and goes to quarantine.

A delivery of which most does not fit is refused whole, with what does not fit and how often.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from foundation.database import MACHINE_ERRORS
from foundation.errors import DeliveryRefused
from ingest.compressed import lines_at
from ingest.contracts.sources import DocumentTable
from ingest.counts import LoadCounts, Progress, Rejection, in_words
from ingest.document_forms import without_placeholders_sql
from ingest.document_size import excess_sql, reason_sql
from ingest.document_walk import put_in_contract_forms, rejections_sql, shown_path_sql, walk_documents
from ingest.landing import Delivery
from ingest.limits import Limits
from ingest.load_area import LoadFile

FILE_NAME = re.compile(r"^persons-[^/]+\.ndjson(\.gz|\.zst)?$")

# Files read in one statement: enough to keep every core busy (a compressed file is read by one core), few enough
# to show progress.
FILES_AT_ONCE = 8

# A line that is not JSON is read as NULL; all of them have the same hash.
_HASH = "md5(coalesce(cast(json as varchar), ''))::uuid"

# By what a document of a delivery is known in the temporary tables of a load.
_KEY = "file_name, document_hash"

# A date whose year has not four digits, or a word for one: DuckDB would take 202-01-02 for a day of the year 202. In a
# whole document this also finds what is no date (a house number 1-3-5); such a document is only looked at again.
_ODD_DATE = r'"\s*((-[0-9]+|[0-9]{1,3}|[0-9]{5,})[-/ ][0-9]{1,2}[-/ ][0-9]|(?i:epoch|[-+]?inf(inity)?)\s*")'

# The depth of a document with no more lists and objects than this is not checked: most have fewer, and DuckDB parses
# that depth at no cost. What stands out is measured before it is walked.
_UNMEASURED = 200

# The buffers of DuckDB's threads are a multiple of the longest line; a line end belongs to it.
_LINE_END = 16

# Lines are handed to DuckDB in portions: at most this many lines, or this many characters.
_LINES_AT_ONCE = 10_000
_CHARACTERS_AT_ONCE = 64 << 20

# How many kinds of rejection are shown to a person, and how many unknown paths of a delivery are kept.
REJECTIONS_SHOWN = 5
_UNKNOWN_PATHS_KEPT = 1_000

# From this many records on, a delivery of which most does not fit is refused.
FEWEST_TO_REFUSE = 5


TOO_LARGE = "too_large"


@dataclass(frozen=True)
class Requirement:
    """What a document must satisfy besides its types: a SQL predicate over the raw table that holds for violators."""

    code: str
    violated_when: str
    reason: str


def load_documents(
    connection: duckdb.DuckDBPyConnection,
    delivery: Delivery,
    load_files: Sequence[LoadFile],
    delivery_number: int,
    table: DocumentTable,
    requirements: Sequence[Requirement],
    limits: Limits,
    progress: Progress,
) -> LoadCounts:
    """Load a verified delivery into `raw.<table>` within the caller's transaction, and say what became of it.

    Raises `DeliveryRefused` when a file has another number of records than the manifest says, when DuckDB cannot read
    it, or when most of it does not fit.
    """
    _check_names(delivery)
    files = [file for file in load_files if file.delivered.rows or file.delivered.bytes]
    total = sum(file.delivered.bytes for file in files)
    done = 0
    for start in range(0, len(files), FILES_AT_ONCE):
        batch = files[start : start + FILES_AT_ONCE]
        try:
            _insert(connection, batch, delivery_number, table, limits)
        except MACHINE_ERRORS:
            raise
        except duckdb.Error as error:
            # The message of DuckDB's may quote the document.
            raise delivery.refused(
                f"a file cannot be read as JSON lines ({type(error).__name__})",
                file=batch[0].name,
                todo=f"it is one of {', '.join(file.name for file in batch)}: have the delivery made again",
            ) from error
        done += sum(file.delivered.bytes for file in batch)
        progress(done, total)
    _check_row_counts(connection, delivery, delivery_number, table)
    rejections = _Triage(connection, delivery, files, delivery_number, table, limits).run(requirements)
    return _counts(connection, delivery_number, table, rejections)


def _check_names(delivery: Delivery) -> None:
    for file in delivery.manifest.files:
        if not FILE_NAME.match(file.name):
            raise delivery.refused(
                f"unexpected file '{file.name}'",
                todo="files of this source are named persons-*.ndjson, .ndjson.gz or .ndjson.zst",
            )


def _insert(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[LoadFile],
    delivery_number: int,
    table: DocumentTable,
    limits: Limits,
) -> None:
    columns = ", ".join(f'"{name}"' for name, _ in table.contract.columns)
    fields = ", ".join(f'document."{name}"' for name, _ in table.contract.columns)
    connection.execute(
        f"""
        insert into raw.{table.name} (delivery_number, file_name, document_hash, unknown_elements, {columns})
        select
            $delivery_number,
            file_name,
            {_HASH},
            case when shape_is_regular and document is not null then null else coalesce(json, 'null') end,
            {fields}
        from (
            select
                file_name,
                json,
                try(cast(json_transform(measured, $text_structure) as {table.contract.struct_type})) as document,
                -- There is a null where a value may be left out; text is the commonest of what it stands for.
                -- Below a root of its own, a part of the shape is not taken for the whole.
                json_contains(
                    '{{"root":' || $shape || '}}',
                    '{{"root":' || replace(json_structure(measured)::varchar, '"NULL"', '"VARCHAR"') || '}}'
                ) and not regexp_matches(measured::varchar, $odd_date) as shape_is_regular
            from (
                select
                    list_extract($names, list_position($staged, parse_filename(filename))) as file_name,
                    json,
                    case
                        when {excess_sql("json::varchar", limits, unmeasured=_UNMEASURED)} is null
                            then {without_placeholders_sql("json")}
                    end as measured
                from {_read_json("$files", limits)}
            )
        )
        """,
        {
            "delivery_number": delivery_number,
            "text_structure": table.contract.text_structure,
            "shape": table.contract.shape,
            "odd_date": _ODD_DATE,
            "files": [str(file.path) for file in files],
            "staged": [file.path.name for file in files],
            "names": [file.name for file in files],
        },
    )


def _read_json(files: str, limits: Limits) -> str:
    return (
        f"read_json_objects({files}, format = 'newline_delimited', ignore_errors = true, filename = true,"
        f" hive_partitioning = false, maximum_object_size = {limits.largest + _LINE_END})"
    )


def _check_row_counts(
    connection: duckdb.DuckDBPyConnection, delivery: Delivery, delivery_number: int, table: DocumentTable
) -> None:
    found = dict(
        connection.execute(
            f"select file_name, count(*) from raw.{table.name} where delivery_number = ? group by all",
            [delivery_number],
        ).fetchall()
    )
    for file in delivery.manifest.files:
        rows = found.get(file.name, 0)
        if rows != file.rows:
            raise delivery.refused(
                f"wrong row count: the manifest says {file.rows} records, the file has {rows}",
                file=file.name,
                todo="have the delivery sent again, whole, with a manifest that describes it",
            )


def in_other_forms(found: Sequence[tuple[str, str, int]]) -> str:
    """The message about elements in another form than the contract has: (path, once | list, documents)."""
    said = {"once": "once, not in a list", "list": "in a list, not once"}
    return "read all the same, though in another form than the contract has: " + ", ".join(
        f"{path} ({said[form]}; {documents:,})" for path, form, documents in found
    )


def _counts(
    connection: duckdb.DuckDBPyConnection, delivery_number: int, table: DocumentTable, rejections: list[Rejection]
) -> LoadCounts:
    def count(name: str) -> int:
        row = connection.execute(
            f"select count(*) from raw.{name} where delivery_number = ?", [delivery_number]
        ).fetchone()
        return int(row[0]) if row else 0

    unknown = connection.execute(
        "select path, documents from raw.unknown_element where delivery_number = ? order by path",
        [delivery_number],
    ).fetchall()
    persons = connection.execute(
        f"select count(distinct {table.person}) from raw.{table.name} where delivery_number = ?", [delivery_number]
    ).fetchone()
    other_forms = connection.execute(
        "select path, form, documents from raw.other_form where delivery_number = ? order by path, form",
        [delivery_number],
    ).fetchall()
    return LoadCounts(
        loaded=count(table.name),
        quarantined=count("quarantine"),
        persons=int(persons[0]) if persons else 0,
        tables={table.name},
        unknown_elements=dict(unknown),
        notices=[in_other_forms(other_forms)] if other_forms else [],
        rejections=rejections,
    )


class _Triage:
    """Looks again at the documents of one delivery that stand out, and moves those that do not fit to quarantine.

    `finding` (temporary): file_name, document_hash, code, reason, identity, kind; one row for each thing wrong. kind:
    the reason as it is the same for all documents that have it.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        delivery: Delivery,
        files: Sequence[LoadFile],
        delivery_number: int,
        table: DocumentTable,
        limits: Limits,
    ) -> None:
        self.connection = connection
        self.delivery = delivery
        self.files = {file.name: file for file in files}
        self.number = delivery_number
        self.table = table
        self.limits = limits

    def run(self, requirements: Sequence[Requirement]) -> list[Rejection]:
        """Find, explain, locate, move. Returns the commonest of what was found."""
        self._sql(
            "create or replace temp table finding"
            " (file_name varchar, document_hash uuid, code varchar, reason varchar, identity varchar, kind varchar)"
        )
        irregular = self._sql(
            f"select count(*) from raw.{self.table.name}"
            f" where delivery_number = {self.number} and unknown_elements is not null"
        ).fetchall()[0][0]
        if irregular:
            self._measure_irregular()
            self._explain_irregular()
            self._read_other_forms()
        for requirement in requirements:
            self._require(requirement)
        if self.table.sequence_column:
            self._find_out_of_range(self.table.sequence_column)
        if self.table.sequence_column and self.table.identity:
            self._find_conflicts(self.table.sequence_column)
        rejections: list[Rejection] = []
        if self._sql("select count(*) from finding").fetchall()[0][0]:
            self._refuse_if_most_do_not_fit()
            rejections = self._rejections()
            self._move_to_quarantine()
        if irregular:
            self._keep_unknown_elements()
            self._keep_other_forms()
        return rejections

    def _sql(self, statement: str, parameters: dict[str, object] | None = None) -> duckdb.DuckDBPyConnection:
        return self.connection.execute(statement, parameters or {})

    def _measure_irregular(self) -> None:
        """Find the documents that are not to be walked: too deep, or too much in them."""
        code = excess_sql("unknown_elements::varchar", self.limits, unmeasured=self.limits.deepest)
        self._sql(
            f"""
            insert into finding (file_name, document_hash, code, reason, kind)
            select file_name, document_hash, code, {reason_sql("code", self.limits)} as reason, reason
            from (
                select distinct file_name, document_hash, {code} as code
                from raw.{self.table.name}
                where delivery_number = {self.number} and unknown_elements is not null
            )
            where code is not null
            """
        )

    def _explain_irregular(self) -> None:
        """Walk the irregular documents value by value and compare each path and type with the contract."""
        walk_documents(
            self.connection,
            self.table.contract,
            _KEY,
            f"""
            select distinct file_name, document_hash, {without_placeholders_sql("unknown_elements")} as value
            from raw.{self.table.name}
            where delivery_number = {self.number} and unknown_elements is not null
                and json_type(unknown_elements) = 'OBJECT'
                and (file_name, document_hash) not in (select (file_name, document_hash) from finding)
            """,
        )
        self._sql(
            f"""
            insert into finding (file_name, document_hash, code, reason, kind)
            select file_name, document_hash, 'not_json', 'the line is not a JSON object', 'not a JSON object'
            from raw.{self.table.name}
            where delivery_number = {self.number} and unknown_elements is not null
                and json_type(unknown_elements) <> 'OBJECT'
                and (file_name, document_hash) not in (select (file_name, document_hash) from finding)
            union
            select file_name, document_hash, code, min(fullkey order by fullkey) || ': ' || said,
                {shown_path_sql("contract_path")} || ': ' || said
            from ({rejections_sql(_KEY)})
            group by file_name, document_hash, code, contract_path, said
            """
        )

    def _read_other_forms(self) -> None:
        """Read the documents with elements in another form than the contract has once more, as it has them."""
        if not self._sql("select count(*) from other_form").fetchall()[0][0]:
            return
        self._sql(
            f"""
            create or replace temp table by_contract as
            select distinct file_name, document_hash, {without_placeholders_sql("unknown_elements")} as document
            from raw.{self.table.name}
            where delivery_number = {self.number}
                and (file_name, document_hash) in (select (file_name, document_hash) from other_form)
                and (file_name, document_hash) not in (select (file_name, document_hash) from finding)
            """
        )
        put_in_contract_forms(self.connection, "by_contract")
        fields = ", ".join(f'"{name}" = read."{name}"' for name, _ in self.table.contract.columns)
        columns = ", ".join(f'document."{name}"' for name, _ in self.table.contract.columns)
        self._sql(
            f"""
            update raw.{self.table.name} as loaded
            set {fields}
            from (
                select file_name, document_hash, {columns}
                from (
                    select file_name, document_hash,
                        cast(json_transform(document, $text_structure) as {self.table.contract.struct_type}) as document
                    from by_contract
                )
            ) as read
            where loaded.delivery_number = {self.number}
                and loaded.file_name = read.file_name
                and loaded.document_hash = read.document_hash
            """,
            {"text_structure": self.table.contract.text_structure},
        )

    def _require(self, requirement: Requirement) -> None:
        self._sql(
            f"""
            insert into finding (file_name, document_hash, code, reason, kind)
            select file_name, document_hash, $code, $reason, $reason
            from raw.{self.table.name}
            where delivery_number = {self.number}
                and ({requirement.violated_when})
                and (file_name, document_hash) not in (select (file_name, document_hash) from finding)
            group by all
            """,
            {"code": requirement.code, "reason": requirement.reason},
        )

    def _find_out_of_range(self, sequence: str) -> None:
        """A value that is no sequence number, or not one of those that the manifest names."""
        manifest = self.delivery.manifest
        span = f"{manifest.sequence_from or 1} to {manifest.sequence_to}"
        self._sql(
            f"""
            insert into finding (file_name, document_hash, code, reason, kind)
            select distinct file_name, document_hash, 'sequence_number_out_of_range',
                case when "{sequence}" < 1 then $below else $outside end as reason, reason
            from raw.{self.table.name}
            where delivery_number = {self.number}
                and ("{sequence}" < 1 or "{sequence}" < $first or "{sequence}" > $last)
                and (file_name, document_hash) not in (select (file_name, document_hash) from finding)
            """,
            {
                "below": f"{sequence} is below one",
                "outside": f"{sequence} is not among those that the manifest names ({span})",
                "first": manifest.sequence_from,
                "last": manifest.sequence_to,
            },
        )

    def _find_conflicts(self, sequence: str) -> None:
        """A sequence number that was seen with another content, in this delivery or in what it changes.

        A full delivery replaces what was known, so only a change can contradict an earlier delivery; and no extract,
        whose documents do not have the sequence numbers of their events.
        """
        manifest = self.delivery.manifest
        is_extract = manifest.kind == "full" and manifest.sequence_from == manifest.sequence_to
        identity = _joined(self.table.identity)
        identity_here = _joined(self.table.identity_in_extract or self.table.identity) if is_extract else identity
        self._sql(
            f"""
            insert into finding
            with delivered as (
                select "{sequence}" as sequence_number, {identity_here} as identity, file_name, document_hash
                from raw.{self.table.name}
                where delivery_number = {self.number}
                    and (file_name, document_hash) not in (select (file_name, document_hash) from finding)
            ),
            within_delivery as (
                select identity
                from delivered
                group by all
                having count(distinct document_hash) > 1
            ),
            known_before as (
                select distinct {identity} as identity, document_hash
                from raw.{self.table.name}
                where delivery_number in (
                    select delivery_number from raw.delivery
                    where source = $source
                        and not (
                            source = 'freg' and kind = 'full' and rows_delivered > 1
                            and sequence_from is not distinct from sequence_to
                        )
                )
                and $is_change
                and {identity} in (select identity from delivered)
            )
            select delivered.file_name, delivered.document_hash, 'sequence_conflict_within',
                'the sequence number ' || delivered.sequence_number
                || ' occurs earlier in this delivery with another content',
                delivered.identity,
                'a sequence number occurs earlier in this delivery with another content'
            from delivered
            inner join within_delivery using (identity)
            union
            select delivered.file_name, delivered.document_hash, 'sequence_conflict',
                'the sequence number ' || delivered.sequence_number
                || ' was delivered before with another content; the content first delivered stays in force',
                delivered.identity,
                'a sequence number was delivered before with another content'
            from delivered
            inner join known_before using (identity)
            where delivered.document_hash <> known_before.document_hash
                and not exists (
                    select 1 from known_before as same
                    where same.identity = delivered.identity
                        and same.document_hash = delivered.document_hash
                )
            """,
            {"source": manifest.source, "is_change": manifest.kind == "change"},
        )

    def _refuse_if_most_do_not_fit(self) -> None:
        # One of the contents of a sequence number is kept: the others are no rejected records of the delivery.
        wrong = self._sql(
            f"""
            select count(*)
            from raw.{self.table.name}
            where delivery_number = {self.number}
                and (file_name, document_hash) in (
                    select (file_name, document_hash) from finding where code <> 'sequence_conflict_within'
                )
            """
        ).fetchall()[0][0]
        if is_mostly_rejected(self.delivery, int(wrong), self.limits):
            raise refused_as_rejected(self.delivery, int(wrong), self._rejections())

    def _rejections(self) -> list[Rejection]:
        """The commonest kinds of finding, each with the place of a document."""
        kinds = self._sql(
            f"""
            select case when kind = 'not a JSON object' and file_name in (select unnest($with_long_lines))
                    then 'not a JSON object, or too large' else kind end as what,
                count(*) as records,
                min_by(file_name, (file_name, document_hash)) as file_name,
                min_by(document_hash, (file_name, document_hash)) as document_hash
            from (select distinct file_name, document_hash, kind from finding)
            inner join (
                select file_name, document_hash from raw.{self.table.name} where delivery_number = {self.number}
            ) as delivered using (file_name, document_hash)
            group by what
            order by records desc, what
            limit {REJECTIONS_SHOWN}
            """,
            {"with_long_lines": [name for name, file in self.files.items() if file.too_long]},
        ).fetchall()
        self._sql("create or replace temp table sought (file_name varchar, document_hash uuid)")
        self.connection.executemany("insert into sought values (?, ?)", [[row[2], row[3]] for row in kinds])
        self._locate("sought", only_first=True)
        places: dict[tuple[str, object], int] = {
            (name, document_hash): line
            for name, document_hash, line in self._sql(
                "select file_name, document_hash, min(line_number) from record group by all"
            ).fetchall()
        }
        return [
            Rejection(what, int(records), f"for example {name}:{places.get((name, document_hash), '?')}")
            for what, records, name, document_hash in kinds
        ]

    def _move_to_quarantine(self) -> None:
        self._locate("finding")
        self._sql("create or replace temp table too_large (file_name varchar, line_number bigint, bytes bigint)")
        too_long = [[name, *line] for name, file in self.files.items() for line in file.too_long.items()]
        if too_long:
            self.connection.executemany("insert into too_large values (?, ?, ?)", too_long)
        sequence = f'"{self.table.sequence_column}"' if self.table.sequence_column else "null"
        self._sql(
            f"""
            create or replace temp table condemned as
            with one_reason as (
                select
                    file_name,
                    document_hash,
                    min(code) as code,
                    min_by(reason, code) as reason,
                    min_by(identity, code) as identity
                from finding
                group by all
            ),
            placed as (
                select one_reason.*, record.record_number, record.line_number, record.document,
                    raw_row.sequence_number
                from one_reason
                inner join record using (file_name, document_hash)
                left join (
                    select file_name, document_hash, any_value({sequence}) as sequence_number
                    from raw.{self.table.name}
                    where delivery_number = {self.number}
                    group by all
                ) as raw_row using (file_name, document_hash)
            )
            select *
            from placed
            -- Of the contents that one sequence number has in a delivery, the first one is kept.
            qualify code <> 'sequence_conflict_within'
                or document_hash <> first_value(document_hash) over (
                    partition by code, identity order by file_name, record_number
                )
            """
        )
        self._sql(
            f"""
            insert into raw.quarantine
            select {self.number}, file_name, line_number, sequence_number,
                case when bytes is null then replace(code, '_within', '') else '{TOO_LARGE}' end,
                case when bytes is null then reason else {too_large_sql("bytes", self.limits)} end,
                case when bytes is null then document end
            from condemned
            left join too_large using (file_name, line_number)
            order by file_name, line_number
            """
        )
        self._sql(
            f"""
            delete from raw.{self.table.name}
            where delivery_number = {self.number}
                and (file_name, document_hash) in (select (file_name, document_hash) from condemned)
            """
        )

    def _locate(self, wanted: str, *, only_first: bool = False) -> None:
        """Fill `record`: for each record of a file that is in the table `wanted`, its place, line and text."""
        self._sql(
            "create or replace temp table record"
            " (file_name varchar, document_hash uuid, record_number bigint, line_number bigint, document varchar)"
        )
        first = "qualify row_number() over (partition by document_hash order by record_number) = 1"
        for (file_name,) in self._sql(f"select distinct file_name from {wanted} order by 1").fetchall():
            path = self.files[file_name].path
            self._sql(
                f"""
                insert into record
                with numbered as (
                    select row_number() over () as record_number, json, {_HASH} as document_hash
                    from {_read_json("$file", self.limits)}
                )
                select $name, document_hash, record_number, null, json
                from numbered
                where document_hash in (select document_hash from {wanted} where file_name = $name)
                {first if only_first else ""}
                """,
                {"file": str(path), "name": file_name},
            )
            self._fill_lines(path, file_name)

    def _fill_lines(self, path: Path, file_name: str) -> None:
        # Only a line that DuckDB could not read has its text to be fetched.
        without_text = dict(
            self._sql(
                "select record_number, document is null from record where file_name = $name order by 1",
                {"name": file_name},
            ).fetchall()
        )
        portion: list[tuple[int, int, str | None]] = []
        characters = 0
        for record, line, text in lines_at(path, list(without_text)):
            portion.append((record, line, text if without_text[record] else None))
            characters += len(text) if without_text[record] else 0
            if len(portion) == _LINES_AT_ONCE or characters > _CHARACTERS_AT_ONCE:
                self._take_lines(file_name, portion)
                portion, characters = [], 0
        self._take_lines(file_name, portion)

    def _take_lines(self, file_name: str, portion: list[tuple[int, int, str | None]]) -> None:
        if not portion:
            return
        # Slow to import, and rarely needed.
        import pandas as pd

        frame = pd.DataFrame(portion, columns=["record_number", "line_number", "text"]).astype({"text": object})
        self.connection.register("located", frame)
        self._sql(
            """
            update record
            set line_number = located.line_number, document = coalesce(record.document, located.text)
            from located
            where record.file_name = $name and record.record_number = located.record_number
            """,
            {"name": file_name},
        )
        self.connection.unregister("located")

    def _keep_unknown_elements(self) -> None:
        """Report what the contract does not know, and keep it with its document in place of the whole text."""
        self._sql(
            f"""
            create or replace temp table unknown as
            select walked_value.file_name, walked_value.document_hash, contract_path, fullkey, value
            from walked_value
            inner join raw.{self.table.name} as loaded
                on walked_value.file_name = loaded.file_name
                and walked_value.document_hash = loaded.document_hash
            where loaded.delivery_number = {self.number} and not is_known
            group by all
            """
        )
        self._sql(
            f"""
            insert into raw.unknown_element
            select {self.number}, contract_path, count(distinct (file_name, document_hash)) as documents
            from unknown
            group by all
            order by documents desc, contract_path
            limit {_UNKNOWN_PATHS_KEPT}
            """
        )
        self._sql(
            f"""
            update raw.{self.table.name} as loaded
            set unknown_elements = kept.elements
            from (
                select irregular.file_name, irregular.document_hash, collected.elements
                from (
                    select distinct file_name, document_hash
                    from raw.{self.table.name}
                    where delivery_number = {self.number} and unknown_elements is not null
                ) as irregular
                left join (
                    select file_name, document_hash, to_json(map(list(fullkey), list(value))) as elements
                    from unknown
                    group by all
                ) as collected using (file_name, document_hash)
            ) as kept
            where loaded.delivery_number = {self.number}
                and loaded.unknown_elements is not null
                and loaded.file_name = kept.file_name
                and loaded.document_hash = kept.document_hash
            """
        )

    def _keep_other_forms(self) -> None:
        """Report which elements came in another form than the contract has, and in how many documents."""
        self._sql(
            f"""
            insert into raw.other_form
            select {self.number}, {shown_path_sql("contract_path")}, form,
                count(distinct (other_form.file_name, other_form.document_hash)) as documents
            from other_form
            inner join raw.{self.table.name} as loaded
                on other_form.file_name = loaded.file_name and other_form.document_hash = loaded.document_hash
            where loaded.delivery_number = {self.number}
            group by all
            """
        )


def is_mostly_rejected(delivery: Delivery, rejections: int, limits: Limits) -> bool:
    """Whether the rejected share is so large that the delivery itself is wrong, not a document of it."""
    delivered = delivery.manifest.rows
    if limits.refuse_share >= 1 or not rejections:
        return False
    if rejections == delivered and delivery.manifest.kind == "full":
        return True
    return delivered >= FEWEST_TO_REFUSE and rejections / delivered > limits.refuse_share


def refused_as_rejected(delivery: Delivery, records: int, rejections: list[Rejection]) -> DeliveryRefused:
    """The refusal of a delivery of which most does not fit: what does not, by path, and how often."""
    delivered = delivery.manifest.rows
    return delivery.refused(
        f"{records:,} of {delivered:,} records do not fit: {in_words(rejections, delivered)}",
        todo="have the delivery made again as docs/deliveries.md says; nothing of it was loaded (PREG_REFUSE_SHARE)",
    )


def too_large_sql(size: str, limits: Limits) -> str:
    """SQL: the message about a line that was too long to be read; `size`: its bytes."""
    return f"'the line has ' || {size} || ' bytes; at most {limits.largest} are read'"


def _joined(expressions: Sequence[str]) -> str:
    return f"concat_ws(':', {', '.join(expressions)})"
