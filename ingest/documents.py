"""Loading JSON documents, one a line, into a raw table by their contract.

Each file is read once: a line is taken apart by the contract, cast to the typed columns, and its shape is held
against the contract's, all in one statement. Only what stands out (a line that is not JSON, a value that does not
fit, an element that the contract does not know) is looked at again, by itself, to say what and where:

- a document that does not fit goes to `raw.quarantine` with its reason and its line;
- a document with unknown elements is loaded, and what was unknown is kept in `unknown_elements`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingest.compressed import lines_at, why_unreadable
from ingest.contracts.document import Kind
from ingest.counts import LoadCounts, Progress
from ingest.landing import Delivery
from ingest.raw_schema import DocumentTable

FILE_NAME = re.compile(r"^persons-[^/]+\.ndjson(\.gz|\.zst)?$")

# Files read in one statement: enough to keep every core busy (a compressed file is read by one core), few enough
# to show progress.
FILES_AT_ONCE = 8

# A line that is not JSON is read as NULL; all of them have the same hash.
_HASH = "md5(coalesce(cast(json as varchar), ''))::uuid"

# A date whose year has not four digits: DuckDB would take 202-01-02 for a day of the year 202. In a whole document this
# also finds what is no date (a house number 1-3-5); such a document is only looked at again.
_ODD_YEAR = r'"\s*(-[0-9]+|[0-9]{1,3}|[0-9]{5,})[-/ ][0-9]{1,2}[-/ ][0-9]'

# A document may be far larger than DuckDB's default of 16 MB allows for.
LARGEST_DOCUMENT = 256 << 20


@dataclass(frozen=True)
class Requirement:
    """What a document must satisfy besides its types: a SQL predicate over the raw table that holds for violators."""

    code: str
    violated_when: str
    reason: str


def load_documents(
    connection: duckdb.DuckDBPyConnection,
    delivery: Delivery,
    delivery_number: int,
    table: DocumentTable,
    requirements: Sequence[Requirement],
    progress: Progress,
) -> LoadCounts:
    """Load a verified delivery into `raw.<table>` within the caller's transaction, and say what became of it.

    Raises `DeliveryRefused` when a file has another number of records than the manifest says, or cannot be read to
    its end.
    """
    files = _files(delivery)
    total = sum(path.stat().st_size for path in files)
    done = 0
    for start in range(0, len(files), FILES_AT_ONCE):
        batch = files[start : start + FILES_AT_ONCE]
        _insert(connection, batch, delivery_number, table)
        done += sum(path.stat().st_size for path in batch)
        progress(done, total)
    _check_row_counts(connection, delivery, delivery_number, table)
    _Triage(connection, delivery, delivery_number, table).run(requirements)
    return _counts(connection, delivery_number, table)


def _files(delivery: Delivery) -> list[Path]:
    for file in delivery.manifest.files:
        if not FILE_NAME.match(file.name):
            raise delivery.refused(
                f"unexpected file '{file.name}'",
                todo="files of this source are named persons-*.ndjson, .ndjson.gz or .ndjson.zst",
            )
    return [delivery.path(file) for file in delivery.manifest.files if file.rows or file.bytes]


def _insert(
    connection: duckdb.DuckDBPyConnection, files: list[Path], delivery_number: int, table: DocumentTable
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
                parse_filename(filename) as file_name,
                json,
                try(cast(json_transform(json, $text_structure) as {table.contract.struct_type})) as document,
                -- A null stands where a value may be left out; text is the commonest of what it stands for.
                -- Below a root of its own, a part of the shape is not taken for the whole.
                json_contains(
                    '{{"root":' || $shape || '}}',
                    '{{"root":' || replace(json_structure(json)::varchar, '"NULL"', '"VARCHAR"') || '}}'
                ) and not regexp_matches(json::varchar, $odd_year) as shape_is_regular
            from {_read_json("$files")}
        )
        """,
        {
            "delivery_number": delivery_number,
            "text_structure": table.contract.text_structure,
            "shape": table.contract.shape,
            "odd_year": _ODD_YEAR,
            "files": [str(file) for file in files],
        },
    )


