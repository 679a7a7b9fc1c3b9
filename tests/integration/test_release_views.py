"""What a release offers besides its tables: names by sound, words, families, moves, how many live where."""

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
    gender integer, reg_status integer, date_status date, status_country_code integer, marital_status integer,
    custody varchar, work_permit varchar, without_legal_capacity varchar, citizenship varchar,
    mothers_nin varchar, fathers_nin varchar, spouse_nin varchar
);
create table preg_address (
    nin varchar, current_address boolean, address_type varchar, enrichment_method varchar,
    enrichment_reason varchar, st varchar, municipality varchar,
    present_st varchar, district_code varchar, district_name varchar, grunnkrets_number varchar,
    grunnkrets_name varchar, street_name varchar, house_number integer,
    house_letter varchar, cadastral_number varchar, property_number varchar, apartment_number varchar,
    date_adr_from date, valid_to date, postal_address varchar, postal_type integer
);
create table preg_change_log (
    nin varchar, changed_at timestamptz, sequence_number bigint, entity varchar, field varchar,
    from_value varchar, to_value varchar
);
create table preg_code (code_list varchar, code varchar, word_no varchar, word_en varchar);
create table landkode (iso_alfa3 varchar, ssb_landkode varchar, landnavn varchar);
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


def residence(since: str, **address: Any) -> dict[str, Any]:
    """A residence of the person `1`, in a kommune without bydeler."""
    place = {"street_name": "Storgata", "house_number": 1, "st": "3301", "present_st": "3301"}
    kind = {"address_type": "bostedsadresse", "enrichment_method": "adresse_id", "current_address": False}
    return {"nin": "1", "date_adr_from": since, **kind, **place, **address}


def test_a_move_is_between_two_residences_that_follow_each_other(release: duckdb.DuckDBPyConnection) -> None:
    insert(
        release,
        "preg_address",
        residence("2001-01-01", apartment_number="H0101"),
        residence("2002-01-01", apartment_number="H0102"),
        residence("2003-01-01", house_number=7),
        residence("2004-01-01", st="0301", present_st="0301", district_code="030101", municipality="OSLO"),
        residence(
            "2005-01-01", st="0301", present_st="0301", district_code="030102", municipality="OSLO", house_number=2
        ),
        # No residence: nobody moves there.
        residence("2006-01-01", address_type="oppholdsadresse", st="4601", present_st="4601"),
    )
    assert ask(
        release,
        "select moved_on::varchar, move_kind, from_st, to_st, from_district_code, to_district_code, to_municipality"
        " from residence_move order by moved_on",
    ) == [
        ("2002-01-01", "within_address", "3301", "3301", None, None, None),
        ("2003-01-01", "within_area", "3301", "3301", None, None, None),
        ("2004-01-01", "between_kommuner", "3301", "0301", None, "030101", "OSLO"),
        ("2005-01-01", "between_bydeler", "0301", "0301", "030101", "030102", "OSLO"),
    ]


def test_a_reform_is_no_move_and_no_change_of_kommune(release: duckdb.DuckDBPyConnection) -> None:
    insert(
        release,
        "preg_address",
        # The address got another number of the kommune, and kept its day.
        residence("2019-05-01", st="0602", present_st="3301", valid_to="2020-01-01"),
        residence("2019-05-01", st="3005", present_st="3301", valid_to="2024-01-01"),
        residence("2019-05-01", st="3301"),
        residence("2024-06-01", house_number=9, current_address=True),
    )
    assert ask(release, "select moved_on::varchar, move_kind, from_st, to_st from residence_move") == [
        ("2024-06-01", "within_area", "3301", "3301")
    ]


def test_of_who_has_a_hidden_address_no_move_is_told(release: duckdb.DuckDBPyConnection) -> None:
    insert(
        release,
        "preg_address",
        residence("2019-05-01"),
        residence("2020-05-01", st="0301", present_st="0301"),
        {"nin": "1", "enrichment_method": "hidden", "current_address": True},
    )
    assert ask(release, "select count(*) from residence_move") == [(0,)]


