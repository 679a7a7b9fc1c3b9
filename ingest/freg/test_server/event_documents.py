"""Documents of events, made of the feed's entry and the person as he or she was after it."""

from __future__ import annotations

from functools import cache
from typing import Any

from ingest.contracts.document import Element
from ingest.contracts.freg import event_contract
from ingest.freg.answers import FeedEntry

_SCHEMA_VERSION = "1"

# An event of a property is named for it; these are named otherwise.
_CHANGED = "endringI"
_OTHER_NAMES = {
    "BostedsadresseUtenFlytting": "bostedsadresse",
    "KontaktopplysningerForDoedsbo": "kontaktinformasjonForDoedsbo",
    "Kontaktinformasjon": "postadresse",
    "Vergemaal": "vergemaalEllerFremtidsfullmakt",
}

# What an event calls by another name than the person's document does: the property itself, and a member of one.
_ENTITIES = {"postadresse": "kontaktadresse", "postadresseIUtlandet": "kontaktadresseIUtlandet"}
_OTHER_MEMBERS = {"identitetsgrunnlagstatus": "legitimasjonskontroll"}

# What an event's document must have and a person's may leave out.
_SAID_EXPLICITLY = {"omfangetErInnenPersonligOmraade": True}


def document_of_event(entry: FeedEntry, number: str, person: dict[str, Any]) -> dict[str, Any]:
    """The event's document: for a change of a property with the entry that is current after it."""
    event: dict[str, Any] = {
        "folkeregisteridentifikator": number,
        "hendelsestype": entry.event_type,
        "ajourholdstidspunkt": entry.registered_at,
    }
    name = _property_of(entry.event_type)
    current = _current(person.get(name)) if name in _properties() else None
    if current is not None:
        changed = _members(current, _properties()[name])
        entity = _ENTITIES.get(name, name)
        event["egenskapshendelse"] = [{name: changed, "entitet": entity, "entitetsendring": "registrereNy"}]
    return {
        "dokumentidentifikator": entry.event_document,
        "skjemaversjon": _SCHEMA_VERSION,
        "hendelse": event,
    }


def _property_of(event_type: str) -> str:
    named = event_type.removeprefix(_CHANGED) if event_type.startswith(_CHANGED) else ""
    return _OTHER_NAMES.get(named, named[:1].lower() + named[1:])


@cache
def _properties() -> dict[str, Element]:
    """The properties that an event contains, by name, as the contract has them."""
    event = next(element for element in event_contract().elements if element.name == "hendelse")
    changes = next(element for element in event.children if element.name == "egenskapshendelse")
    return {element.name: element for element in changes.children}


def _current(entries: Any) -> dict[str, Any] | None:
    entries = entries if isinstance(entries, list) else [entries] if entries else []
    return next((entry for entry in reversed(entries) if entry.get("erGjeldende")), None)


def _members(value: Any, element: Element) -> Any:
    """What an event's document has of a person's: it leaves out some members (`erGjeldende`)."""
    if isinstance(value, list):
        return [_members(item, element) for item in value]
    if not element.children:
        return value
    children = {child.name: child for child in element.children}
    named = {_OTHER_MEMBERS.get(name, name): member for name, member in value.items()}
    said = {name: member for name, member in _SAID_EXPLICITLY.items() if name in children}
    return {name: _members(member, children[name]) for name, member in {**said, **named}.items() if name in children}
