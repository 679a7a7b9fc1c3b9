"""Reading the feed into deliveries: each whole in the landing folder, then the pointer moves.

What the feed gives twice is taken once. Where numbers are missing the page is read again for a while; if they stay
away, what comes before them is delivered and the gap is an error: nobody is skipped in silence.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import orjson
import zstandard

from foundation.database import machine_failures
from foundation.settings import Settings
from ingest.freg.answers import FeedEntry, FeedPage
from ingest.freg.client import FregClient
from ingest.freg.failures import FeedGap
from ingest.freg.feed_pointer import FeedPointer, read_pointer, write_pointer
from ingest.freg.settings import FregSettings
from ingest.interface.failures import UnexpectedAnswer
from ingest.interface.feed_lock import feed_lock
from ingest.landing_writer import DeliveryWriter, new_delivery

_FILE = "persons-0001.ndjson.zst"

# Called after each delivery with what was pulled so far.
OnDelivery = Callable[["Pulled"], None]


@dataclass
class Pulled:
    """What a pull brought. sequence_to: the last event delivered, or 0 when nothing was new."""

    sequence_from: int = 0
    sequence_to: int = 0
    events: int = 0
    documents: int = 0
    seconds: float = 0.0
    deliveries: list[str] = field(default_factory=list)


def pull_feed(
    settings: Settings, freg: FregSettings, on_delivery: OnDelivery = lambda _pulled: None, *, atom: bool = False
) -> Pulled:
    """Read the feed from the pointer to its end. Raises `ServiceError`; what was delivered before stays delivered."""
    with feed_lock(settings, "freg"), machine_failures(str(settings.landing_dir)):
        return asyncio.run(_FeedReader(settings, freg, on_delivery, atom).pull())


class _FeedReader:
    def __init__(self, settings: Settings, freg: FregSettings, on_delivery: OnDelivery, atom: bool) -> None:
        self.settings = settings
        self.freg = freg
        self.on_delivery = on_delivery
        self.atom = atom
        self.pointer = read_pointer(settings)
        self.pulled = Pulled()

    async def pull(self) -> Pulled:
        """Deliver until the feed has nothing more."""
        began = time.monotonic()
        async with FregClient(self.freg) as client:
            more = True
            while more:
                entries, more, gap = await self._collect(client)
                if entries:
                    await self._deliver(client, entries)
                    self.pulled.seconds = time.monotonic() - began
                    self.on_delivery(self.pulled)
                write_pointer(self.settings, self.pointer)
                if gap:
                    raise gap
        self.pulled.seconds = time.monotonic() - began
        return self.pulled

    async def _collect(self, client: FregClient) -> tuple[list[FeedEntry], bool, FeedGap | None]:
        """Events for one delivery, whether the feed has more, and the gap at which they end."""
        entries: list[FeedEntry] = []
        following = self.pointer.next
        while len(entries) < self.freg.events_in_delivery:
            page, gap = await self._page(client, following)
            if page is None:
                return entries, False, None
            whole = _before_gap(page.entries, following, self.pointer)
            entries += whole
            following = whole[-1].sequence_number + 1 if whole else following
            if gap:
                return entries, False, gap
            if not page.entries:
                self.pointer.etag, self.pointer.etag_of = page.etag, following
                return entries, False, None
        return entries, True, None

    async def _page(self, client: FregClient, following: int) -> tuple[FeedPage | None, FeedGap | None]:
        """The page from `following` on, read again while numbers are missing in it; the gap that stays."""
        etag = self.pointer.etag if self.pointer.etag_of == following else ""
        for reread in range(self.freg.gap_rereads + 1):
            page = await client.feed_page(following, etag="" if reread else etag, atom=self.atom)
            if page is None:
                return None, None
            page = FeedPage(_each_once(page.entries, following), page.etag)
            gap = _first_gap(page.entries, following, self.pointer)
            if gap is None:
                return page, None
            if reread < self.freg.gap_rereads:
                await asyncio.sleep(min(0.2 * 2**reread, self.freg.longest_wait_seconds))
        return page, gap

    async def _deliver(self, client: FregClient, entries: list[FeedEntry]) -> None:
        first, last = entries[0].sequence_number, entries[-1].sequence_number
        now = dt.datetime.now(dt.UTC)
        delivery_id = f"{now:%Y%m%dT%H%M%SZ}-feed-{first}-{last}"
        with new_delivery(
            self.settings.landing_dir,
            "freg",
            delivery_id,
            kind="change",
            created_at=now,
            sequence_from=first,
            sequence_to=last,
        ) as writer:
            documents = await _write_lines(client, writer, entries)
        self.pointer.next = last + 1
        self.pulled.sequence_from = self.pulled.sequence_from or first
        self.pulled.sequence_to = last
        self.pulled.events += len(entries)
        self.pulled.documents += documents
        self.pulled.deliveries.append(delivery_id)


async def _write_lines(client: FregClient, writer: DeliveryWriter, entries: Sequence[FeedEntry]) -> int:
    """Fetch the events' documents and write one line per event as they come; returns the number of documents."""
    by_document: dict[str, list[FeedEntry]] = {}
    for entry in entries:
        by_document.setdefault(entry.person_document, []).append(entry)
    document_ids = list(by_document)
    with _compressed(writer) as stream:

        async def fetch(chunk: Sequence[str]) -> None:
            documents = await client.person_documents(chunk)
            for document_id in chunk:
                for entry in by_document[document_id]:
                    stream.write(_line(entry, documents[document_id]))

        size = client.settings.bulk_size
        try:
            async with asyncio.TaskGroup() as group:
                for start in range(0, len(document_ids), size):
                    group.create_task(fetch(document_ids[start : start + size]))
        except ExceptionGroup as failures:
            # The others were cancelled, or failed of the same cause.
            raise failures.exceptions[0] from failures
    writer.add(_FILE, len(entries))
    return len(document_ids)


