"""Persontjenesten's questions, answered from the release: persons by id and number, search, events."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from foundation.database import OSLO
from serving.services.look_up import (
    MOST_NUMBERS,
    NotForProfile,
    TooMany,
    find_in_release,
    numbers_of,
    numbers_of_children,
    receives_parents,
    states,
)
from serving.services.persontjenesten.document import given, person_document
from serving.services.persontjenesten.words import event_type, words_of_release
from serving.services.records import Record
from serving.services.search import Criteria, find_all
from serving.store.read_store import Reader, as_json

# The most events of one answer, and the most persons of a search.
MOST_EVENTS = 1000
MOST_MATCHES = 100
# Of a day that is asked for; nearer to the ends of the calendar there is no other time zone.
_FIRST_YEAR, _LAST_YEAR = 1800, 2199

_NUMBER_OF_ID = "select nin from release.person_id where person_id = :person_id"
_ID_OF_NUMBER = "select person_id from release.person_id where nin = :nin"
# As the profile sees it: one that receives no former numbers is not led by them.
_PRESENT_NUMBER = "select nin from person_number where number = :number"
_ADDRESSES = "select * from preg_address where nin = :nin"
_SEQUENCE_NUMBER = (
    "select max(sequence_number) as sequence_number from preg_state where person_nin = :nin and is_present"
)
_EVENTS = """
    select sequence_number, person_nin, event
    from preg_state
    where sequence_number >= :first
    order by sequence_number, nin
    limit :most
"""
_LAST_EVENT = "select max(sequence_number) as sequence_number from preg_state"


@dataclass(frozen=True)
class Selection:
    """What of a person is asked for. legal_basis: of the path. parts: InformationParts, none for all. history: what
    does not hold any more, too."""

    legal_basis: bool = True
    parts: tuple[str, ...] = ()
    history: bool = False


@dataclass(frozen=True)
class Found:
    """Persons as documents; `persons` are their records, for the log."""

    persons: list[Record]
    documents: list[dict[str, Any]]


@dataclass(frozen=True)
class Event:
    """Something has happened to a person. sequence_number: Freg's, ascending. person_id: None for who is no more."""

    sequence_number: int
    person_id: str | None
    event_type: str


@dataclass(frozen=True)
class Events:
    """Events; `persons` are whom they tell of, for the log."""

    persons: list[Record]
    events: list[Event]


@dataclass(frozen=True)
class Sought:
    """What is searched for, and in which of Persontjenesten's statuses; any where there is none."""

    criteria: Criteria
    statuses: tuple[str, ...] = ()


def person_by_id(reader: Reader, person_id: str, selection: Selection) -> Found | None:
    """The person with an id; None where nobody has it."""
    return _one(persons_by_id(reader, [person_id], selection))


def person_by_number(reader: Reader, number: str, selection: Selection) -> Found | None:
    """The person who has, or had, a number; None where nobody does."""
    return _one(persons_by_number(reader, [number], selection))


def persons_by_id(reader: Reader, person_ids: Sequence[str], selection: Selection) -> Found:
    """The persons of at most a hundred ids, each once; who is not found is left out. Raises `TooMany`."""
    _refuse_too_many(person_ids)
    rows = (reader.row(_NUMBER_OF_ID, {"person_id": person_id}) for person_id in dict.fromkeys(person_ids))
    return _found(reader, [row["nin"] for row in rows if row is not None], selection)


def persons_by_number(reader: Reader, numbers: Sequence[str], selection: Selection) -> Found:
    """The persons of at most a hundred numbers, each once; who is not found is left out. Raises `TooMany`."""
    _refuse_too_many(numbers)
    rows = (reader.row(_PRESENT_NUMBER, {"number": number}) for number in numbers)
    return _found(reader, dict.fromkeys(row["nin"] for row in rows if row is not None), selection)


def search_persons(reader: Reader, sought: Sought, selection: Selection) -> Found:
    """The first hundred persons whom every criterion fits. Raises as `serving.services.search.search`."""
    return _found(reader, matches(reader, sought)[:MOST_MATCHES], selection)


