"""What the page shows of a person, read in one question: each value in both languages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from foundation.database import OSLO
from serving.interfaces.support.words import FIELDS, KINDS, MEANINGS, Both, code_words, shown, steps
from serving.services.compare import compare
from serving.services.look_up import State, children, find_person, numbers_of, receives_parents, states
from serving.services.records import Record, fields_of
from serving.store.read_store import Reader

# Whose numbers a record has: they lead to the person.
_RELATIVES = (
    ("mothers_nin", ("Mor", "Mother")),
    ("fathers_nin", ("Far", "Father")),
    ("spouse_nin", ("Ektefelle", "Spouse")),
)

# What a person is recognised by.
_SUMMARY: tuple[tuple[str, Both], ...] = (
    ("date_of_birth", ("Født", "Born")),
    ("gender", ("Kjønn", "Gender")),
    ("reg_status", ("Status", "Status")),
    ("date_status", ("Status siden", "Status since")),
    ("marital_status", ("Sivilstand", "Civil status")),
    ("citizenship", ("Statsborgerskap", "Citizenship")),
)
_PROTECTED = (4, 6, 7)


@dataclass(frozen=True)
class Value:
    """A field with its value."""

    name: str
    value: Both


@dataclass(frozen=True)
class Address:
    """An address. where: the street line and the place, blank where they are not received; since: a day."""

    is_present: bool
    where: str
    since: str
    values: list[Value]


@dataclass(frozen=True)
class Beside:
    """A field of PREG beside Persontjenesten's. difference: blank where they are equal, or not compared."""

    name: str
    comment: Both
    preg: Both
    path: str
    persontjenesten: Both
    is_compared: bool
    difference: Both
    meaning: Both
    steps: Both


@dataclass(frozen=True)
class Change:
    """What became otherwise at a moment. fields: name, before, after."""

    moment: str
    event: str
    fields: list[tuple[str, Both, Both]]


@dataclass(frozen=True)
class Relative:
    """A relative, by number."""

    role: Both
    nin: str
    name: str


@dataclass
class Shown:
    """A person on the page; `persons` are whose numbers it shows, for the log."""

    record: Record
    persons: list[Record]
    name: str
    # What a person is recognised by: label, value.
    summary: list[tuple[Both, Both]] = field(default_factory=list)
    protection: Both = ("", "")
    numbers: list[Record] = field(default_factory=list)
    relatives: list[Relative] = field(default_factory=list)
    compared: list[Beside] = field(default_factory=list)
    addresses: list[Address] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    has_history: bool = True


def person(reader: Reader, number: str) -> Shown | None:
    """The person of a number as the page shows him or her; None where nobody the profile may know of has it."""
    record = find_person(reader, number)
    if record is None:
        return None
    found = Shown(record, [record], name_of(record), has_history=reader.profile.file.history)
    if record["new_nin"]:
        return found
    words = code_words(reader)
    for column, label in _SUMMARY:
        known = FIELDS["Store" if column == "gender" else "Person", column]
        found.summary.append((label, shown(words, known, record[column])))
    present = _present_address(record)
    if present is not None and present["postal_type"] in _PROTECTED:
        found.protection = shown(words, FIELDS["Address", "postal_type"], present["postal_type"])
    found.numbers = numbers_of(reader, record["nin"])
    found.relatives = list(_relatives(reader, record))
    found.persons += [{"nin": relative.nin} for relative in found.relatives]
    found.compared = _beside(reader, words, record["nin"])
    found.addresses = [
        Address(
            bool(address["current_address"]),
            ", ".join(
                part
                for part in (
                    address["postal_address"],
                    " ".join(each for each in (address["postal_code"], address["postal_place"]) if each),
                )
                if part
            ),
            address["date_adr_from"] or "",
            [
                _value(words, "Address", each.column, address[each.column])
                for each in fields_of("Address")
                if address[each.column] is not None and each.column not in ("nin", "current_address")
            ],
        )
        for address in record["addresses"]
    ]
    found.changes = list(_changes(words, states(reader, record["nin"])))
    return found


def name_of(record: Record) -> str:
    """A person's name; blank where the profile does not receive it."""
    return " ".join(record[column] for column in ("given_name", "middle_name", "sn") if record[column])


def _value(words: dict[tuple[str, str], Both], entity: str, column: str, value: Any) -> Value:
    known = FIELDS[entity, column]
    return Value(known.name, shown(words, known, value))


def _relatives(reader: Reader, record: Record) -> Iterator[Relative]:
    for column, role in _RELATIVES:
        if record[column]:
            other = find_person(reader, record[column])
            yield Relative(role, record[column], name_of(other) if other else "")
    for child in children(reader, record["nin"]) if receives_parents(reader) else []:
        yield Relative(("Barn", "Child"), child["nin"], name_of(child))


def _beside(reader: Reader, words: dict[tuple[str, str], Both], nin: str) -> list[Beside]:
    found = compare(reader, nin)
    rows = []
    for each in found.fields if found else []:
        known = FIELDS[each.entity, each.column]
        rows.append(
            Beside(
                f"{each.entity}.{each.field}",
                (each.comment_no or "", each.comment or ""),
                shown(words, known, each.preg),
                each.persontjenesten_path or "",
                shown(words, known, each.persontjenesten),
                each.is_compared,
                KINDS.get(each.difference, (each.difference, each.difference)) if each.difference else ("", ""),
                MEANINGS.get(each.difference, ("", "")) if each.difference else ("", ""),
                steps(each.client_steps),
            )
        )
    # What differs first; of each in the order of the mapping.
    return sorted(rows, key=lambda row: not row.difference[0])


def _changes(words: dict[tuple[str, str], Both], shown_before: list[State]) -> Iterator[Change]:
    """What each state has otherwise than the one before it, newest first."""
    for newer, older in pairwise(shown_before):
        values = []
        for entity, column, before, after in _differing(older.record, newer.record):
            known = FIELDS[entity, column]
            values.append((f"{entity}.{known.name}", shown(words, known, before), shown(words, known, after)))
        moment = dt.datetime.fromisoformat(newer.shown_from).astimezone(OSLO)
        yield Change(moment.strftime("%Y-%m-%d %H:%M"), newer.event or "", values)


def _differing(older: Record, newer: Record) -> Iterator[tuple[str, str, Any, Any]]:
    """Entity, column, before, after of what two records have otherwise; of addresses the present one."""
    for entity in ("Person", "Store"):
        for each in fields_of(entity):
            if older[each.column] != newer[each.column]:
                yield entity, each.column, older[each.column], newer[each.column]
    before, after = _present_address(older) or {}, _present_address(newer) or {}
    for each in fields_of("Address"):
        if before.get(each.column) != after.get(each.column):
            yield "Address", each.column, before.get(each.column), after.get(each.column)


def _present_address(record: Record) -> Record | None:
    return next((address for address in record["addresses"] if address["current_address"]), None)
