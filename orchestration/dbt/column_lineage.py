"""Where a column's values come from, column by column through the models, down to what was delivered.

Made from the SQL of the models, once for a version of the code (`make contract`; a test keeps it fresh), read by
`publication.reports.column_lineage`, copied into every release, and given to Dagster as its column lineage. It follows
values, and what a value is looked up by (the key of a left join); a column that only decides which rows there are is
not among them.
"""

from __future__ import annotations

import csv
import io
import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import duckdb
from sqlglot import exp, parse_one
from sqlglot.lineage import to_node
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import build_scope
from sqlglot.schema import ensure_schema

from foundation.database import session
from foundation.errors import PregError
from foundation.settings import Settings
from orchestration.dbt.environment import dbt_target


def lineage_of_build(settings: Settings) -> str:
    """The lineage as the last build has it, as the text of `column_lineage.csv`.

    The columns of the published tables come first, in their order, then all that they come from.

    Raises `PregError` when nothing has been built.
    """
    manifest = dbt_target(settings) / "manifest.json"
    if not manifest.is_file() or not settings.warehouse.is_file():
        raise PregError("nothing has been built here", where=str(settings.data_dir), todo="build first: preg run")
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"].values()
    models = {
        (node["schema"], node["name"]): node["compiled_code"]
        for node in nodes
        if node["resource_type"] == "model" and node.get("compiled_code")
    }
    with session(settings, settings.warehouse, read_only=True) as connection:
        columns = _columns(connection)
    followed: dict[str, list[str]] = {}
    models_read: dict[tuple[str, str], _Model] = {}
    published = [name for name in sorted(models) if name[0] == "marts"]
    waiting = [f"{schema}.{table}.{column}" for schema, table in published for column in columns[schema][table]]
    for name in waiting:
        if name in followed:
            continue
        schema, table, column = name.split(".", 2)
        followed[name] = []
        if (schema, table) in models:
            if (schema, table) not in models_read:
                models_read[schema, table] = _Model(models[schema, table], columns)
            followed[name] = sorted(set(models_read[schema, table].sources(column)) - {name})
            waiting.extend(followed[name])
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("column", "source"))
    writer.writerows((name, source) for name, sources in followed.items() for source in sources or [""])
    return text.getvalue()


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, dict[str, str]]]:
    columns: dict[str, dict[str, dict[str, str]]] = {}
    for schema, table, column, kind in connection.execute(
        "select schema_name, table_name, column_name, data_type from duckdb_columns()"
        " where database_name = current_database() order by table_oid, column_index"
    ).fetchall():
        columns.setdefault(schema, {}).setdefault(table, {})[column] = kind
    return columns


class _Model:
    """One model's statement, read once, and asked for each of its columns."""

    def __init__(self, sql: str, columns: Mapping[str, Any]) -> None:
        self._schema = ensure_schema(dict(columns), dialect="duckdb")
        statement = parse_one(sql, dialect="duckdb")
        for table in statement.find_all(exp.Table):
            table.set("catalog", None)
        qualified = qualify(
            statement, schema=self._schema, dialect="duckdb", validate_qualify_columns=False, identify=False
        )
        _unite_by_place(qualified)
        _tell_of_lookups(qualified)
        scope = build_scope(qualified)
        if scope is None:
            raise PregError("a model is no query", where=sql[:80], todo="a model is one select")
        self._scope = scope
        self._cache: dict[Any, Any] = {}

    def sources(self, column: str) -> Iterator[str]:
        """The columns of other tables that a column is made of."""
        # It warns of subqueries that are conditions: those decide which rows there are.
        logger = logging.getLogger("sqlglot")
        level = logger.level
        logger.setLevel(logging.ERROR)
        try:
            nodes: Iterable[Any] = to_node(column, self._scope, "duckdb", self._schema, _cache=self._cache).walk()
            for node in nodes:
                if isinstance(node.expression, exp.Table):
                    table = node.expression
                    yield f"{table.db}.{table.name}.{node.name.rpartition('.')[2].strip(chr(34))}"
        finally:
            logger.setLevel(level)


def _unite_by_place(statement: exp.Expr) -> None:
    """Write out what is united by name, which SQLGlot reads by place: in each part all columns, in one order."""
    for union in reversed(list(statement.find_all(exp.Union))):
        if not union.args.get("by_name"):
            continue
        names = list(dict.fromkeys([*union.left.named_selects, *union.right.named_selects]))
        for select in (*_selects(union.left), *_selects(union.right)):
            own = {each.alias_or_name: each for each in select.expressions}
            select.set("expressions", [own.get(name) or exp.alias_(exp.Null(), name) for name in names])
        union.set("by_name", False)


def _selects(query: exp.Expr) -> Iterator[exp.Select]:
    if isinstance(query, exp.SetOperation):
        yield from _selects(query.left)
        yield from _selects(query.right)
    elif isinstance(query, exp.Subquery):
        yield from _selects(query.this)
    elif isinstance(query, exp.Select):
        yield query


def _tell_of_lookups(statement: exp.Expr) -> None:
    """Make a value that is looked up in a table depend on what it is looked up by."""
    for select in statement.find_all(exp.Select):
        for join in select.args.get("joins") or []:
            on = join.args.get("on")
            if join.side != "LEFT" or on is None or not isinstance(join.this, exp.Table) or not join.this.db:
                continue
            for selected in select.expressions:
                for column in list(selected.find_all(exp.Column)):
                    if column.table == join.this.alias_or_name and column.find_ancestor(exp.Select) is select:
                        column.replace(exp.Case(ifs=[exp.If(this=on.copy(), true=column.copy())]))
