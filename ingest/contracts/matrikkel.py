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

# The register's own tables: taken as they are, row by row, until a model reads them.
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
REGISTER_TABLE = "matrikkel_register"


@dataclass(frozen=True)
class Column:
    """A column: its name in the file and in the raw table, its DuckDB type, whether a row must have it."""

    in_file: str
    name: str
    sql_type: str
    required: bool


@dataclass(frozen=True)
class MatrikkelTable:
    """A raw table and the columns that a file may bring to it."""

    name: str
    columns: tuple[Column, ...]


@cache
def matrikkel_tables() -> tuple[MatrikkelTable, ...]:
    """Every raw table of Matrikkelen that has typed columns, and the one that keeps the register's tables."""
    columns: dict[str, list[Column]] = {}
    for row in rows("matrikkel_columns"):
        column = Column(row["column_in_file"], row["column"], row["type"], row["required"] == "yes")
        columns.setdefault(row["table"], []).append(column)
    typed = [MatrikkelTable(name, tuple(of_table)) for name, of_table in columns.items()]
    register = MatrikkelTable(
        REGISTER_TABLE,
        (Column("", "register_table", "VARCHAR", True), Column("", "register_row", "JSON", True)),
    )
    return (*typed, register)


def table_of_file(stem: str) -> MatrikkelTable | None:
    """The raw table that a file named `<stem>.csv` feeds; None for a name that is not Matrikkelen's."""
    name = REGISTER_TABLE if stem in REGISTER_TABLES else _TABLE_OF_FILE.get(stem)
    return next((table for table in matrikkel_tables() if table.name == name), None)
