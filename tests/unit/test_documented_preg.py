"""What public documents say of PREG (../shared/contracts/preg.md has them in words), compared with what we build.

Each statement is written out here as the document has it. A row of the mapping that is called documented must be
covered by a statement or by the record's own schema, and no statement may be contradicted.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from ingest.contracts.tables import rows
from tests.support.macros import preg_address, preg_person

SEEDS = Path(__file__).parents[2] / "dbt_project" / "seeds"
MAPPING = {
    (row["preg_entity"], row["preg_field"]): row
    for row in csv.DictReader((SEEDS / "field_mapping.csv").open(encoding="utf-8"))
}
CODES = list(csv.DictReader((SEEDS / "code_list.csv").open(encoding="utf-8")))
SCHEMA = "PREG's SOAP schema, as clients have it"


def _code(code_list: str, freg_value: str) -> dict[str, str]:
    (row,) = [row for row in CODES if (row["code_list"], row["freg_value"]) == (code_list, freg_value)]
    return row


@pytest.mark.parametrize(
    ("freg_value", "code"),
    [
        ("bosatt", "1"),
        ("utflyttet", "3"),
        ("forsvunnet", "4"),
        ("doed", "5"),
        ("opphoert", "6"),
        ("foedselsregistrert", "7"),
        ("ikkeBosatt", "9"),
        ("midlertidig", "1"),
        ("aktiv", ""),
    ],
)
def test_the_published_mirror_of_registration_statuses(freg_value: str, code: str) -> None:
    assert _code("RegStatus", freg_value)["code"] == code
    assert _code("RegStatus", freg_value)["basis"] == "documented"


def test_what_the_mirror_does_not_say_is_inferred() -> None:
    assert _code("RegStatus", "inaktiv")["basis"] == "inferred"


def test_gender_is_as_in_the_store() -> None:
    assert (_code("Gender", "kvinne")["code"], _code("Gender", "mann")["code"]) == ("0", "1")
    assert preg_person()["gender"] == 0
    assert preg_person(gender="ukjent")["gender"] is None


def test_a_work_permit_has_a_letter_where_it_can_be_told() -> None:
    assert [_code("WorkPermit", each)["code"] for each in ("permanent", "opplysningMangler", "midlertidig")] == [
        "B",
        "M",
        "",
    ]


def test_postal_address_is_the_street_line_only() -> None:
    address = {"house_number": "0012", "house_letter": "B", "apartment_number": "H0101", "co_address": "c/o Ola"}
    assert preg_address(street_name="Storgata", **address)["postal_address"] == "Storgata 12B"
    assert preg_address(**address)["postal_address"] is None


def _lines(*lines: str, **given: str) -> list[str | None]:
    address = preg_address(lines=list(lines), **given)
    return [address[f"address_line{n}"] for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["Postboks 12"], ["Postboks 12", "0184 OSLO", None]),
        (["c/o Ola", "Storgata 1"], ["c/o Ola", "Storgata 1", "0184 OSLO"]),
        (["c/o Ola", "Gården", "Storgata 1"], ["c/o Ola", "Gården, Storgata 1", "0184 OSLO"]),
        ([], ["0184 OSLO", None, None]),
        (["x" * 40], ["x" * 30, "0184 OSLO", None]),
    ],
)
def test_lines_have_thirty_characters_and_end_in_code_and_place(lines: list[str], expected: list[str | None]) -> None:
    assert _lines(*lines, line_postal_code="0184", line_postal_place="Oslo") == expected


def test_lines_abroad_end_in_the_country() -> None:
    lines = _lines("Old Street 1", line_postal_code="111 22", line_postal_place="Stockholm", line_country="Sverige")
    assert lines[1] == "111 22 STOCKHOLM SVERIGE"


def test_without_a_separate_postal_address_there_are_no_lines() -> None:
    assert _lines(street_name="Storgata", postal_code="0184") == [None, None, None]


def test_kretser_have_four_digits() -> None:
    address = preg_address(address_type="bostedsadresse", valgkrets_number="12", skolekrets_number="00021")
    assert (address["constituency"], address["school_district"]) == ("0012", "0021")
    assert preg_address(address_type="postadresse", valgkrets_number="12")["constituency"] is None


def test_co_has_twenty_five_characters() -> None:
    assert preg_address(co_address=f"{'y' * 24} zz")["co_address"] == "y" * 24


def test_names_of_places_are_in_capitals() -> None:
    address = preg_address(municipality_name="Tønsberg", postal_place="Sem")
    assert (address["municipality"], address["postal_place"]) == ("TØNSBERG", "SEM")


def test_a_maiden_name_is_no_original_name() -> None:
    paths = MAPPING["Store", "MaidenName"]["freg_path"] + MAPPING["Store", "MaidenName"]["persontjenesten_path"]
    assert "original" not in paths.lower()
    assert preg_person(family_name="Berg", family_name_before_marriage="Dal")["maiden_name"] == "Dal"
    assert preg_person(family_name="Berg", family_name_before_marriage="BERG")["maiden_name"] is None


@pytest.mark.parametrize("field", ["ParentalResponsibility", "DateParentalResponsibility", "CitizenshipCode"])
def test_what_preg_never_filled_is_not_filled(field: str) -> None:
    assert MAPPING["Person", field]["build_rule"] == "never filled"
    assert not MAPPING["Person", field]["compare_rule"]


def test_citizenship_is_the_code_as_text() -> None:
    assert preg_person(citizenship="NOR")["citizenship"] == "000"


def test_the_spouse_is_the_last_one_of_the_history() -> None:
    assert preg_person(last_related_by_marital_status="last", spouse="present")["spouse_nin"] == "last"
    assert preg_person(spouse="present")["spouse_nin"] == "present"


def test_lengths_of_the_documented_lists_are_not_exceeded_by_ours() -> None:
    """Every code that we write is one of PREG's lists, by their own contract."""
    published = {(row["code_list"], row["code"]) for row in rows("preg_codes")}
    assert {(row["code_list"], row["code"]) for row in CODES if row["code"]} <= published


