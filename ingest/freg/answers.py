"""Freg's answers, read: feed entries (JSON and Atom), batches of an extract, documents of a bulk look-up, errors.

Every reader raises ValueError, KeyError, TypeError or AttributeError for an answer that is not as the contract says,
and nothing else, for any answer.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element, ParseError

import httpx
import orjson
from defusedxml.ElementTree import fromstring

from foundation.text import printable

# The list around what a bulk look-up gives.
_LOOK_UPS = "oppslag"

# A number of a person, written together or with a space or hyphen before the last five digits; and longer rows.
_PERSON_NUMBER = re.compile(r"\d{6}[ -]?\d{5,}")

# Where a document, or a part of one, begins in a message.
_DOCUMENT_BEGINS = re.compile(r"[{<]")

# Freg's names for code and message: as its answers have them, as its published description has them, as the feed has
# them when it answers 404.
_ERROR_FORMS = (("kode", "melding"), ("feilkode", "feilmelding"), ("code", "message"))
_NO_REASON = "no reason given"
_LONGEST_CODE = 40


class FeedEntry(NamedTuple):
    """An event in the feed: one event concerns one person.

    event_document: the id of the event's own document, where our package may read it. person_document: the id of the
    person as he or she was after the event. registered_at: `ajourholdstidspunkt` as Freg writes it.
    """

    sequence_number: int
    person_document: str
    event_type: str
    registered_at: str
    event_document: str = ""


@dataclass(frozen=True)
class FeedPage:
    """A page of the feed, ascending; `etag` is for asking whether it is still the same."""

    entries: tuple[FeedEntry, ...]
    etag: str = ""


def read_feed_page(response: httpx.Response) -> FeedPage | None:
    """A page; None when it has not changed (304)."""
    if response.status_code == 304:
        return None
    if "xml" in response.headers.get("Content-Type", ""):
        entries = [_from_atom(entry) for entry in _children(_xml(response.content), "entry")]
    else:
        entries = [_from_json(entry) for entry in orjson.loads(response.content)]
    return FeedPage(tuple(sorted(entries)), response.headers.get("ETag", ""))


def _xml(content: bytes) -> Element:
    try:
        root: Element = fromstring(content)
    except (ParseError, LookupError) as error:
        # Python counts broken XML among the errors of syntax, and an encoding that it does not know among look-ups.
        raise ValueError("not whole XML") from error
    return root


def _from_json(entry: dict[str, Any]) -> FeedEntry:
    return _entry(int(entry["sekvensnummer"]), entry["hendelse"])


def _from_atom(entry: Element) -> FeedEntry:
    """The members of an entry are somewhere below it, each in an element of its name, in any namespace."""
    members = {_local_name(element): (element.text or "").strip() for element in entry.iter()}
    return _entry(int(members["sekvensnummer"]), members)


def _entry(sequence_number: int, event: dict[str, Any]) -> FeedEntry:
    document, kind, registered_at = event["persondokument"], event["hendelsetype"], event["ajourholdstidspunkt"]
    if not (document and kind and registered_at):
        raise ValueError("an event without document, type or time")
    return FeedEntry(sequence_number, document, kind, registered_at, event.get("hendelsesdokument") or "")


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("not a text")
    return value


def _children(root: Element, name: str) -> list[Element]:
    if _local_name(root) != "feed":
        raise ValueError("not an Atom feed")
    return [element for element in root if _local_name(element) == name]


def _local_name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def read_number(response: httpx.Response) -> int:
    """A bare number, or the only number in an object."""
    answer = orjson.loads(response.content)
    if isinstance(answer, dict):
        (answer,) = answer.values()
    if isinstance(answer, float):
        raise ValueError("not a whole number")
    return int(answer)


def read_job_id(response: httpx.Response) -> str:
    """The id of an extract that was ordered."""
    return _text(orjson.loads(response.content)["jobbId"])


def read_document_batch(response: httpx.Response) -> tuple[str, ...]:
    """The document ids of a batch of uttrekk/komplett; none when the extract ends here."""
    return _batch(response, "dokumentidentifikator")


def read_number_batch(response: httpx.Response) -> tuple[str, ...]:
    """The persons' numbers of a batch of uttrekk/tilpasset; none when the extract ends here."""
    return _batch(response, "foedselsEllerDNummer")


def _batch(response: httpx.Response, member: str) -> tuple[str, ...]:
    answer = orjson.loads(response.content)
    if answer == {}:
        return ()
    found = tuple(map(_text, _list(answer[member])))
    if not found:
        raise ValueError("a batch with nothing in it")
    return found


