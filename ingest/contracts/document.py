"""The contract of a JSON document, as a tree, and what DuckDB needs to read documents by it.

A contract is read from the owner's published list of fields (`tables/*.csv`), never guessed from data. From it
come: the typed columns of the raw table, the specification by which a document is taken apart, the shape that a
regular document has, and the list of paths with which an irregular document is explained.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

JsonShape = str | dict[str, "JsonShape"] | list["JsonShape"]


class Kind(Enum):
    """What a value is. `sql`: its type in DuckDB. `json`: the JSON types that may carry it. `shape`: the usual one."""

    OBJECT = ("STRUCT", ("OBJECT",), "OBJECT", "an object")
    TEXT = ("VARCHAR", ("VARCHAR",), "VARCHAR", "text")
    TIMESTAMP = ("TIMESTAMPTZ", ("VARCHAR",), "VARCHAR", "a point in time (ISO 8601)")
    DATE = ("DATE", ("VARCHAR",), "VARCHAR", "a date (YYYY-MM-DD)")
    BOOLEAN = ("BOOLEAN", ("BOOLEAN",), "BOOLEAN", "true or false")
    INTEGER = ("BIGINT", ("UBIGINT", "BIGINT", "VARCHAR"), "UBIGINT", "a whole number")
    YEAR = ("INTEGER", ("UBIGINT", "VARCHAR"), "UBIGINT", "a year")
    DECIMAL = ("DECIMAL(18,6)", ("DOUBLE", "UBIGINT", "BIGINT", "VARCHAR"), "DOUBLE", "a number")

    def __init__(self, sql: str, json_types: tuple[str, ...], shape: str, words: str) -> None:
        self.sql = sql
        self.json_types = json_types
        self.shape = shape
        self.words = words


@dataclass(frozen=True)
class Element:
    """One name in a document: a value or an object with `children`; `repeated` when it is a list of them."""

    name: str
    kind: Kind
    repeated: bool = False
    children: tuple[Element, ...] = ()

    @property
    def sql_type(self) -> str:
        """The column type, nested where the element is."""
        base = f"STRUCT({_struct_fields(self.children)})" if self.children else self.kind.sql
        return f"{base}[]" if self.repeated else base

    def structure(self, *, as_text: bool) -> JsonShape:
        """The element's form for DuckDB's JSON functions: every value VARCHAR (`as_text`), or by its JSON type."""
        base: JsonShape
        if self.children:
            base = {child.name: child.structure(as_text=as_text) for child in self.children}
        else:
            base = "VARCHAR" if as_text else self.kind.shape
        return [base] if self.repeated else base


@dataclass(frozen=True)
class ContractPath:
    """A path of a document as `$.navn[].fornavn`, with the JSON types that may be there."""

    path: str
    json_types: tuple[str, ...]
    kind: Kind


@dataclass(frozen=True)
class DocumentContract:
    """The contract of one kind of document; `elements` are its top level, and the columns of the raw table."""

    elements: tuple[Element, ...]

    @property
    def columns(self) -> list[tuple[str, str]]:
        """Name and DuckDB type of each top-level element."""
        return [(element.name, element.sql_type) for element in self.elements]

    @property
    def struct_type(self) -> str:
        """The whole document as one DuckDB type."""
        return f"STRUCT({_struct_fields(self.elements)})"

    @property
    def text_structure(self) -> str:
        """The document with every value as text, for `json_transform`: taking apart cannot fail, casting can."""
        return json.dumps({element.name: element.structure(as_text=True) for element in self.elements})

    @property
    def shape(self) -> str:
        """The document with the JSON type of each value, as `json_structure` writes it."""
        return json.dumps({element.name: element.structure(as_text=False) for element in self.elements})

    def paths(self) -> Iterator[ContractPath]:
        """Every path of the contract, containers and values, depth first."""
        yield ContractPath("$", ("OBJECT",), Kind.OBJECT)
        for element in self.elements:
            yield from _paths("$", element)


def _struct_fields(elements: tuple[Element, ...]) -> str:
    return ", ".join(f'"{element.name}" {element.sql_type}' for element in elements)


def _paths(parent: str, element: Element) -> Iterator[ContractPath]:
    path = f"{parent}.{element.name}"
    if element.repeated:
        yield ContractPath(path, ("ARRAY",), Kind.OBJECT)
        path = f"{path}[]"
    yield ContractPath(path, element.kind.json_types, element.kind)
    for child in element.children:
        yield from _paths(path, child)
