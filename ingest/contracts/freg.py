"""Freg's documents: the line of a delivery, the person in it (`tables/freg_person_fields.csv`), and the event
(`tables/freg_event_fields.csv`)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from ingest.contracts.document import DocumentContract, Element, Kind
from ingest.contracts.tables import rows

_KIND_OF_BASE_TYPE = {
    "dateTime": Kind.TIMESTAMP,
    "date": Kind.DATE,
    "boolean": Kind.BOOLEAN,
    "long": Kind.INTEGER,
    "integer": Kind.INTEGER,
    "gYear": Kind.YEAR,
}


@cache
def line_contract() -> DocumentContract:
    """One line of `persons-*.ndjson`: the position of the document in the feed, and the document."""
    return DocumentContract(
        (
            Element("sekvensnummer", Kind.INTEGER),
            Element("dokumentidentifikator", Kind.TEXT),
            Element("hendelsetype", Kind.TEXT),
            Element("ajourholdstidspunkt", Kind.TIMESTAMP),
            Element("folkeregisterperson", Kind.OBJECT, children=person_elements()),
        )
    )


@cache
def person_elements() -> tuple[Element, ...]:
    """The elements of a person document, as a tree."""
    return _children("", rows("freg_person_fields"))


@cache
def event_contract() -> DocumentContract:
    """The document of an event, with what is around it."""
    return DocumentContract(_children("", rows("freg_event_fields")))


def _children(parent: str, fields: Sequence[dict[str, str]]) -> tuple[Element, ...]:
    prefix = f"{parent}." if parent else ""
    below = [row for row in fields if row["path"].startswith(prefix)]
    elements = []
    for row in below:
        path, name = row["path"], row["path"].removeprefix(prefix)
        if "." in name:
            continue
        children = _children(path, below)
        kind = Kind.OBJECT if children else _KIND_OF_BASE_TYPE.get(row["base_type"], Kind.TEXT)
        elements.append(Element(name.removesuffix("[]"), kind, name.endswith("[]"), children))
    return tuple(elements)
