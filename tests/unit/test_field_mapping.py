"""The field mapping covers every field, and everything that it names exists."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import yaml

from ingest.contracts.preg import snake_case
from ingest.contracts.tables import rows
from tests.support.macros import preg_address, with_functions

DBT = Path(__file__).parents[2] / "dbt_project"
MAPPING = list(csv.DictReader((DBT / "seeds" / "field_mapping.csv").open(encoding="utf-8")))
VIEW = {"Person": "preg_person", "Store": "preg_person", "Address": "preg_address"}

# Columns of the views that are ours, not PREG's.
OURS = {
    "preg_address": {
        "grunnkrets_number",
        "grunnkrets_name",
        "enrichment_method",
        "enrichment_reason",
        "address_type",
        "valid_to",
        "service_district_code",
        "service_district_name",
        "present_st",
    }
}


def _described(model: str) -> list[dict[str, str]]:
    content = yaml.safe_load((DBT / "models" / "marts" / "preg" / "_preg.yml").read_text(encoding="utf-8"))
    (found,) = [each for each in content["models"] if each["name"] == model]
    return list(found["columns"])


def _columns(model: str) -> list[str]:
    return [column["name"] for column in _described(model)]


def test_every_field_of_preg_has_one_row() -> None:
    published = sorted((row["entity"], row["field"]) for row in rows("preg_fields"))
    assert sorted((row["preg_entity"], row["preg_field"]) for row in MAPPING) == published


def test_column_names_follow_the_file_format() -> None:
    assert [row["column_name"] for row in MAPPING] == [snake_case(row["preg_field"]) for row in MAPPING]


@pytest.mark.parametrize("view", ["preg_person", "preg_address"])
def test_every_column_of_a_view_has_a_row(view: str) -> None:
    mapped = {row["column_name"] for row in MAPPING if VIEW[row["preg_entity"]] == view}
    assert set(_columns(view)) - OURS.get(view, set()) == mapped


@pytest.mark.parametrize(
    ("rules", "entities", "elsewhere"),
    [("preg_person", {"Person", "Store"}, []), ("preg_address", {"Address"}, ["nin", "current_address"])],
)
def test_every_field_has_its_rule_in_the_order_of_the_mapping(
    rules: str, entities: set[str], elsewhere: list[str]
) -> None:
    text = (DBT / "macros" / f"{rules}.sql").read_text(encoding="utf-8")
    rules_of_fields = text[text.index("{%- endfor %}") : text.index("    from (")].partition("{%- if with_values %}")[0]
    made = re.findall(
        r"^ {8,12}(?:\S.*|\)) as (\w+),?$|^ {8}persons\.(\w+),$|^ {12}as (\w+),$", rules_of_fields, re.MULTILINE
    )
    fields = [row["column_name"] for row in MAPPING if row["preg_entity"] in entities]
    assert elsewhere + ["".join(names) for names in made] == fields


# Everything that an address may have.
ADDRESS = {
    "address_type": "bostedsadresse",
    "starts_on": "2020-01-01",
    "valid_from": "2020-01-01",
    "stay_in_force": "pendler",
    "is_unknown_residence": True,
    "st": "0301",
    "municipality_name": "Oslo",
    "street_name": "Storgata",
    "street_number": "10005",
    "house_number": "12",
    "house_letter": "B",
    "apartment_number": "H0101",
    "cadastral_number": 12,
    "property_number": 34,
    "co_address": "c/o Ola",
    "lines": ["Postboks 1", "Gården"],
    "line_postal_code": "0101",
    "line_postal_place": "Oslo",
    "lines_from": "2020-01-01",
    "postal_code": "0184",
    "postal_place": "Oslo",
    "country": "NO",
    "district_code": "030101",
    "district_name": "Gamle Oslo",
    "grunnkrets_in_kommune": "0105",
    "valgkrets_number": "12",
    "skolekrets_number": "7",
    "x_coord": 1.5,
    "y_coord": 2.5,
}
# That an address is protected, and since when; whose it is and whether it is the present one is in the model.
TOLD = {"postal_type", "date_postal_type"}


def test_the_address_of_the_test_has_every_field() -> None:
    fields = {row["column_name"] for row in MAPPING if row["preg_entity"] == "Address"}
    shown = preg_address(**ADDRESS)
    assert {name for name, value in shown.items() if value is not None} == fields - {"nin", "current_address"}


@pytest.mark.parametrize("is_hidden", [True, None])
def test_of_a_hidden_address_nothing_is_told_but_that_it_is(is_hidden: bool | None) -> None:
    """Nor of one of which that is not known: neither where it is, nor that it is unknown or a stay."""
    hidden = preg_address(**{**ADDRESS, "is_hidden": is_hidden})
    assert {name for name, value in hidden.items() if value is not None} == {"postal_type"}
    assert hidden["postal_type"] == 0
    protected = preg_address(
        **{**ADDRESS, "is_hidden": is_hidden, "grade_in_force": "fortrolig", "person_grade_from": "2023-01-01"}
    )
    assert {name for name, value in protected.items() if value is not None} == TOLD
    assert protected["postal_type"] == 7


def test_what_is_ours_of_an_address_is_hidden_with_it_too() -> None:
    """The model's own columns: each by `record.masked_if`, but for those that disclose no place."""
    model = (DBT / "models" / "intermediate" / "preg" / "int_preg__address.sql").read_text(encoding="utf-8")
    fields = model[model.index("extra_columns=[") : model.index("]) }}", model.index("extra_columns=["))]
    besides = {name.split(" as ")[-1] for name in re.findall(r"'([^']+)'", fields)}
    final = model[model.index("final as (") :]
    hidden = set(re.findall(r"^ {8}record\.masked_if\(is_hidden, (\w+)\) as \1,?$", final, flags=re.MULTILINE))
    shown = {"document_number", "person_nin", "is_present", "is_in_preg", "nin", "current_address"}
    shown |= {"enrichment_method", "enrichment_reason", "address_type"}
    assert besides - hidden - {"is_hidden"} == shown
    (excluded,) = re.findall(r"fields\.\* exclude \(([^)]*)\)", final)
    assert hidden | {"is_hidden"} <= {name.strip() for name in excluded.split(",")}


