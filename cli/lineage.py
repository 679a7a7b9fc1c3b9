"""`preg lineage`: where a column's values come from, or those of a whole table."""

from __future__ import annotations

from rich.table import Table
from rich.tree import Tree

from cli.console import console, line, value
from cli.field_names import TABLE_OF, fields_named, mapped_fields
from foundation.errors import PregError
from foundation.settings import Settings
from publication.reports.column_lineage import (
    OF_THIS_CODE,
    Edges,
    LineageColumn,
    column_lineage,
    columns_of,
    read_edges,
)
from publication.store.release import current_release


def show_lineage(settings: Settings, name: str) -> None:
    """The lineage of a column as a tree, or a line for each column of a table.

    name: a column with its table (preg_address.st), a field by any of its names (`cli.field_names`), a table.
    Raises `PregError` when it is none of these.
    """
    release = current_release(settings)
    # Before the first release, and of one from before it was kept, that of this code.
    kept = release is not None and release.column_lineage.is_file()
    edges = read_edges(release.column_lineage if release is not None and kept else OF_THIS_CODE)
    fields = mapped_fields(settings, release if kept else None)
    if columns_of(edges, name):
        _show_table(edges, name, fields)
        return
    found = _columns(name, fields)
    if not found:
        raise PregError(
            f"{name} is no column with its table, no field of PREG and no published table",
            where=name,
            todo="name it as preg_address.st, as DistrictCode, or as preg_address",
        )
    for table, column in found:
        root = column_lineage(edges, table, column)
        for field in fields:
            if (TABLE_OF[field["preg_entity"]], field["column_name"]) == (table, column):
                console.print(
                    line(value(f"{field['preg_entity']}.{field['preg_field']}", "bold"), f": {field['build_rule']}")
                )
                for where, path in (("Freg", field["freg_path"]), ("Persontjenesten", field["persontjenesten_path"])):
                    if path:
                        console.print(line(f"  {where}: ", path.replace("|", ", ")))
        # What has been shown once is not unfolded again.
        console.print(_tree(root, Tree(value(root.name, "bold")), set()))


def _columns(name: str, fields: list[dict[str, str]]) -> list[tuple[str, str]]:
    of_preg = [(TABLE_OF[field["preg_entity"]], field["column_name"]) for field in fields_named(name, fields)]
    table, dot, column = name.rpartition(".")
    return of_preg or ([(table, column)] if dot else [])


def _show_table(edges: Edges, name: str, fields: list[dict[str, str]]) -> None:
    of_column = {field["column_name"]: field for field in fields if TABLE_OF[field["preg_entity"]] == name}
    table = Table(title=value(name), title_justify="left")
    for heading in ("column", "of PREG", "rule", "comes from"):
        table.add_column(heading, overflow="fold")
    for column in columns_of(edges, name):
        short = column.rpartition(".")[2]
        field = of_column.get(short, {})
        ends = sorted(end.partition(".")[2] for end in column_lineage(edges, name, short).ends() - {column})
        where = field.get("freg_path", "").replace("|", ", ") or ", ".join(ends)
        table.add_row(
            *(value(text) for text in (short, field.get("preg_field", ""), field.get("build_rule", ""), where))
        )
    console.print(table)


def _tree(column: LineageColumn, tree: Tree, shown: set[str]) -> Tree:
    for source in column.sources:
        # Every column of an address depends on whether it may be shown: named, and unfolded when asked for itself.
        by_protection = source.name.endswith(".is_hidden") and not column.name.endswith(".is_hidden")
        folded = by_protection or (source.name in shown and bool(source.sources))
        branch = tree.add(line(source.name, " (docs/protection.md)" if by_protection else " …" if folded else ""))
        if not folded:
            shown.add(source.name)
            _tree(source, branch, shown)
    return tree
