"""Writing the Freg deliveries: the whole register, and each day's changes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb

from ingest.landing_writer import DeliveryWriter, new_delivery
from ingest.synthetic.entries import FREG_ENTRY, choose_subjects, documents_sql
from ingest.synthetic.text_files import write_lines

PERSONS_IN_A_FILE = 50_000


def write_full(connection: duckdb.DuckDBPyConnection, landing: Path, created_at: dt.datetime) -> int:
    """Write everybody as a full delivery; returns its last sequence number."""
    persons = _count(connection, "person")
    delivery_id = f"{created_at:%Y%m%dT%H%M%SZ}-full"
    with new_delivery(
        landing, "freg", delivery_id, kind="full", created_at=created_at, sequence_from=1, sequence_to=persons
    ) as writer:
        for number, start in enumerate(range(0, persons, PERSONS_IN_A_FILE), start=1):
            end = min(start + PERSONS_IN_A_FILE, persons)
            choose_subjects(connection, f"person_id >= {start} and person_id < {end}")
            _write_file(connection, writer, number, "entry", "person_id + 1", "null::varchar", end - start)
    return persons


def write_changes(
    connection: duckdb.DuckDBPyConnection, landing: Path, created_at: dt.datetime, sequence_from: int
) -> int:
    """Write the documents after today's events as a change delivery; returns its last sequence number."""
    events = _count(connection, "event")
    sequence_to = sequence_from + events - 1
    delivery_id = f"{created_at:%Y%m%dT%H%M%SZ}-change"
    with new_delivery(
        landing,
        "freg",
        delivery_id,
        kind="change",
        created_at=created_at,
        sequence_from=sequence_from,
        sequence_to=sequence_to,
    ) as writer:
        for number, start in enumerate(range(sequence_from, sequence_to + 1, PERSONS_IN_A_FILE), start=1):
            end = min(start + PERSONS_IN_A_FILE, sequence_to + 1)
            choose_subjects(
                connection,
                "person_id in (select person_id from event"
                f" where sequence_number >= {start} and sequence_number < {end})",
            )
            _write_file(
                connection,
                writer,
                number,
                "standing_entry",
                "event.sequence_number",
                "event.event_type",
                end - start,
            )
    return sequence_to


def _write_file(
    connection: duckdb.DuckDBPyConnection,
    writer: DeliveryWriter,
    number: int,
    entries: str,
    sequence: str,
    event_type: str,
    rows: int,
) -> None:
    name = f"persons-{number:04d}.ndjson.zst"
    write_lines(
        connection,
        f"""
        select
            {sequence} as sequence_number,
            '{{"sekvensnummer":' || {sequence}
            || ',"dokumentidentifikator":"' || md5(person_id || ':' || {sequence}) || '"'
            || ',"hendelsetype":' || coalesce('"' || {event_type} || '"', 'null')
            || ',"ajourholdstidspunkt":"' || freg_time(registered) || '"'
            || ',"folkeregisterperson":' || document || '}}' as line
        from ({documents_sql(entries, FREG_ENTRY)}) as documents
        left join event using (person_id)
        order by sequence_number
        """,
        writer.folder / name,
    )
    writer.add(name, rows)


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"select count(*) from {table}").fetchone()
    return int(row[0]) if row else 0