@dataclass(frozen=True)
class LookedUp:
    """What a bulk look-up gave: the documents, and Freg's message for what it has none of.

    found, refused: by document id or by number, in the order asked for. A number is no text for logs: `in_words` has
    none, nor has the representation.
    """

    found: dict[str, Any]
    refused: dict[str, str]

    def __repr__(self) -> str:
        return f"LookedUp({len(self.found)} found, {len(self.refused)} refused)"

    def in_words(self) -> str:
        """How many have no document, and what Freg says of them; empty when all have one."""
        if not self.refused:
            return ""
        reasons = ", ".join(f"{message} ({count:,})" for message, count in Counter(self.refused.values()).most_common())
        return f"{len(self.refused):,} of {len(self.found) + len(self.refused):,} have no document: {reasons}"


def read_documents(response: httpx.Response) -> LookedUp:
    """The documents of a bulk look-up by their id. A document that Freg does not mention is in neither part."""
    found: dict[str, Any] = {}
    refused: dict[str, str] = {}
    for item in _look_ups(response):
        document_id = _text(item["dokumentidentifikator"])
        if _has_document(item):
            found[document_id] = document_of(item)
        else:
            refused[document_id] = _message(item)
    return LookedUp(found, refused)


def read_persons(response: httpx.Response, numbers: Sequence[str]) -> LookedUp:
    """The persons of a bulk look-up by the numbers asked for, each with its person or its message.

    Raises ValueError when a number has neither, or when one comes that nobody asked for.
    """
    items = _look_ups(response)
    named = [item for item in items if "foedselsEllerDNummer" in item]
    if named:
        if len(named) < len(items):
            raise ValueError("persons with and without the number that was asked for")
        answers = {_text(item["foedselsEllerDNummer"]): item for item in named}
    elif len(items) == len(numbers):
        # The order is the one asked for.
        answers = dict(zip(numbers, items, strict=True))
    else:
        raise ValueError("persons that cannot be distinguished")
    if set(answers) != set(numbers):
        raise ValueError("not the persons that were asked for")
    return LookedUp(
        {number: document_of(answers[number]) for number in numbers if _has_document(answers[number])},
        {number: _message(answers[number]) for number in numbers if not _has_document(answers[number])},
    )


def read_document(response: httpx.Response) -> Any:
    """One document, without what is around it."""
    return document_of(orjson.loads(response.content))


def document_of(answer: dict[str, Any]) -> Any:
    """What is in `folkeregisterperson` or `hendelse`, or the bare object itself."""
    if not isinstance(answer, dict):
        raise TypeError("not a document")
    for name in ("folkeregisterperson", "hendelse"):
        if name in answer:
            return answer[name]
    return answer


def read_reason(response: httpx.Response) -> tuple[str, str]:
    """Freg's own code and message of an error answer, in any form of answer; no person's number, no document."""
    try:
        answer = orjson.loads(response.content)
    except ValueError:
        return "", _NO_REASON
    if not isinstance(answer, dict):
        return "", _NO_REASON
    for code, message in _ERROR_FORMS:
        if code in answer or message in answer:
            return _told(answer.get(code), _LONGEST_CODE), _told(answer.get(message)) or _NO_REASON
    return "", _NO_REASON


def _look_ups(response: httpx.Response) -> list[dict[str, Any]]:
    """What a bulk look-up gives for each of what was asked for: the list `oppslag`, a bare list, or the only list."""
    answer = orjson.loads(response.content)
    if isinstance(answer, dict):
        if _LOOK_UPS in answer:
            answer = answer[_LOOK_UPS]
        else:
            (answer,) = [member for member in answer.values() if isinstance(member, list)]
    items = _list(answer)
    if not all(isinstance(item, dict) for item in items):
        raise ValueError("a look-up that is no object")
    return items


def _has_document(item: dict[str, Any]) -> bool:
    """Whether a look-up has a document: named as one, or bare, with nothing around it."""
    if "folkeregisterperson" in item or "hendelse" in item:
        return isinstance(document_of(item), dict)
    return bool(item) and item.keys().isdisjoint({"foedselsEllerDNummer", "dokumentidentifikator", "feilmelding"})


def _message(item: dict[str, Any]) -> str:
    """Freg's message for something it has no document of: `{"feilmelding": {"feilmelding": "…"}}`."""
    given = item.get("feilmelding")
    if isinstance(given, dict):
        given = given.get("feilmelding")
    return _told(given) or _NO_REASON


def _told(given: Any, limit: int = 200) -> str:
    """A text of Freg's as it may be shown: on one line, without a person's number, up to where a document begins."""
    if not isinstance(given, str | int):
        return ""
    begins = _DOCUMENT_BEGINS.search(str(given))
    text = str(given)[: begins.start()] if begins else str(given)
    return printable(_PERSON_NUMBER.sub("…", text).strip(), limit)


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("not a list")
    return value
