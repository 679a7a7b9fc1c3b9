"""One person as a release shows him or her: the record, addresses, numbers, family, changes, and the other systems."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb

from foundation.errors import PregError
from foundation.release import Release

_RECORD = "select * from preg_person_labelled where nin = $nin"

_ADDRESSES = """
    select
        current_address as present, address_type, date_adr_from as from_day, valid_to as to_day, postal_address, st,
        municipality, district_code, district_name, grunnkrets_number, grunnkrets_name, enrichment_method
    from preg_address
    where nin = $nin
    order by current_address desc, date_adr_from desc nulls last, postal_address
"""

_NUMBERS = "select number, kind, status from person_number where nin = $nin order by number"

_FAMILY = """
    select family_relation.relation, family_relation.related_nin, person.given_name, person.sn, person.date_of_birth
    from family_relation
    left join preg_person as person on family_relation.related_nin = person.nin
    where family_relation.nin = $nin
    order by list_position(['mother', 'father', 'spouse', 'child', 'sibling', 'half_sibling'], relation),
        person.date_of_birth, related_nin
"""

# Under PREG's own name of a field, where it has one; the rest are our columns.
_CHANGES = """
    select
        timezone('Europe/Oslo', changes.changed_at) as changed_at,
        changes.event,
        changes.entity || '.' || coalesce(mapping.preg_field, changes.field) as field,
        changes.from_value,
        changes.to_value
    from preg_change_log as changes
    left join field_mapping as mapping
        on changes.field = mapping.column_name
            and changes.entity = case mapping.preg_entity when 'Address' then 'Address' else 'Person' end
    where changes.nin = $nin
    order by changes.changed_at, changes.sequence_number, changes.entity, changes.field
"""

# Every field of PREG with the value that PREG shows, and each other system's where it is another one.
_BESIDE = """
    with shown as (
        select 'Person' as entity, column_name, preg_value
        from (
            select cast(columns(*) as varchar) from preg_person where nin = $nin
        ) unpivot include nulls (preg_value for column_name in (columns(*)))
        union all
        select 'Address' as entity, column_name, preg_value
        from (
            select cast(columns(*) as varchar) from preg_address where nin = $nin and current_address limit 1
        ) unpivot include nulls (preg_value for column_name in (columns(*)))
    ),

    -- Of who is not in Persontjenesten, only that is a difference.
    there as (
        select
            exists (from field_comparison_summary where pair = 'preg_persontjenesten' and compared > 0)
            and not exists (
                from field_comparison_differences
                where pair = 'preg_persontjenesten' and nin = $nin and field = 'nin' and difference_kind = 'only_left'
            ) as is_there
    )

    select
        field_mapping.preg_entity || '.' || field_mapping.preg_field as field,
        shown.preg_value,
        field_mapping.persontjenesten_path,
        case
            when not there.is_there or field_mapping.compare_rule is null
                or field_mapping.persontjenesten_path is null then null
            when difference.difference_kind is null then shown.preg_value
            else difference.right_value
        end as persontjenesten_value,
        difference.difference_kind as difference,
        difference.caused_by
    from field_mapping
    inner join shown
        on field_mapping.column_name = shown.column_name
            and shown.entity = case when field_mapping.preg_entity = 'Address' then 'Address' else 'Person' end
    cross join there
    left join field_comparison_differences as difference
        on difference.pair = 'preg_persontjenesten'
            and difference.nin = $nin
            and difference.entity = field_mapping.preg_entity
            and difference.field = field_mapping.column_name
    where shown.preg_value is not null or difference.difference_kind is not null
    order by list_position(['Person', 'Store', 'Address'], field_mapping.preg_entity), field_mapping.preg_field
"""


@dataclass(frozen=True)
class OnePerson:
    """What a release shows of a person: lists of rows by column name.

    record: preg_person with its codes in words; empty where PREG had a number and shows nobody by it. beside: a row for
    each field of PREG that has a value, with Persontjenesten's in PREG's form and the kind of difference: PREG's own
    value where the two are equal by the field's rule, None where Persontjenesten has no such field, or not the person.
    """

    nin: str
    record: dict[str, Any]
    addresses: list[dict[str, Any]]
    numbers: list[dict[str, Any]]
    family: list[dict[str, Any]]
    changes: list[dict[str, Any]]
    beside: list[dict[str, Any]]


def present_number(release: Release, number: str) -> str | None:
    """The number by which the person goes now whom a number leads to; None where the release does not know it."""
    with release.open() as connection:
        row = connection.execute("select nin from person_number where number = ?", [number]).fetchone()
    return None if row is None else str(row[0])


def one_person(release: Release, number: str) -> OnePerson:
    """The person whom a number leads to, by any number that he or she ever had.

    Raises `PregError` when nobody in the release has or had it, or the release was published before it could be asked.
    """
    nin = present_number(release, number)
    if nin is None:
        raise PregError(
            "nobody in this release has this number, or had it",
            where=release.release_id,
            todo="look for the person by name: preg query \"from person_search('…')\"",
        )
    with release.open() as connection:
        connection.execute("set TimeZone = 'Europe/Oslo'")
        try:
            return OnePerson(
                nin,
                next(iter(_rows(connection, _RECORD, nin)), {}),
                *(_rows(connection, query, nin) for query in (_ADDRESSES, _NUMBERS, _FAMILY, _CHANGES, _BESIDE)),
            )
        except duckdb.CatalogException as error:
            raise PregError(
                "this release is from before a person could be shown",
                where=release.release_id,
                todo="ask the current one, or publish again: preg run",
            ) from error


def _rows(connection: duckdb.DuckDBPyConnection, query: str, nin: str) -> list[dict[str, Any]]:
    cursor = connection.execute(query, {"nin": nin})
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
