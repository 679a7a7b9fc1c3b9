"""The release before, as the gate holds a candidate against it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from foundation.database import sql_text, tables_of

# The name under which its database is attached.
ALIAS = "last_release"


@dataclass(frozen=True)
class LastRelease:
    """release_id, database: which it is. manifest: its manifest (see docs/architecture.md)."""

    release_id: str
    database: Path
    manifest: dict[str, Any]


@contextmanager
def attached(connection: duckdb.DuckDBPyConnection, last: LastRelease | None) -> Iterator[set[str]]:
    """The database of `last`, attached as `ALIAS` within the block; gives the names of its tables, none without one."""
    if last is None or not last.database.is_file():
        yield set()
        return
    connection.execute(f"attach {sql_text(last.database)} as {ALIAS} (read_only)")
    try:
        yield tables_of(connection, ALIAS)
    finally:
        connection.execute(f"detach {ALIAS}")
