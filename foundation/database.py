"""Sessions on DuckDB, all set up alike.

Offline (no extension is ever downloaded), with the time zone of the register (a point in time becomes a date
as the calendar in Oslo has it), and with the memory and threads that the settings allow.
"""

from __future__ import annotations

import re
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from foundation.errors import MachineFailure, WarehouseBusy
from foundation.settings import Settings

TIME_ZONE = "Europe/Oslo"
OSLO = ZoneInfo(TIME_ZONE)

# Documents stream through a load; what is larger than this goes to the spill files.
_MEMORY_OF_LOADING = 3 * 10**9

_OFFLINE = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}

# What libraries raise when the machine gives out. A transaction of DuckDB's only fails to commit when its files cannot
# be written: there is one writer. SQLite is where Dagster keeps its runs.
MACHINE_ERRORS = (
    duckdb.IOException,
    duckdb.OutOfMemoryException,
    duckdb.TransactionException,
    duckdb.FatalException,
    sqlite3.OperationalError,
    OSError,
)


def session_options(settings: Settings, *, at_a_time: int = 1, spill: str = "") -> dict[str, Any]:
    """The options that every session gets, as DuckDB names them.

    at_a_time: how many databases work at the same time, which share the memory. spill: the name of a folder of its own
    for the spill files of any but the first of them: two databases would overwrite each other's.
    """
    folder = settings.work_dir / "spill" / spill
    if spill:
        # DuckDB makes one folder, not one in another.
        folder.mkdir(parents=True, exist_ok=True)
    return {
        **_OFFLINE,
        "temp_directory": str(folder.resolve()),
        "threads": threads_of(settings),
        "memory_limit": memory_of(settings, at_a_time),
    }


def threads_of(settings: Settings) -> int:
    """How many threads a database of ours may have: as set, else one per core."""
    return settings.threads or _machine()[0]


def memory_of(settings: Settings, at_a_time: int = 1) -> str:
    """How much memory a database of ours may have, as DuckDB writes it: as set, else half of the machine's.

    at_a_time: how many of them share it.

    What is larger goes to the spill files. DuckDB's own limit, 80 %, leaves too little for the process that waits for
    dbt, and the machine kills one of the two.
    """
    if settings.memory_limit and at_a_time == 1:
        return settings.memory_limit
    memory = _bytes_of(settings.memory_limit) if settings.memory_limit else _machine()[1] // 2
    return f"{max(1, memory // at_a_time // 2**20)}MiB"


def _bytes_of(memory: str) -> int:
    """The bytes of an amount of memory as settings and DuckDB write it: 8GB, 1760MiB, 11.7 GiB."""
    match = re.fullmatch(r"([\d.]+) ?([KMGTP]?)(i?)B?(?:ytes)?", memory, re.IGNORECASE)
    if match is None:
        raise ValueError(f"no amount of memory: {memory}")
    number, prefix, binary = match.groups()
    return int(float(number) * (1024 if binary else 1000) ** " KMGTP".index(prefix.upper() or " "))


@cache
def _machine() -> tuple[int, int]:
    """Cores and memory in bytes, as DuckDB finds them: it knows the limits of a container."""
    with duckdb.connect() as connection:
        ((threads, limit),) = connection.execute(
            "select current_setting('threads'), current_setting('memory_limit')"
        ).fetchall()
    return int(threads), int(_bytes_of(limit) / 0.8)


def sql_text(text: object) -> str:
    """A path or any other text as a literal in SQL, for the statements that take no parameters (ATTACH, SET, COPY)."""
    return "'" + str(text).replace("'", "''") + "'"


