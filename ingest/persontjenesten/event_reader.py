"""Reading the events into deliveries: each whole in the landing folder, then the pointer moves.

A delivery holds, of everybody to whom something has happened, the person as Persontjenesten gives him or her now. The
landing folder says how far the events have been read: a delivery is the proof.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import orjson
import zstandard

from foundation.database import machine_failures
from foundation.settings import Settings
from ingest.interface.feed_lock import feed_lock
from ingest.landing import take_inventory
from ingest.landing_writer import new_delivery
from ingest.persontjenesten.client import Event, PersontjenestenClient
from ingest.persontjenesten.settings import PersontjenestenSettings

_FILE = "persons-0001.ndjson.zst"

# Persons fetched before they are written: what is in memory at a time.
_PERSONS_AT_ONCE = 2_000

OnDelivery = Callable[["Pulled"], None]


@dataclass
class Pulled:
    """What a pull brought. sequence_to: the last event delivered, or 0 when nothing was new."""

    sequence_from: int = 0
    sequence_to: int = 0
    events: int = 0
    persons: int = 0
    seconds: float = 0.0
    deliveries: list[str] = field(default_factory=list)


def pull_events(
    settings: Settings, persontjenesten: PersontjenestenSettings, on_delivery: OnDelivery = lambda _pulled: None
) -> Pulled:
    """Read the events from where the landing folder ends. Raises `ServiceError`; what was delivered stays."""
    with feed_lock(settings, "persontjenesten"), machine_failures(str(settings.landing_dir)):
        return asyncio.run(_pull(settings, persontjenesten, on_delivery))


def next_sequence_number(settings: Settings) -> int:
    """The first event that no delivery in the landing folder has."""
    delivered = [
        delivery.manifest.sequence_to or 0 for delivery in take_inventory(settings.landing_dir).of("persontjenesten")
    ]
    return max(delivered, default=0) + 1


async def _pull(settings: Settings, persontjenesten: PersontjenestenSettings, on_delivery: OnDelivery) -> Pulled:
    began = time.monotonic()
    pulled = Pulled()
    async with PersontjenestenClient(persontjenesten) as client:
        following = next_sequence_number(settings)
        while events := await _collect(client, following):
            await _deliver(settings, client, events, pulled)
            following = events[-1].sequence_number + 1
            pulled.seconds = time.monotonic() - began
            on_delivery(pulled)
    pulled.seconds = time.monotonic() - began
    return pulled


async def _collect(client: PersontjenestenClient, following: int) -> list[Event]:
    """Events for one delivery, ascending, each once."""
    events: list[Event] = []
    while len(events) < client.settings.events_in_delivery:
        # The feed may be sparse: its numbers are not promised to be without gaps, as Freg's are.
        page = [event for event in await client.events(following) if event.sequence_number >= following]
        if not page:
            break
        events += page
        following = page[-1].sequence_number + 1
    return events


async def _deliver(settings: Settings, client: PersontjenestenClient, events: list[Event], pulled: Pulled) -> None:
    first, last = events[0].sequence_number, events[-1].sequence_number
    now = dt.datetime.now(dt.UTC)
    delivery_id = f"{now:%Y%m%dT%H%M%SZ}-events-{first}-{last}"
    person_ids = list(dict.fromkeys(event.person_id for event in events))
    with new_delivery(
        settings.landing_dir,
        "persontjenesten",
        delivery_id,
        kind="change",
        created_at=now,
        sequence_from=first,
        sequence_to=last,
    ) as writer:
        with zstandard.open(writer.folder / _FILE, "wb") as stream:
            for start in range(0, len(person_ids), _PERSONS_AT_ONCE):
                wanted = person_ids[start : start + _PERSONS_AT_ONCE]
                persons = await client.persons(wanted)
                for person_id in wanted:
                    stream.write(orjson.dumps(persons[person_id], option=orjson.OPT_APPEND_NEWLINE))
        writer.add(_FILE, len(person_ids))
    pulled.sequence_from = pulled.sequence_from or first
    pulled.sequence_to = last
    pulled.events += len(events)
    pulled.persons += len(person_ids)
    pulled.deliveries.append(delivery_id)
