"""The failing rows of a check that fired, as they may be shown: persons by keyed hash, other text by its shape."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from foundation.person_hash import load_key, person_hash
from foundation.settings import Settings
from foundation.text import printable
from ingest.contracts.places import NAMES_A_PERSON

_ROWS = 20

# Who or what a row is about: shown first.
_KEYS = (
    "nin",
    "person_nin",
    "number",
    "pair",
    "entity",
    "field",
    "table_name",
    "column_name",
    "difference_kind",
    "caused_by",
    "release_id",
)
# Codes: what they say is said of many, and is what a check is about. Not where somebody is: a kommune is a place.
_CODES = (
    "address_type",
    "citizenship",
    "custody",
    "enrichment_method",
    "enrichment_reason",
    "event",
    "gender",
    "kind",
    "marital_status",
    "parental_responsibility",
    "person_class",
    "postal_type",
    "reg_status",
    "relation",
    "status",
    "status_country_code",
    "without_legal_capacity",
    "work_permit",
)
# When something was registered, shown or published: no day of anybody's life.
_TIMES = ("changed_at", "shown_from", "shown_to", "published_at", "starts_at", "ends_at")
# Values of the field that the row is about: shown where that one is a code.
_VALUES = ("left_value", "right_value", "from_value", "to_value")

# Tables whose rows are shown where a check's query names persons and nothing else.
_OF_PERSONS = {"preg_person": "true", "preg_address": "current_address"}


@dataclass(frozen=True)
class FailingRows:
    """Rows of a check's query by column name, in the order of what they are read for.

    first: the columns that say whose row it is and what the check looks at; the others follow them.
    """

    first: list[str]
    rows: list[dict[str, Any]]


def failing_rows(
    settings: Settings, candidate: Path, rows: str, about: str = "", *, masked: bool = True
) -> FailingRows:
    """The first rows of a check's query on the candidate; no rows for a query that needs the warehouse too.

    about: the table that the check is about; where the query selects persons only, their rows of it are shown.
    masked: whether values that tell who or where somebody is are shown by their shape.
    """
    key = load_key(settings)
    with duckdb.connect(str(candidate), read_only=True) as connection:
        try:
            names = [name for name, *_ in connection.execute(f"describe select * from ({rows})").fetchall()]
            shown = rows
            if names == ["nin"] and about in _OF_PERSONS:
                shown = f"select * from {about} where {_OF_PERSONS[about]} and nin in ({rows})"
            cursor = connection.execute(f"select * from ({shown}) limit {_ROWS}")
        except duckdb.Error:
            # A check whose query needs the warehouse too shows persons by hash alone: its sample has them.
            return FailingRows([], [])
        names = [column[0] for column in cursor.description]
        found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    said = set(re.findall(r"\w+", rows.lower()))
    keys = [name for name in _KEYS if name in names]
    looked_at = [name for name in names if name in said and name not in keys]
    others = [name for name in names if name not in keys and name not in looked_at]
    return FailingRows(
        keys + looked_at,
        [{name: _shown(name, row, key, masked) for name in keys + looked_at + others} for row in found],
    )


def _shown(name: str, row: dict[str, Any], key: str, masked: bool) -> Any:
    given = row[name]
    if given is None or isinstance(given, bool):
        return given
    if not masked or _is_plain(name, row):
        return printable(given) if isinstance(given, str) else given
    if name in NAMES_A_PERSON:
        return person_hash(str(given), key)
    if isinstance(given, dt.date | dt.datetime):
        return "0000-00-00"
    return printable("".join("a" if letter.isalpha() else "0" if letter.isdigit() else letter for letter in str(given)))


def _is_plain(name: str, row: dict[str, Any]) -> bool:
    if name in NAMES_A_PERSON:
        return False
    return name in _KEYS or name in _CODES or name in _TIMES or (name in _VALUES and row.get("field") in _CODES)
