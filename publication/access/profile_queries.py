"""What a profile receives of each table, as SQL: every column, blank where nothing may be received.

The one place that says so. A profile's release is made by these queries, and the services read through them; so they
are SQL that DuckDB and SQLite both read, over tables in a schema `release`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from publication.access.access_profile import AccessProfile

# The tables of a release with rows of persons that a profile receives. Those of the past are empty without `history`.
_PRESENT = ("preg_person", "preg_address", "person_number", "preg_person_retired")
_HISTORY = ("preg_state", "preg_person_earlier", "preg_address_earlier", "preg_change_log")
TABLES_OF_PERSONS = (*_PRESENT, *_HISTORY)
# Persons whom no delivery has; the services ask the register itself.
HELP_NUMBERS = "help_number_person"

_HIDDEN = "(enrichment_method = 'hidden' or postal_type in (4, 6, 7))"
_KIND_OF_PROTECTION = ("postal_type", "date_postal_type", "enrichment_method", "enrichment_reason")

_NOTHING = "1 = 0"


def profile_queries(
    profile: AccessProfile, columns: Mapping[str, Mapping[str, str]], address_types: Collection[str]
) -> dict[str, str]:
    """Table → the query of what the profile receives of it.

    columns: table → column → type, in order, of the tables of `TABLES_OF_PERSONS`, and `HELP_NUMBERS`, that are there.
    address_types: the kinds of address that occur in preg_address and preg_address_earlier.
    """
    numbers = {"Person.old_nin", "Person.new_nin"}.isdisjoint(profile.withheld)
    past = "" if profile.file.history else f" where {_NOTHING}"
    queries = {
        "preg_person": _blanked(columns, "preg_person", profile.blank_conditions()),
        "preg_address": _blanked(columns, "preg_address", _address_conditions(columns, profile, address_types))
        + ("" if profile.file.history else " where current_address"),
        "person_number": _blanked(columns, "person_number", {}) + ("" if numbers else " where number = nin"),
    }
    if numbers:
        queries["preg_person_retired"] = _blanked(columns, "preg_person_retired", {})
    # The name of an event may disclose that an address became protected.
    event = {"event": ""} if profile.file.protected == "none" else {}
    conditions = {
        "preg_state": event,
        "preg_person_earlier": profile.blank_conditions(),
        "preg_address_earlier": _address_conditions(columns, profile, address_types),
        "preg_change_log": event | dict.fromkeys(("from_value", "to_value"), _not_told(profile, address_types)),
    }
    for table in _HISTORY:
        if table in columns:
            queries[table] = _blanked(columns, table, conditions[table]) + past
    if HELP_NUMBERS in columns:
        # Who is linked to an official number has one row of two numbers, as a retired number has.
        linked = "" if numbers else " where new_nin is null"
        queries[HELP_NUMBERS] = _blanked(columns, HELP_NUMBERS, _help_number_conditions(columns, profile)) + linked
    return queries


def _help_number_conditions(columns: Mapping[str, Mapping[str, str]], profile: AccessProfile) -> dict[str, str]:
    """Column → the condition under which it is blank of a person with a help number; an empty condition is always."""
    of_person = profile.blank_conditions()
    conditions = {}
    for column in columns[HELP_NUMBERS]:
        if column in of_person:
            # Blank by the code of a field that is not here: always.
            asked_of = of_person[column].split(" ")[0]
            conditions[column] = of_person[column] if asked_of in columns[HELP_NUMBERS] else ""
    return conditions


def _not_told(profile: AccessProfile, address_types: Collection[str]) -> str:
    """The condition under which the log of changes has no values."""
    # The log contains nothing of a field that is blank for some codes: what it was before says what it is now.
    withheld = [*profile.withheld, *profile.withheld_codes]
    withheld += [f"Address.{column}" for column in profile.blank_columns("preg_address")]
    if profile.file.protected == "none":
        withheld += [f"Address.{column}" for column in _KIND_OF_PROTECTION]
    # What changed in an address of a kind that is not received cannot be distinguished: none is shown.
    other = "entity = 'Address'" if set(address_types) - set(profile.file.address_types) else _NOTHING
    fields = ", ".join(f"'{field}'" for field in sorted(set(withheld))) or "''"
    return f"{other} or entity || '.' || field in ({fields})"


def _address_conditions(
    columns: Mapping[str, Mapping[str, str]], profile: AccessProfile, address_types: Collection[str]
) -> dict[str, str]:
    """Column → the condition under which it is blank; an empty condition is always."""
    always = profile.blank_columns("preg_address")
    received = ", ".join(f"'{name}'" for name in profile.file.address_types) or "''"
    # Where every kind that occurs is received nothing is asked of each value: it costs most of a look-up.
    withheld = set(address_types) - set(profile.file.address_types)
    other_type = f"(address_type is not null and address_type not in ({received}))" if withheld else _NOTHING
    conditions = {}
    for column in columns["preg_address"]:
        if column in ("nin", "current_address"):
            continue
        if column in always:
            conditions[column] = ""
        elif profile.file.protected == "none" and column in _KIND_OF_PROTECTION:
            conditions[column] = f"{other_type} or {_HIDDEN}"
        elif withheld:
            conditions[column] = other_type
    return conditions


def _blanked(columns: Mapping[str, Mapping[str, str]], table: str, conditions: Mapping[str, str]) -> str:
    """Every column of a table, in order and of its type, NULL where its condition says so."""
    chosen = []
    for column, data_type in columns[table].items():
        if column not in conditions:
            chosen.append(column)
        elif conditions[column]:
            # What cannot be known is blank.
            chosen.append(f"case when coalesce(not ({conditions[column]}), 1 = 0) then {column} end as {column}")
        else:
            chosen.append(f"cast(null as {data_type}) as {column}")
    return f"select {', '.join(chosen)} from release.{table}"