def sql_identifier(name: str) -> str:
    """The name of a table or column as an identifier in SQL, with any characters in it."""
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def session(
    settings: Settings,
    database: Path | str,
    *,
    read_only: bool = False,
    reads_only: Sequence[Path] = (),
    attached: Mapping[str, Path] | None = None,
    keeps_order: bool = False,
    spill: str = "",
    most_spill: str = "",
    at_a_time: int = 1,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to `database` that is closed at the end of the block.

    at_a_time, spill: how many databases work at the same time, and where this one spills (`session_options`).

    reads_only: folders; the session then reaches no other file but the database and its spill files, no network and no
    extension, and no statement can change that: what loads deliveries works so. A link leads out of no folder.
    most_spill: the disk that its spill files may take, as DuckDB writes it; blank: what is there. attached: databases
    by name, read only. keeps_order: rows stay in the order of their file.

    Raises `WarehouseBusy` when another process holds the file and `MachineFailure` when the disk gives out.
    """
    settings.work_dir.mkdir(parents=True, exist_ok=True)
    place = str(Path(database).resolve()) if reads_only and database != ":memory:" else str(database)
    options = session_options(settings, at_a_time=at_a_time, spill=spill)
    if most_spill:
        options["max_temp_directory_size"] = most_spill
    if reads_only and not settings.memory_limit:
        options["memory_limit"] = f"{min(_MEMORY_OF_LOADING, _machine()[1] // 2) // 2**20}MiB"
    with machine_failures(f"database {database}"):
        try:
            connection = duckdb.connect(place, read_only=read_only, config=options)
        except duckdb.IOException as error:
            if "lock" not in str(error).lower():
                raise
            raise WarehouseBusy(
                "the database is in use by another process",
                where=str(database),
                todo="wait until the other run has ended; readers use the releases, never the warehouse",
            ) from error
        try:
            connection.execute(f"set TimeZone = '{TIME_ZONE}'")
            for name, file in (attached or {}).items():
                connection.execute(f"attach {sql_text(file.resolve())} as {name} (read_only)")
            if reads_only:
                _confine(connection, reads_only, keeps_order=keeps_order)
            yield connection
        finally:
            connection.close()


@contextmanager
def another_connection(connection: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """Another connection to the database of a session, and to what is attached to it, for work at the same time.

    It has temporary tables of its own, and is closed at the end of the block.
    """
    other = connection.cursor()
    try:
        other.execute(f"set TimeZone = '{TIME_ZONE}'")
        yield other
    finally:
        other.close()


@contextmanager
def locked_reader(
    database: Path, settings: Settings | None = None, *, writable: Path | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to `database` for SQL that somebody gives: it reads this database, and nothing else can be reached.

    No other file is read or written, no database attached, no extension loaded, no variable of Python's seen, and no
    setting changed back. writable: a folder in which an answer may be written. For a process that reads the database in
    no other way: DuckDB has one configuration for all connections of a process to a file.
    """
    with tempfile.TemporaryDirectory(prefix="preg-spill-") as spill:
        options = session_options(settings) if settings else dict(_OFFLINE)
        options |= {"temp_directory": spill, "python_enable_replacements": False}
        connection = duckdb.connect(str(database), read_only=True, config=options)
        try:
            if writable is not None:
                connection.execute(f"set allowed_directories = [{sql_text(writable)}]")
            connection.execute("set enable_external_access = false")
            connection.execute("set lock_configuration = true")
            yield connection
        finally:
            connection.close()


def insert_rows(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert rows, each with its columns by name, in one statement: `executemany` takes half a millisecond a row."""
    if rows:
        connection.execute(f"insert into {table} by name select unnest($rows, recursive := true)", {"rows": list(rows)})


def write_parquet(connection: duckdb.DuckDBPyConnection, table: str, file: Path) -> None:
    """Write a table of ours to a Parquet file, again."""
    connection.execute(f"copy {table} to {sql_text(file)} (format parquet, compression zstd)")


def put_comments(connection: duckdb.DuckDBPyConnection, table: str, comments: Mapping[str, str]) -> None:
    """Describe a table of ours and its columns.

    comments: a text by the name of the column; that of the table itself by the empty name.
    """
    for name, comment in comments.items():
        on = f"column {table}.{sql_identifier(name)}" if name else f"table {table}"
        connection.execute(f"comment on {on} is {sql_text(comment)}")


def comments_of(
    connection: duckdb.DuckDBPyConnection, database: str, table: str, schema: str = "main"
) -> dict[str, str]:
    """How a table or a view of an attached database is described: as `put_comments` takes it."""
    rows = connection.execute(
        """
        select column_name, comment from duckdb_columns()
        where database_name = $database and schema_name = $schema and table_name = $table
        union all
        select '', trim(comment, chr(10) || ' ') from duckdb_tables()
        where database_name = $database and schema_name = $schema and table_name = $table
        union all
        select '', trim(comment, chr(10) || ' ') from duckdb_views()
        where database_name = $database and schema_name = $schema and view_name = $table
        """,
        {"database": database, "schema": schema, "table": table},
    ).fetchall()
    return {name: comment for name, comment in rows if comment}


def _confine(connection: duckdb.DuckDBPyConnection, folders: Sequence[Path], *, keeps_order: bool) -> None:
    # Order of rows means nothing in a raw table; giving it up lets every core insert. Not to be changed afterwards.
    connection.execute(f"set preserve_insertion_order = {keeps_order}")
    # It would be drawn over what the command shows.
    connection.execute("set enable_progress_bar = false")
    directories = ", ".join(sql_text(f"{folder.resolve()}/") for folder in folders)
    connection.execute(f"set allowed_directories = [{directories}]")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")


def tables_of(connection: duckdb.DuckDBPyConnection, database: str) -> set[str]:
    """The names of the tables of an attached database."""
    return {
        name
        for (name,) in connection.execute(
            "select table_name from duckdb_tables() where database_name = ?", [database]
        ).fetchall()
    }


def column_types(connection: duckdb.DuckDBPyConnection, database: str, table: str) -> dict[str, str]:
    """Column → type of a table or view of an attached database, in their order."""
    return dict(
        connection.execute(
            "select column_name, data_type from duckdb_columns()"
            " where database_name = ? and table_name = ? order by column_index",
            [database, table],
        ).fetchall()
    )


@contextmanager
def machine_failures(where: str) -> Iterator[None]:
    """Turn what the operating system refuses (no space, no access) into a `MachineFailure` that says what to do."""
    try:
        yield
    except MACHINE_ERRORS as error:
        raise MachineFailure(
            f"the machine could not go on: {_first_line(error)}",
            where=where,
            todo=(
                "free space or memory (see PREG_DATA_DIR, PREG_MEMORY_LIMIT) and run again; "
                "what was loaded and published before is untouched"
            ),
        ) from error


def _first_line(error: Exception) -> str:
    text = str(error).strip()
    return text.splitlines()[0] if text else type(error).__name__
