"""What Freg can be asked: the feed, documents, persons, the whole register."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from types import TracebackType
from typing import Any

import httpx

from ingest.freg.answers import (
    FeedPage,
    LookedUp,
    read_document,
    read_document_batch,
    read_documents,
    read_feed_page,
    read_job_id,
    read_number,
    read_number_batch,
    read_persons,
)
from ingest.freg.selection import Selection
from ingest.freg.settings import FregSettings
from ingest.freg.transport import FregTransport
from ingest.interface.failures import Refused, UnexpectedAnswer, Unreachable

# Pauses between two questions whether an extract is ready: short at first, then this long.
_LONGEST_POLL_SECONDS = 60.0


class FregClient:
    """A connection to Freg; use it as an asynchronous context manager.

    Every method raises `Refused` for a final no and `Unreachable` when Freg could not be asked. Documents are Python
    objects as Freg's JSON has them, `folkeregisterperson` or `hendelse` taken out of its wrapping.
    """

    def __init__(self, settings: FregSettings) -> None:
        self.settings = settings
        self._transport = FregTransport(settings)

    async def __aenter__(self) -> FregClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.__aexit__(kind, error, trace)

    async def feed_page(self, sequence_number: int, *, etag: str = "", atom: bool = False) -> FeedPage | None:
        """At most 1000 events from `sequence_number` on, ascending; None when `etag` still holds."""
        return await self._transport.call(
            "GET",
            "hendelser/feed",
            read_feed_page,
            params={"seq": sequence_number},
            headers={
                "Accept": "application/atom+xml" if atom else "application/json",
                **({"If-None-Match": etag} if etag else {}),
            },
        )

    async def event_document(self, document_id: str) -> Any:
        """One event's own document: what is in its `hendelse`."""
        return await self._transport.call("GET", f"hendelser/{document_id}", read_document)

    async def event_documents(self, document_ids: Sequence[str]) -> dict[str, Any]:
        """Events' own documents by their ids, in bulk look-ups side by side. Raises for one that Freg does not give."""
        return await self._bulk("hendelser/bulkoppslag", document_ids, None)

    async def person_documents(self, document_ids: Sequence[str]) -> dict[str, Any]:
        """Person documents by their ids, in bulk look-ups side by side. Raises for one that Freg does not give."""
        return await self._bulk("personer/bulkoppslag/arkiv", document_ids, self._parts())

    async def person(self, number: str) -> Any:
        """The person with a number, as he or she is now."""
        return await self._transport.call(
            "GET", f"personer/{number}", read_document, shown="personer/…", params=self._parts()
        )

    async def persons(self, numbers: Sequence[str]) -> LookedUp:
        """The persons with these numbers, as they are now, and Freg's message for each number that it has none of."""
        chunks = _chunks(list(dict.fromkeys(numbers)), self.settings.bulk_size)
        answers = await asyncio.gather(*(self._persons(chunk) for chunk in chunks))
        return LookedUp(
            {number: person for answer in answers for number, person in answer.found.items()},
            {number: message for answer in answers for number, message in answer.refused.items()},
        )

    async def _persons(self, numbers: Sequence[str]) -> LookedUp:
        return await self._transport.call(
            "POST",
            "personer/bulkoppslag",
            lambda response: read_persons(response, numbers),
            # In the order asked for: so an answer that leaves out the numbers can be read, too.
            params={**(self._parts() or {}), "somBestilt": "true"},
            content={"foedselsEllerDNummer": list(numbers)},
        )

    async def last_sequence_number(self) -> int:
        """The sequence number of the newest event."""
        return await self._transport.call("GET", "hendelser/siste/sekvensnummer", read_number)

    async def order_extract(self, sequence_number: int) -> str:
        """Order the documents of the whole register that were current at `sequence_number`. Returns the job's id."""
        return await self._transport.call(
            "GET", "uttrekk/komplett", read_job_id, params={"feedsekvensnr": sequence_number}
        )

    async def order_selection(self, selection: Selection) -> str:
        """Order an extract of a part of the register, as it is now. Returns the job's id."""
        return await self._transport.call("POST", "uttrekk/tilpasset", read_job_id, content=selection.body())

    async def batches(self, job_id: str) -> AsyncIterator[tuple[str, ...]]:
        """The document ids of an extract of the whole register, batch by batch. Waits for one that is not ready yet.

        Raises `Refused` (410) when Freg has no such extract: it has to be ordered again.
        """
        async for batch in self._batches(job_id, read_document_batch):
            yield batch

    async def selected_persons(self, job_id: str) -> AsyncIterator[LookedUp]:
        """The persons of an extract of a part of the register, batch by batch; its batches hold numbers.

        They are as of when they are fetched, not as of the order. Raises as `batches` does.
        """
        async for numbers in self._batches(job_id, read_number_batch):
            yield await self.persons(numbers)

    async def _batches(
        self, job_id: str, read: Callable[[httpx.Response], tuple[str, ...]]
    ) -> AsyncIterator[tuple[str, ...]]:
        number = 0
        while batch := await self._batch(job_id, number, read):
            yield batch
            number += 1

    async def _batch(
        self, job_id: str, number: int, read: Callable[[httpx.Response], tuple[str, ...]]
    ) -> tuple[str, ...]:
        path = f"uttrekk/{job_id}/batch/{number}"
        give_up = time.monotonic() + self.settings.extract_wait_seconds
        pause = 0.25
        while True:
            try:
                return await self._transport.call("GET", path, read)
            except Refused as refusal:
                if refusal.status != 404:
                    raise
            if time.monotonic() + pause > give_up:
                raise Unreachable(
                    f"the extract is still not ready after {self.settings.extract_wait_seconds:.0f} seconds",
                    where=path,
                    todo="order it again, or wait longer (PREG_FREG_EXTRACT_WAIT_SECONDS)",
                )
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_POLL_SECONDS)

    async def _bulk(self, path: str, document_ids: Sequence[str], parts: dict[str, Any] | None) -> dict[str, Any]:
        chunks = _chunks(list(dict.fromkeys(document_ids)), self.settings.bulk_size)
        answers = await asyncio.gather(*(self._documents(path, chunk, parts) for chunk in chunks))
        return {document_id: document for answer in answers for document_id, document in answer.items()}

    async def _documents(self, path: str, document_ids: Sequence[str], parts: dict[str, Any] | None) -> dict[str, Any]:
        def read_all(response: httpx.Response) -> dict[str, Any]:
            answer = read_documents(response)
            missing = [document_id for document_id in document_ids if document_id not in answer.found]
            if missing:
                reason = answer.refused.get(missing[0])
                raise UnexpectedAnswer(
                    f"Freg does not give {len(missing)} of {len(document_ids)} documents, the first {missing[0]}"
                    + (f": {reason}" if reason else ""),
                    where=f"POST {path}",
                    todo="pull again later; if it goes on, ask Skatteetaten for the document",
                )
            return answer.found

        content = {"dokumentidentifikator": list(document_ids)}
        return await self._transport.call("POST", path, read_all, params=parts, content=content)

    def _parts(self) -> dict[str, Any] | None:
        return {"part": list(self.settings.parts)} if self.settings.parts else None


def _chunks(items: Sequence[str], size: int) -> list[Sequence[str]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
