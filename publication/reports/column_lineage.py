"""Where a column's values come from, as a release has it: through the models, down to what was delivered.

`column_lineage.csv` next to this file is the lineage of this version of the code (`orchestration.dbt.column_lineage`
makes it: `make contract`); every release keeps a copy.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from foundation.errors import PregError
from foundation.release import COLUMN_LINEAGE

OF_THIS_CODE = Path(__file__).with_name(COLUMN_LINEAGE)

# For each column, as schema.table.column, the columns that it is made of; none for a seed or raw column.
Edges = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class LineageColumn:
    """A column, as schema.table.column, and the columns that its values come from; none for a seed or raw column."""

    name: str
    sources: tuple[LineageColumn, ...] = field(default=())

    def ends(self) -> set[str]:
        """The columns that were delivered or are seeds, from which the values come in the end."""
        if not self.sources:
            return {self.name}
        return set().union(*(source.ends() for source in self.sources))


def read_edges(file: Path) -> Edges:
    """The lineage that is in a file; of columns as schema.table.column."""
    edges: dict[str, list[str]] = {}
    with file.open(encoding="utf-8", newline="") as opened:
        for row in csv.DictReader(opened):
            sources = edges.setdefault(row["column"], [])
            if row["source"]:
                sources.append(row["source"])
    return {column: tuple(sources) for column, sources in edges.items()}


def columns_of(edges: Edges, table: str) -> list[str]:
    """The columns of a published table, as schema.table.column, in its order; none when there is no such table."""
    return [column for column in edges if column.split(".")[:2] == ["marts", table]]


def column_lineage(edges: Edges, table: str, column: str) -> LineageColumn:
    """The lineage of a column of a published table.

    Raises `PregError` when no table or column has that name.
    """
    known = [each.rpartition(".")[2] for each in columns_of(edges, table)]
    if not known:
        tables = sorted({each.split(".")[1] for each in edges if each.startswith("marts.")})
        raise PregError(f"no published table is named {table}", where=table, todo=f"choose one of {', '.join(tables)}")
    if column not in known:
        raise PregError(
            f"{table} has no column {column}; it has {', '.join(known)}", where=table, todo="choose one of these"
        )
    return _follow(edges, f"marts.{table}.{column}", {})


def _follow(edges: Edges, column: str, followed: dict[str, LineageColumn]) -> LineageColumn:
    if column not in followed:
        sources = tuple(_follow(edges, source, followed) for source in edges.get(column, ()))
        followed[column] = LineageColumn(column, sources)
    return followed[column]
