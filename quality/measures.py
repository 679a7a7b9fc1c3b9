"""Measures of a release: what drift is seen by. Each is a number for a dimension (a kommune, a field, a code).

`measure(measure, dimension, value, total)`: `value` of `total` where the measure is a share, else `total` is NULL.
Measures of a release alone need its database only (`release_measures`); those of what happened since the last one need
both (`change_measures`). All are set-based, with one scan of a table for all its fields.
"""

from __future__ import annotations

import datetime as dt

import duckdb

from foundation.database import column_types
from foundation.release import Release
from quality.last_release import ALIAS

TABLE = "gate_measure"
COLUMNS = "measure, dimension, value, total"

# Tables of one row per person, or with one present row per person, whose fields are measured one by one.
_PERSON = "preg_person"
_ADDRESS = "preg_address"

# Fields with a code; their distribution is measured. A dimension is the field and the code.
_CODES = {
    _PERSON: (
        "reg_status",
        "marital_status",
        "gender",
        "custody",
        "work_permit",
        "citizenship",
        "without_legal_capacity",
    ),
    _ADDRESS: ("postal_type", "address_type", "enrichment_method", "country"),
}

# Only addresses that are shown: somebody who becomes protected has lost no value, and has not moved.
_SHOWN = "current_address and enrichment_method is distinct from 'hidden'"
_PRESENT = {_PERSON: "true", _ADDRESS: _SHOWN}

# From this many persons on, the rows of those who have changed are not copied: they may be all of both releases.
_FEW = 200_000

_ENRICHED = "enrichment_method not in ('freg_grunnkrets', 'none', 'hidden')"
_ENRICHABLE = (
    "current_address and enrichment_method <> 'hidden' and address_type in ('bostedsadresse', 'oppholdsadresse')"
    " and country = 'Norge' and postal_type <> 5"
)


