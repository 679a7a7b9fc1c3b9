"""What has changed between two releases: how many persons came, went and changed, and in which fields."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import duckdb

from foundation.database import column_types, sql_text
from foundation.errors import PregError
from foundation.person_hash import bind_key, person_hash_sql
from foundation.release import Release
from publication.reports.migration.mask import masked_sql

# Tables of one row per person: the rows that are compared, and what they are called.
_TABLES = {"preg_person": "true", "preg_address": "current_address"}


@dataclass(frozen=True)
class TableDiff:
    """new, gone, changed: rows. fields: field → how many persons have another value in it."""

    table: str
    new: int
    gone: int
    changed: int
    fields: dict[str, int]


@dataclass(frozen=True)
class ReleaseDiff:
    """The difference of two releases; `rows` are tables of which only the numbers of rows differ: before, after."""

    before: str
    after: str
    tables: list[TableDiff]
    rows: dict[str, tuple[int, int]] = field(default_factory=dict)


def diff_releases(before: Release, after: Release) -> ReleaseDiff:
    """Compare two releases table by table; tables of equal content are not looked at."""
    changed = [
        name
        for name in {**before.manifest.tables, **after.manifest.tables}
        if before.manifest.tables.get(name) != after.manifest.tables.get(name)
    ]
    with _both(before, after) as connection:
        tables = [_diff_table(connection, table) for table in _TABLES if table in changed]
    rows = {name: (_rows(before, name), _rows(after, name)) for name in changed if name not in _TABLES}
    return ReleaseDiff(before.release_id, after.release_id, tables, rows)


def diff_detail(before: Release, after: Release, table: str, column: str, key: str, limit: int) -> list[dict[str, Any]]:
    """Persons in whom a field has changed: `person` (keyed hash), `before` and `after`.

    A value is shown by its shape (letters a, digits 0), never as it is. Raises `PregError` when there is no such field.
    """
    with _both(before, after) as connection:
        if table not in _TABLES or column not in _columns_of_both(connection, table):
            raise PregError(
                f"no field of persons is called {f'{table}.{column}'.strip('.')} in both releases",
                where="--detail",
                todo=f"name a field (Person.Sn) or a column of {' or '.join(_TABLES)} (preg_person.sn)",
            )
        chosen = _TABLES[table]
        bind_key(connection, key)
        old, new = f"cast(old.{column} as varchar)", f"cast(new.{column} as varchar)"
        cursor = connection.execute(
            f"""
            select {person_hash_sql("nin")} as person, {masked_sql(old, new, "'text'")} as before,
                {masked_sql(new, old, "'text'")} as after
            from (select * from old.{table} where {chosen}) as old
            inner join (select * from new.{table} where {chosen}) as new using (nin)
            where old.{column} is distinct from new.{column}
            order by person
            limit {limit}
            """
        )
        names = [each[0] for each in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _both(before: Release, after: Release) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(f"attach {sql_text(before.database)} as old (read_only)")
    connection.execute(f"attach {sql_text(after.database)} as new (read_only)")
    return connection


def _columns_of_both(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    there = set(column_types(connection, "old", table))
    return [name for name in column_types(connection, "new", table) if name in there]


def _diff_table(connection: duckdb.DuckDBPyConnection, table: str) -> TableDiff:
    chosen = _TABLES[table]
    fields = [name for name in _columns_of_both(connection, table) if name != "nin"]
    differs = {name: f"old.{name} is distinct from new.{name}" for name in fields}
    both = "old.nin is not null and new.nin is not null"
    counted = ", ".join(f"count(*) filter ({both} and {condition})" for condition in differs.values())
    new, gone, changed, *by_field = connection.execute(
        f"""
        select count(*) filter (old.nin is null), count(*) filter (new.nin is null),
            count(*) filter ({both} and ({" or ".join(differs.values())})), {counted}
        from (select * from old.{table} where {chosen}) as old
        full join (select * from new.{table} where {chosen}) as new on old.nin = new.nin
        """
    ).fetchall()[0]
    found = {name: count for name, count in zip(fields, by_field, strict=True) if count}
    return TableDiff(table, new, gone, changed, dict(sorted(found.items(), key=lambda item: -item[1])))


def _rows(release: Release, table: str) -> int:
    content = release.manifest.tables.get(table)
    return 0 if content is None else content.rows