def _read_json(files: str) -> str:
    return (
        f"read_json_objects({files}, format = 'newline_delimited', ignore_errors = true, filename = true,"
        f" maximum_object_size = {LARGEST_DOCUMENT})"
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
            broken = why_unreadable(delivery.path(file))
            raise delivery.refused(
                broken or f"wrong row count: the manifest says {file.rows} records, the file has {rows}",
                file=file.name,
                todo="have the delivery sent again, whole, with a manifest that describes it",
            )


def _counts(connection: duckdb.DuckDBPyConnection, delivery_number: int, table: DocumentTable) -> LoadCounts:
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
    return LoadCounts(
        loaded=count(table.name),
        quarantined=count("quarantine"),
        persons=int(persons[0]) if persons else 0,
        tables={table.name},
        unknown_elements=dict(unknown),
    )


class _Triage:
    """Looks again at the documents of one delivery that stand out, and moves those that do not fit to quarantine.

    `finding` (temporary): file_name, document_hash, code, reason, identity; one row for each thing wrong.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        delivery: Delivery,
        delivery_number: int,
        table: DocumentTable,
    ) -> None:
        self.connection = connection
        self.delivery = delivery
        self.number = delivery_number
        self.table = table

    def run(self, requirements: Sequence[Requirement]) -> None:
        """Find, explain, locate, move."""
        self._sql(
            "create or replace temp table finding"
            " (file_name varchar, document_hash uuid, code varchar, reason varchar, identity varchar)"
        )
        irregular = self._sql(
            f"select count(*) from raw.{self.table.name}"
            f" where delivery_number = {self.number} and unknown_elements is not null"
        ).fetchall()[0][0]
        if irregular:
            self._explain_irregular()
        for requirement in requirements:
            self._require(requirement)
        if self.table.sequence_column and self.table.identity:
            self._find_conflicts(self.table.sequence_column)
        if self._sql("select count(*) from finding").fetchall()[0][0]:
            self._move_to_quarantine()
        if irregular:
            self._keep_unknown_elements()

    def _sql(self, statement: str, parameters: dict[str, object] | None = None) -> duckdb.DuckDBPyConnection:
        return self.connection.execute(statement, parameters or {})

    def _explain_irregular(self) -> None:
        """Walk the irregular documents value by value and hold each path and type against the contract."""
        self._sql("create or replace temp table contract_path (path varchar, json_types varchar[], kind varchar)")
        self.connection.executemany(
            "insert into contract_path values (?, ?, ?)",
            [[path.path, list(path.json_types), path.kind.name] for path in self.table.contract.paths()],
        )
        self._sql(
            f"""
            create or replace temp table irregular_value as
            with irregular as (
                select distinct file_name, document_hash, unknown_elements as document
                from raw.{self.table.name}
                where delivery_number = {self.number} and unknown_elements is not null
                    and json_type(unknown_elements) = 'OBJECT'
            ),
            walked as (
                select irregular.file_name, irregular.document_hash, tree.fullkey, tree.path as parent,
                    tree.type, tree.atom ->> '$' as text, tree.value
                from irregular, json_tree(irregular.document) as tree
            )
            select
                walked.*,
                regexp_replace(walked.fullkey, '\\[\\d+\\]', '[]', 'g') as contract_path,
                known.path is not null as is_known,
                known.json_types,
                known.kind,
                parent.path is not null as parent_is_known
            from walked
            left join contract_path as known on regexp_replace(walked.fullkey, '\\[\\d+\\]', '[]', 'g') = known.path
            left join contract_path as parent on regexp_replace(walked.parent, '\\[\\d+\\]', '[]', 'g') = parent.path
            """
        )
        self._sql(
            f"""
            insert into finding (file_name, document_hash, code, reason)
            select file_name, document_hash, 'not_json', 'the line is not a JSON object'
            from raw.{self.table.name}
            where delivery_number = {self.number} and unknown_elements is not null
                and json_type(unknown_elements) <> 'OBJECT'
            union
            select file_name, document_hash, 'wrong_type',
                min(fullkey || ': expected ' || {_words("kind", "json_types")} || ', found ' || lower(type)
                    order by fullkey)
            from irregular_value
            where is_known and type <> 'NULL' and not list_contains(json_types, type)
            group by all
            union
            select file_name, document_hash, 'invalid_value',
                min(fullkey || ': the value is not ' || {_words("kind", "json_types")} order by fullkey)
            from irregular_value
            where is_known and list_contains(json_types, type) and text is not null and {_cast_fails("kind", "text")}
            group by all
            """
        )

    def _require(self, requirement: Requirement) -> None:
        self._sql(
            f"""
            insert into finding (file_name, document_hash, code, reason)
            select file_name, document_hash, $code, $reason
            from raw.{self.table.name}
            where delivery_number = {self.number}
                and ({requirement.violated_when})
                and (file_name, document_hash) not in (select (file_name, document_hash) from finding)
            group by all
            """,
            {"code": requirement.code, "reason": requirement.reason},
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
                || ' stands earlier in this delivery with another content',
                delivered.identity
            from delivered
            inner join within_delivery using (identity)
            union
            select delivered.file_name, delivered.document_hash, 'sequence_conflict',
                'the sequence number ' || delivered.sequence_number
                || ' was delivered before with another content; the content first delivered stays in force',
                delivered.identity
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

    def _move_to_quarantine(self) -> None:
        self._locate()
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
            -- Of the contents that one sequence number has in a delivery, the one that stands first is kept.
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
                replace(code, '_within', ''), reason, document
            from condemned
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

    def _locate(self) -> None:
        """Fill `record`: for each record of a file with findings, its place, its line and its text."""
        self._sql(
            "create or replace temp table record"
            " (file_name varchar, document_hash uuid, record_number bigint, line_number bigint, document varchar)"
        )
        for (file_name,) in self._sql("select distinct file_name from finding order by 1").fetchall():
            path = self.delivery.folder / file_name
            self._sql(
                f"""
                insert into record
                with numbered as (
                    select row_number() over () as record_number, json, {_HASH} as document_hash
                    from {_read_json("$file")}
                )
                select $name, document_hash, record_number, null, json
                from numbered
                where document_hash in (select document_hash from finding where file_name = $name)
                """,
                {"file": str(path), "name": file_name},
            )
            self._fill_lines(path, file_name)

    def _fill_lines(self, path: Path, file_name: str) -> None:
        wanted = [
            number
            for (number,) in self._sql(
                "select record_number from record where file_name = $name order by 1", {"name": file_name}
            ).fetchall()
        ]
        located = [[line, text, file_name, record] for record, line, text in lines_at(path, wanted)]
        self._sql(
            "create or replace temp table located"
            " (line_number bigint, text varchar, file_name varchar, record_number bigint)"
        )
        self.connection.executemany("insert into located values (?, ?, ?, ?)", located)
        self._sql(
            """
            update record
            set line_number = located.line_number, document = coalesce(record.document, located.text)
            from located
            where record.file_name = located.file_name and record.record_number = located.record_number
            """
        )

    def _keep_unknown_elements(self) -> None:
        """Report what the contract does not know, and keep it with its document in place of the whole text."""
        self._sql(
            f"""
            create or replace temp table unknown as
            select irregular_value.file_name, irregular_value.document_hash, contract_path, fullkey, value
            from irregular_value
            inner join raw.{self.table.name} as loaded
                on irregular_value.file_name = loaded.file_name
                and irregular_value.document_hash = loaded.document_hash
            where loaded.delivery_number = {self.number} and not is_known and parent_is_known
            group by all
            """
        )
        self._sql(
            f"""
            insert into raw.unknown_element
            select {self.number}, contract_path, count(distinct (file_name, document_hash))
            from unknown
            group by all
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


def _joined(expressions: Sequence[str]) -> str:
    return f"concat_ws(':', {', '.join(expressions)})"


def _words(kind: str, json_types: str) -> str:
    """SQL: what a person calls the kind of value expected."""
    cases = " ".join(f"when '{each.name}' then '{each.words}'" for each in Kind)
    return f"case when list_contains({json_types}, 'ARRAY') then 'a list' else case {kind} {cases} end end"


def _cast_fails(kind: str, text: str) -> str:
    """SQL: whether a value of the right JSON type cannot be cast to its column's type."""
    casts: Iterable[str] = (
        f"when '{each.name}' then try_cast({text} as {each.sql}) is null"
        + (f" or not regexp_matches({text}, '^[0-9]{{4}}-')" if each in (Kind.TIMESTAMP, Kind.DATE) else "")
        for each in (Kind.TIMESTAMP, Kind.DATE, Kind.INTEGER, Kind.YEAR, Kind.DECIMAL)
    )
    return f"case {kind} {' '.join(casts)} else false end"
