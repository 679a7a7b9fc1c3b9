"""PREG's record as its clients know it (`tables/preg_fields.csv`), and our snake_case names for it."""

from __future__ import annotations

import re
from functools import cache

from ingest.contracts.document import DocumentContract, Element, Kind
from ingest.contracts.tables import rows

_KIND_OF_TYPE = {
    # A day, or a point in time: programs write a day as its midnight.
    "date": Kind.TIMESTAMP,
    "int": Kind.INTEGER,
    "bool": Kind.BOOLEAN,
    "decimal": Kind.DECIMAL,
}


@cache
def person_contract() -> DocumentContract:
    """One line of an export of the running PREG: a Person (with the store's fields) and its Addresses."""
    return DocumentContract(
        (
            *_fields("Person"),
            *_fields("Store"),
            Element("Addresses", Kind.OBJECT, repeated=True, children=_fields("Address")),
        )
    )


def snake_case(field: str) -> str:
    """PREG's field name as our column name: `NIN` → nin, `MothersNIN` → mothers_nin, `XCoord` → x_coord."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", field).lower()


def _fields(entity: str) -> tuple[Element, ...]:
    return tuple(
        Element(row["field"], _KIND_OF_TYPE.get(row["type"], Kind.TEXT))
        for row in rows("preg_fields")
        if row["entity"] == entity
    )
