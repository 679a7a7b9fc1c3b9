"""The tables of the schema `raw`: typed from the contracts, created when missing.

Raw tables only ever gain rows. A row knows its delivery (`delivery_number`, see `raw.delivery`) and the hash of the
document as it was in the file; `document_number` is unique over all documents ever loaded.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import duckdb
from duckdb.sqltypes import DuckDBPyType

from foundation.database import sql_identifier, sql_text
from foundation.errors import ConfigurationError
from ingest.contracts.document import Element
from ingest.contracts.matrikkel import matrikkel_tables
from ingest.contracts.sources import DOCUMENT_TABLES
from ingest.document_forms import contract_forms_sql

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

# form: 'once' where the contract has a list, 'list' (of one, or empty) where it has a single element.
_OTHER_FORM = """
create table if not exists raw.other_form (
    delivery_number integer not null,
    path varchar not null,
    form varchar not null,
    documents bigint not null
)
"""


# Numbers the documents of all sources as they are loaded: the key by which models find a document again.
_DOCUMENT_NUMBER = "raw.document_number_sequence"


def create_raw_schema(connection: duckdb.DuckDBPyConnection) -> None:
    """Create what is missing, and add what the contract has gained to the tables that exist.

    What was loaded while the contract had an element once, and has a list of it now, is read again as the list.

    Raises `ConfigurationError` when a table exists by a contract that says something else.
    """
    connection.execute("create schema if not exists raw")
    connection.execute(f"create sequence if not exists {_DOCUMENT_NUMBER}")
    for statement in (_DELIVERY, _QUARANTINE, _UNKNOWN_ELEMENT, _OTHER_FORM):
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
            {element.name: element for element in table.contract.elements},
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


def _create(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    columns: list[tuple[str, str]],
    elements: dict[str, Element] | None = None,
) -> None:
    definition = ", ".join(f'"{column}" {sql_type}' for column, sql_type in columns)
    connection.execute(f"create table if not exists raw.{name} ({definition})")
    expected = _types(connection, f"select {_typed_nulls(columns)}")
    found = _types(connection, f"from raw.{name}")
    if found == expected:
        return
    changes = {
        column: _changes(known, expected[column], "$") if column in expected else None
        for column, known in found.items()
    }
    if any(each is None for each in changes.values()):
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
    if any(changes.values()):
        _rewrite(connection, name, definition, found, expected, changes, elements or {})
        return
    for column, wanted in expected.items():
        if column not in found:
            connection.execute(f'alter table raw.{name} add column "{column}" {wanted}')
        elif found[column] != wanted:
            connection.execute(f'alter table raw.{name} alter column "{column}" type {wanted}')


def _rewrite(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    definition: str,
    found: dict[str, DuckDBPyType],
    expected: dict[str, DuckDBPyType],
    changes: Mapping[str, list[str] | None],
    elements: dict[str, Element],
) -> None:
    """Write a table again, with lists where it had single elements (`changes`: their paths, by column)."""
    values = {column: f'"{column}"' for column in found}
    for column, paths in changes.items():
        if paths:
            document = f'to_json("{column}")'
            for path in paths:
                document = contract_forms_sql(document, path, "once")
            structure = json.dumps(elements[column].structure(as_text=True))
            values[column] = f"cast(json_transform({document}, {sql_text(structure)}) as {expected[column]})"
    connection.execute(f"create table raw.{name}_anew ({definition})")
    connection.execute(
        f"insert into raw.{name}_anew ({', '.join(sql_identifier(column) for column in values)})"
        f" select {', '.join(values.values())} from raw.{name}"
    )
    connection.execute(f"drop table raw.{name}")
    connection.execute(f"alter table raw.{name}_anew rename to {name}")


def _types(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, DuckDBPyType]:
    relation = connection.sql(f"{query} limit 0")
    return dict(zip(relation.columns, relation.types, strict=True))


def _changes(known: DuckDBPyType, wanted: DuckDBPyType, path: str) -> list[str] | None:
    """The paths, `path` and below, of what was there once and is a list by the wanted type; none where it only gained.

    None where the types say something else, and what is there cannot be taken over.
    """
    if known == wanted:
        return []
    if wanted.id == "list" and known.id != "list":
        below = _changes(known, _members(wanted)["child"], f"{path}[]")
        return None if below is None else [path, *below]
    if known.id != wanted.id:
        return None
    if known.id == "decimal":
        before, after = _members(known), _members(wanted)
        has_room = after["scale"] >= before["scale"]
        return [] if has_room and after["precision"] - after["scale"] >= before["precision"] - before["scale"] else None
    if known.id not in ("struct", "list"):
        return None
    # The children of these two kinds of type are types; those of others may be sizes or values.
    members, known_members = _members(wanted), _members(known)
    found: list[str] = []
    for member, member_type in known_members.items():
        below = None
        if member in members:
            below = _changes(member_type, members[member], f"{path}[]" if known.id == "list" else f"{path}.{member}")
        if below is None:
            return None
        found += below
    return found


def _members(kind: DuckDBPyType) -> dict[str, Any]:
    return dict(kind.children)


def _typed_nulls(columns: list[tuple[str, str]]) -> str:
    return ", ".join(
        f'cast(null as {sql_type.partition(" DEFAULT ")[0]}) as "{column}"' for column, sql_type in columns
    )
