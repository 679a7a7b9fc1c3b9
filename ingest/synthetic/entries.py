"""Entries of persons: one row per entry of an element, as text, before it becomes part of a document.

The view `entry` (person_id, element, position, is_list, ordinal, is_current, registered, valid_from, valid_to,
adresse_id, body) gives the entries as they were at the start, from `elements/<element>.sql`. `changed_entry` holds the
entries of those to whom something has happened since; `standing_entry` is the two together. All of them are about the
persons in `subject`, which `choose_subjects` fills: making the entries of a few persons costs little. `subject` and the
views are a connection's own (temporary), so that several connections make entries of different persons at a time.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import duckdb

from ingest.contracts.document import Element
from ingest.contracts.freg import person_elements

# Freg's own sentinel for where an entry comes from: its predecessor, or the register itself.
_SOURCE_BEFORE_FREG = "KILDE_DSF"
_SOURCE = "Folkeregisteret"

FREG_ENTRY = f"""
    '{{' || concat_ws(',',
        text_member('ajourholdstidspunkt', freg_time(registered)),
        plain_member('erGjeldende', is_current),
        text_member('kilde', case when registered < timestamp '2020-01-01'
            then '{_SOURCE_BEFORE_FREG}' else '{_SOURCE}' end),
        text_member('gyldighetstidspunkt', freg_time(valid_from)),
        text_member('opphoerstidspunkt', freg_time(valid_to)),
        nullif(body, '')
    ) || '}}'
"""


def create_entry_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create `element`, `changed_entry` and `changed_person`, which all connections share; nobody has changed."""
    connection.execute("create or replace table element (element varchar, position integer, is_list boolean)")
    connection.executemany(
        "insert into element values (?, ?, ?)",
        [[element.name, position, element.repeated] for position, element, _sql in _elements()],
    )
    connection.execute("create or replace table changed_person (person_id bigint primary key)")
    choose_subjects(connection, "false")
    connection.execute(f"create or replace table changed_entry as select * from ({_entry_sql()}) limit 0")


def create_entry_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Create this connection's `subject` (nobody yet), `entry` and `standing_entry`."""
    choose_subjects(connection, "false")
    connection.execute(f"create or replace temp view entry as {_entry_sql()}")
    connection.execute(
        """
        create or replace temp view standing_entry as
        select * from entry where person_id not in (select person_id from changed_person)
        union all
        select * from changed_entry where person_id in (select person_id from subject)
        """
    )


def choose_subjects(connection: duckdb.DuckDBPyConnection, where: str) -> None:
    """Fill this connection's `subject` with the persons that `where` (SQL over `person`) selects."""
    connection.execute(f"create or replace temp table subject as select * from person where {where}")


def _entry_sql() -> str:
    """SQL: the entries of the subjects as they were at the start."""
    return " union all ".join(
        f"""
        select person_id, '{element.name}' as element, {position} as position, {element.repeated} as is_list,
            cast(ordinal as bigint) as ordinal, is_current,
            cast(coalesce(valid_from, date '2019-01-01') as timestamp)
                + to_seconds(28800 + pick(person_id, '{element.name}', 40000)) as registered,
            cast(valid_from as timestamp) as valid_from, cast(valid_to as timestamp) as valid_to,
            cast(adresse_id as varchar) as adresse_id, body
        from ({sql})
        """
        for position, element, sql in _elements()
    )


@cache
def _elements() -> tuple[tuple[int, Element, str], ...]:
    """The elements that persons have entries of: position in the document, the element, the SQL of its entries."""
    elements = []
    for position, element in enumerate(person_elements()):
        file = files("ingest.synthetic").joinpath("elements", f"{element.name}.sql")
        if file.is_file():
            elements.append((position, element, file.read_text(encoding="utf-8")))
    return tuple(elements)


def documents_sql(source: str, entry_json: str) -> str:
    """SQL: the documents of the subjects from the entries in `source`: person_id, registered, document.

    Entries are put in order once; an element's name and brackets go with its first and last entry.
    """
    return f"""
        with placed as (
            select
                person_id, element, position, is_list, ordinal, registered,
                {entry_json} as text,
                lag(position) over in_order is distinct from position as is_first,
                lead(position) over in_order is distinct from position as is_last
            from {source}
            window in_order as (partition by person_id order by position, ordinal, registered)
        )
        select
            person_id,
            max(registered) as registered,
            '{{' || string_agg(
                case when is_first then '"' || element || '":' || case when is_list then '[' else '' end else '' end
                || text
                || case when is_last and is_list then ']' else '' end,
                ',' order by position, ordinal, registered
            ) || '}}' as document
        from placed
        group by person_id
    """
