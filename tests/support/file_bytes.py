"""What can be read from files with a hex viewer, no matter what the programs that wrote them show."""

from __future__ import annotations

from pathlib import Path

import duckdb


def places_of(text: str, *folders: Path) -> dict[str, int]:
    """File → how often the bytes of a text, in small or capital letters, are in it; of Parquet also what is packed."""
    wanted = text.encode().lower()
    found = {}
    for folder in folders:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            times = file.read_bytes().lower().count(wanted)
            if file.suffix == ".parquet":
                times += _in_rows(f"read_parquet('{file}')", text)
            if times:
                found[file.relative_to(folder.parent).as_posix()] = times
    return found


def _in_rows(relation: str, text: str) -> int:
    ((rows,),) = duckdb.execute(
        f"select count(*) from {relation} as row_of where contains(lower(to_json(row_of)::varchar), lower(?))", [text]
    ).fetchall()
    return int(rows)


def rows_that_are_not_shown(database: Path) -> dict[str, int]:
    """Table → rows that are in the segments of a DuckDB file and that no query shows: deleted, and still readable.

    Segments may be packed so that no text of theirs is seen in the bytes: so they are counted.
    """
    hidden = {}
    with duckdb.connect(str(database), read_only=True) as connection:
        for (table,) in connection.execute("select table_name from duckdb_tables()").fetchall():
            ((stored,),) = connection.execute(
                f"select coalesce(sum(count), 0) from pragma_storage_info('{table}')"
                " where column_id = 0 and segment_type <> 'VALIDITY' and column_path = '[0]'"
            ).fetchall()
            ((shown,),) = connection.execute(f"select count(*) from {table}").fetchall()
            if stored != shown:
                hidden[table] = stored - shown
    return hidden
