"""Which differences follow from which (macros/comparison_causes.sql), by the field mapping."""

from __future__ import annotations

import csv
from collections.abc import Iterator

import duckdb
import pytest

from tests.support.macros import DBT, macro_sql, with_functions

SEED = DBT / "seeds" / "field_mapping.csv"
MAPPING = list(csv.DictReader(SEED.open(encoding="utf-8")))
ENTITY = {row["column_name"]: row["preg_entity"] for row in MAPPING if row["compare_rule"]}

# Field, left value, right value and kind of each difference of one person.
Difference = tuple[str, str | None, str | None, str]


@pytest.fixture
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with with_functions(duckdb.connect()) as connection:
        connection.execute(
            "create table found (pair varchar, person varchar, entity varchar, field varchar, left_value varchar,"
            " right_value varchar, difference_kind varchar, is_on_one_side boolean)"
        )
        connection.execute("create table field_mapping as from read_csv(?, all_varchar = true)", [str(SEED)])
        yield connection


def _causes(
    database: duckdb.DuckDBPyConnection, *differences: Difference, is_on_one_side: bool = False
) -> dict[str, str]:
    database.executemany(
        "insert into found values ('preg_persontjenesten', 'a', ?, ?, ?, ?, ?, ?)",
        [[ENTITY[field], field, left, right, kind, is_on_one_side] for field, left, right, kind in differences],
    )
    # Somebody else, and another pair, have a difference of the street too: they cause nothing here.
    database.execute(
        "insert into found values"
        " ('preg_persontjenesten', 'b', 'Address', 'street_name', 'Storgata', 'Nygata', 'unexplained', false),"
        " ('preg_legacy', 'a', 'Address', 'street_name', 'Storgata', 'Nygata', 'unexplained', false)"
    )
    sql = macro_sql("causes_of_differences", "found", "field_mapping")
    found = database.execute(f"select pair, person, field, cause from ({sql})").fetchall()
    assert {row[:2] for row in found} <= {("preg_persontjenesten", "a")}
    assert len(found) == len({row[2] for row in found})
    return {field: cause for _, _, field, cause in found}


STREET: Difference = ("street_name", "Storgata", "Nygata", "unexplained")
LINE: Difference = ("postal_address", "Storgata 12B", "Nygata 12B", "unexplained")


def test_one_wrong_street_is_one_problem(database: duckdb.DuckDBPyConnection) -> None:
    code: Difference = ("street_number", "10005", "10006", "unexplained")
    assert _causes(database, STREET, LINE, code) == dict.fromkeys(("postal_address", "street_number"), "street_name")


def test_an_error_of_its_own_does_not_follow(database: duckdb.DuckDBPyConnection) -> None:
    assert _causes(database, STREET, ("postal_address", "Storgata 12B", "Nygata 13B", "unexplained")) == {}


def test_a_line_that_lacks_what_it_should_have_does_not_follow(database: duckdb.DuckDBPyConnection) -> None:
    assert _causes(database, STREET, ("postal_address", "Storgata 12B", "12B", "unexplained")) == {}


def test_lines_of_a_separate_postal_address_are_stated_for_themselves(database: duckdb.DuckDBPyConnection) -> None:
    box: Difference = ("address_line1", "Postboks 1", "Postboks 2", "unexplained")
    assert _causes(database, STREET, box, ("address_line2", "0184 OSLO", "0185 OSLO", "unexplained")) == {}


def test_a_separate_postal_address_that_one_side_lacks_is_one_problem(database: duckdb.DuckDBPyConnection) -> None:
    assert _causes(
        database,
        ("address_line1", "Postboks 1", None, "only_left"),
        ("address_line2", "0184 OSLO", None, "only_left"),
        ("postal_address_valid_from", "2020-01-01", None, "only_left"),
    ) == dict.fromkeys(("address_line2", "postal_address_valid_from"), "address_line1")


def test_of_a_house_the_number_is_a_word_and_the_letter_another(database: duckdb.DuckDBPyConnection) -> None:
    assert _causes(
        database,
        ("house_letter", "B", None, "only_left"),
        ("postal_address", "Storgata 12B", "Storgata 12", "unexplained"),
    ) == {"postal_address": "house_letter"}


