"""Discrepancies planted in the Persontjenesten delivery, so that what the comparison finds can be scored.

Each kind is planted in the entries of a few persons who have nothing else special about them, and written down in
`expected_discrepancies.csv` (kind;entity;field;person_id;nin), one row for each field in which a comparison must find
it. Some of what is planted only looks like a difference (letter case): it is changed in the delivery, expected nowhere.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from ingest.synthetic.entries import choose_subjects

EXPECTED = "expected_discrepancies.csv"

# `home` is the present residence of those who live at a street address and stay nowhere else.
_LIVES_AT_AN_ADDRESS = "home.body is not null"


@dataclass(frozen=True)
class Discrepancy:
    """What is planted: on whom (`eligible`, SQL over `p` and `home`), how (`edits`: element, SQL over its current
    entry's body), and where a comparison must find it (`fields`: entity and field of PREG).

    kind: the kind of difference. removes: the person is left out of the delivery. adds: a person whom only
    Persontjenesten knows. registered_late: the entry was registered after everything that Freg delivered.
    """

    name: str
    kind: str
    fields: tuple[tuple[str, str], ...]
    eligible: str
    edits: tuple[tuple[str, str], ...] = ()
    removes: bool = False
    adds: bool = False
    registered_late: bool = False


def _without(member: str) -> str:
    return f'regexp_replace(body, \',?"{member}":"[^"]*"\', \'\')'


def _with(member: str, value: str) -> str:
    return f'regexp_replace(body, \'"{member}":"[^"]*"\', \'"{member}":"\' || {value} || \'"\')'


DISCREPANCIES: tuple[Discrepancy, ...] = (
    Discrepancy(
        "a middle name is missing",
        "only_left",
        (("Person", "middle_name"),),
        "p.mellomnavn is not null",
        (("name", _without("middleName")),),
    ),
    Discrepancy(
        "a middle name is added",
        "only_right",
        (("Person", "middle_name"),),
        "p.mellomnavn is null",
        (("name", 'body || \',"middleName":"Tillegg"\''),),
    ),
    Discrepancy(
        "a name has lost its Norwegian letters",
        "format",
        (("Person", "given_name"),),
        "regexp_matches(p.fornavn, '[æøåÆØÅ]')",
        (("name", _with("givenName", "strip_accents(replace(replace(p.fornavn, 'ø', 'o'), 'Ø', 'O'))")),),
    ),
    Discrepancy(
        "another family name",
        "unexplained",
        (("Person", "sn"),),
        "true",
        (("name", _with("familyName", "'Avviksen'")),),
    ),
    Discrepancy(
        "a civil status that no code list knows",
        "code_list",
        (("Person", "marital_status"),),
        "p.sivilstand is not null",
        (("maritalStatus", _with("status", "'Cohabitant'")),),
    ),
    Discrepancy(
        "another civil status",
        "unexplained",
        (("Person", "marital_status"),),
        "p.sivilstand = 'gift'",
        (("maritalStatus", _with("status", "'Divorced'")),),
    ),
    Discrepancy(
        "born a day later",
        "unexplained",
        (("Person", "date_of_birth"),),
        "true",
        (("birth", _with("birthDate", "cast(p.birth_date + 1 as varchar) || 'T00:00:00'")),),
    ),
    Discrepancy(
        "no citizenship",
        "only_left",
        (("Person", "citizenship"), ("Person", "citizenship_code"), ("Person", "date_citizenship")),
        "p.citizenship = 'NOR' and not p.has_second_citizenship",
        (("citizenship", "null"),),
    ),
    Discrepancy(
        "another grunnkrets",
        "enrichment",
        (("Address", "basic_statistical_unit"),),
        _LIVES_AT_AN_ADDRESS,
        (
            (
                "residentialAddress",
                "regexp_replace(regexp_replace(body, '\"basicStatisticalUnit\":\\d+', '\"basicStatisticalUnit\":9999'),"
                ' \'"fullBasicStatisticalUnitNumber":"(\\d{4})\\d{4}"\','
                ' \'"fullBasicStatisticalUnitNumber":"\\19999"\')',
            ),
        ),
    ),
    Discrepancy(
        "the bydel that serves instead of the one it lies in",
        "meaning",
        (("Address", "district_code"), ("Address", "district_name")),
        'regexp_matches(home.body, \'"geographicalUrbanDistrictCode":"03011[67]"\')',
        (
            (
                "residentialAddress",
                "regexp_replace(regexp_replace(body,"
                ' \'"geographicalUrbanDistrictCode":"[^"]*"\', \'"geographicalUrbanDistrictCode":"\''
                ' || regexp_extract(body, \'"urbanDistrictCode":"([^"]*)"\', 1) || \'"\'),'
                ' \'"geographicalUrbanDistrictName":"[^"]*"\', \'"geographicalUrbanDistrictName":"\''
                ' || regexp_extract(body, \'"urbanDistrictName":"([^"]*)"\', 1) || \'"\')',
            ),
        ),
    ),
    Discrepancy(
        "a postal code without its leading zero",
        "format",
        (("Address", "postal_code"), ("Address", "postal_address")),
        'contains(home.body, \'"postalCode":"0\')',
        (("residentialAddress", 'replace(body, \'"postalCode":"0\', \'"postalCode":"\')'),),
    ),
    Discrepancy(
        "the street name in capitals: no difference",
        "",
        (),
        _LIVES_AT_AN_ADDRESS,
        (
            (
                "residentialAddress",
                'regexp_replace(body, \'"addressName":"[^"]*"\', \'"addressName":"\''
                ' || upper(regexp_extract(body, \'"addressName":"([^"]*)"\', 1)) || \'"\')',
            ),
        ),
    ),
    Discrepancy(
        "the name in capitals: no difference",
        "",
        (),
        "true",
        (("name", _with("givenName", "upper(p.fornavn)")),),
    ),
    Discrepancy(
        "a name changed after Freg was read",
        "timing",
        (("Person", "sn"),),
        "true",
        (("name", _with("familyName", "'Nettopp'")),),
        registered_late=True,
    ),
    Discrepancy(
        "the former number given as the one in use",
        "identity",
        (("Person", "nin"), ("Person", "old_nin")),
        "p.former_nin is not null and p.dublett_nin is null and p.settled_nin is null",
        (
            (
                "norwegianIdentificationNumber",
                "case when contains(body, p.nin) then replace(body, 'InUse', 'Discontinued')"
                " else replace(body, 'Discontinued', 'InUse') end",
            ),
        ),
    ),
    Discrepancy("a person is missing", "only_left", (("Person", "nin"),), "true", removes=True),
    Discrepancy(
        "a person whom Freg does not know",
        "only_right",
        (("Person", "nin"),),
        "true",
        adds=True,
    ),
)


def plant(connection: duckdb.DuckDBPyConnection, created_at: dt.datetime) -> None:
    """Choose the persons, edit their entries in `planted_entry`, and note in `planted_person` what was planted."""
    connection.execute(
        """
        create or replace table home as
        select person_id, body
        from translated_entry
        where element = 'residentialAddress' and is_current and adresse_id is not null
            and contains(body, '"streetAddress"') and contains(body, '"cadastralIdentifier"')
            and person_id not in (
                select person_id from standing_entry where element = 'oppholdsadresse' and is_current
            )
        """
    )
    (persons,) = connection.execute("select count(*) from person").fetchall()[0]
    quota = max(1, persons // 5000)
    for discrepancy in DISCREPANCIES:
        _choose(connection, discrepancy, quota)
    choose_subjects(connection, "person_id in (select person_id from planted_person)")
    connection.execute("insert into planted_entry select * from translated_entry")
    for discrepancy in DISCREPANCIES:
        _edit(connection, discrepancy, created_at)
    connection.execute("delete from planted_entry where body is null")


def write_expected(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write what a comparison must find, beside the delivery."""
    connection.execute(
        "create or replace temp table expected_field (name varchar, kind varchar, entity varchar, field varchar)"
    )
    rows = [
        [discrepancy.name, discrepancy.kind, entity, field]
        for discrepancy in DISCREPANCIES
        for entity, field in discrepancy.fields
    ]
    connection.executemany("insert into expected_field values (?, ?, ?, ?)", rows)
    connection.execute(
        f"""
        copy (
            select kind, entity, field, persontjenesten_id as person_id, nin
            from planted_person
            inner join expected_field using (name)
            order by kind, entity, field, nin
        ) to '{folder / EXPECTED}' (format csv, header true, delimiter ';')
        """
    )


def _choose(connection: duckdb.DuckDBPyConnection, discrepancy: Discrepancy, quota: int) -> None:
    """Adults who live in Norway, are not protected, and to whom nothing has happened lately."""
    connection.execute(
        f"""
        insert into planted_person
        select $name, p.person_id, p.nin, persontjenesten_person.persontjenesten_id
        from person as p
        inner join persontjenesten_person using (person_id)
        left join home using (person_id)
        where p.status = 'bosatt' and not p.has_d_number and p.protection is null and p.age >= 18
            and not p.took_spouses_name
            and p.person_id not in (select person_id from changed_person)
            and p.person_id not in (select person_id from planted_person)
            and p.person_id not in (select person_id from hidden_person)
            and ({discrepancy.eligible})
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
