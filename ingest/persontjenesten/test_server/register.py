"""What the test server knows: persons, and the events by which they came to be as they are."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from foundation.errors import ConfigurationError
from ingest.compressed import open_stream
from ingest.contracts.persontjenesten import LEGAL_BASIS_ONLY
from ingest.landing import take_inventory

_ALWAYS = ("id", "sequenceNumber", "norwegianIdentificationNumber")


@dataclass(frozen=True)
class Event:
    """An event of a person. sequence_number: Persontjenesten's own."""

    sequence_number: int
    person_id: str
    event_type: str


@dataclass
class Register:
    """Persons by id, and the events, ascending."""

    persons: dict[str, dict[str, Any]] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)

    def take(self, person: dict[str, Any], event_type: str = "PersonStatusChanged") -> None:
        """A person as he or she is now: an event more."""
        number = int(person["sequenceNumber"])
        self.persons[person["id"]] = person
        self.events.append(Event(number, person["id"], event_type))
        self.events.sort(key=lambda event: event.sequence_number)

    def by_number(self, number: str) -> dict[str, Any] | None:
        """The person who has, or had, a number."""
        for person in self.persons.values():
            if any(each.get("identificationNumber") == number for each in person["norwegianIdentificationNumber"]):
                return person
        return None


def given(person: dict[str, Any], *, legal_basis: bool, parts: list[str], history: bool) -> dict[str, Any]:
    """The person as a caller gets him or her: by the caller's basis, the parts asked for, with history or without."""
    wanted = {part[:1].lower() + part[1:] for part in parts}
    found = {}
    for name, value in person.items():
        if not legal_basis and name in LEGAL_BASIS_ONLY:
            continue
        if wanted and name not in wanted and name not in _ALWAYS:
            continue
        if not history and isinstance(value, list) and name != "norwegianIdentificationNumber":
            value = [entry for entry in value if entry.get("isValid", True)]
        found[name] = value
    return found


def read_register(landing: Path) -> Register:
    """The register of all Persontjenesten deliveries in a landing folder."""
    register = Register()
    for delivery in take_inventory(landing).of("persontjenesten"):
        for file in delivery.manifest.files:
            with open_stream(delivery.path(file)) as stream:
                for line in stream:
                    register.take(json.loads(line))
    if not register.persons:
        raise ConfigurationError(
            "there is no Persontjenesten delivery to serve",
            where=str(landing),
            todo="make one: preg sample --persons 1000 --out DIR",
        )
    return register
