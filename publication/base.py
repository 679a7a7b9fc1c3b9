"""What a candidate can be built upon: an earlier release, when it is known who has changed since.

The warehouse names each series of builds that began with a build of everything (`build.progress.lineage`), and keeps
whom each build since then has touched (`build.touched`). A release knows the series and the last document of its build.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from foundation.files import sha256_of


@dataclass(frozen=True)
class Lineage:
    """Where a build stands: its series, and the last document that it has."""

    name: str
    last_document_number: int

    def as_json(self) -> dict[str, Any]:
        """As manifests hold it."""
        return asdict(self)


@dataclass(frozen=True)
class Base:
    """A release as a candidate may be built upon it.

    database, sha256: its DuckDB file, and what that file was when it was published. tables: name → rows and content
    hash.
    """

    database: Path
    parquet: Path
    sha256: str
    lineage: Lineage
    tables: dict[str, dict[str, Any]]


def lineage_of(connection: duckdb.DuckDBPyConnection) -> Lineage | None:
    """Where the models of the warehouse stand; None when they are not known to be whole."""
    there = connection.execute(
        "select count(*) from information_schema.tables where table_schema = 'build' and table_name = 'progress'"
    ).fetchone()
    if not there or not there[0]:
        return None
    row = connection.execute("select lineage, last_document_number from build.progress where is_whole").fetchone()
    return None if row is None else Lineage(str(row[0]), int(row[1]))


def is_usable(base: Base | None, now: Lineage | None) -> bool:
    """Whether only persons whom the warehouse can name have changed since `base`, and its file is as published."""
    return (
        base is not None
        and now is not None
        and base.lineage.name == now.name
        and base.database.is_file()
        and sha256_of(base.database) == base.sha256
    )


def list_touched(connection: duckdb.DuckDBPyConnection, base: Base) -> None:
    """Put the persons who may have changed since `base` into the temporary table `touched` (number)."""
    connection.execute(
        "create or replace temp table touched as select distinct number from build.touched where built_after >= ?",
        [base.lineage.last_document_number],
    )