@pytest.mark.parametrize(
    ("cause", "field", "left", "right", "kind"),
    [
        ("district_code", "district_name", "Sentrum", "Frogner", "enrichment"),
        ("st", "municipality", "Oslo", "Bergen", "unexplained"),
        ("postal_code", "postal_place", "OSLO", "BERGEN", "unexplained"),
    ],
)
def test_a_name_follows_from_its_code(
    database: duckdb.DuckDBPyConnection, cause: str, field: str, left: str, right: str, kind: str
) -> None:
    assert _causes(database, (cause, "1", "2", kind), (field, left, right, kind)) == {field: cause}


@pytest.mark.parametrize(
    ("cause", "field"),
    [
        # The code is there on both sides: that the name is missing is an error of its own.
        (("district_code", "1", "2", "enrichment"), ("district_name", "Sentrum", None, "only_left")),
        # The same code written otherwise has the same name.
        (("postal_code", "0184", "184", "format"), ("postal_place", "OSLO", "BERGEN", "unexplained")),
        # What a rule takes for equal causes nothing, nor does what is hidden.
        (("district_code", "01", "1", "equal_after_rule"), ("district_name", "Sentrum", "Frogner", "enrichment")),
        (("district_code", "1", "2", "protection"), ("district_name", "Sentrum", "Frogner", "protection")),
        # Two facts.
        (("given_name", "Kari", "Ola", "unexplained"), ("sn", "Nordmann", "Svensen", "unexplained")),
        (("reg_status", "1", "3", "unexplained"), ("date_status", "2001-01-01", "2002-01-01", "unexplained")),
        (
            ("marital_status", "1", "2", "unexplained"),
            ("date_marital_status", "2001-01-01", "2002-01-01", "unexplained"),
        ),
        (
            ("date_adr_from", "2001-01-01", "2002-01-01", "unexplained"),
            ("date_postal_type", "2003-01-01", "2002-01-01", "x"),
        ),
    ],
)
def test_what_is_not_explained_does_not_follow(
    database: duckdb.DuckDBPyConnection, cause: Difference, field: Difference
) -> None:
    assert _causes(database, cause, field) == {}


def test_a_day_follows_where_it_is_the_same_day_or_nothing_is_there(database: duckdb.DuckDBPyConnection) -> None:
    assert _causes(
        database,
        ("date_adr_from", "2008-05-19", "2008-05-20", "unexplained"),
        ("date_postal_type", "2008-05-19", "2008-05-20", "unexplained"),
        ("citizenship", "000", None, "only_left"),
        ("date_citizenship", "2008-05-19", None, "only_left"),
    ) == {"date_postal_type": "date_adr_from", "date_citizenship": "citizenship"}


def test_two_addresses_are_one_problem(database: duckdb.DuckDBPyConnection) -> None:
    found = _causes(
        database,
        STREET,
        ("house_number", "12", "7", "unexplained"),
        ("postal_code", "0184", "5003", "unexplained"),
        ("date_adr_from", "2001-01-01", "2020-01-01", "unexplained"),
        ("constituency", "3", "9", "unexplained"),
        ("municipality", "Oslo", "OSLO", "equal_after_rule"),
    )
    assert found == dict.fromkeys(("street_name", "house_number", "postal_code", "constituency"), "date_adr_from")


def test_without_another_day_of_the_move_the_street_is_the_cause(database: duckdb.DuckDBPyConnection) -> None:
    found = _causes(
        database, STREET, ("house_number", "12", "7", "unexplained"), ("postal_type", "0", "2", "unexplained")
    )
    assert found == {"house_number": "street_name", "postal_type": "street_name"}


def test_an_address_that_one_side_lacks_is_one_problem(database: duckdb.DuckDBPyConnection) -> None:
    found = _causes(
        database,
        ("postal_type", "0", None, "only_left"),
        ("country", "Norge", None, "only_left"),
        ("postal_address", "Storgata 1", None, "only_left"),
        is_on_one_side=True,
    )
    assert found == {"postal_type": "country", "postal_address": "country"}


def test_a_street_and_a_district_are_two_problems(database: duckdb.DuckDBPyConnection) -> None:
    assert _causes(database, STREET, ("constituency", "3", "9", "unexplained")) == {}


def test_every_cause_is_a_compared_field_of_the_same_entity_and_stands_before_what_follows_from_it() -> None:
    follows = {row["column_name"]: row["follows_from"].split("|") for row in MAPPING if row["follows_from"]}
    for field, causes in follows.items():
        assert len(set(causes)) == len(causes)
        for place, cause in enumerate(causes):
            assert ENTITY[cause] == ENTITY[field], (field, cause)
            assert cause != field
            # What a cause follows from itself is named first: a difference is led to where it comes from.
            assert set(follows.get(cause, [])) <= set(causes[:place]), (field, cause)
