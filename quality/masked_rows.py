"""The failing rows of a check that fired, as they may be shown: persons by keyed hash, other text by its shape."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from foundation.person_hash import load_key, person_hash
from foundation.settings import Settings
from foundation.text import printable

_ROWS = 20

# What says nothing of a person by itself, and is shown as it is.
_PLAIN = (
    "pair",
    "entity",
    "field",
    "table_name",
    "column_name",
    "difference_kind",
    "caused_by",
    "enrichment_method",
    "enrichment_reason",
    "address_type",
    "st",
    "present_st",
    "reg_status",
    "marital_status",
    "postal_type",
)


# Tables whose rows are shown where a check's query names persons and nothing else.
_OF_PERSONS = {"preg_person": "true", "preg_address": "current_address"}


def masked_rows(settings: Settings, candidate: Path, rows: str, about: str = "") -> list[dict[str, Any]]:
    """The first rows of a check's query on the candidate, masked.

    about: the table that the check is about; where the query selects persons only, their rows of it are shown.
    """
    key = load_key(settings)
    with duckdb.connect(str(candidate), read_only=True) as connection:
        try:
            names = [name for name, *_ in connection.execute(f"describe select * from ({rows})").fetchall()]
            if names == ["nin"] and about in _OF_PERSONS:
                rows = f"select * from {about} where {_OF_PERSONS[about]} and nin in ({rows})"
            cursor = connection.execute(f"select * from ({rows}) limit {_ROWS}")
        except duckdb.Error:
            # A check whose query needs the warehouse too shows persons by hash alone: its sample has them.
            return []
        names = [column[0] for column in cursor.description]
        return [
            {name: _masked(name, value, key) for name, value in zip(names, row, strict=True)}
            for row in cursor.fetchall()
        ]


def _masked(name: str, value: Any, key: str) -> Any:
    if value is None:
        return value
    if name in _PLAIN:
        return printable(value) if isinstance(value, str) else value
    if name in ("nin", "person_nin", "number"):
        return person_hash(str(value), key)
    return printable("".join("a" if letter.isalpha() else "0" if letter.isdigit() else letter for letter in str(value)))
