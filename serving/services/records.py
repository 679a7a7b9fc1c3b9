"""The fields of PREG's record as the services give them out, from `ingest/contracts/tables/preg_fields.csv`.

A record is a dictionary by column name, `addresses` a list of dictionaries; a blank field is there, as None.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from ingest.contracts.preg import snake_case
from ingest.contracts.tables import rows

Record = dict[str, Any]


@dataclass(frozen=True)
class Field:
    """A field: PREG's own name, our column, PREG's type (string | char | int | date | bool | decimal), its meaning."""

    name: str
    column: str
    type: str
    meaning: str


@cache
def fields_of(entity: str) -> tuple[Field, ...]:
    """The fields of an entity of PREG (Person, Address, Store), in the order of its record."""
    return tuple(
        Field(row["field"], snake_case(row["field"]), row["type"], row["meaning"])
        for row in rows("preg_fields")
        if row["entity"] == entity
    )


def blank_person(**given: Any) -> Record:
    """A person of whom only `given` is told."""
    return {field.column: None for field in (*fields_of("Person"), *fields_of("Store"))} | given | {"addresses": []}
