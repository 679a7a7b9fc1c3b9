"""The register that the test server serves: the documents and events of Freg deliveries in a landing folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from foundation.errors import ConfigurationError
from ingest.compressed import open_stream
from ingest.freg.answers import FeedEntry
from ingest.freg.test_server.event_documents import document_of_event
from ingest.freg.test_server.selecting import is_selected
from ingest.landing import take_inventory

# A document that was delivered in a full delivery came by no event; in the feed it has this one.
_FIRST_EVENT = "personErOpprettet"


@dataclass(frozen=True)
class Event:
    """An event with what the feed and an extract need to know of the person's document after it."""

    entry: FeedEntry
    number: str
    former_numbers: tuple[str, ...]


@dataclass
class Register:
    """events: ascending. documents: person documents by id, as JSON text."""

    events: list[Event] = field(default_factory=list)
    documents: dict[str, str] = field(default_factory=dict)

    @property
    def last_sequence_number(self) -> int:
        """Of the newest event; 0 in an empty register."""
        return self.events[-1].entry.sequence_number if self.events else 0

    def add(self, lines: Sequence[dict[str, Any]]) -> None:
        """Take in the lines of a delivery."""
        for line in lines:
            person = line["folkeregisterperson"]
            entry = FeedEntry(
                sequence_number=line["sekvensnummer"],
                person_document=line["dokumentidentifikator"],
                event_type=line["hendelsetype"] or _FIRST_EVENT,
                registered_at=line["ajourholdstidspunkt"],
                event_document=f"event-{line['sekvensnummer']}",
            )
            in_use, former = _numbers(person)
            self.events.append(Event(entry, in_use[0], former))
            self.documents[entry.person_document] = json.dumps(person, ensure_ascii=False, separators=(",", ":"))
        self.events.sort(key=lambda event: event.entry.sequence_number)

    def current_documents(self, sequence_number: int) -> list[str]:
        """The ids of the documents that are each person's last at a sequence number."""
        last: dict[str, FeedEntry] = {}
        for event in self.events:
            entry, own, former = event.entry, event.number, event.former_numbers
            if entry.sequence_number > sequence_number:
                break
            for number in former:
                last.pop(number, None)
            last[own] = entry
        return [entry.person_document for entry in last.values()]

    def numbers_of_selection(self, criteria: dict[str, Any]) -> list[str]:
        """The numbers of the persons who meet the criteria of an order of uttrekk/tilpasset, as they are now."""
        found = []
        for document_id in self.current_documents(self.last_sequence_number):
            person = json.loads(self.documents[document_id])
            if is_selected(person, criteria):
                found.append(_numbers(person)[0][0])
        return found

    def event_document(self, event_document: str) -> str | None:
        """The document of an event, as JSON text."""
        for event in self.events:
            if event.entry.event_document == event_document:
                person = json.loads(self.documents[event.entry.person_document])
                return json.dumps(document_of_event(event.entry, event.number, person), ensure_ascii=False)
        return None

    def current_document(self, number: str) -> str | None:
        """The last document of the person who has, or had, a number."""
        for event in reversed(self.events):
            document = self.documents[event.entry.person_document]
            if f'"foedselsEllerDNummer":"{number}"' in document:
                return document
        return None


def _numbers(person: dict[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The numbers in use (or all, where none is), and those that a person had besides."""
    entries = person["identifikasjonsnummer"]
    in_use = [entry for entry in entries if entry["status"] == "iBruk"] or entries
    former = [entry for entry in entries if entry not in in_use]
    return (
        tuple(entry["foedselsEllerDNummer"] for entry in in_use),
        tuple(entry["foedselsEllerDNummer"] for entry in former),
    )


def read_register(landing: Path) -> Register:
    """The register of all Freg deliveries in a landing folder."""
    register = Register()
    for delivery in take_inventory(landing).of("freg"):
        for file in delivery.manifest.files:
            with open_stream(delivery.path(file)) as stream:
                register.add([json.loads(line) for line in stream])
    if not register.events:
        raise ConfigurationError(
            "there is no Freg delivery to serve",
            where=str(landing),
            todo="make one: preg sample --persons 1000 --days 3 --out DIR",
        )
    return register
