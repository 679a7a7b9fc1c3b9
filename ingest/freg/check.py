"""Freg's documents, compared with the contract before a go-live: what is unknown, missing, or not as it says.

Documents come from files as people have them (`document_files`), are walked level by level in DuckDB like those of a
delivery (`ingest/document_walk.py`), and what stands out is counted by path. No value of a document is reported, but
for a code that the contract does not list.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path

import duckdb
import pandas as pd

from foundation.database import MACHINE_ERRORS, insert_rows, session
from foundation.settings import Settings
from foundation.text import printable
from ingest.compressed import DamagedFileError
from ingest.contracts.document import DocumentContract, Element, Kind
from ingest.contracts.freg import event_contract, line_contract, person_elements
from ingest.contracts.tables import rows
from ingest.document_forms import without_placeholders_sql
from ingest.document_size import excess_sql, reason_sql
from ingest.document_walk import put_in_contract_forms, rejections_sql, shown_path_sql, walk_documents
from ingest.documents import Requirement
from ingest.freg.document_files import ENDINGS, NOT_UTF8, TOO_LARGE, FoundDocument, documents_in, is_readable
from ingest.freg.requirements import REQUIREMENTS
from ingest.limits import Limits
from ingest.scan import ScanStoppedError

# Documents are compared with the contract in portions: at most this many documents, or this many characters.
_DOCUMENTS_AT_ONCE = 5_000
_CHARACTERS_AT_ONCE = 32 << 20

# How many kinds of finding a portion may have; what stops a document comes first.
_FINDINGS_OF_PORTION = 1_000

_KEY = "document"
_LONGEST_NAME = 4096

# What surrounds a person in a line of a delivery, and in no other answer.
_OF_A_LINE = ("sekvensnummer", "hendelsetype", "ajourholdstidspunkt")
_OF_AN_EVENT = ("hendelsestype", "egenskapshendelse", "folkeregisteridentifikator")

# A word is shown; anything else may be somebody's name, number or address.
_NO_WORD = "(no word)"
_WORD = r"\p{L}{1,40}"
_PLAIN_NAME = r"[A-Za-z_][A-Za-z_0-9]{0,59}(\[\])*"


class Finding(StrEnum):
    """What can stand out."""

    NOT_READ = "not read"
    QUARANTINE = "quarantine"
    WRONG_TYPE = "wrong type"
    INVALID_VALUE = "invalid value"
    OTHER_CODE = "other code"
    MISSING = "missing"
    UNKNOWN = "unknown"
    OTHER_FORM = "other form"


# A document with these is loaded all the same.
_NOTES = frozenset({Finding.MISSING, Finding.UNKNOWN, Finding.OTHER_FORM})
_ORDER = list(Finding)


@dataclass(frozen=True)
class Found:
    """Something that stands out: what, at which path of the contract, more of it, in how many documents, where one is.

    documents: 0 where a file could not be read.
    """

    finding: Finding
    path: str
    detail: str
    documents: int
    where: str

    @property
    def is_note(self) -> bool:
        """Whether documents are loaded all the same."""
        return self.finding in _NOTES


@dataclass
class Checked:
    """What a check has found, what stops a document first.

    documents: how many there were of each sort. without_document: look-ups that Freg answered with a message.
    """

    files: int = 0
    documents: Counter[str] = field(default_factory=Counter)
    without_document: int = 0
    found: list[Found] = field(default_factory=list)

    @property
    def fits(self) -> bool:
        """Whether nothing would be refused or quarantined, and every code is known."""
        return all(found.is_note for found in self.found)


@dataclass(frozen=True)
class _Sort:
    """A sort of document: what it is compared with, and what it must have to be loaded.

    prefix: where in it the fields of the tables begin. has_root: whether what the tables require outside any other
    element is required.
    """

    name: str
    contract: DocumentContract
    fields: str
    prefix: str = "$."
    has_root: bool = True
    requirements: tuple[Requirement, ...] = ()


@cache
def _sorts() -> tuple[_Sort, ...]:
    answer = DocumentContract(
        (
            *(Element(name, Kind.TEXT) for name in ("dokumentidentifikator", "foedselsEllerDNummer", "skjemaversjon")),
            Element("folkeregisterperson", Kind.OBJECT, children=person_elements()),
        )
    )
    below_one = Requirement("sequence_number_out_of_range", "sekvensnummer < 1", "sekvensnummer is below one")
    of_person = tuple(each for each in REQUIREMENTS if each.code != "no_sequence_number")
    person = ("freg_person_fields", "$.folkeregisterperson.")
    return (
        _Sort("line", line_contract(), *person, requirements=(*REQUIREMENTS, below_one)),
        _Sort("person", answer, *person, requirements=of_person),
        _Sort("event", event_contract(), "freg_event_fields"),
        _Sort("event alone", event_contract(), "freg_event_fields", has_root=False),
    )


def check_files(settings: Settings, files: Sequence[Path]) -> Checked:
    """Compare the documents of files with the contract. A file that cannot be read is reported; the others are read.

    Nothing is kept. Raises `MachineFailure` when the machine gives out.
    """
    limits = Limits.of(settings)
    checked = Checked(files=len(files))
    with tempfile.TemporaryDirectory(prefix="preg-check-") as folder:
        apart = settings.model_copy(update={"data_dir": Path(folder)})
        with session(apart, Path(folder) / "check.duckdb", reads_only=[Path(folder)]) as connection:
            check = _Check(connection, limits, checked)
            for portion in _portions(_all_documents(files, limits, checked)):
                check.take(portion)
    checked.found = check.found()
    return checked


def _all_documents(files: Sequence[Path], limits: Limits, checked: Checked) -> Iterator[tuple[str, FoundDocument]]:
    for file in files:
        name = printable(file, _LONGEST_NAME)
        found_any = False
        try:
            if not is_readable(file):
                raise ScanStoppedError(f"the name does not end with {', '.join(ENDINGS)} (.gz, .zst)")
            for document in documents_in(file, limits):
                found_any = True
                yield name, document
            problem = "" if found_any else "there is no document in the file"
        except (DamagedFileError, ScanStoppedError) as error:
            problem = str(error)
        except OSError as error:
            # No such file, no right to read it, a folder, a pipe.
            problem = error.strerror or str(error)
        except (RuntimeError, ValueError):
            # A link that leads to itself; a zero byte in the name.
            problem = "the name is not a file name"
        if problem:
            checked.found.append(Found(Finding.NOT_READ, "", printable(problem), 0, name))


def _portions(documents: Iterator[tuple[str, FoundDocument]]) -> Iterator[list[tuple[str, FoundDocument]]]:
    portion: list[tuple[str, FoundDocument]] = []
    characters = 0
    for each in documents:
        portion.append(each)
        characters += len(each[1].text)
        if len(portion) == _DOCUMENTS_AT_ONCE or characters > _CHARACTERS_AT_ONCE:
            yield portion
            portion, characters = [], 0
    if portion:
        yield portion


class _Check:
    """Compares portions of documents with the contract, and adds up what was found.

    `finding` (temporary): document, kind, path, detail; one row or more for each thing that stands out in a document.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, limits: Limits, checked: Checked) -> None:
        self.connection = connection
        self.limits = limits
        self.checked = checked
        self._counts: dict[tuple[str, str, str], tuple[int, str]] = {}
        self._sql("create temp table required (sort varchar, parent varchar, name varchar, path varchar)")
        self._sql("create temp table code (sort varchar, path varchar, known varchar[])")
        for sort in _sorts():
            self._note_fields(sort)

    def take(self, portion: Sequence[tuple[str, FoundDocument]]) -> None:
        """Compare a portion of documents with the contract."""
        places = [f"{file}:{document.line}" for file, document in portion]
        try:
            self._check([document for _, document in portion], places)
        except MACHINE_ERRORS:
            raise
        except duckdb.Error as error:
            # The message of DuckDB's may quote the document.
            problem = f"documents from here to {places[-1]} cannot be read ({type(error).__name__})"
            self.checked.found.append(Found(Finding.NOT_READ, "", problem, 0, places[0]))

    def found(self) -> list[Found]:
        """All that was found, what stops a document first, then the commonest."""
        counted = [Found(Finding(kind), path, detail, *rest) for (kind, path, detail), rest in self._counts.items()]
        return sorted(
            [*self.checked.found, *counted],
            key=lambda found: (_ORDER.index(found.finding), -found.documents, found.path, found.detail, found.where),
        )

    def _sql(self, statement: str, parameters: dict[str, object] | None = None) -> duckdb.DuckDBPyConnection:
        return self.connection.execute(statement, parameters or {})

    def _note_fields(self, sort: _Sort) -> None:
        """Note which elements a kind of document must have, and which codes."""
        required, codes = [], []
        for row in rows(sort.fields):
            path = f"{sort.prefix}{row['path']}"
            parent, _, name = path.rpartition(".")
            if row["occurs"] == "required" and (sort.has_root or parent != "$"):
                lacking = {"parent": parent, "name": name.removesuffix("[]"), "path": path.removesuffix("[]")}
                required.append({"sort": sort.name, **lacking})
            if row["values"]:
                codes.append({"sort": sort.name, "path": path, "known": row["values"].split("|")})
        insert_rows(self.connection, "required", required)
        insert_rows(self.connection, "code", codes)

    def _check(self, documents: Sequence[FoundDocument], places: Sequence[str]) -> None:
        frame = pd.DataFrame(
            [(number, document.text, document.problem) for number, document in enumerate(documents)],
            columns=["document", "text", "problem"],
        ).astype({"text": object, "problem": object})
        self.connection.register("portion", frame)
        self._sql("create or replace temp table finding (document bigint, kind varchar, path varchar, detail varchar)")
        present = self._sort_out()
        self.connection.unregister("portion")
        for sort in _sorts():
            if sort.name in present:
                self._compare(sort)
        self._add_up(places)

    def _sort_out(self) -> set[str]:
        """Fill `sorted` (document, sort, text) with what can be walked, and report what cannot. Returns the sorts."""
        self._sql(
            f"""
            create or replace temp table parsed as
            select document, problem, text, try_cast(text as json) as json,
                case
                    when problem <> '' then problem
                    when strlen(text) > {self.limits.largest} then '{TOO_LARGE}'
                    when try_cast(text as json) is null then 'not_json'
                    else {excess_sql("text", self.limits, unmeasured=self.limits.deepest)}
                end as refused
            from portion
            """
        )
        self._sql(
            """
            create or replace temp table sorted as
            with whole as (
                select document, text, json, json_keys(json) as names,
                    coalesce(json_type(json, '$.folkeregisterperson'), 'NULL') <> 'NULL' as has_person,
                    coalesce(json_type(json, '$.hendelse'), 'NULL') <> 'NULL' as has_event
                from parsed
                where refused is null and json_type(json) = 'OBJECT'
            )
            select document, text, sort,
                case split_part(sort, ' ', 1)
                    when 'bare_person' then '{"folkeregisterperson":' || text || '}'
                    when 'bare_event' then '{"hendelse":' || text || '}'
                    else text
                end as wrapped
            from (
                select document, text,
                    case
                        when list_contains(names, 'feilmelding') and not has_person and not has_event then 'none'
                        when list_contains(names, 'hendelse') and list_contains(names, 'sekvensnummer') then null
                        when list_contains(names, 'folkeregisterperson') and list_has_any(names, $of_a_line)
                            or list_contains(names, 'sekvensnummer') then 'line'
                        when list_contains(names, 'folkeregisterperson') then 'person'
                        when list_contains(names, 'hendelse') and list_has_any(names, ['dokumentidentifikator',
                            'skjemaversjon']) then 'event'
                        when list_contains(names, 'hendelse') then 'event alone'
                        when list_has_any(names, $of_a_person) then 'bare_person'
                        when list_has_any(names, $of_an_event) then 'bare_event'
                    end as sort
                from whole
            )
            """,
            {
                "of_a_line": list(_OF_A_LINE),
                "of_a_person": [element.name for element in person_elements()],
                "of_an_event": list(_OF_AN_EVENT),
            },
        )
        self._sql(
            f"""
            insert into finding
            select document, '{Finding.QUARANTINE}', '', code || ': ' || reason
            from (
                select document, refused as code,
                    case refused
                        when '{NOT_UTF8}' then 'the text is not UTF-8'
                        when '{TOO_LARGE}' then 'the document has more than {self.limits.largest} bytes'
                        when 'not_json' then 'not JSON, or cut off'
                        else {reason_sql("refused", self.limits)}
                    end as reason
                from parsed
                where refused is not null
                union all
                select document, 'no_document', 'neither the document of a person nor that of an event'
                from parsed
                where refused is null and document not in (select document from sorted where sort is not null)
            )
            """
        )
        self._sql(
            """
            update sorted set sort = case sort when 'bare_person' then 'person' else 'event alone' end
            where sort in ('bare_person', 'bare_event')
            """
        )
        counted = self._sql("select sort, count(*) from sorted where sort is not null group by all").fetchall()
        for sort, documents in counted:
            if sort == "none":
                self.checked.without_document += documents
            else:
                self.checked.documents[sort.removesuffix(" alone")] += documents
        return {sort for sort, _ in counted}

    def _compare(self, sort: _Sort) -> None:
        """Walk the documents of one sort."""
        documents = f"""
            select document, {without_placeholders_sql("wrapped::json")} as value
            from sorted
            where sort = '{sort.name}'
        """
        walk_documents(self.connection, sort.contract, _KEY, documents, on_level=lambda: self._find_missing(sort))
        self._sql(
            f"""
            insert into finding
            select document, replace(code, '_', ' '), {shown_path_sql("contract_path")}, said
            from ({rejections_sql(_KEY)})
            """
        )
        self._sql(
            f"""
            insert into finding
            select document, '{Finding.OTHER_CODE}', {shown_path_sql("contract_path")},
                case when regexp_full_match(text, '{_WORD}') then text else '{_NO_WORD}' end
            from walked_value
            inner join code on code.sort = '{sort.name}' and code.path = contract_path
            where type = 'VARCHAR' and not list_contains(code.known, text)
            """
        )
        self._sql(
            f"""
            insert into finding
            select document, '{Finding.UNKNOWN}',
                {shown_path_sql(_name_hidden_sql("contract_path"))}, ''
            from walked_value
            where not is_known
            """
        )
        self._sql(
            f"""
            insert into finding
            select document, '{Finding.OTHER_FORM}', {shown_path_sql("contract_path")},
                case form when 'once' then 'once, not in a list' else 'in a list, not once' end
            from other_form
            """
        )
        self._require(sort, documents)

    def _find_missing(self, sort: _Sort) -> None:
        """Of the objects of the present level, find those that lack what the contract requires."""
        self._sql(
            f"""
            insert into finding
            select document, '{Finding.MISSING}', {shown_path_sql("path")}, ''
            from (
                select document, path, json_extract(level.value, '$.' || required.name) as member
                from level
                inner join required on required.sort = '{sort.name}' and required.parent = level.contract_path
                where json_type(level.value) = 'OBJECT'
            )
            where coalesce(json_type(member), 'NULL') = 'NULL'
                or json_type(member) = 'ARRAY' and json_array_length(member) = 0
            """
        )

    def _require(self, sort: _Sort, documents: str) -> None:
        """Compare the documents whose values fit with what a document must have to be loaded."""
        if not sort.requirements:
            return
        stops = ", ".join(f"'{finding}'" for finding in (Finding.WRONG_TYPE, Finding.INVALID_VALUE))
        self._sql(
            f"""
            create or replace temp table by_contract as
            select document as number, value as document
            from ({documents})
            where document not in (select document from finding where kind in ({stops}))
            """
        )
        put_in_contract_forms(self.connection, "by_contract")
        columns = ", ".join(f'fields."{name}"' for name, _ in sort.contract.columns)
        self._sql(
            f"""
            create or replace temp table as_loaded as
            select number, {columns}
            from (
                select number,
                    try(cast(json_transform(document, $text_structure) as {sort.contract.struct_type})) as fields
                from by_contract
            )
            """,
            {"text_structure": sort.contract.text_structure},
        )
        for requirement in sort.requirements:
            self._sql(
                f"""
                insert into finding
                select number, '{Finding.QUARANTINE}', '', $detail
                from as_loaded
                where ({requirement.violated_when})
                    and number not in (select document from finding where kind = '{Finding.QUARANTINE}')
                """,
                {"detail": f"{requirement.code}: {requirement.reason}"},
            )

    def _add_up(self, places: Sequence[str]) -> None:
        notes = ", ".join(f"'{finding}'" for finding in sorted(_NOTES))
        for kind, path, detail, documents, first in self._sql(
            f"""
            select kind, path, detail, count(distinct document) as documents, min(document)
            from finding
            group by kind, path, detail
            order by kind in ({notes}), documents desc, kind, path, detail
            limit {_FINDINGS_OF_PORTION}
            """
        ).fetchall():
            before, place = self._counts.get((kind, path, detail), (0, places[first]))
            self._counts[kind, path, detail] = (before + documents, place)


def _name_hidden_sql(path: str) -> str:
    """SQL: the path of an unknown element, its name hidden where it is none that a programmer would give.

    What is around it is known to the contract, so a quote or else the last dot is where its name begins.
    """
    return (
        f"case when regexp_full_match({path}, '.*\\.{_PLAIN_NAME}') and not regexp_matches({path}, '[0-9]{{6}}')"
        f" then {path} else regexp_replace({path}, '(\\.\".*|\\.[^.]*)$', '.{_NO_WORD}', 's') end"
    )
