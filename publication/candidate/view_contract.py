"""The contract of the views: every table of a release that clients read, with its columns and their types.

`view_contract.csv` next to this file is the contract of the present version (`make contract` writes it); a change of it
is a change of version.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

from foundation.release import Release

CONTRACT = Path(__file__).with_name("view_contract.csv")
_HEADER = ("table", "column", "type")


def columns_of(release: Release) -> list[tuple[str, str, str]]:
    """Table, column and type, as a release has them; of the tables that do not depend on the releases before."""
    with release.open() as connection:
        return connection.execute(
            "select table_name, column_name, data_type from duckdb_columns()"
            " where table_name in (select unnest($tables)) order by table_name, column_index",
            {"tables": list(release.manifest.tables)},
        ).fetchall()


def contract() -> list[tuple[str, str, str]]:
    """Table, column and type, as the contract has them."""
    with CONTRACT.open(encoding="utf-8", newline="") as stream:
        return [(row["table"], row["column"], row["type"]) for row in csv.DictReader(stream)]


def as_csv(columns: list[tuple[str, str, str]]) -> str:
    """The contract's file for these columns."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_HEADER)
    writer.writerows(columns)
    return text.getvalue()
