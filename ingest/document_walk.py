"""Documents, taken apart value by value and compared with their contract, in SQL.

Level by level, because each then costs as much as the documents are long. (DuckDB's json_tree repeats the document with
each of its values, and writes a name with a dot or bracket in it as if it were a path.) A caller has measured
the documents before (`ingest/document_size.py`): nothing here is safe for what is deeper than the limits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import duckdb

from foundation.database import insert_rows
from ingest.contracts.document import DocumentContract, Kind
from ingest.document_forms import OF_PROTECTION, contract_forms_sql

# SQL: what is in the objects and lists of `level`, and what the contract says of it. A name that is none of ours by
# its characters is quoted and known to no contract; of a name that occurs twice in an object the first counts.
_NEXT_LEVEL = """
create or replace temp table next_level as
with members as (
    select {key}, fullkey as parent, contract_path as parent_path,
        unnest(json_keys(value)) as name,
        unnest(json_extract(value, '$.*')) as value,
        unnest(range(len(json_keys(value)))) as place
    from level
    where json_type(value) = 'OBJECT'
),
named as (
    select *, regexp_full_match(name, '[A-Za-z0-9_]+') as is_plain from members
),
elements as (
    select {key}, fullkey as parent, contract_path as parent_path,
        unnest(json_extract(value, '$[*]')) as value,
        unnest(range(json_array_length(value)::bigint)) as place
    from level
    where json_type(value) = 'ARRAY'
),
found as (
    select {key}, value, place,
        case when is_plain then parent || '.' || name else parent || '."' || name || '"' end as fullkey,
        case when is_plain then parent_path || '.' || name else parent_path || '."' || name || '"' end as contract_path
    from named
    union all
    select {key}, value, place, parent || '[' || place || ']', parent_path || '[]'
    from elements
),
found_first as (
    select * from found
    qualify row_number() over (partition by {key}, fullkey order by place) = 1
),
with_form as (
    select found_first.*, known.path is not null as is_known, known.json_types, known.kind,
        case
            when list_contains(known.item_types, json_type(value)) then 'once'
            when json_type(value) = 'ARRAY' and not list_contains(known.json_types, 'ARRAY')
                and not ends_with(known.path, '[]')
                and (
                    -- A grade of protection that is not there may be anything.
                    json_array_length(value) = 0 and not regexp_matches(known.path, '\\.({of_protection})$')
                    or json_array_length(value) = 1
                    and list_contains(known.json_types, json_type(value, '$[0]'))
                )
                then 'list'
        end as other_form
    from found_first
    left join contract_path as known on found_first.contract_path = known.path
)
select * exclude (place), json_type(value) as type
from (
    select * exclude (value),
        case other_form
            when 'once' then json_array(value)
            when 'list' then coalesce(json_extract(value, '$[0]'), 'null'::json)
            else value
        end as value
    from with_form
) as read_by_contract
"""

# SQL: what a person calls the type of the value that was found.
_FOUND = """case type
    when 'OBJECT' then 'an object' when 'ARRAY' then 'an array' when 'VARCHAR' then 'text'
    when 'BOOLEAN' then 'true or false' when 'DOUBLE' then 'a number with decimals' else 'a number'
