"""Where a column's values come from, column by column through the models, down to what was delivered.

Read from the SQL that the last build ran (dbt's manifest) and the columns of the warehouse. It follows values; a column
that only decides which rows are joined is not among them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlglot import exp
from sqlglot.lineage import lineage

from foundation.database import session
from foundation.errors import PregError
from foundation.settings import Settings
from orchestration.dbt.project import dbt_target


@dataclass(frozen=True)
class LineageColumn:
    """A column, as schema.table.column, and the columns that its values come from; none for a seed or raw column."""

    name: str
    sources: tuple[LineageColumn, ...] = field(default=())


def column_lineage(settings: Settings, table: str, column: str) -> LineageColumn:
    """The lineage of a column of a model.

    Raises `PregError` when nothing has been built, or no model or column has that name.
    """
    manifest = dbt_target(settings) / "manifest.json"
    if not manifest.is_file() or not settings.warehouse.is_file():
        raise PregError("nothing has been built here", where=str(settings.data_dir), todo="build first: preg run")
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"].values()
    models = {node["name"]: node for node in nodes if node["resource_type"] == "model" and node.get("compiled_code")}
    with session(settings, settings.warehouse, read_only=True) as connection:
        rows = connection.execute(
            "select database_name, schema_name, table_name, column_name, data_type from duckdb_columns()"
            " where database_name = current_database()"
        ).fetchall()
    columns: dict[str, Any] = {}
    for database, schema, name, each, data_type in rows:
        columns.setdefault(database, {}).setdefault(schema, {}).setdefault(name, {})[each] = data_type
    if table not in models:
        raise PregError(f"no model is named {table}", where=str(manifest), todo="dbt ls names them")
    known = _columns_of(columns, models[table]["schema"], table)
    if column not in known:
        raise PregError(
            f"{table} has no column {column}; it has {', '.join(known)}", where=table, todo="choose one of these"
        )

    @cache
    def follow(schema: str, name: str, each: str) -> LineageColumn:
        model = models.get(name)
        if model is None or model["schema"] != schema:
            return LineageColumn(f"{schema}.{name}.{each}")
        sources = sorted(_direct(model["compiled_code"], each, columns) - {(schema, name, each)})
        return LineageColumn(f"{schema}.{name}.{each}", tuple(follow(*source) for source in sources))

    return follow(models[table]["schema"], table, column)


def _columns_of(columns: Mapping[str, Any], schema: str, table: str) -> list[str]:
    return [each for database in columns.values() for each in database.get(schema, {}).get(table, {})]


def _direct(sql: str, column: str, columns: Mapping[str, Any]) -> set[tuple[str, str, str]]:
    """The columns of other tables that a column of a statement is made of: schema, table, column."""
    found = set()
    for node in lineage(column, sql, schema=dict(columns), dialect="duckdb").walk():
        if isinstance(node.expression, exp.Table):
            found.add((node.expression.db, node.expression.name, node.name.rpartition(".")[2].strip('"')))
    return found
