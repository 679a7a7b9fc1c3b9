"""`preg lineage`: where a column's values come from."""

from __future__ import annotations

import typer
from rich.tree import Tree

from cli.console import console, line, value
from foundation.settings import Settings
from orchestration.dbt.column_lineage import LineageColumn, column_lineage


def show_lineage(settings: Settings, column: str) -> None:
    """The lineage of `table.column` as a tree; what has been shown once is not unfolded again."""
    table, dot, name = column.rpartition(".")
    if not dot:
        raise typer.BadParameter("a column is named with its table, as preg_address.st", param_hint="TABLE.COLUMN")
    root = column_lineage(settings, table, name)
    console.print(_tree(root, Tree(value(root.name, "bold")), set()))


def _tree(column: LineageColumn, tree: Tree, shown: set[str]) -> Tree:
    for source in column.sources:
        # Every column of an address hangs on whether it may be shown: told, and unfolded when asked for itself.
        by_protection = source.name.endswith(".is_hidden") and not column.name.endswith(".is_hidden")
        folded = by_protection or (source.name in shown and bool(source.sources))
        branch = tree.add(line(source.name, " (docs/protection.md)" if by_protection else " …" if folded else ""))
        if not folded:
            shown.add(source.name)
            _tree(source, branch, shown)
    return tree
