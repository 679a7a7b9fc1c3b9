"""The tables of the schema `raw`: typed from the contracts, created when missing.

Raw tables only ever gain rows. A row knows its delivery (`delivery_number`, see `raw.delivery`) and the hash of the
document as it stood in the file; `document_number` is unique over all documents ever loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb
from duckdb.sqltypes import DuckDBPyType

from foundation.errors import ConfigurationError
from ingest.contracts import freg, persontjenesten, preg
from ingest.contracts.document import DocumentContract
from ingest.contracts.matrikkel import matrikkel_tables

_DELIVERY = """
create table if not exists raw.delivery (
    delivery_number integer primary key,
    source varchar not null,
    delivery_id varchar not null,
    kind varchar not null,
    schema_version varchar not null,
    created_at timestamptz not null,
    position bigint not null,
    sequence_from bigint,
    sequence_to bigint,
    extracted_at date,
    manifest_sha256 varchar not null,
    rows_delivered bigint not null,
    rows_loaded bigint not null,
    rows_quarantined bigint not null,
    tables varchar[] not null,
    unique (source, delivery_id)
)
"""

_QUARANTINE = """
create table if not exists raw.quarantine (
    delivery_number integer not null,
    file_name varchar not null,
    line_number bigint not null,
    sequence_number bigint,
    reason_code varchar not null,
    reason varchar not null,
    document varchar
)
"""

_UNKNOWN_ELEMENT = """
create table if not exists raw.unknown_element (
    delivery_number integer not null,
    path varchar not null,
    documents bigint not null
)
"""


# Numbers the documents of all sources as they are loaded: the key by which models find a document again.
_DOCUMENT_NUMBER = "raw.document_number_sequence"


@dataclass(frozen=True)
class DocumentTable:
    """A raw table of documents: its contract, and which column is the document's place in the feed.

    person: SQL expression by which documents of one person are known.
    identity: SQL expressions that together may have one content only: of Freg, whose sequence counts events, the
    sequence number; of Persontjenesten, which numbers the states of a person, the person's id as well.
    identity_in_extract: the same within an extract of Freg, whose documents all have the sequence number as of which
    it was ordered (the manifest's sequence_from and sequence_to): there a number and a person have one content.
    """

    name: str
    contract: DocumentContract
    sequence_column: str | None
    person: str
    identity: tuple[str, ...] = ()
    identity_in_extract: tuple[str, ...] = ()


# The numbers of a Freg document that are in use, or all of them where none is.
_FREG_NUMBERS = """array_to_string(list_sort(list_transform(
    coalesce(
        nullif(list_filter(folkeregisterperson.identifikasjonsnummer, lambda entry: entry.status = 'iBruk'), []),
        folkeregisterperson.identifikasjonsnummer
    ),
    lambda entry: entry.foedselsEllerDNummer
)), ',')"""

DOCUMENT_TABLES = {
    "freg": DocumentTable(
        "freg_document",
        freg.line_contract(),
        "sekvensnummer",
        _FREG_NUMBERS,
        ("sekvensnummer",),
        ("sekvensnummer", _FREG_NUMBERS),
    ),
    "persontjenesten": DocumentTable(
        "persontjenesten_person",
        persontjenesten.person_contract(),
        "sequenceNumber",
        '"id"',
        ('"id"', '"sequenceNumber"'),
    ),
    "preg": DocumentTable("preg_person", preg.person_contract(), None, '"NIN"'),
}


def create_raw_schema(connection: duckdb.DuckDBPyConnection) -> None:
    """Create what is missing, and add what the contract has gained to the tables that stand there.

    Raises `ConfigurationError` when a table stands there by a contract that says something else.
    """
    connection.execute("create schema if not exists raw")
    connection.execute(f"create sequence if not exists {_DOCUMENT_NUMBER}")
    for statement in (_DELIVERY, _QUARANTINE, _UNKNOWN_ELEMENT):
        connection.execute(statement)
    for table in DOCUMENT_TABLES.values():
        _create(
            connection,
            table.name,
            [
                ("document_number", f"BIGINT DEFAULT nextval('{_DOCUMENT_NUMBER}')"),
                ("delivery_number", "INTEGER"),
                ("file_name", "VARCHAR"),
                ("document_hash", "UUID"),
                ("unknown_elements", "JSON"),
                *table.contract.columns,
            ],
        )
    for matrikkel_table in matrikkel_tables():
        _create(
            connection,
            matrikkel_table.name,
            [
                ("delivery_number", "INTEGER"),
                ("file_name", "VARCHAR"),
                ("unknown_elements", "JSON"),
                *((column.name, column.sql_type) for column in matrikkel_table.columns),
            ],
        )


def _create(connection: duckdb.DuckDBPyConnection, name: str, columns: list[tuple[str, str]]) -> None:
    definition = ", ".join(f'"{column}" {sql_type}' for column, sql_type in columns)
    connection.execute(f"create table if not exists raw.{name} ({definition})")
    expected = _types(connection, f"select {_typed_nulls(columns)}")
    found = _types(connection, f"from raw.{name}")
    if found == expected:
        return
    if not all(column in expected and _widens(known, expected[column]) for column, known in found.items()):
        if not connection.execute(f"select count(*) from raw.{name}").fetchall()[0][0]:
            # Nothing has come yet by the other contract: there is nothing to lose.
            connection.execute(f"drop table raw.{name}")
            connection.execute(f"create table raw.{name} ({definition})")
            return
        raise ConfigurationError(
            f"the table raw.{name} was made by another version of the contract",
            where="warehouse.duckdb",
            todo="remove the warehouse file and run again: it is rebuilt from the landing folder",
        )
    for column, wanted in expected.items():
        if column not in found:
            connection.execute(f'alter table raw.{name} add column "{column}" {wanted}')
        elif found[column] != wanted:
            connection.execute(f'alter table raw.{name} alter column "{column}" type {wanted}')


def _types(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, DuckDBPyType]:
    relation = connection.sql(f"{query} limit 0")
    return dict(zip(relation.columns, relation.types, strict=True))


def _widens(known: DuckDBPyType, wanted: DuckDBPyType) -> bool:
    """Whether `wanted` is `known` with members added, at any depth: such a column keeps what it holds."""
    if known == wanted:
        return True
    if known.id != wanted.id or known.id not in ("struct", "list"):
        return False
    # Of these two kinds of type the children are types; of others they may be sizes or values.
    members: dict[str, Any] = dict(wanted.children)
    known_members: dict[str, Any] = dict(known.children)
    return all(name in members and _widens(member, members[name]) for name, member in known_members.items())


def _typed_nulls(columns: list[tuple[str, str]]) -> str:
    return ", ".join(
        f'cast(null as {sql_type.partition(" DEFAULT ")[0]}) as "{column}"' for column, sql_type in columns
    )
