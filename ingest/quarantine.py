"""The quarantine as a place of work: what is in it and why, and trying again after the cause was corrected.

A document leaves the quarantine by being loaded: from its delivery in the landing folder, in its place, by the contract
and the requirements as they are now. Nothing is edited here; a wrong document is corrected at its source.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from foundation.database import insert_rows
from foundation.errors import PregError
from foundation.person_hash import load_key, person_hash
from foundation.replays import count_replay
from foundation.settings import Settings
from ingest.contracts.sources import DOCUMENT_TABLES
from ingest.counts import LoadCounts
from ingest.deliveries import Announce, load_again, loading_session, no_announcement
from ingest.document_size import excess_sql
from ingest.landing import Delivery, take_inventory
from ingest.limits import Limits
from ingest.raw_schema import create_raw_schema

# No document of the register is nearly as long; many of such a length at once would not fit into memory.
_LONGEST_SHOWN = 256 << 10
_FIRST_NUMBER = "$.folkeregisterperson.identifikasjonsnummer[0].foedselsEllerDNummer"


@dataclass(frozen=True)
class QuarantinedKind:
    """Documents of one delivery that are in quarantine for one reason; `where` is the first of them."""

    source: str
    delivery_id: str
    reason_code: str
    documents: int
    where: str
    reason: str


@dataclass(frozen=True)
class QuarantinedDocument:
    """One document in quarantine, by its place; its values are not shown.

    person: the keyed hash of its first number, where one can be read. shape: its members, each with its JSON type.
    """

    source: str
    delivery_id: str
    file_name: str
    line_number: int
    sequence_number: int | None
    reason_code: str
    reason: str
    person: str
    shape: str


@dataclass(frozen=True)
class Retried:
    """A delivery that was loaded again: documents in quarantine before, and the counts now."""

    delivery: Delivery
    before: int
    counts: LoadCounts


def list_quarantine(settings: Settings) -> list[QuarantinedKind]:
    """What is in quarantine, by delivery and reason, in the order in which the deliveries apply."""
    with _reading(settings) as connection:
        rows = connection.execute(
            """
            select source, delivery_id, reason_code, count(*),
                min_by(file_name || ':' || line_number, (file_name, line_number)),
                min_by(reason, (file_name, line_number))
            from raw.quarantine
            inner join raw.delivery using (delivery_number)
            group by source, position, created_at, delivery_id, reason_code
            order by source, position, created_at, delivery_id, reason_code
            """
        ).fetchall()
    return [QuarantinedKind(*row) for row in rows]


def show_quarantine(
    settings: Settings, source: str, delivery_id: str, file_name: str | None = None, line_number: int | None = None
) -> list[QuarantinedDocument]:
    """The documents of a delivery that are in quarantine, or those of a file, or the one at a line."""
    key = load_key(settings)
    limits = Limits.of(settings)
    # What is not taken apart when it is loaded is not taken apart to be shown, either.
    oversized = (
        f"case when strlen(document) > {_LONGEST_SHOWN} then true when json_valid(document)"
        f" then {excess_sql('document', limits, unmeasured=limits.deepest)} is not null else false end"
    )
    with _reading(settings) as connection:
        rows = connection.execute(
            f"""
            select source, delivery_id, file_name, line_number, sequence_number, reason_code, reason,
                case when not is_oversized and json_valid(document) then document ->> $number_path end as number,
                case when is_oversized then '"not shown: it is too large or too deep"'
                    when json_valid(document) then json_structure(document)::varchar end as shape,
                length(document)
            from (
                select *, {oversized} as is_oversized
                from raw.quarantine
            )
            inner join raw.delivery using (delivery_number)
            where source = $source and delivery_id = $delivery_id
                and ($file_name is null or file_name = $file_name)
                and ($line_number is null or line_number = $line_number)
            order by file_name, line_number
            """,
            {
                "source": source,
                "delivery_id": delivery_id,
                "file_name": file_name,
                "line_number": line_number,
                "number_path": _FIRST_NUMBER,
            },
        ).fetchall()
    return [
        QuarantinedDocument(*[*place, _person(source, number, key), _shape(structure, length)])
        for *place, number, structure, length in rows
    ]


def retry_quarantine(
    settings: Settings, sources: Sequence[str] = (), announce: Announce = no_announcement
) -> list[Retried]:
    """Load again each delivery that has documents in quarantine, or elements that the contract knows by now.

    The caller holds the writer's lock. The next run builds a release from what has come out of it.
    """
    landed = {delivery.key: delivery for delivery in take_inventory(settings.landing_dir).deliveries}
    retried = []
    with loading_session(settings) as connection:
        create_raw_schema(connection)
        for number, source, delivery_id, before in _to_retry(connection):
            if sources and source not in sources:
                continue
            delivery = landed.get((source, delivery_id))
            if delivery is None:
                raise PregError(
                    "the delivery is not in the landing folder any more",
                    where=str(settings.landing_dir / source / delivery_id),
                    todo="restore it: its documents are loaded from there",
                )
            with announce(delivery) as progress:
                counts = load_again(connection, delivery, number, settings, progress)
            retried.append(Retried(delivery, before, counts))
    if retried:
        count_replay(settings)
    return retried


def _to_retry(connection: duckdb.DuckDBPyConnection) -> list[tuple[int, str, str, int]]:
    """Deliveries with documents in quarantine, or with elements unknown when they were loaded and known now."""
    connection.execute("create or replace temp table known_path (source varchar, path varchar)")
    insert_rows(
        connection,
        "known_path",
        [
            {"source": source, "path": path.path}
            for source, table in DOCUMENT_TABLES.items()
            for path in table.contract.paths()
        ],
    )
    return connection.execute(
        """
        with quarantined as (
            select delivery_number, count(*) as documents from raw.quarantine group by all
        ),
        known_by_now as (
            select distinct unknown.delivery_number
            from raw.unknown_element as unknown
            inner join raw.delivery using (delivery_number)
            inner join known_path using (source, path)
        )
        select delivery_number, source, delivery_id, coalesce(documents, 0)
        from raw.delivery
        left join quarantined using (delivery_number)
        where quarantined.delivery_number is not null
            or delivery_number in (select delivery_number from known_by_now)
        order by source, position, created_at, delivery_id
        """
    ).fetchall()


def _reading(settings: Settings) -> Any:
    if not settings.warehouse.is_file():
        raise PregError("there is no warehouse yet", where=str(settings.warehouse), todo="load deliveries: preg run")
    return loading_session(settings)


def _person(source: str, number: str | None, key: str) -> str:
    """The keyed hash of a Freg document's first number."""
    return person_hash(number, key) if number and source == "freg" else ""


def _shape(structure: str | None, length: int | None) -> str:
    if length is None:
        return "not kept"
    if structure is None:
        return f"not JSON, {length:,} characters"
    return json.dumps(json.loads(structure), indent=2, ensure_ascii=False)
