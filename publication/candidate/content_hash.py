"""A fingerprint of a table's rows, in any order: the same on every machine for the same content.

Each row is written as a JSON object (columns in their order), hashed by MD5, and the hashes are added up; so the
fingerprint of a table follows from that of another by what was taken away and what was added. Equal hashes and equal
row counts are equal content; MD5 here guards against mistakes, not against forgery (the files have SHA-256 for that).
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

# Hexadecimal digits of each half: the sum of 64-bit numbers over more rows than a table will ever have.
_DIGITS = 20


@dataclass(frozen=True)
class ContentSum:
    """The sums of the halves of the rows' hashes."""

    low: int
    high: int

    def __add__(self, other: ContentSum) -> ContentSum:
        return ContentSum(self.low + other.low, self.high + other.high)

    def __sub__(self, other: ContentSum) -> ContentSum:
        return ContentSum(self.low - other.low, self.high - other.high)

    def __str__(self) -> str:
        return f"{self.high:0{_DIGITS}x}{self.low:0{_DIGITS}x}"

    @classmethod
    def parse(cls, text: str) -> ContentSum:
        """The sum that `str` wrote."""
        return cls(int(text[_DIGITS:], 16), int(text[:_DIGITS], 16))


def content_sum(connection: duckdb.DuckDBPyConnection, rows: str) -> ContentSum:
    """The sum of a table's rows, or of `rows`: a table's name, or a query in brackets."""
    row = connection.execute(
        f"""
        select sum(cast(md5_number_lower(line) as hugeint)), sum(cast(md5_number_upper(line) as hugeint))
        from (select cast(to_json(content) as varchar) as line from {rows} as content)
        """
    ).fetchone()
    low, high = (int(part or 0) for part in row or (0, 0))
    return ContentSum(low, high)


def content_hash(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """The fingerprint of `table` as 40 hexadecimal digits; of an empty table, zeros."""
    return str(content_sum(connection, table))