def test_every_compare_rule_is_one_that_the_comparison_has() -> None:
    with with_functions(duckdb.connect()) as connection:
        for rule in sorted({row["compare_rule"] for row in MAPPING if row["compare_rule"]}):
            assert connection.execute("select comparison.equal_by_rule(?, '1', '9', false)", [rule]).fetchall() == [
                (False,)
            ]
        with pytest.raises(duckdb.InvalidInputException, match="field_mapping names a compare rule"):
            connection.execute("select comparison.equal_by_rule('another', '1', '2', false)").fetchall()


def test_every_freg_path_is_in_the_contract() -> None:
    known = {row["path"] for row in rows("freg_person_fields")}
    for row in MAPPING:
        for path in filter(None, row["freg_path"].split("|")):
            assert path in known, (row["preg_field"], path)


def test_every_persontjeneste_path_is_in_the_contract() -> None:
    references = {row["reference"]: row["schema"] for row in rows("persontjenesten_references")}
    properties = {(row["schema"], row["property"]): row for row in rows("persontjenesten_fields")}
    for row in MAPPING:
        for path in filter(None, row["persontjenesten_path"].split("|")):
            schema = "Person"
            for step in path.split("."):
                found = properties.get((schema, step.removesuffix("[]")))
                assert found, (row["preg_field"], path, step)
                assert (found["array"] == "yes") == step.endswith("[]"), (row["preg_field"], path, step)
                schema = references.get(found["type"], found["type"])


def test_kinds_and_bases_are_those_agreed() -> None:
    kinds = {"same", "renamed", "recoded", "derived", "enriched", "only here", "dropped"}
    assert {row["correspondence"] for row in MAPPING} <= kinds
    assert {row["basis"] for row in MAPPING} <= {"documented", "inferred"}


def test_every_row_is_explained_in_both_languages() -> None:
    assert all(row["comment_no"] and row["comment_en"] for row in MAPPING)


def test_every_row_has_an_example_of_its_type() -> None:
    types = {(row["entity"], row["field"]): row["type"] for row in rows("preg_fields")}
    readers = {
        "int": int,
        "date": dt.date.fromisoformat,
        "bool": ["true", "false"].index,
        "decimal": float,
    }
    for row in MAPPING:
        if row["build_rule"] == "never filled":
            assert not row["example"]
            continue
        assert row["example"], row["preg_field"]
        readers.get(types[row["preg_entity"], row["preg_field"]], str)(row["example"])


@pytest.mark.parametrize("view", ["preg_person", "preg_address"])
def test_the_documentation_of_a_column_has_its_rule_and_example(view: str) -> None:
    described = {column["name"]: " ".join(column["description"].split()) for column in _described(view)}
    for row in MAPPING:
        if VIEW[row["preg_entity"]] == view:
            assert f"rule: {row['build_rule']}" in described[row["column_name"]]
            assert not row["example"] or f"Example: {row['example']}." in described[row["column_name"]]