end"""


def _nothing() -> None:
    """For callers that look at no level."""


def walk_documents(
    connection: duckdb.DuckDBPyConnection,
    contract: DocumentContract,
    key: str,
    documents: str,
    on_level: Callable[[], None] = _nothing,
) -> None:
    """Fill two temporary tables with what is in documents, by the contract.

    key: the columns by which a document is known, separated by commas. documents: a query for them, with the key and
    each document as a JSON object (`value`). on_level: called for each level, while the temporary table `level` has its
    lists and objects (key, fullkey, contract_path, value), in the form that the contract gives them.

    `walked_value`: key, fullkey (its path with places in lists), contract_path, type, is_known, json_types, kind, text,
    value. Each value that the contract has a path for (text: of a single one), and each where it has none
    (value: all of it); what is in those is not looked at. `other_form`: key, contract_path, form (`once`, `list`).
    """
    connection.execute(
        "create or replace temp table contract_path"
        " (path varchar, json_types varchar[], kind varchar, item_types varchar[])"
    )
    paths = {path.path: path for path in contract.paths()}
    insert_rows(
        connection,
        "contract_path",
        [
            {
                "path": path.path,
                "json_types": list(path.json_types),
                "kind": path.kind.name,
                "item_types": list(item.json_types) if item else [],
            }
            for path in paths.values()
            for item in [paths.get(f"{path.path}[]")]
        ],
    )
    connection.execute(
        f"""
        create or replace temp table level as
        select {key}, '$' as fullkey, '$' as contract_path, value from ({documents})
        """
    )
    connection.execute(
        f"""
        create or replace temp table walked_value as
        select {key}, fullkey, contract_path, ''::varchar as type, false as is_known, []::varchar[] as json_types,
            ''::varchar as kind, ''::varchar as text, value
        from level limit 0
        """
    )
    connection.execute(
        f"""
        create or replace temp table other_form as
        select {key}, contract_path, ''::varchar as form from level limit 0
        """
    )
    while connection.execute("select count(*) from level").fetchall()[0][0]:
        on_level()
        connection.execute(_NEXT_LEVEL.format(key=key, of_protection=OF_PROTECTION))
        connection.execute(
            f"""
            insert into other_form
            select distinct {key}, contract_path, other_form
            from next_level
            where other_form is not null
            """
        )
        connection.execute(
            f"""
            insert into walked_value
            select {key}, fullkey, contract_path, type, is_known, json_types, kind,
                case when is_known and type not in ('OBJECT', 'ARRAY') then value ->> '$' end,
                case when not is_known then value end
            from next_level
            """
        )
        connection.execute(
            f"""
            create or replace temp table level as
            select {key}, fullkey, contract_path, value
            from next_level
            where is_known and type in ('OBJECT', 'ARRAY')
            """
        )


def rejections_sql(key: str) -> str:
    """SQL: the values of `walked_value` that are not what the contract says: key, code, fullkey, contract_path, said.

    code: `wrong_type` or `invalid_value`. said: what was expected, and what kind of value was found; never the value.
    """
    return f"""
        select {key}, 'wrong_type' as code, fullkey, contract_path,
            'expected ' || {_words("kind", "json_types")} || ', found ' || {_FOUND} as said
        from walked_value
        where is_known and type <> 'NULL' and not list_contains(json_types, type)
        union all
        select {key}, 'invalid_value', fullkey, contract_path, 'the value is not ' || {_words("kind", "json_types")}
        from walked_value
        where is_known and list_contains(json_types, type) and text is not null and {_cast_fails("kind", "text")}
    """


def put_in_contract_forms(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Give every element in another form than the contract has (`other_form`) the contract's, in `table.document`."""
    forms = connection.execute("select distinct contract_path, form from other_form order by all").fetchall()
    # What is around an element has its form before the element itself.
    for path, form in sorted(forms, key=lambda found: found[0].count(".")):
        connection.execute(f"update {table} set document = {contract_forms_sql('document', path, form)}")


def shown_path_sql(path: str) -> str:
    """SQL: a contract's path as a person reads it (navn[].fornavn)."""
    return f"ltrim(ltrim({path}, '$'), '.')"


def _words(kind: str, json_types: str) -> str:
    """SQL: what a person calls the kind of value expected."""
    cases = " ".join(f"when '{each.name}' then '{each.words}'" for each in Kind)
    return f"case when list_contains({json_types}, 'ARRAY') then 'a list' else case {kind} {cases} end end"


def _cast_fails(kind: str, text: str) -> str:
    """SQL: whether a value of the right JSON type cannot be cast to its column's type without becoming another."""
    casts: Iterable[str] = (
        f"when '{each.name}' then try_cast({text} as {each.sql}) is null"
        + (f" or not regexp_matches({text}, '^\\s*[0-9]{{4}}-')" if each in (Kind.TIMESTAMP, Kind.DATE) else "")
        # DuckDB rounds 1.5 and reads 1e3.
        + (f" or not regexp_full_match(trim({text}), '-?[0-9]+')" if each in (Kind.INTEGER, Kind.YEAR) else "")
        for each in (Kind.TIMESTAMP, Kind.DATE, Kind.INTEGER, Kind.YEAR, Kind.DECIMAL)
    )
    return f"case {kind} {' '.join(casts)} else false end"