def create_measures(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Make an empty temporary table for measures."""
    connection.execute(
        f"create or replace temp table {table} (measure varchar, dimension varchar, value double, total double)"
    )


def release_measures(connection: duckdb.DuckDBPyConnection, database: str, into: str) -> None:
    """Measure the attached `database` alone."""
    connection.execute(f"insert into {into} ({COLUMNS}) {_counts(database)}")
    if counts_blanks_apart(connection, database):
        connection.execute(f"insert into {into} ({COLUMNS}) {_comparison(database)}")
    address_measures(connection, database, into)


def address_measures(connection: duckdb.DuckDBPyConnection, database: str, into: str) -> None:
    """Those measures of a release that depend on whose addresses are shown: by kommune, field and code."""
    for select in (
        _by_kommune(database),
        *(_nulls(connection, database, table) for table in _PRESENT),
        *(_codes(database, table, fields) for table, fields in _CODES.items()),
        f"select 'enriched', '', count(*) filter ({_ENRICHED}), count(*)"
        f" from {database}.preg_address where {_ENRICHABLE}",
    ):
        connection.execute(f"insert into {into} ({COLUMNS}) {select}")


def change_measures(
    connection: duckdb.DuckDBPyConnection, database: str, last: Release, newest_event_at: str | None, into: str
) -> None:
    """Measure what is otherwise in `database` than in the last release, and the events since it, a day."""
    list_delivered(connection, last)
    connection.execute(f"create or replace temp table changed_person as {_changed_persons(connection, database)}")
    form = "table" if _are_few(connection) else "view"
    for table in _PRESENT:
        connection.execute(f"create or replace temp {form} now_{table} as {_of_changed(database, table)}")
        connection.execute(f"create or replace temp {form} before_{table} as {_of_changed(ALIAS, table)}")
    connection.execute(f"create or replace temp table unchanged_address as {_unchanged_addresses()}")
    for select in (
        *(_changed(connection, table) for table in _PRESENT),
        "select 'changed_persons', '', count(*), null from changed_person",
        "select 'changed_without_delivery', '', count(*), null from changed_person"
        " where nin not in (select nin from delivered_person)",
        _moved(),
        _came_back(),
        _newly_hidden(),
    ):
        connection.execute(f"insert into {into} ({COLUMNS}) {select}")
    days = _days_between(last.manifest.newest_event_at, newest_event_at)
    if days:
        connection.execute(
            f"insert into {into} ({COLUMNS}) {_flows(database)}",
            {"after": last.manifest.sequence_number or 0, "days": days},
        )
    connection.execute(f"insert into {into} ({COLUMNS}) {_rates()}", {"days": days or 1.0})


def _counts(database: str) -> str:
    return f"""
        select 'persons', '', count(*), null from {database}.preg_person
        union all
        select 'numbers', '', count(*), null from {database}.person_number
        union all
        select 'history_rows', 'preg_state', count(*), null from {database}.preg_state
        union all
        select 'history_rows', 'preg_change_log', count(*), null from {database}.preg_change_log
        union all
        select 'current_addresses', '', count(*), null from {database}.preg_address where current_address
        union all
        select 'protected', '', count(*), null from {database}.preg_address where postal_type in (6, 7)
        union all
        select 'born_on_commonest_day', '', coalesce(max(born), 0), sum(born)
        from (
            select count(*) as born from {database}.preg_person where date_of_birth is not null group by date_of_birth
        )
    """


def _by_kommune(database: str) -> str:
    return f"""
        with by_kommune as (
            select st, count(*) as residents, count(*) filter ({_ENRICHABLE}) as enrichable,
                count(*) filter ({_ENRICHABLE} and {_ENRICHED}) as enriched
            from {database}.preg_address
            where current_address and st is not null
            group by st
        )
        select 'residents_by_kommune', st, residents, null from by_kommune
        union all
        select 'enriched_by_kommune', st, enriched, enrichable from by_kommune where enrichable > 0
    """


def _nulls(connection: duckdb.DuckDBPyConnection, database: str, table: str) -> str:
    """Rows without a value by field, in all and by county: the first two digits of its number (`st`)."""
    fields = [name for name in column_types(connection, database, table) if name != "nin"]
    counted = ", ".join(f"count(*) - count(measured.{name}) as {name}" for name in fields)
    if table == _ADDRESS:
        source = f"(select *, left(st, 2) as county from {database}.{table} where {_SHOWN}) as measured"
    else:
        source = (
            f"(select person.*, left(address.st, 2) as county from {database}.{table} as person"
            f" left join {database}.{_ADDRESS} as address on address.nin = person.nin and address.current_address)"
            " as measured"
        )
    return f"""
        with by_county as (
            select coalesce(county, '') as county, cast(count(*) as bigint) as total, {counted} from {source} group by 1
        ),
        long as (
            unpivot by_county on {", ".join(fields)} into name field value missing
        )
        select 'null_by_field_and_county', '{table}.' || field || ' ' || county, missing, total from long
        where county <> ''
        union all
        select 'null_by_field', '{table}.' || field, sum(missing), sum(total) from long group by field
    """


def _codes(database: str, table: str, fields: tuple[str, ...]) -> str:
    parts = " union all ".join(
        f"select '{field}' as field, cast({field} as varchar) as code, count(*) as rows_with_code"
        f" from {database}.{table} where {_PRESENT[table]} group by 2"
        for field in fields
    )
    return f"""
        select 'code_by_field', '{table}.' || field || ' ' || coalesce(code, '(none)'), rows_with_code,
            sum(rows_with_code) over (partition by field)
        from ({parts})
    """


def counts_blanks_apart(connection: duckdb.DuckDBPyConnection, database: str) -> bool:
    """Whether the comparison of a release is counted by rows with a value; before, blank against blank was equal."""
    return "both_blank" in column_types(connection, database, "field_comparison_summary")


def _comparison(database: str) -> str:
    """Differences by field, of those compared with a value: without what follows from another field's, and without
    those of which no value is shown: they came with somebody's protection.
    """
    return f"""
        with without_values as (
            select pair, entity, field, count(*) filter (difference_kind not in ('protection', 'derived')) as causes,
                count(*) filter (difference_kind = 'unexplained') as unexplained
            from {database}.field_comparison_differences
            where left_value is null and right_value is null
            group by all
        ),
        shown as (
            select summary.pair, summary.entity, summary.field, summary.compared,
                summary.causes - summary.protection - coalesce(without_values.causes, 0) as different,
                summary.unexplained - coalesce(without_values.unexplained, 0) as unexplained
            from {database}.field_comparison_summary as summary
            left join without_values using (pair, entity, field)
            where summary.compared > 0
        )
        select 'different_by_field', pair || ' ' || entity || '.' || field, different, compared from shown
        union all
        select 'unexplained_by_field', pair || ' ' || entity || '.' || field, unexplained, compared from shown
        union all
        select 'compared_by_pair', pair, max(compared), null
        from {database}.field_comparison_summary group by pair having max(compared) > 0
    """


def _of_changed(database: str, table: str) -> str:
    """The rows of the persons who have changed: few on most days, and all that a change can be counted from."""
    return f"select * from {database}.{table} where nin in (select nin from changed_person)"


def _unchanged_addresses() -> str:
    """How many shown addresses are as they were, by kommune (NULL is one): the same in both releases."""
    return f"""
        select st, count(*) as addresses from {ALIAS}.{_ADDRESS}
        where {_SHOWN} and nin not in (select nin from changed_person)
        group by st
    """


# SQL: how many rows of a table are as they were.
_UNCHANGED = {
    _PERSON: f"(select count(*) from {ALIAS}.{_PERSON} where nin not in (select nin from changed_person))",
    _ADDRESS: "(select coalesce(sum(addresses), 0) from unchanged_address)",
}


def _changed(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """Persons of both releases, and for how many of them each field has another value."""
    there = set(column_types(connection, "temp", f"before_{table}"))
    fields = [name for name in column_types(connection, "temp", f"now_{table}") if name != "nin" and name in there]
    counted = ", ".join(f"count(*) filter (now.{name} is distinct from before.{name}) as {name}" for name in fields)
    return f"""
        with counted as (
            select cast(count(*) + {_UNCHANGED[table]} as bigint) as total, {counted}
            from (select * from now_{table} where {_PRESENT[table]}) as now
            inner join (select * from before_{table} where {_PRESENT[table]}) as before using (nin)
        ),
        long as (
            unpivot counted on {", ".join(fields)} into name field value changed
        )
        select 'changed_by_field', '{table}.' || field, changed, total from long where total > 0
    """


def list_delivered(connection: duckdb.DuckDBPyConnection, last: Release) -> None:
    """Make `delivered_person` (nin): persons named or touched by changes that Freg delivered since the last release.

    A person is affected by another's document where they share a dwelling or a number: `build.affected` knows, as long
    as the build goes on from that of the last release. A full delivery reports no change.
    """
    connection.execute(
        """
        create or replace temp table delivered_person as
        select distinct states.person_nin as nin
        from raw.freg_document
        inner join raw.delivery using (delivery_number)
        inner join intermediate.int_person__state as states using (document_number)
        where delivery.kind = 'change' and freg_document.sekvensnummer > ?
        """,
        [last.manifest.sequence_number or 0],
    )
    lineage = last.manifest.lineage
    if lineage is None:
        return
    connection.execute(
        """
        insert into delivered_person
        select distinct number from build.affected
        where built_after >= ? and exists (from build.progress where lineage = ? and is_whole)
        """,
        [lineage.last_document_number, lineage.name],
    )


def _changed_persons(connection: duckdb.DuckDBPyConnection, database: str) -> str:
    """Persons who are new or gone, or whose record or present address is otherwise.

    Columns are compared by their names; where a release has others than the one before, everybody is otherwise.
    """

    def changed(table: str, condition: str) -> str:
        columns = sorted(column_types(connection, database, table))
        if columns != sorted(column_types(connection, ALIAS, table)):
            return f"""
                select nin from {database}.{table} where {condition}
                union
                select nin from {ALIAS}.{table} where {condition}
            """
        # Hashed before they are joined: a join carries a number and a hash of a row, not the row.
        now, before = (
            f"(select nin, hash(row({', '.join(columns)})) as content_hash from {side}.{table} where {condition})"
            for side in (database, ALIAS)
        )
        return f"""
            select coalesce(now.nin, before.nin) as nin
            from {now} as now
            full join {before} as before on now.nin = before.nin
            where now.content_hash is distinct from before.content_hash
        """

    return f"""
        select nin from ({changed(_PERSON, "true")} union {changed(_ADDRESS, "current_address")})
        -- A row without a number is nobody's; a check of its own stops it.
        where nin is not null
    """


def _are_few(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether so few have changed that their rows are copied once, rather than looked up for each measure."""
    ((changed,),) = connection.execute("select count(*) from changed_person").fetchall()
    return int(changed) < _FEW


def _moved() -> str:
    """Who has left a kommune, without those whose address is hidden now: the count would disclose them."""
    return f"""
        with changed as (
            select before.st, count(*) filter (now.st is distinct from before.st) as moved, count(*) as addresses
            from (select nin, st from before_{_ADDRESS} where current_address and st is not null) as before
            inner join (select nin, st from now_{_ADDRESS} where {_SHOWN}) as now using (nin)
            group by before.st
        )
        select 'moved_from_kommune', st, coalesce(changed.moved, 0),
            coalesce(changed.addresses, 0) + coalesce(unchanged.addresses, 0)
        from changed
        full join (from unchanged_address where st is not null) as unchanged using (st)
    """


def _newly_hidden() -> str:
    """Present addresses that were shown and are hidden now; only how many, not where."""
    return f"""
        select 'newly_hidden', '', count(*), null
        from (select nin from before_{_ADDRESS} where {_SHOWN}) as before
        inner join (
            select nin from now_{_ADDRESS} where current_address and enrichment_method = 'hidden'
        ) as now using (nin)
    """


def _rates() -> str:
    """What happens to a known number of persons in a day, counted from both releases, of all persons."""
    moved = " or ".join(
        f"now.{field} is distinct from before.{field}"
        for field in ("street_name", "house_number", "house_letter", "st")
    )
    return f"""
        with persons as (
            select
                count(*) filter (now.reg_status = 5 and before.reg_status is distinct from 5) as deaths,
                count(*) filter (
                    now.given_name is distinct from before.given_name or now.sn is distinct from before.sn
                ) as names,
                count(*) filter (
                    now.date_of_birth is distinct from before.date_of_birth or now.gender is distinct from before.gender
                ) as identities,
                count(*) + {_UNCHANGED[_PERSON]} as total
            from before_{_PERSON} as before
            inner join now_{_PERSON} as now using (nin)
        ),
        born as (
            select count(*) as births from now_{_PERSON} as now
            where now.date_of_birth > current_date - 400
                and now.nin not in (select nin from before_{_PERSON})
        ),
        moves as (
            select count(*) filter ({moved}) as moves, count(*) + {_UNCHANGED[_ADDRESS]} as total
            from (select * from before_{_ADDRESS} where {_SHOWN}) as before
            inner join (select * from now_{_ADDRESS} where {_SHOWN}) as now using (nin)
        )
        select 'deaths_a_day', '', deaths / $days, total from persons where total > 0
        union all
        select 'names_a_day', '', names / $days, total from persons where total > 0
        union all
        select 'identities_a_day', '', identities / $days, total from persons where total > 0
        union all
        select 'births_a_day', '', births / $days, total from born, persons where total > 0
        union all
        select 'moves_a_day', '', moves / $days, total from moves where total > 0
    """


def _came_back() -> str:
    return f"""
        select 'came_back_to_life', '', count(*), null
        from before_{_PERSON} as before
        inner join now_{_PERSON} as now using (nin)
        where before.reg_status = 5 and now.reg_status is distinct from 5
    """


def _flows(database: str) -> str:
    """Events since the last release, a day."""
    return f"""
        with logged as (
            select * from {database}.preg_change_log where sequence_number > $after
        ),
        first_state as (
            select person_nin from {database}.preg_state group by person_nin having min(sequence_number) > $after
        )
        select 'documents_a_day', '', count(*) / $days, null
        from {database}.preg_state where sequence_number > $after
        union all
        select 'births_a_day_by_kommune', coalesce(address.st, ''), count(*) / $days, null
        from first_state
        inner join {database}.preg_person as person on person.nin = first_state.person_nin
        left join {database}.preg_address as address on address.nin = person.nin and address.current_address
        where person.date_of_birth > current_date - 400
        group by 2
        union all
        select 'deaths_a_day_by_kommune', coalesce(address.st, ''), count(*) / $days, null
        from logged
        left join {database}.preg_address as address on address.nin = logged.nin and address.current_address
        where field = 'reg_status' and to_value = '5'
        group by 2
        union all
        select 'moves_a_day_by_kommune', coalesce(to_value, from_value, ''), count(*) / $days, null
        from logged
        where field = 'st'
        group by 2
    """


def _days_between(before: object, now: str | None) -> float | None:
    """Days from one release's newest event to the next one's, at least one; None where one has no event."""
    if not isinstance(before, str) or now is None:
        return None
    return max(1.0, (dt.datetime.fromisoformat(now) - dt.datetime.fromisoformat(before)).total_seconds() / 86400)