def test_changes_of_names_births_and_deaths_are_counted_by_the_days_of_oslo(release: duckdb.DuckDBPyConnection) -> None:
    insert(
        release,
        "preg_person",
        {"nin": "a", "date_of_birth": "2026-01-09", "reg_status": 1, "mothers_nin": "m"},
        {"nin": "b", "date_of_birth": "1950-01-01", "reg_status": 5, "date_status": "2026-01-10"},
    )
    change = {"entity": "Person", "sequence_number": 7}
    # Half past eleven in the evening, universal time: the next day in Oslo.
    at = "2026-01-09 23:30:00+00"
    insert(
        release,
        "preg_change_log",
        {**change, "nin": "a", "changed_at": at, "field": "sn", "from_value": "Vik", "to_value": "Moe"},
        {**change, "nin": "a", "changed_at": at, "field": "middle_name", "from_value": None, "to_value": "Vik"},
        {**change, "nin": "b", "changed_at": at, "field": "reg_status", "from_value": "1", "to_value": "5"},
    )
    assert ask(
        release,
        "select nin, registered_on::varchar, from_sn, to_sn, from_middle_name, to_middle_name, to_given_name"
        " from name_change",
    ) == [("a", "2026-01-10", "Vik", "Moe", None, "Vik", None)]
    assert ask(release, "select nin, died_on::varchar, registered_on::varchar from death") == [
        ("b", "2026-01-10", "2026-01-10")
    ]
    assert ask(
        release, "select nin, born_on::varchar, mothers_nin, registered_on::varchar from birth order by nin"
    ) == [
        ("a", "2026-01-09", "m", "2026-01-10"),
        ("b", "1950-01-01", None, None),
    ]
    assert ask(
        release,
        "select on_day::varchar, births, deaths, moves, name_changes from events_by_day('2026-01-09', '2026-01-11')",
    ) == [("2026-01-09", 1, 0, 0, 0), ("2026-01-10", 0, 1, 0, 1), ("2026-01-11", 0, 0, 0, 0)]


def test_codes_have_words_in_two_languages_and_no_row_is_lost(release: duckdb.DuckDBPyConnection) -> None:
    word = {"word_no": "Bosatt", "word_en": "Resident"}
    insert(
        release,
        "preg_code",
        {"code_list": "RegStatus", "code": "1", **word},
        {"code_list": "Gender", "code": "1", "word_no": "Mann", "word_en": "Man"},
        {"code_list": "PostalType", "code": "0", "word_no": "Vanlig bosatt", "word_en": "Ordinary residence"},
    )
    insert(
        release,
        "landkode",
        # Two countries of ISO that have one code of SSB's.
        {"iso_alfa3": "NOR", "ssb_landkode": "000", "landnavn": "Norge"},
        {"iso_alfa3": "SJM", "ssb_landkode": "000", "landnavn": "Svalbard"},
    )
    settle(
        release,
        resident("1"),
        resident("2", reg_status=42, gender=None),
    )
    release.execute("update preg_person set citizenship = '000' where nin = '1'")
    release.execute("update preg_address set postal_type = 0 where nin = '1'")
    assert ask(
        release,
        "select nin, reg_status_no, reg_status_en, gender_no, gender_en, citizenship_country"
        " from preg_person_labelled order by nin",
    ) == [("1", "Bosatt", "Resident", "Mann", "Man", "Norge"), ("2", None, None, None, None, None)]
    assert ask(release, "select nin, postal_type_no, postal_type_en from preg_address_labelled order by nin") == [
        ("1", "Vanlig bosatt", "Ordinary residence"),
        ("2", None, None),
    ]


def test_an_address_has_one_key_and_its_dwellings_others(release: duckdb.DuckDBPyConnection) -> None:
    settle(
        release,
        resident("1", apartment_number="H0101"),
        resident("2", apartment_number="H0102", street_name="STORGATA"),
        resident("3", apartment_number="H0101", house_number=2),
        resident("4", street_name=None, house_number=None, st=None),
    )
    keys = {
        nin: (address, dwelling)
        for nin, address, dwelling in ask(release, "select nin, address_key, dwelling_key from preg_address_labelled")
    }
    assert keys["1"][0] == keys["2"][0] != keys["3"][0]
    assert len({dwelling for _, dwelling in keys.values()}) == 4
    assert keys["4"] == (None, None)
    assert ask(
        release,
        "select bool_and(household = dwelling_key) from household_member inner join preg_address_labelled using (nin)",
    ) == [(True,)]


def test_how_many_live_in_the_country_and_in_each_area_by_name(release: duckdb.DuckDBPyConnection) -> None:
    oslo = {"municipality": "OSLO", "district_code": "030101", "district_name": "Gamle Oslo", "grunnkrets_name": "Nord"}
    settle(
        release,
        *(resident(str(number), gender=number % 2, **oslo) for number in range(11)),
        resident("alone", present_st="4601", st="4601", municipality="BERGEN", grunnkrets_number="46010101"),
        resident("hidden", enrichment_method="hidden", present_st=None),
    )
    assert ask(release, "from population()") == [
        ("country", None, None, 5, 5, 10),
        ("kommune", "0301", "OSLO", 5, 5, 10),
        ("kommune", "4601", "BERGEN", None, None, None),
        ("grunnkrets", "03010101", "Nord", 5, 5, 10),
        ("grunnkrets", "46010101", None, None, None, None),
        ("bydel", "030101", "Gamle Oslo", 5, 5, 10),
    ]