def test_of_what_persontjenesten_lacks_only_the_coordinates_are_compared_with_the_running_preg() -> None:
    alone = [row["preg_field"] for row in MAPPING if row["compare_rule"] and not row["persontjenesten_path"]]
    assert alone == ["XCoord", "YCoord"]


def test_every_translation_of_a_path_is_in_both_contracts() -> None:
    """Each path of Freg has its place in Persontjenesten, and the paths are those that the schemas make."""
    translated = list(csv.DictReader((DBT / "seeds" / "persontjenesten_path.csv").open(encoding="utf-8")))
    assert [(row["path"], row["schema_name"], row["property"]) for row in translated] == list(_paths("Person", ""))
    freg = {row["path"] for row in rows("freg_person_fields")}
    assert {row["freg_path"] for row in translated if row["freg_path"]} == freg
    owners = {(row["schema"], row["property"]): row["freg_name"] for row in rows("persontjenesten_fields")}
    for row in translated:
        if row["basis"] == "documented":
            name = owners[row["schema_name"], row["property"]].lower().replace("å", "aa").replace("ø", "oe")
            assert row["freg_path"].rpartition(".")[2].removesuffix("[]").lower() == name, row


def _paths(schema: str, before: str) -> Iterator[tuple[str, str, str]]:
    references = {row["reference"]: row["schema"] for row in rows("persontjenesten_references")}
    schemas = {row["schema"] for row in rows("persontjenesten_fields")}
    for row in rows("persontjenesten_fields"):
        if row["schema"] != schema:
            continue
        path = before + row["property"] + ("[]" if row["array"] == "yes" else "")
        yield path, schema, row["property"]
        target = references.get(row["type"], row["type"])
        if target in schemas:
            yield from _paths(target, f"{path}.")


def test_access_is_asked_for_where_freg_gives_it_by_law_only() -> None:
    """By the law's list: relatives, responsibility, permits and numbers of others; legal capacity is open to all."""
    asked = {row["preg_field"] for row in MAPPING if row["access"] == "legal basis"}
    assert asked == {
        "MothersNIN", "FathersNIN", "SpouseNIN", "Custody", "DateCustody", "ParentalResponsibility",
        "DateParentalResponsibility", "WorkPermit", "DateWorkPermit", "DufNo",
    }  # fmt: skip
    some = {row["preg_field"] for row in MAPPING if row["access"] == "legal basis for some codes"}
    assert some == {"RegStatus", "DateStatus"}


def test_the_code_lists_have_only_codes_of_preg() -> None:
    published = {(row["code_list"], row["code"]) for row in rows("preg_codes")}
    lists = {code_list for code_list, _ in published}
    ours = csv.DictReader((DBT / "seeds" / "code_list.csv").open(encoding="utf-8"))
    assert not [
        row
        for row in ours
        if row["code"] and (row["code_list"], row["code"]) not in published and row["code_list"] in lists
    ]


def test_every_code_of_preg_has_words() -> None:
    words = list(csv.DictReader((DBT / "seeds" / "preg_code.csv").open(encoding="utf-8")))
    worded = [(row["code_list"], row["code"]) for row in words]
    assert worded == sorted({(row["code_list"], row["code"]) for row in rows("preg_codes")})
    assert not [row for row in words if not row["word_no"].strip() or not row["word_en"].strip()]


def test_the_code_lists_know_every_value_of_the_sources() -> None:
    freg = {row["path"]: row["values"].split("|") for row in rows("freg_person_fields") if row["values"]}
    ours = list(csv.DictReader((DBT / "seeds" / "code_list.csv").open(encoding="utf-8")))
    for code_list, path, enum in [
        ("RegStatus", "status[].status", "PersonStatusType"),
        ("MaritalStatus", "sivilstand[].sivilstand", "MaritalStatusType"),
        ("Custody", "foreldreansvar[].ansvar", "ParentalResponsibilityType"),
        ("Gender", "kjoenn[].kjoenn", "Gender"),
        ("WorkPermit", "opphold[].oppholdstillatelse", "ResidencePermitType"),
    ]:
        of_list = [row for row in ours if row["code_list"] == code_list]
        assert sorted(row["freg_value"] for row in of_list) == sorted(freg[path]), code_list
        published = [row["value"] for row in rows("persontjenesten_enums") if row["enum"] == enum]
        assert sorted(row["persontjenesten_value"] for row in of_list) == sorted(published), code_list
