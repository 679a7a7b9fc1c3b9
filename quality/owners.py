"""Who answers for a check, and is asked when it fires."""

from __future__ import annotations

LOADING = "loading"
PERSONS = "person model"
ADDRESSES = "address model"
HISTORY = "history"
MIGRATION = "migration team"
OPERATIONS = "operations"
PROTECTION = "protection officer"

OWNERS = frozenset({LOADING, PERSONS, ADDRESSES, HISTORY, MIGRATION, OPERATIONS, PROTECTION})

_OF_TABLE = {
    "preg_person": PERSONS,
    "person_number": PERSONS,
    "preg_address": ADDRESSES,
    "preg_other_address": ADDRESSES,
    "preg_address_earlier": HISTORY,
    "preg_person_earlier": HISTORY,
    "preg_state": HISTORY,
    "preg_change_log": HISTORY,
}


def team(owner: str) -> str:
    """An owner as Dagster names a team: of letters and underscores."""
    return f"team:{owner.replace(' ', '_')}"


def owner_of_table(table: str) -> str:
    """Who answers for a table of a release."""
    return MIGRATION if table.startswith("field_") else _OF_TABLE.get(table, OPERATIONS)
