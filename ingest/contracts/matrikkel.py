"""Matrikkelen's files: which file feeds which raw table, and its columns (`tables/matrikkel_columns.csv`)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from ingest.contracts.tables import rows

SEPARATOR = ";"

# The public address files differ in the columns they add; one table takes them all.
_TABLE_OF_FILE = {
    "matrikkelenAdresse": "matrikkel_adresse",
    "matrikkelenVegadresse": "matrikkel_adresse",
    "matrikkelenAdresseLeilighetsnivaa": "matrikkel_adresse",
    "grunnkrets_bydel": "matrikkel_grunnkrets_bydel",
}

# The register's own tables, as matrikkelen's API names them. Its addresses are separate from those of the public files.
REGISTER_TABLES = (
    "adresse",
    "veg",
    "krets",
    "adresse_krets",
    "krets_kommune",
    "kommune",
    "fylke",
    "bruksenhet",
    "matrikkelenhet",
)
_TABLE_OF_FILE |= {name: f"matrikkel_{name}" for name in REGISTER_TABLES} | {"adresse": "matrikkel_register_adresse"}


@dataclass(frozen=True)
class Column:
    """A column: its name in the file and in the raw table, its DuckDB type, whether a row must have it.

    also: other names that a file may have for it. A column without a name in the file is ours (coordinates).
    """

    in_file: str
    name: str
    sql_type: str
    required: bool
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class MatrikkelTable:
    """A raw table and the columns that a file may bring to it."""

    name: str
    columns: tuple[Column, ...]

    @property
    def has_coordinates(self) -> bool:
        """Whether its rows have a point, which is kept in UTM 33 besides the system that it came in."""
        return any(column.name == "oest_utm33" for column in self.columns)

    def in_our_words(self, header: list[str]) -> list[str]:
        """A file's header with the contract's name for each column that it knows; capitals and blanks do not matter.

        Of several names for one column the first in the file is taken; the others are columns of their own.
        """
        known = {
            _plain(name): column.in_file for column in self.columns if column.in_file for name in _names_of(column)
        }
        words: list[str] = []
        for name in header:
            word = known.get(_plain(name), name)
            words.append(name if word in words else word)
        return words


def _names_of(column: Column) -> tuple[str, ...]:
    return (column.in_file, *column.also)


def _plain(name: str) -> str:
    return name.strip().lower().replace(" ", "_")


@cache
def matrikkel_tables() -> tuple[MatrikkelTable, ...]:
    """Every raw table of Matrikkelen."""
    columns: dict[str, list[Column]] = {}
    for row in rows("matrikkel_columns"):
        in_file, *also = row["column_in_file"].split("|")
        column = Column(in_file, row["column"], row["type"], row["required"] == "yes", tuple(also))
        columns.setdefault(row["table"], []).append(column)
    return tuple(MatrikkelTable(name, tuple(of_table)) for name, of_table in columns.items())


def table_of_file(stem: str) -> MatrikkelTable | None:
    """The raw table that a file named `<stem>.csv` feeds; None for a name that is not Matrikkelen's."""
    name = _TABLE_OF_FILE.get(stem)
    return next((table for table in matrikkel_tables() if table.name == name), None)