def matches(reader: Reader, sought: Sought) -> list[str]:
    """The numbers of the persons whom every criterion fits, best first. Raises as `search`."""
    found = find_all(reader, sought.criteria)
    if not sought.statuses:
        return found
    if "reg_status" in reader.profile.blank_columns("preg_person"):
        raise NotForProfile("your profile does not receive what PersonStatuses asks for")
    words = words_of_release(reader)
    query = (
        "select nin, reg_status from preg_person inner join json_each(:numbers) as found on nin = found.value"
        " order by found.key"
    )
    rows = reader.rows(query, {"numbers": as_json(found)})
    return [row["nin"] for row in rows if words.status(row) in sought.statuses]


def ids_of(reader: Reader, numbers: Iterable[str]) -> list[str]:
    """The ids of persons by number, in their order."""
    rows = (reader.row(_ID_OF_NUMBER, {"nin": number}) for number in numbers)
    return [row["person_id"] for row in rows if row is not None]


def events(reader: Reader, first: int, types: Sequence[str], *, legal_basis: bool) -> Events:
    """At most a thousand events from a sequence number on, ascending, of some types; of any where there are none.

    Raises `NotForProfile` where the profile does not receive when records change.
    """
    _refuse_without_history(reader)
    found = Events([], [])
    # Types are Persontjenesten's, and what the caller receives of them: asked a thousand at a time.
    while True:
        rows = reader.rows(_EVENTS, {"first": first, "most": MOST_EVENTS})
        for row in rows:
            event = _event(reader, row, legal_basis=legal_basis)
            if not types or event.event_type in types:
                found.events.append(event)
                found.persons.append({"nin": row["person_nin"]})
        if len(rows) < MOST_EVENTS or len(found.events) >= MOST_EVENTS:
            return Events(found.persons[:MOST_EVENTS], found.events[:MOST_EVENTS])
        first = rows[-1]["sequence_number"] + 1


def latest_event(reader: Reader, *, legal_basis: bool) -> Events:
    """The newest event; none where nothing has happened. Raises as `events`."""
    _refuse_without_history(reader)
    last = reader.row(_LAST_EVENT, {})
    if last is None or last["sequence_number"] is None:
        return Events([], [])
    return events(reader, last["sequence_number"], (), legal_basis=legal_basis)


def day_of(text: str) -> dt.date:
    """The day of a date or of a point in time, in Oslo, from 1800 to 2199. Raises ValueError."""
    moment = dt.datetime.fromisoformat(text)
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueError("out of range")
    return moment.astimezone(OSLO).date() if moment.tzinfo else moment.date()


def _event(reader: Reader, row: Record, *, legal_basis: bool) -> Event:
    ids = ids_of(reader, [row["person_nin"]])
    told = reader.profile.file.protected != "none"
    kind = event_type(row["event"], told=told, legal_basis=legal_basis)
    return Event(row["sequence_number"], ids[0] if ids else None, kind)


def _refuse_without_history(reader: Reader) -> None:
    if not reader.profile.file.history:
        raise NotForProfile("your profile does not receive when records change")


def _refuse_too_many(asked: Sequence[str]) -> None:
    if len(asked) > MOST_NUMBERS:
        raise TooMany(f"{len(asked)} persons were asked for at once", todo=f"ask for at most {MOST_NUMBERS}")


def _one(found: Found) -> Found | None:
    return found if found.documents else None


def _found(reader: Reader, numbers: Iterable[str], selection: Selection) -> Found:
    persons, documents = [], []
    for number in numbers:
        record = find_in_release(reader, number)
        if record is None or record["new_nin"]:
            continue
        persons.append(record)
        documents.append(given(_document(reader, record, selection), **_of(selection)))
    return Found(persons, documents)


def _of(selection: Selection) -> dict[str, Any]:
    return {"legal_basis": selection.legal_basis, "parts": selection.parts, "history": selection.history}


def _document(reader: Reader, record: Record, selection: Selection) -> dict[str, Any]:
    asked = {"nin": record["nin"]}
    ids = ids_of(reader, [record["nin"]])
    sequence = reader.row(_SEQUENCE_NUMBER, asked)
    return person_document(
        words_of_release(reader),
        ids[0] if ids else None,
        sequence["sequence_number"] if sequence else None,
        record | {"addresses": reader.rows(_ADDRESSES, asked)},
        numbers_of(reader, record["nin"]),
        numbers_of_children(reader, record["nin"]) if receives_parents(reader) else [],
        [state.record for state in states(reader, record["nin"]) if not state.is_present] if selection.history else [],
    )
