"""Freg's answers, read: feed entries (JSON and Atom), batches of an extract, documents of a bulk look-up.

Of the list around the documents of a bulk look-up no name is published; the readers take the only list there is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

import httpx
import orjson
from defusedxml.ElementTree import fromstring


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
        entries = [_from_atom(entry) for entry in _children(fromstring(response.content), "entry")]
    else:
        entries = [_from_json(entry) for entry in orjson.loads(response.content)]
    return FeedPage(tuple(sorted(entries)), response.headers.get("ETag", ""))


def _from_json(entry: dict[str, Any]) -> FeedEntry:
    return _entry(int(entry["sekvensnummer"]), entry["hendelse"])


def _from_atom(entry: Element) -> FeedEntry:
    """The members of an entry stand somewhere below it, each in an element of its name, whatever its namespace."""
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
    return int(answer)


def read_job_id(response: httpx.Response) -> str:
    """The id of an extract that was ordered."""
    return _text(orjson.loads(response.content)["jobbId"])


def read_batch(response: httpx.Response) -> tuple[str, ...]:
    """The document ids of a batch; none when the extract ends here."""
    answer = orjson.loads(response.content)
    if not answer:
        return ()
    found = tuple(map(_text, answer["dokumentidentifikator"]))
    if not found:
        raise ValueError("a batch without document ids")
    return found


def read_documents(response: httpx.Response) -> dict[str, Any]:
    """The documents of a bulk look-up by their id; a document that Freg does not give is not there."""
    answer = orjson.loads(response.content)
    if isinstance(answer, dict):
        lists = [member for member in answer.values() if isinstance(member, list)]
        if len(lists) != 1:
            raise ValueError("not one list of documents")
        (answer,) = lists
    return {
        _text(item["dokumentidentifikator"]): person_of(item)
        for item in answer
        if "folkeregisterperson" in item or "hendelse" in item
    }


def read_persons(response: httpx.Response) -> list[Any]:
    """The persons of a bulk look-up by number."""
    answer = orjson.loads(response.content)
    if isinstance(answer, dict):
        (answer,) = [member for member in answer.values() if isinstance(member, list)]
    return [person_of(item) for item in answer if item]


def read_document(response: httpx.Response) -> Any:
    """One document, whatever is around it."""
    return person_of(orjson.loads(response.content))


def person_of(answer: dict[str, Any]) -> Any:
    """What is in `folkeregisterperson` or `hendelse`, or the bare object itself."""
    for name in ("folkeregisterperson", "hendelse"):
        if name in answer:
            return answer[name]
    return answer
