"""What a release offers besides its tables: names by sound, families, households, how many live where."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from publication.candidate import candidate

# Enough of the tables of a release for its views.
_TABLES = """
create table preg_person (
    nin varchar, given_name varchar, middle_name varchar, sn varchar, maiden_name varchar, date_of_birth date,
    gender integer, reg_status integer, mothers_nin varchar, fathers_nin varchar, spouse_nin varchar
);
create table preg_address (
    nin varchar, current_address boolean, address_type varchar, enrichment_method varchar,
    enrichment_reason varchar, st varchar,
    present_st varchar, district_code varchar, grunnkrets_number varchar, street_name varchar, house_number integer,
    house_letter varchar, cadastral_number varchar, property_number varchar, apartment_number varchar,
    date_adr_from date, valid_to date, postal_address varchar
);
create table preg_state (
    nin varchar, sequence_number bigint, person_nin varchar, is_present boolean, shown_from timestamptz,
    shown_to timestamptz
);
create table preg_person_earlier as select *, 1 as sequence_number, '' as person_nin from preg_person;
create table preg_address_earlier as select *, 1 as sequence_number, '' as person_nin from preg_address;
create table person_number (number varchar, nin varchar);
insert into preg_state values ('a', 1, 'a', true, timestamptz '2026-01-10 12:00:00+00', null);
"""


@pytest.fixture
def release() -> Iterator[duckdb.DuckDBPyConnection]:
    """A release's database with nobody in it, and its views."""
    with duckdb.connect() as connection:
        connection.execute(_TABLES)
        for file in sorted(candidate._VIEWS.glob("*.sql")):
            connection.execute(file.read_text(encoding="utf-8"))
        yield connection


def insert(release: duckdb.DuckDBPyConnection, table: str, *rows: dict[str, Any]) -> None:
    for row in rows:
        release.execute(
            f"insert into {table} ({', '.join(row)}) values ({', '.join('?' for _ in row)})", list(row.values())
        )