def _compressed(writer: DeliveryWriter) -> AbstractContextManager[Any]:
    return zstandard.open(writer.folder / _FILE, "wb")


def _line(entry: FeedEntry, person: Any) -> bytes:
    line = {
        "sekvensnummer": entry.sequence_number,
        "dokumentidentifikator": entry.person_document,
        "hendelsetype": entry.event_type,
        "ajourholdstidspunkt": entry.registered_at,
        "folkeregisterperson": person,
    }
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def _each_once(entries: Sequence[FeedEntry], following: int) -> tuple[FeedEntry, ...]:
    """Entries from `following` on, ascending, repetitions left out. Raises for a number with two contents."""
    by_number: dict[int, FeedEntry] = {}
    for entry in sorted(entries):
        known = by_number.setdefault(entry.sequence_number, entry)
        if known != entry:
            raise UnexpectedAnswer(
                f"the feed has two events with the sequence number {entry.sequence_number}",
                where="GET hendelser/feed",
                todo="pull again later; if it goes on, ask Skatteetaten which of them holds",
            )
    return tuple(entry for number, entry in by_number.items() if number >= following)


def _first_gap(entries: Sequence[FeedEntry], following: int, pointer: FeedPointer) -> FeedGap | None:
    """The first numbers that are missing from `following` on and were not accepted to be."""
    for entry in entries:
        if entry.sequence_number > following and not pointer.accepts(following, entry.sequence_number - 1):
            last = entry.sequence_number - 1
            return FeedGap(
                following,
                last,
                f"the feed has a gap: {last - following + 1} sequence numbers are missing",
                todo="pull again later; if Skatteetaten confirms that they will not come:"
                f" preg freg accept-gap {following} {last}",
            )
        following = entry.sequence_number + 1
    return None


def _before_gap(entries: Sequence[FeedEntry], following: int, pointer: FeedPointer) -> list[FeedEntry]:
    gap = _first_gap(entries, following, pointer)
    return [entry for entry in entries if gap is None or entry.sequence_number < gap.first]
