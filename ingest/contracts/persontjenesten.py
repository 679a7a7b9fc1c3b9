"""Persontjenesten's Person (`tables/persontjenesten_fields.csv`), its schemas put together to one tree."""

from __future__ import annotations

from functools import cache

from ingest.contracts.document import DocumentContract, Element, Kind
from ingest.contracts.tables import rows

# What is given to who has a legal basis only; inferred from Freg's packages with and without one.
LEGAL_BASIS_ONLY = (
    "familyRelation",
    "parentalResponsibility",
    "residencePermit",
    "immigrationAuthoritiesIdentificationNumber",
    "guardianshipOrFuturePowerOfAttorney",
    "deprivedLegalAuthority",
    "legalAuthority",
    "falseIdentity",
)


@cache
def person_contract() -> DocumentContract:
    """One line of `persons-*.ndjson`: a Person with `id` and `sequenceNumber`."""
    return DocumentContract(_properties("Person"))


@cache
def _schema_of_reference() -> dict[str, str]:
    return {row["reference"]: row["schema"] for row in rows("persontjenesten_references")}


@cache
def _schemas() -> dict[str, list[dict[str, str]]]:
    schemas: dict[str, list[dict[str, str]]] = {}
    for row in rows("persontjenesten_fields"):
        schemas.setdefault(row["schema"], []).append(row)
    return schemas


def _properties(schema: str) -> tuple[Element, ...]:
    elements = []
    for row in _schemas()[schema]:
        target = _schema_of_reference().get(row["type"], row["type"])
        children = _properties(target) if target in _schemas() else ()
        kind = Kind.OBJECT if children else _value_kind(row)
        elements.append(Element(row["property"], kind, row["array"] == "yes", children))
    return tuple(elements)


def _value_kind(row: dict[str, str]) -> Kind:
    if row["type"] == "boolean":
        return Kind.BOOLEAN
    if row["type"] == "integer":
        return Kind.INTEGER
    return Kind.TIMESTAMP if row["format"] == "date-time" else Kind.TEXT
