"""Planting discrepancies in the Persontjenesten delivery, so that what the comparison finds can be scored.

Each is planted in the entries of a few persons who have nothing else special about them, and recorded in
`expected_discrepancies.csv` (kind;entity;field;person_id;nin;pair), one row for each field in which a comparison must
find it. Some of what is planted only looks like a difference (letter case): it is changed, and expected nowhere.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from foundation.database import sql_text
from ingest.synthetic.entries import choose_subjects

EXPECTED = "expected_discrepancies.csv"


@dataclass(frozen=True)
class Discrepancy:
    """What is planted: on whom (`eligible`, SQL over `p`, `home` and what `plantable` has besides), how (`edits`:
    element, SQL over its current entry's body), and where a comparison must find it (`fields`: entity and field of
    PREG; none where it only looks like a difference).

    kind: the kind of difference. derived: entity and field of the differences that follow from those. removes: the
    person is left out of the delivery. adds: a person whom only Persontjenesten knows. registered_late: the entry
    was registered after everything that Freg delivered. moves: by how many days an element's current entries hold
    from another day. reverses: the element whose entries come in the opposite order. inserts: an element of which
    the person gets one more entry, with the body `inserted_body`. of_children: planted on children, else on adults.
    """

    name: str
    kind: str
    fields: tuple[tuple[str, str], ...]
    eligible: str
    edits: tuple[tuple[str, str], ...] = ()
    derived: tuple[tuple[str, str], ...] = ()
    removes: bool = False
    adds: bool = False
    registered_late: bool = False
    moves: tuple[tuple[str, int], ...] = ()
    reverses: str = ""
    inserts: str = ""
    inserted_body: str = "''"
    of_children: bool = False


def plant(
    connection: duckdb.DuckDBPyConnection, created_at: dt.datetime, discrepancies: tuple[Discrepancy, ...]
) -> None:
    """Choose the persons, edit their entries in `planted_entry`, and note in `planted_person` what was planted."""
    (persons,) = connection.execute("select count(*) from person").fetchall()[0]
    quota = max(1, persons // 5000)
    _create_plantable(connection, quota * len(discrepancies))
    for discrepancy in discrepancies:
        _choose(connection, discrepancy, quota)
    choose_subjects(connection, "person_id in (select person_id from planted_person)")
    connection.execute("insert into planted_entry select * from translated_entry")
    for discrepancy in discrepancies:
        _edit(connection, discrepancy, created_at)
    connection.execute("delete from planted_entry where body is null")


def write_expected(connection: duckdb.DuckDBPyConnection, folder: Path, discrepancies: tuple[Discrepancy, ...]) -> None:
    """Write what a comparison of PREG with Persontjenesten must find, next to the delivery."""
    connection.execute(
        "create or replace temp table expected_field (name varchar, kind varchar, entity varchar, field varchar)"
    )
    rows = [
        [discrepancy.name, kind, entity, field]
        for discrepancy in discrepancies
        for kind, found in ((discrepancy.kind, discrepancy.fields), ("derived", discrepancy.derived))
        for entity, field in found
    ]
    connection.executemany("insert into expected_field values (?, ?, ?, ?)", rows)
    connection.execute(
        f"""
        copy (
            select kind, entity, field, persontjenesten_id as person_id, nin, 'preg_persontjenesten' as pair
            from planted_person
            inner join expected_field using (name)
            order by kind, entity, field, nin
        ) to {sql_text(folder / EXPECTED)} (format csv, header true, delimiter ';')
        """
    )


# How many persons there are to choose from, for each that is planted: enough for what few are eligible for.
_CHOICE = 200


def _create_plantable(connection: duckdb.DuckDBPyConnection, planted: int) -> None:
    """Create `plantable`: persons who live in Norway, are not protected, and to whom nothing has happened lately."""
    connection.execute(
        f"""
        create or replace table plantable as
        with candidates as (
            select *
            from person
            where status = 'bosatt' and not has_d_number and protection is null and not took_spouses_name
                and person_id in (select person_id from persontjenesten_person)
                and person_id not in (select person_id from changed_person)
                and person_id not in (select person_id from hidden_person)
            order by u(person_id, 'plantable')
            limit {planted * _CHOICE}
        )
        select candidates.*, cast(null as varchar) as home, false as has_postal_address, false as has_permit,
            false as has_duf_number
        from candidates
        """
    )
    choose_subjects(connection, "person_id in (select person_id from plantable)")
    connection.execute(
        """
        create or replace temp table plantable_entry as
        select person_id, element, adresse_id, body
        from translated_entry
        where is_current and element in ('residentialAddress', 'presentAddress', 'postalAddress', 'residencePermit',
            'immigrationAuthoritiesIdentificationNumber')
        """
    )
    connection.execute(
        """
        update plantable set home = residence.body
        from plantable_entry as residence
        where residence.person_id = plantable.person_id and residence.element = 'residentialAddress'
            and residence.adresse_id is not null and contains(residence.body, '"streetAddress"')
            and contains(residence.body, '"cadastralIdentifier"')
            and plantable.person_id not in (select person_id from plantable_entry where element = 'presentAddress')
        """
    )
    for column, element in (
        ("has_postal_address", "postalAddress"),
        ("has_permit", "residencePermit"),
        ("has_duf_number", "immigrationAuthoritiesIdentificationNumber"),
    ):
        connection.execute(
            f"""
            update plantable set {column} = true
            where person_id in (select person_id from plantable_entry where element = '{element}')
            """
        )


def _choose(connection: duckdb.DuckDBPyConnection, discrepancy: Discrepancy, quota: int) -> None:
    age = "age < 18" if discrepancy.of_children else "age >= 18"
    connection.execute(
        f"""
        insert into planted_person
        select $name, p.person_id, p.nin, persontjenesten_person.persontjenesten_id
        from plantable as p
        inner join persontjenesten_person using (person_id)
        where {age} and p.person_id not in (select person_id from planted_person) and ({discrepancy.eligible})
        order by u(p.person_id, $name)
        limit {quota}
        """,
        {"name": discrepancy.name},
    )


def _edit(connection: duckdb.DuckDBPyConnection, discrepancy: Discrepancy, created_at: dt.datetime) -> None:
    chosen = "(select person_id from planted_person where name = $name)"
    name = {"name": discrepancy.name}
    if discrepancy.removes:
        connection.execute(f"delete from persontjenesten_person where person_id in {chosen}", name)
    if discrepancy.adds:
        _add_newcomers(connection, discrepancy)
    for element, body in discrepancy.edits:
        # Numbers change as a whole; of everything else only what holds now.
        only_current = "" if element == "norwegianIdentificationNumber" else "and is_current"
        connection.execute(
            f"""
            update planted_entry set body = {body}
            from person as p
            where p.person_id = planted_entry.person_id and element = '{element}'
                {only_current} and planted_entry.person_id in {chosen}
            """,
            name,
        )
        if discrepancy.registered_late:
            connection.execute(
                f"""
                update planted_entry set registered = $registered
                where element = '{element}' and is_current and person_id in {chosen}
                """,
                {**name, "registered": _clock_in_oslo(created_at - dt.timedelta(minutes=10))},
            )

    for element, days in discrepancy.moves:
        connection.execute(
            f"""
            update planted_entry set valid_from = valid_from + interval {days} days
            where element = '{element}' and is_current and person_id in {chosen}
            """,
            name,
        )
    if discrepancy.reverses:
        connection.execute(
            f"""
            update planted_entry set ordinal = -ordinal
            where element = '{discrepancy.reverses}' and person_id in {chosen}
            """,
            name,
        )
    if discrepancy.inserts:
        connection.execute(
            f"""
            insert into planted_entry
            select
                person_id, '{discrepancy.inserts}', (select max(position) + 1 from element), true, 1, true,
                timestamp '2020-03-04 12:00:00', timestamp '2020-03-04', null, null, {discrepancy.inserted_body}
            from planted_person
            where name = $name
            """,
            name,
        )


def _clock_in_oslo(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(ZoneInfo("Europe/Oslo")).replace(tzinfo=None)


def _add_newcomers(connection: duckdb.DuckDBPyConnection, discrepancy: Discrepancy) -> None:
    """Somebody new in Persontjenesten: a copy of a chosen person's entries with a number that nobody in Freg has."""
    name = {"name": discrepancy.name}
    connection.execute(
        """
        create or replace temp table newcomer as
        with spare as (
            select number, row_number() over (order by owner_id) as n
            from number_holder
            where use = 'reserve' and number not in (select nin from person)
        ),
        chosen as (
            select person_id, nin, row_number() over (order by person_id) as n
            from planted_person
            where name = $name
        )
        select
            chosen.person_id as model_id,
            chosen.nin as model_nin,
            (select max(person_id) from person) + chosen.n as person_id,
            spare.number as nin
        from chosen
        inner join spare using (n)
        """,
        name,
    )
    connection.execute("delete from planted_entry where person_id in (select model_id from newcomer)")
    connection.execute(
        """
        insert into planted_entry
        select translated_entry.* replace (
            newcomer.person_id as person_id,
            replace(translated_entry.body, newcomer.model_nin, newcomer.nin) as body
        )
        from translated_entry
        inner join newcomer on newcomer.model_id = translated_entry.person_id
        """
    )
    connection.execute("delete from planted_person where name = $name", name)
    connection.execute(
        """
        insert into persontjenesten_person
        select
            person_id,
            cast(cast(md5('persontjenesten' || person_id) as uuid) as varchar),
            (select max(sequence_number) from persontjenesten_person) + row_number() over (order by person_id)
        from newcomer
        """
    )
    connection.execute(
        """
        insert into planted_person
        select $name, newcomer.person_id, newcomer.nin, persontjenesten_person.persontjenesten_id
        from newcomer
        inner join persontjenesten_person using (person_id)
        """,
        name,
    )
