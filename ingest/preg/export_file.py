"""An export of the running PREG as a delivery: XML or JSON lines in, `persons-0001.ndjson.zst` out.

XML: any element `Person` is a person, wherever it occurs; its children are the fields of `preg_fields.csv`, its
`Addresses` holds `Address` elements. Namespaces do not matter. JSON lines: one Person with `Addresses` per line.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element as XmlElement
from xml.etree.ElementTree import ParseError

import orjson
import zstandard
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from foundation.database import machine_failures
from foundation.errors import PregError
from ingest.compressed import open_stream
from ingest.contracts.document import Element, Kind
from ingest.contracts.preg import person_contract
from ingest.landing_writer import new_delivery

_FILE = "persons-0001.ndjson.zst"
_JSON_LINES = (".ndjson", ".jsonl", ".json")


@dataclass(frozen=True)
class DeliveredExport:
    """The delivery that was made of an export: its id, and how many persons are in it."""

    delivery_id: str
    persons: int


def deliver_export(file: Path, landing: Path, taken_at: dt.datetime, *, only_changes: bool = False) -> DeliveredExport:
    """Make a delivery of source `preg` of an export that was taken at `taken_at`.

    only_changes: the export holds only those who have changed since the one before; else it replaces what was known.
    Raises `PregError` for a file that is not well-formed XML or has no person.
    """
    if not file.is_file():
        raise PregError("the export is not there", where=str(file), todo="give the file that PREG exported")
    kind = "change" if only_changes else "full"
    delivery_id = f"{taken_at:%Y%m%dT%H%M%SZ}-{kind}"
    if (landing / "preg" / delivery_id).exists():
        raise PregError(
            "an export taken at this time is delivered already",
            where=str(landing / "preg" / delivery_id),
            todo="give the time at which this one was taken: --taken-at",
        )
    names = file.name.lower()
    lines = _json_lines(file) if any(part in names for part in _JSON_LINES) else _xml_lines(file)
    persons = 0
    with (
        machine_failures(str(landing)),
        new_delivery(landing, "preg", delivery_id, kind=kind, created_at=taken_at) as writer,
    ):
        with zstandard.open(writer.folder / _FILE, "wb") as stream:
            for line in lines:
                stream.write(line)
                persons += 1
        if not persons and not only_changes:
            raise PregError(
                "the export has no person",
                where=str(file),
                todo="a full export replaces what was known: have it made again, with elements Person",
            )
        writer.add(_FILE, persons)
    return DeliveredExport(delivery_id, persons)


def _json_lines(file: Path) -> Iterator[bytes]:
    with open_stream(file) as stream:
        for line in stream:
            if line.strip():
                yield line.rstrip(b"\r\n") + b"\n"


def _xml_lines(file: Path) -> Iterator[bytes]:
    members = {element.name: element for element in person_contract().elements}
    with open_stream(file) as stream:
        try:
            depth: list[XmlElement] = []
            for event, element in iterparse(stream, events=("start", "end"), forbid_dtd=True):
                if event == "start":
                    depth.append(element)
                    continue
                depth.pop()
                if _name(element) == "Person":
                    yield orjson.dumps(_person(element, members), option=orjson.OPT_APPEND_NEWLINE)
                    # What has been read is let go, so that an export of any size fits in memory.
                    element.clear()
                    if depth:
                        depth[-1].remove(element)
        except (ParseError, DefusedXmlException) as error:
            raise PregError(
                f"the export is not XML that can be read: {error}",
                where=str(file),
                todo="have it made again; nothing of it was delivered",
            ) from error


def _person(element: XmlElement, members: dict[str, Element]) -> dict[str, Any]:
    person: dict[str, Any] = {}
    for child in element:
        name = _name(child)
        known = members.get(name)
        if known is not None and known.children:
            address_members = {member.name: member for member in known.children}
            person[name] = [
                {_name(field): _value(field, address_members.get(_name(field))) for field in address}
                for address in child
            ]
        else:
            person[name] = _value(child, known)
    return person


def _name(element: XmlElement) -> str:
    return element.tag.rpartition("}")[2]


def _value(element: XmlElement, known: Element | None) -> Any:
    """The text as the type that the contract asks for; what does not fit stays text, and the load says so."""
    text = (element.text or "").strip()
    if not text:
        return None
    if known is not None and known.kind is Kind.BOOLEAN and text.lower() in ("true", "false", "1", "0"):
        return text.lower() in ("true", "1")
    if known is not None and known.kind in (Kind.INTEGER, Kind.DECIMAL):
        try:
            return int(text) if known.kind is Kind.INTEGER else float(text)
        except ValueError:
            return text
    return text
