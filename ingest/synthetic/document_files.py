"""Writing the documents of many persons as files of the same number of persons, several files at a time.

One file is too little work for the threads of the database: it reads fifty thousand rows, which is one piece. So each
file is written on a connection of its own, as many at a time as the database has threads, at most
`MOST_AT_A_TIME`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from queue import SimpleQueue

import duckdb

from ingest.landing_writer import DeliveryWriter
from ingest.synthetic.entries import choose_subjects
from ingest.synthetic.text_files import write_lines

PERSONS_IN_A_FILE = 50_000

# Each file takes about half a gigabyte while it is written.
MOST_AT_A_TIME = 8


@dataclass(frozen=True)
class DocumentFile:
    """One file: its place in the delivery, the persons in it (SQL over `person`), and its ordered lines (SQL)."""

    number: int
    subjects: str
    lines: str

    @property
    def name(self) -> str:
        """The file's name in the delivery."""
        return f"persons-{self.number:04d}.ndjson.zst"


def write_files(
    connection: duckdb.DuckDBPyConnection,
    writer: DeliveryWriter,
    document_files: Iterable[DocumentFile],
    create_views: Callable[[duckdb.DuckDBPyConnection], None],
) -> None:
    """Write the files and register them in their order.

    `create_views` makes, on each connection, the temporary views that the lines are read from: they are about the
    persons whom that connection has chosen.
    """
    files = list(document_files)
    (threads,) = connection.execute("select current_setting('threads')").fetchall()[0]
    at_a_time = min(threads, len(files), MOST_AT_A_TIME)
    free: SimpleQueue[duckdb.DuckDBPyConnection] = SimpleQueue()

    def write(file: DocumentFile) -> int:
        own = free.get()
        try:
            choose_subjects(own, file.subjects)
            return write_lines(own, file.lines, writer.folder / file.name)
        finally:
            free.put(own)

    with ExitStack() as opened:
        for _ in range(at_a_time):
            own = opened.enter_context(connection.cursor())
            create_views(own)
            free.put(own)
        with ThreadPoolExecutor(max(at_a_time, 1)) as pool:
            for file, rows in zip(files, pool.map(write, files), strict=True):
                writer.add(file.name, rows)
