"""Dagster's event log in SQLite, as `preg run` writes it: one connection per file, kept as long as the process.

Dagster's own storage makes a database engine and a connection for each of a run's 1 600 events, a third of the CPU time
of a small run. The files and their content are the same: Dagster's servers read them with Dagster's own class.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dagster import DagsterInstance
from dagster._core.instance.ref import InstanceRef
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.sql import create_engine
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import StaticPool


class EventLog(SqliteEventLogStorage):
    """`SqliteEventLogStorage` that keeps its connections. Two files: that of the run, and the index of all runs."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: dict[str, Engine] = {}
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: object) -> EventLog:
        """As Dagster makes a storage from its configuration."""
        return cls(inst_data=inst_data, **config_value)  # type: ignore[arg-type]

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            if shard not in self._engines:
                self._engines[shard] = self._engine(shard)
            with self._engines[shard].connect() as connection, connection.begin():
                yield connection
            # Commits go to the write-ahead log next to it; Dagster's UI watches this file to show a run as it goes on.
            os.utime(self.path_for_shard(shard))

    def _engine(self, shard: str) -> Engine:
        engine = create_engine(
            self.conn_string_for_shard(shard),
            poolclass=StaticPool,
            connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
        )
        if shard not in self._initialized_dbs:
            self._initdb(engine)
            self._initialized_dbs.add(shard)
        with engine.connect() as connection:
            # A power cut may lose the last events of a log, not its order or the file: what was published is in the
            # audit log, which is flushed to the disk.
            connection.execute(text("PRAGMA synchronous=NORMAL"))
        return engine

    def dispose(self) -> None:
        """Close the connections."""
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()
        super().dispose()


def instance_of(home: Path, *, is_sqlite: bool) -> DagsterInstance:
    """Dagster's instance in its home, as its configuration there says; in SQLite with the event log of this module."""
    if not is_sqlite:
        return DagsterInstance.from_config(str(home))
    event_log = {
        "module": EventLog.__module__,
        "class": EventLog.__name__,
        "config": {"base_dir": str(home / "history" / "runs" / "")},
    }
    return DagsterInstance.from_ref(InstanceRef.from_dir(str(home), overrides={"event_log_storage": event_log}))