def ask(release: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return release.execute(query).fetchall()


@pytest.mark.parametrize(
    "spellings",
    [
        "Kristian Christian Cristian",
        "Bjørn Bjoern Björn",
        "Thorsen Torson Torsen",
        "Wiik Vik Wik",
        "Håkon Haakon",
        "Åse Aase",
        "Sofie Sophie Sofia",
        "Pettersen Petersen",
        "Lund Lunn",
        "Vold Wold",
        "Zachariassen Sakariassen",
        "Hjalmar Jalmar",
        "Quist Kvist Qvist",
        "Erik Eric Eirik",
        "Mathias Mattias Matias",
        "Carl Karl",
        "Cecilie Sesilie",
        "Ødegård Ødegaard Oedegaard",
        "Hvidsten Vidsten",
    ],
)
def test_spellings_that_sound_alike_have_one_key(release: duckdb.DuckDBPyConnection, spellings: str) -> None:
    keys = {ask(release, f"select phonetic_key('{name}')")[0][0] for name in spellings.split()}
    assert len(keys) == 1
    assert None not in keys


@pytest.mark.parametrize(("one", "other"), [("Hansen", "Jansen"), ("Berg", "Vik"), ("Anne", "Unni"), ("Ole", "Eli")])
def test_other_names_have_other_keys(release: duckdb.DuckDBPyConnection, one: str, other: str) -> None:
    ((same,),) = ask(release, f"select phonetic_key('{one}') = phonetic_key('{other}')")
    assert not same


def test_a_person_is_found_by_how_the_name_sounds(release: duckdb.DuckDBPyConnection) -> None:
    insert(
        release,
        "preg_person",
        {"nin": "1", "given_name": "Kristian", "sn": "Moe", "date_of_birth": "1980-05-17"},
        {"nin": "2", "given_name": "Christian Emil", "sn": "Moe-Vik", "date_of_birth": "1981-05-17"},
        {"nin": "3", "given_name": "Emil", "sn": "Moe", "maiden_name": "Christiansen"},
        {"nin": "4", "given_name": "Emil", "sn": None},
    )
    assert ask(release, "select words_as_written, nin from person_search('MOE,  christian')") == [(2, "2"), (1, "1")]
    assert ask(release, "select nin from person_search('Cristian Wiik')") == [("2",)]
    assert ask(release, "select nin from person_search('Kristian', born := '1980-05-17')") == [("1",)]
    assert ask(release, "select nin from person_search('Emil Kristiansen')") == [("3",)]
    assert ask(release, "select nin from person_search('')") == []


def test_relatives_are_led_to_the_person_of_today(release: duckdb.DuckDBPyConnection) -> None:
    insert(
        release,
        "preg_person",
        {"nin": "mother", "spouse_nin": "unknown"},
        {"nin": "elder", "mothers_nin": "mother", "fathers_nin": "father"},
        {"nin": "younger", "mothers_nin": "mothers_former", "fathers_nin": "father"},
        {"nin": "half", "mothers_nin": "mother", "fathers_nin": "other"},
    )
    insert(release, "person_number", {"number": "mothers_former", "nin": "mother"})
    of = "select relation, related_nin from family_relation where nin = '{}' order by all"
    assert ask(release, of.format("elder")) == [
        ("father", "father"),
        ("half_sibling", "half"),
        ("mother", "mother"),
        ("sibling", "younger"),
    ]
    assert ask(release, of.format("mother")) == [
        ("child", "elder"),
        ("child", "half"),
        ("child", "younger"),
        ("spouse", "unknown"),
    ]


def resident(nin: str, **address: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    person = {"nin": nin, "reg_status": 1, "gender": 1, "date_of_birth": "2000-06-01"}
    place = {
        "nin": nin,
        "current_address": True,
        "address_type": "bostedsadresse",
        "enrichment_method": "adresse_id",
        "st": "0301",
        "present_st": "0301",
        "grunnkrets_number": "03010101",
        "street_name": "Storgata",
        "house_number": 1,
    }
    return {**person, **{key: address.pop(key) for key in list(address) if key in person}}, {**place, **address}


def settle(release: duckdb.DuckDBPyConnection, *residents: tuple[dict[str, Any], dict[str, Any]]) -> None:
    for person, address in residents:
        insert(release, "preg_person", person)
        insert(release, "preg_address", address)


def test_a_household_is_who_lives_at_one_dwelling(release: duckdb.DuckDBPyConnection) -> None:
    settle(
        release,
        resident("1", apartment_number="H0101"),
        resident("2", apartment_number="H0101", street_name="STORGATA"),
        resident("3", apartment_number="H0102"),
        resident("4", apartment_number="H0101", enrichment_method="hidden"),
        resident("5", apartment_number="H0101", reg_status=5),
        resident("6", apartment_number="H0101", current_address=False),
        resident("7", street_name=None, house_number=None),
    )
    together = ask(release, "select members, list(nin order by nin) from household_member group by household, members")
    assert sorted(together) == [(1, ["3"]), (2, ["1", "2"])]


def test_small_counts_are_blank_and_do_not_follow_from_others(release: duckdb.DuckDBPyConnection) -> None:
    """Two live in one grunnkrets: 14 in the kommune less 12 in the other would disclose it, were they not rounded."""
    crowd = {"03010101": 2, "03010102": 12, "46010101": 5, "46010102": 8}
    settle(
        release,
        *(
            resident(f"{grunnkrets}-{number}", grunnkrets_number=grunnkrets, present_st=grunnkrets[:4])
            for grunnkrets, residents in crowd.items()
            for number in range(residents)
        ),
        resident("hidden", enrichment_method="hidden", grunnkrets_number="03010101"),
        resident("dead", reg_status=5),
    )
    assert ask(
        release, "select area_kind, area_number, age_from, age_to, gender, persons from population_statistics()"
    ) == [
        ("kommune", "0301", 25, 29, 1, 15),
        ("kommune", "4601", 25, 29, 1, 15),
        ("grunnkrets", "03010101", 25, 29, 1, None),
        ("grunnkrets", "03010102", 25, 29, 1, 10),
        ("grunnkrets", "46010101", 25, 29, 1, 5),
        ("grunnkrets", "46010102", 25, 29, 1, 10),
    ]


def test_the_threshold_and_the_day_can_be_chosen(release: duckdb.DuckDBPyConnection) -> None:
    settle(release, *(resident(str(number)) for number in range(6)))
    assert ask(
        release,
        "select age_from, persons from population_statistics(on_day := '2020-05-31', smallest := 6)"
        " where area_kind = 'kommune'",
    ) == [(15, 6)]
    assert ask(release, "select persons from population_statistics(smallest := 7)") == [(None,), (None,)]


def test_the_enrichment_of_each_day(release: duckdb.DuckDBPyConnection) -> None:
    """A state is of the days at whose end it was shown; the share is of the kommune."""
    for nin, sequence, present, shown_from, shown_to in [
        ("1", 1, False, "2026-01-01 00:00:00+00", "2026-01-02 12:00:00+00"),
        ("1", 2, True, "2026-01-02 12:00:00+00", None),
        ("2", 3, True, "2026-01-01 00:00:00+00", None),
    ]:
        state = {"nin": nin, "sequence_number": sequence, "person_nin": nin, "is_present": present}
        insert(release, "preg_state", {**state, "shown_from": shown_from, "shown_to": shown_to})
    address = {"current_address": True, "st": "0301"}
    earlier = {"nin": "1", "sequence_number": 1, "enrichment_method": "none", "enrichment_reason": "ambiguous"}
    insert(release, "preg_address_earlier", {**address, **earlier})
    insert(release, "preg_address", {**address, "nin": "1", "enrichment_method": "adresse_id"})
    insert(release, "preg_address", {**address, "nin": "2", "enrichment_method": "adresse_id"})
    assert ask(
        release,
        "select shown_on::varchar, enrichment_method, enrichment_reason, addresses, share"
        " from enrichment_quality_by_day('2026-01-01', '2026-01-02')",
    ) == [
        ("2026-01-01", "adresse_id", None, 1, 0.5),
        ("2026-01-01", "none", "ambiguous", 1, 0.5),
        ("2026-01-02", "adresse_id", None, 2, 1.0),
    ]