def test_every_row_says_where_it_is_from() -> None:
    for field, row in MAPPING.items():
        assert row["source"], field
        assert (
            bool(row["persontjenesten_basis"])
            == bool(row["persontjenesten_path"])
            == bool(row["persontjenesten_source"])
        ), field


# What no public document settles, by ../shared/contracts/preg.md and the schema, which has names and types only.
OPEN = {
    ("Address", "CadastralNumber"),
    ("Address", "PropertyNumber"),
    ("Address", "DistrictCode"),
    ("Address", "DistrictName"),
    ("Address", "XCoord"),
    ("Address", "YCoord"),
    ("Address", "Country"),
    ("Address", "CurrentAddress"),
    ("Person", "DateStatus"),
    ("Person", "Custody"),
    ("Person", "WithoutLegalCapacity"),
}


def test_nothing_open_is_called_documented() -> None:
    assert {field for field in OPEN if MAPPING[field]["basis"] == "documented"} == set()


def test_a_field_by_the_schema_alone_is_taken_as_it_is() -> None:
    """The schema has names and types: it documents a value that is passed on, not a rule of ours."""
    passed_on = {
        "as the source has it",
        "the number in use",
        "as a number",
        "as text",
        "the last four digits of the grunnkrets",
    }
    for field, row in MAPPING.items():
        if row["source"] == SCHEMA:
            assert row["build_rule"] in passed_on, field


@pytest.mark.parametrize("number", ["", "jent", "0-1", "A123"])
def test_a_number_of_a_grunnkrets_that_is_none_is_blank_and_stops_nobody(number: str) -> None:
    assert preg_address(grunnkrets_in_kommune=number)["basic_statistical_unit"] is None
