"""Entries of persons: one row an entry of an element, as text, before it becomes part of a document.

The view `entry` (person_id, element, position, is_list, ordinal, is_current, registered, valid_from, valid_to,
adresse_id, body) gives the entries as they were at the start, from `elements/<element>.sql`. `changed_entry` holds the
entries of those to whom something has happened since; `standing_entry` is the two together. All of them are about the
persons in `subject`, which `choose_subjects` fills: making the entries of a few persons costs little.
"""

from __future__ import annotations

from importlib.resources import files

import duckdb

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


def create_entry_view(connection: duckdb.DuckDBPyConnection) -> None:
    """Create `subject`, `element`, `entry`, `changed_entry`, `changed_person`, `standing_entry`; nobody has changed."""
    choose_subjects(connection, "false")
    connection.execute("create or replace table element (element varchar, position integer, is_list boolean)")
    selects = []
    for position, element in enumerate(person_elements()):
        sql = _element_sql(element.name)
        if sql is None:
            continue
        connection.execute("insert into element values (?, ?, ?)", [element.name, position, element.repeated])
        selects.append(
            f"""
            select person_id, '{element.name}' as element, {position} as position, {element.repeated} as is_list,
                cast(ordinal as bigint) as ordinal, is_current,
                cast(coalesce(valid_from, date '2019-01-01') as timestamp)
                    + to_seconds(28800 + pick(person_id, '{element.name}', 40000)) as registered,
                cast(valid_from as timestamp) as valid_from, cast(valid_to as timestamp) as valid_to,
                cast(adresse_id as varchar) as adresse_id, body
            from ({sql})
            """
        )
    connection.execute("create or replace view entry as " + " union all ".join(selects))
    connection.execute("create or replace table changed_entry as select * from entry limit 0")
    connection.execute("create or replace table changed_person (person_id bigint primary key)")
    connection.execute(
        """
        create or replace view standing_entry as
        select * from entry where person_id not in (select person_id from changed_person)
        union all
        select * from changed_entry where person_id in (select person_id from subject)
        """
    )


def choose_subjects(connection: duckdb.DuckDBPyConnection, where: str) -> None:
    """Fill `subject` with the persons that `where` (SQL over `person`) selects."""
    connection.execute(f"create or replace table subject as select * from person where {where}")


def _element_sql(element: str) -> str | None:
    file = files("ingest.synthetic").joinpath("elements", f"{element}.sql")
    return file.read_text(encoding="utf-8") if file.is_file() else None


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
