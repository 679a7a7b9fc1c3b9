"""What is planted in an export of the running PREG: differences from our view, and what only looks like one.

`eligible` is SQL over the columns of preg_person and of the present address; `person` and `address` are the columns
that are changed and the SQL of the new value.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class LegacyDiscrepancy:
    """found: kind, entity and field of each difference that a comparison must find; none where it only looks like one.

    removes: the person is left out. adds: a person whom only the running PREG knows. registered_late: planted on whom
    Freg has registered again since the export was taken; else on the others.
    """

    name: str
    found: tuple[tuple[str, str, str], ...]
    eligible: str = "true"
    person: dict[str, str] = field(default_factory=dict)
    address: dict[str, str] = field(default_factory=dict)
    removes: bool = False
    adds: bool = False
    registered_late: bool = False


def _same(kind: str, entity: str, *fields: str) -> tuple[tuple[str, str, str], ...]:
    return tuple((kind, entity, each) for each in fields)


_ADDRESS = "street_name is not null"

LEGACY_DISCREPANCIES: tuple[LegacyDiscrepancy, ...] = (
    LegacyDiscrepancy(
        "a name from before Freg's last change",
        _same("timing", "Person", "sn"),
        person={"sn": "'Tidligere'"},
        registered_late=True,
    ),
    LegacyDiscrepancy(
        "a former number",
        (("identity", "Person", "nin"), ("only_left", "Person", "old_nin")),
        "old_nin is not null and nin <> old_nin",
        {"nin": "old_nin", "old_nin": "null"},
    ),
    LegacyDiscrepancy(
        "a middle name is missing",
        _same("only_left", "Person", "middle_name"),
        "middle_name is not null",
        {"middle_name": "null"},
    ),
    LegacyDiscrepancy(
        "a middle name is added",
        _same("only_right", "Person", "middle_name"),
        "middle_name is null",
        {"middle_name": "'Tillegg'"},
    ),
    LegacyDiscrepancy(
        "a name has lost its Norwegian letters",
        _same("format", "Person", "given_name"),
        "regexp_matches(given_name, '[æøåÆØÅ]')",
        {"given_name": "strip_accents(replace(replace(given_name, 'ø', 'o'), 'Ø', 'O'))"},
    ),
    LegacyDiscrepancy("another family name", _same("unexplained", "Person", "sn"), person={"sn": "'Avviksen'"}),
    LegacyDiscrepancy("names in capitals: no difference", (), person={"given_name": "upper(given_name)"}),
    LegacyDiscrepancy(
        "born a day later",
        _same("unexplained", "Person", "date_of_birth"),
        "date_of_birth is not null",
        {"date_of_birth": "date_of_birth + 1"},
    ),
    LegacyDiscrepancy(
        "dead",
        _same("unexplained", "Person", "reg_status", "date_status"),
        "date_status is not null",
        {"reg_status": "5", "date_status": "date '2025-12-01'"},
    ),
    LegacyDiscrepancy(
        "a status that no code list knows", _same("code_list", "Person", "reg_status"), person={"reg_status": "42"}
    ),
    LegacyDiscrepancy(
        "another civil status",
        _same("unexplained", "Person", "marital_status"),
        "marital_status = 2",
        {"marital_status": "4"},
    ),
    LegacyDiscrepancy(
        "a citizenship that no code list knows",
        _same("code_list", "Person", "citizenship"),
        "citizenship = '000'",
        {"citizenship": "'998'"},
    ),
    LegacyDiscrepancy(
        "the citizenship as a name: no difference", (), "citizenship = '000'", {"citizenship": "'Norge'"}
    ),
    LegacyDiscrepancy(
        "the country code without zeros: no difference", (), "citizenship = '000'", {"citizenship": "'0'"}
    ),
    LegacyDiscrepancy(
        "no mother", _same("only_left", "Person", "mothers_nin"), "mothers_nin is not null", {"mothers_nin": "null"}
    ),
    LegacyDiscrepancy(
        "another gender", _same("unexplained", "Store", "gender"), "gender is not null", {"gender": "1 - gender"}
    ),
    LegacyDiscrepancy(
        "a name before marriage that Freg does not have",
        _same("only_right", "Store", "maiden_name"),
        "maiden_name is null",
        {"maiden_name": "'Ungpikenavn'"},
    ),
    LegacyDiscrepancy("a person is missing", _same("only_left", "Person", "nin"), removes=True),
    LegacyDiscrepancy("a person whom Freg does not know", _same("only_right", "Person", "nin"), adds=True),
    LegacyDiscrepancy(
        "another grunnkrets",
        _same("enrichment", "Address", "basic_statistical_unit"),
        "basic_statistical_unit is not null and basic_statistical_unit <> 9999",
        address={"basic_statistical_unit": "9999"},
    ),
    LegacyDiscrepancy(
        "another bydel",
        (*_same("enrichment", "Address", "district_code"), *_same("derived", "Address", "district_name")),
        "district_code is not null",
        address={"district_code": "'030198'", "district_name": "'Avvik'"},
    ),
    LegacyDiscrepancy(
        "no bydel",
        (*_same("only_left", "Address", "district_code"), *_same("derived", "Address", "district_name")),
        "district_code is not null",
        address={"district_code": "null", "district_name": "null"},
    ),
    LegacyDiscrepancy(
        "coordinates of another place",
        _same("unexplained", "Address", "x_coord", "y_coord"),
        "x_coord is not null",
        address={"x_coord": "x_coord + 250", "y_coord": "y_coord - 250"},
    ),
    LegacyDiscrepancy(
        "coordinates rounded: no difference",
        (),
        "x_coord is not null",
        address={"x_coord": "round(x_coord)", "y_coord": "round(y_coord)"},
    ),
    LegacyDiscrepancy(
        "a postal code without its leading zero",
        _same("format", "Address", "postal_code"),
        "postal_code like '0%'",
        address={"postal_code": "substr(postal_code, 2)"},
    ),
    LegacyDiscrepancy(
        "the street line in capitals: no difference",
        (),
        "postal_address is not null",
        address={"postal_address": "upper(postal_address)"},
    ),
    LegacyDiscrepancy(
        "another street",
        _same("unexplained", "Address", "street_name"),
        _ADDRESS,
        address={"street_name": "'Avviksveien'"},
    ),
    LegacyDiscrepancy(
        "no dwelling number",
        _same("only_left", "Address", "apartment_number"),
        "apartment_number is not null",
        address={"apartment_number": "null"},
    ),
    LegacyDiscrepancy(
        "a kind of address that no code list knows",
        _same("code_list", "Address", "postal_type"),
        "postal_type = 0",
        address={"postal_type": "9"},
    ),
    LegacyDiscrepancy(
        "said to be protected",
        _same("protection", "Address", "postal_type"),
        "postal_type = 0",
        address={"postal_type": "7"},
    ),
    LegacyDiscrepancy(
        "moved in a day later",
        _same("unexplained", "Address", "date_adr_from"),
        "date_adr_from is not null",
        address={"date_adr_from": "date_adr_from + 1"},
    ),
    LegacyDiscrepancy(
        "the krets with leading zeros: no difference",
        (),
        "constituency is not null",
        address={"constituency": "'00' || constituency"},
    ),
)
