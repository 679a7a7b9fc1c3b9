"""Freg's documents: the line of a delivery, and the person in it (`tables/freg_person_fields.csv`)."""

from __future__ import annotations

from functools import cache

from ingest.contracts.document import DocumentContract, Element, Kind
from ingest.contracts.tables import rows

_KIND_OF_BASE_TYPE = {
    "dateTime": Kind.TIMESTAMP,
    "date": Kind.DATE,
    "boolean": Kind.BOOLEAN,
    "long": Kind.INTEGER,
    "gYear": Kind.YEAR,
}


@cache
def line_contract() -> DocumentContract:
    """One line of `persons-*.ndjson`: where the document stands in the feed, and the document."""
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
    return _children("", [row["path"] for row in rows("freg_person_fields")])


def _children(parent: str, paths: list[str]) -> tuple[Element, ...]:
    prefix = f"{parent}." if parent else ""
    names = [path for path in paths if path.startswith(prefix) and "." not in path[len(prefix) :]]
    kinds = {row["path"]: row["base_type"] for row in rows("freg_person_fields")}
    elements = []
    for path in names:
        name = path[len(prefix) :]
        children = _children(path, paths)
        kind = Kind.OBJECT if children else _KIND_OF_BASE_TYPE.get(kinds[path], Kind.TEXT)
        elements.append(Element(name.removesuffix("[]"), kind, name.endswith("[]"), children))
    return tuple(elements)
