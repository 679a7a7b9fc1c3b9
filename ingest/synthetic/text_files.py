"""Text files straight from a query: one line per row."""

from __future__ import annotations

from pathlib import Path

import duckdb

from foundation.database import sql_text


def write_lines(connection: duckdb.DuckDBPyConnection, query: str, target: Path) -> int:
    """Write the column `line` of an ordered query; zstandard when the name ends in .zst. Returns their number."""
    compression = "zstd" if target.suffix == ".zst" else "none"
    row = connection.execute(
        f"""
        copy (select line from ({query}))
        to {sql_text(target)} (format csv, header false, quote '', escape '',
            delimiter E'\\x1F', compression {compression})
        """
    ).fetchone()
    return int(row[0]) if row else 0


def write_table(connection: duckdb.DuckDBPyConnection, query: str, target: Path, separator: str) -> int:
    """Write a query as a CSV file with a header; returns the number of rows."""
    row = connection.execute(
        f"copy ({query}) to {sql_text(target)} (format csv, header true, delimiter {sql_text(separator)})"
    ).fetchone()
    return int(row[0]) if row else 0
