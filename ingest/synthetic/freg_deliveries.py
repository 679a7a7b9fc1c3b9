"""Writing the Freg deliveries: the whole register, and each day's changes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb

from ingest.landing_writer import new_delivery
from ingest.synthetic.document_files import PERSONS_IN_A_FILE, DocumentFile, write_files
from ingest.synthetic.entries import FREG_ENTRY, create_entry_views, documents_sql


def write_full(connection: duckdb.DuckDBPyConnection, landing: Path, created_at: dt.datetime, sequence_to: int) -> None:
    """Write everybody as a full delivery, one sequence number for each."""
    delivery_id = f"{created_at:%Y%m%dT%H%M%SZ}-full"
    with new_delivery(
        landing, "freg", delivery_id, kind="full", created_at=created_at, sequence_from=1, sequence_to=sequence_to
    ) as writer:
        lines = _lines("entry", "person_id + 1", "null::varchar")
        document_files = [
            DocumentFile(number, f"person_id >= {start} and person_id < {start + PERSONS_IN_A_FILE}", lines)
            for number, start in enumerate(range(0, sequence_to, PERSONS_IN_A_FILE), start=1)
        ]
        write_files(connection, writer, document_files, create_entry_views)


def write_changes(
    connection: duckdb.DuckDBPyConnection,
    landing: Path,
    created_at: dt.datetime,
    sequence_from: int,
    sequence_to: int,
) -> None:
    """Write the documents after today's events as a change delivery."""
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
        lines = _lines("standing_entry", "event.sequence_number", "event.event_type")
        document_files = [
            DocumentFile(
                number,
                "person_id in (select person_id from event"
                f" where sequence_number >= {start} and sequence_number < {start + PERSONS_IN_A_FILE})",
                lines,
            )
            for number, start in enumerate(range(sequence_from, sequence_to + 1, PERSONS_IN_A_FILE), start=1)
        ]
        write_files(connection, writer, document_files, create_entry_views)


def _lines(entries: str, sequence: str, event_type: str) -> str:
    """SQL: one line per document of the subjects, in order of sequence number."""
    return f"""
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
    """
