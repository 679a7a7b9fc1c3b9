"""Where the register of help numbers is kept: a SQLite file of the data directory, or PostgreSQL.

Both take the same statements, with `?` for a value in order and `:name` for one by name. Changes are made in turn, one
process after another, and are on the disk when a transaction ends.
"""

from __future__ import annotations

import re
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

import psycopg
from psycopg.rows import dict_row

from foundation.database import machine_failures
from foundation.help_number_register import postgresql_failure
from serving.store.read_store import NothingServed

Row = dict[str, Any]
Given = Sequence[Any] | Mapping[str, Any]

# Seconds that a change waits for another process's.
_WAITS = 30.0
# Seconds after which it looks again. SQLite by itself waits longer each time, up to 0.1 s, while who has just written
# writes again: one of a hundred changes took two seconds.
_LOOKS = 0.001
# The lock of PostgreSQL that whoever writes the register has: any number that nobody else takes.
_POSTGRESQL_LOCK = 7_390_041


class RegisterBusy(NothingServed):
    """Another process has had the register too long: nothing was changed."""


class Statements(Protocol):
    """Statements of one transaction, or each by itself."""

    def rows(self, query: str, given: Given = ()) -> list[Row]:
        """The rows of a query, each by column name."""

    def run(self, statement: str, given: Given = ()) -> None:
        """Run a statement."""

    def run_many(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run a statement for each of some rows of values."""


class RegisterDatabase(Protocol):
    """A database, for all threads of a process."""

    # How a table says what the two do not say alike: a key that counts up, and text that is ordered by its bytes.
    counting_key: str
    by_bytes: str

    def append_only(self, table: str) -> list[str]:
        """The statements that let a table's rows be neither changed nor removed."""

    def kept(self, table: str) -> list[str]:
        """The statements that let no row of a table be removed."""

    def reading(self) -> Statements:
        """Statements of the calling thread, each by itself."""

    def transaction(self) -> AbstractContextManager[Statements]:
        """All of it is on the disk at the end of the block, or nothing. Raises `RegisterBusy`, `MachineFailure`."""

    def close(self) -> None:
        """The process ends."""


class _SqliteStatements:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, query: str, given: Given = ()) -> list[Row]:
        return [dict(row) for row in self._connection.execute(query, given)]

    def run(self, statement: str, given: Given = ()) -> None:
        self._connection.execute(statement, given)

    def run_many(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        self._connection.executemany(statement, rows)


class SqliteDatabase:
    """A file with a log of its own (WAL, synchronous=FULL)."""

    counting_key = "integer primary key"
    by_bytes = "collate binary"

    def __init__(self, file: Path) -> None:
        self._file = file
        self._of_thread = threading.local()
        # The threads of a process wait here, in turn; only processes wait for each other in SQLite.
        self._writing = threading.Lock()
        with machine_failures(str(file)):
            file.parent.mkdir(parents=True, exist_ok=True)
            self._writer = self._connect()
            file.chmod(0o600)
            self._use_wal()
            # From here on it is `_begin` that waits. Until here SQLite does: the first statement on a register whose
            # process was killed waits for whoever is putting its log in order.
            self._writer.execute("pragma busy_timeout = 0")

    def append_only(self, table: str) -> list[str]:
        """As `RegisterDatabase.append_only`."""
        return [
            f"create trigger if not exists {table}_{action} before {action} on {table}"
            " begin select raise(abort, 'it is only appended to'); end"
            for action in ("update", "delete")
        ]

    def kept(self, table: str) -> list[str]:
        """As `RegisterDatabase.kept`."""
        return [
            f"create trigger if not exists {table}_delete before delete on {table}"
            " begin select raise(abort, 'a number that was issued stays'); end"
        ]

    def reading(self) -> Statements:
        """As `RegisterDatabase.reading`."""
        found: sqlite3.Connection | None = getattr(self._of_thread, "connection", None)
        if found is None:
            found = self._of_thread.connection = self._connect()
            found.execute("pragma query_only = on")
        return _SqliteStatements(found)

    @contextmanager
    def transaction(self) -> Iterator[Statements]:
        """As `RegisterDatabase.transaction`."""
        with self._writing, machine_failures(str(self._file)):
            self._begin()
            try:
                yield _SqliteStatements(self._writer)
                self._writer.execute("commit")
            except BaseException:
                # After a failure of the disk SQLite may have gone back by itself.
                with suppress(sqlite3.OperationalError):
                    self._writer.execute("rollback")
                raise

    def close(self) -> None:
        """As `RegisterDatabase.close`."""
        # Connections of threads go with their threads.
        with self._writing:
            self._writer.close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._file, timeout=_WAITS, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        connection.execute("pragma synchronous = full")
        connection.execute("pragma foreign_keys = on")
        return connection

    def _use_wal(self) -> None:
        """Keep changes in a log of their own; processes that begin together on a new file do it one after another."""
        ends = time.monotonic() + _WAITS
        while True:
            try:
                self._writer.execute("pragma journal_mode = wal")
                return
            except sqlite3.OperationalError as error:
                # SQLite does not wait by itself here.
                if not _is_busy(error) or time.monotonic() > ends:
                    raise
                time.sleep(0.05)

    def _begin(self) -> None:
        """Begin a transaction, in turn with other processes. Raises `RegisterBusy`."""
        ends = time.monotonic() + _WAITS
        while True:
            try:
                self._writer.execute("begin immediate")
                return
            except sqlite3.OperationalError as error:
                if not _is_busy(error):
                    raise
                if time.monotonic() > ends:
                    raise _busy() from error
                time.sleep(_LOOKS)


class _PostgresqlStatements:
    def __init__(self, connection: psycopg.Connection[Row]) -> None:
        self._connection = connection

    def rows(self, query: str, given: Given = ()) -> list[Row]:
        return self._connection.execute(_in_postgresql(query), given).fetchall()

    def run(self, statement: str, given: Given = ()) -> None:
        self._connection.execute(_in_postgresql(statement), given)

    def run_many(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        with self._connection.cursor() as cursor:
            cursor.executemany(_in_postgresql(statement), rows)


class PostgresqlDatabase:
    """A database of a PostgreSQL server, whose schema is this register's alone; its role may create tables."""

    counting_key = "bigint generated always as identity primary key"
    by_bytes = 'collate "C"'

    def __init__(self, place: str) -> None:
        self._place = place
        self._of_thread = threading.local()
        self._writing = threading.Lock()
        self._writer: psycopg.Connection[Row] | None = None

    def append_only(self, table: str) -> list[str]:
        """As `RegisterDatabase.append_only`."""
        return self._refusing(table, "update or delete", "it is only appended to")

    def kept(self, table: str) -> list[str]:
        """As `RegisterDatabase.kept`."""
        return self._refusing(table, "delete", "a number that was issued stays")

    def reading(self) -> Statements:
        """As `RegisterDatabase.reading`."""
        found: psycopg.Connection[Row] | None = getattr(self._of_thread, "connection", None)
        if found is None or found.closed or found.broken:
            with _postgresql_failures():
                found = self._of_thread.connection = self._connect()
                found.execute("set default_transaction_read_only = on")
        return _Reading(found)

    @contextmanager
    def transaction(self) -> Iterator[Statements]:
        """As `RegisterDatabase.transaction`."""
        with self._writing, _postgresql_failures():
            writer = self._writer
            if writer is None or writer.closed or writer.broken:
                writer = self._writer = self._connect()
            with writer.transaction():
                try:
                    # In turn with other processes; it ends with the transaction.
                    writer.execute(f"select pg_advisory_xact_lock({_POSTGRESQL_LOCK})")
                except psycopg.errors.LockNotAvailable as error:
                    raise _busy() from error
                yield _PostgresqlStatements(writer)

    def close(self) -> None:
        """As `RegisterDatabase.close`."""
        with self._writing:
            if self._writer is not None:
                self._writer.close()

    def _connect(self) -> psycopg.Connection[Row]:
        connection = psycopg.connect(self._place, autocommit=True, row_factory=dict_row, connect_timeout=10)
        # What is answered is on the disk, whatever the server's own setting is.
        connection.execute("set synchronous_commit = on")
        connection.execute(f"set lock_timeout = '{int(_WAITS * 1000)}ms'")
        return connection

    def _refusing(self, table: str, actions: str, why: str) -> list[str]:
        return [
            f"create or replace function {table}_refuse() returns trigger language plpgsql as"
            f" $$ begin raise exception '{why}'; end $$",
            f"create or replace trigger {table}_refused before {actions} on {table}"
            f" for each row execute function {table}_refuse()",
        ]


class _Reading(_PostgresqlStatements):
    def rows(self, query: str, given: Given = ()) -> list[Row]:
        with _postgresql_failures():
            return super().rows(query, given)


@contextmanager
def _postgresql_failures() -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        raise postgresql_failure(error) from error


def _in_postgresql(statement: str) -> bytes:
    """A statement of ours with PostgreSQL's marks for values; it has no text in which one of ours could stand."""
    named = re.sub(r"(?<![:\w]):([a-z_]+)", r"%(\1)s", statement)
    return named.replace("?", "%s").encode()


def _busy() -> RegisterBusy:
    return RegisterBusy("the register of help numbers is busy", todo="ask again, with the same Idempotency-Key")


def _is_busy(error: sqlite3.OperationalError) -> bool:
    return error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
