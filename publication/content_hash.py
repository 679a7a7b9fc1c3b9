"""A fingerprint of a table's rows, whatever their order: the same on every machine for the same content.

Each row is written as a JSON object (columns in their order), hashed by MD5, and the hashes are added up. Equal hashes
and equal row counts are equal content; MD5 here guards against mistakes, not against forgery (the files have SHA-256
for that).
"""

from __future__ import annotations

import duckdb


def content_hash(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """The fingerprint of `table` as 32 or more hexadecimal digits; of an empty table, zeros."""
    row = connection.execute(
        f"""
        select sum(cast(md5_number_lower(line) as hugeint)), sum(cast(md5_number_upper(line) as hugeint))
        from (select cast(to_json(content) as varchar) as line from {table} as content)
        """
    ).fetchone()
    low, high = (int(part or 0) for part in row or (0, 0))
    return f"{high:020x}{low:020x}"
