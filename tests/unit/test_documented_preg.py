"""What public documents say of PREG (../shared/contracts/preg.md has them in words), held against what we build.

Each statement is written out here as the document has it. A row of the mapping that is called documented must be
covered by a statement or by the record's own schema, and no statement may be contradicted.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.contracts.tables import rows
from tests.support.macros import macro_sql

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


def _value(sql: str) -> Any:
    with duckdb.connect() as connection:
        return connection.execute(f"select {sql}").fetchall()[0][0]


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
    unknown = macro_sql("code_list", "gender", type="integer", missing="0", value="null::varchar")
    assert _value(f"{unknown} from (select null as code) as gender") == 0
    unlisted = macro_sql("code_list", "gender", type="integer", missing="0", value="'ukjent'")
    assert _value(f"{unlisted} from (select null as code) as gender") is None


def test_a_work_permit_has_a_letter_where_it_can_be_told() -> None:
    assert [_code("WorkPermit", each)["code"] for each in ("permanent", "opplysningMangler", "midlertidig")] == [
        "B",
        "M",
        "",
    ]


def test_postal_address_is_the_street_line_only() -> None:
    address = "(select 'Storgata' as street_name, '0012' as house_number, 'B' as house_letter) as address"
    assert _value(f"{macro_sql('computed_street_line', 'address')} from {address}") == "Storgata 12B"
    without = "(select null as street_name, '12' as house_number, null as house_letter) as address"
    assert _value(f"{macro_sql('computed_street_line', 'address')} from {without}") is None


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("['Postboks 12']", ["Postboks 12", "0184 OSLO", None]),
        ("['c/o Ola', 'Storgata 1']", ["c/o Ola", "Storgata 1", "0184 OSLO"]),
        ("['c/o Ola', 'Gården', 'Storgata 1']", ["c/o Ola", "Gården, Storgata 1", "0184 OSLO"]),
        ("cast([] as varchar[])", ["0184 OSLO", None, None]),
        (f"['{'x' * 40}']", ["x" * 30, "0184 OSLO", None]),
    ],
)
def test_lines_have_thirty_characters_and_end_in_code_and_place(lines: str, expected: list[str | None]) -> None:
    shown = [_value(macro_sql("postal_line", lines, "'0184'", "'OSLO'", "null::varchar", n)) for n in (1, 2, 3)]
    assert shown == expected


def test_lines_abroad_end_in_the_country() -> None:
    line = macro_sql("postal_line", "['Old Street 1']", "'111 22'", "'Stockholm'", "'Sverige'", 2)
    assert _value(line) == "111 22 STOCKHOLM SVERIGE"


def test_without_a_separate_postal_address_there_are_no_lines() -> None:
    nothing = "null::varchar"
    assert _value(macro_sql("postal_line", "cast(null as varchar[])", nothing, nothing, nothing, 1)) is None


def test_kretser_have_four_digits() -> None:
    assert _value(macro_sql("number_of_krets", "12", "'7'", "'bostedsadresse'")) == "0012"
    assert _value(macro_sql("number_of_krets", "null::bigint", "'00021'", "'bostedsadresse'")) == "0021"


def test_co_has_twenty_five_characters() -> None:
    assert _value(macro_sql("at_most", f"'{'y' * 24} zz'", 25)) == "y" * 24


def test_names_of_places_are_in_capitals() -> None:
    assert _value(macro_sql("municipality_name", "'Tønsberg'", "null::varchar")) == "TØNSBERG"


def test_a_maiden_name_is_no_original_name() -> None:
    paths = MAPPING["Store", "MaidenName"]["freg_path"] + MAPPING["Store", "MaidenName"]["persontjenesten_path"]
    assert "original" not in paths.lower()
    assert _value(macro_sql("maiden_name", "'Berg'", "'Dal'")) == "Dal"
    assert _value(macro_sql("maiden_name", "'Berg'", "'Berg'")) is None


@pytest.mark.parametrize("field", ["ParentalResponsibility", "DateParentalResponsibility", "CitizenshipCode"])
def test_what_preg_never_filled_is_not_filled(field: str) -> None:
    assert MAPPING["Person", field]["build_rule"] == "never_filled"
    assert not MAPPING["Person", field]["compare_rule"]


def test_citizenship_is_the_code_as_text() -> None:
    assert MAPPING["Person", "Citizenship"]["build_rule"] == "country_code"
    assert _value(f"{macro_sql('country_code', 'country')} from (select '000' as ssb_landkode) as country") == "000"


def test_the_spouse_is_the_last_one_of_the_history() -> None:
    assert _value(macro_sql("spouse", "'last'", "'present'")) == "last"


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
    passed_on = {"as_is", "current_number", "house_number", "text_of_number", "grunnkrets_within_kommune"}
    for field, row in MAPPING.items():
        if row["source"] == SCHEMA:
            assert row["build_rule"] in passed_on, field
