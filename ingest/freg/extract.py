"""The whole register as a full delivery: ordered, waited for, fetched batch by batch."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass

import orjson
import zstandard

from foundation.database import machine_failures
from foundation.settings import Settings
from ingest.freg.client import FregClient
from ingest.freg.settings import FregSettings
from ingest.interface.failures import ServiceError
from ingest.interface.feed_lock import feed_lock
from ingest.landing_writer import DeliveryWriter, new_delivery

# Documents a file: files are loaded side by side.
_DOCUMENTS_IN_FILE = 250_000

OnBatch = Callable[[int], None]


@dataclass(frozen=True)
class Extracted:
    """An extract that was delivered: the delivery's id, its documents, and the feed's position when it was ordered."""

    delivery_id: str
    documents: int
    sequence_number: int
    seconds: float


def extract_register(
    settings: Settings,
    freg: FregSettings,
    on_batch: OnBatch = lambda _documents: None,
    *,
    as_of: int | None = None,
) -> Extracted:
    """Order an extract and deliver it; the feed is read on from its position when the extract was ordered.

    on_batch: called with how many documents were fetched so far. as_of: the sequence number at which the documents were
    current; None: now.
    """
    with feed_lock(settings, "freg"), machine_failures(str(settings.landing_dir)):
        return asyncio.run(_extract(settings, freg, on_batch, as_of))


async def _extract(settings: Settings, freg: FregSettings, on_batch: OnBatch, as_of: int | None) -> Extracted:
    began = time.monotonic()
    async with FregClient(freg) as client:
        position = await client.last_sequence_number() if as_of is None else as_of
        job_id = await client.order_extract(position)
        now = dt.datetime.now(dt.UTC)
        delivery_id = f"{now:%Y%m%dT%H%M%SZ}-extract"
        with new_delivery(
            settings.landing_dir,
            "freg",
            delivery_id,
            kind="full",
            created_at=now,
            sequence_from=position,
            sequence_to=position,
        ) as writer:
            lines = _Lines(writer, position)
            async for batch in client.batches(job_id):
                for start in range(0, len(batch), freg.bulk_size * freg.concurrency):
                    part = batch[start : start + freg.bulk_size * freg.concurrency]
                    lines.write(await client.person_documents(part))
                    on_batch(lines.total)
            lines.close()
            if not lines.total:
                raise ServiceError(
                    "the extract is empty",
                    where=f"uttrekk/{job_id}",
                    todo="see to what the package gives access to; nothing was delivered",
                )
    return Extracted(delivery_id, lines.total, position, time.monotonic() - began)


class _Lines:
    """Writes documents to files of a delivery. They share the sequence number of the extract."""

    def __init__(self, writer: DeliveryWriter, position: int) -> None:
        self.writer = writer
        self.position = position
        self.total = 0
        self._in_file = 0
        self._name = ""
        self._stream: zstandard.ZstdCompressionWriter | None = None
        self._registered_at = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")

    def write(self, documents: dict[str, object]) -> None:
        """Append documents, in a new file when the present one is full."""
        for document_id, person in documents.items():
            if self._stream is None or self._in_file >= _DOCUMENTS_IN_FILE:
                self._next_file()
            line = {
                "sekvensnummer": self.position,
                "dokumentidentifikator": document_id,
                "hendelsetype": None,
                "ajourholdstidspunkt": self._registered_at,
                "folkeregisterperson": person,
            }
            assert self._stream is not None  # noqa: S101  `_next_file` has opened it
            self._stream.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
            self._in_file += 1
            self.total += 1

    def close(self) -> None:
        """End the present file."""
        if self._stream is not None:
            self._stream.close()
            self.writer.add(self._name, self._in_file)
            self._stream = None

    def _next_file(self) -> None:
        self.close()
        self._in_file = 0
        self._name = f"persons-{len(self.writer.files) + 1:04d}.ndjson.zst"
        self._stream = zstandard.open(self.writer.folder / self._name, "wb")
