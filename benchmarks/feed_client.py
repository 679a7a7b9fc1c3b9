"""The feed client against a bare HTTPX loop over the same calls of a local test server, in one process.

The server runs in a process of its own, over TLS. The unit is the bare loop: the same calls, as many side by side, the
answers read as JSON and thrown away.

    python -m benchmarks.feed_client [--events 50000] [--rounds 3]
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import ssl
import tempfile
import time
from collections.abc import Awaitable, Callable
from multiprocessing.connection import Connection
from pathlib import Path

import httpx

from foundation.settings import REPOSITORY, Settings
from ingest.freg.client import FregClient
from ingest.freg.feed_reader import pull_feed
from ingest.freg.settings import FregSettings
from ingest.freg.test_server.register import Register, read_register
from ingest.freg.test_server.serving import served
from ingest.freg.transport import FregTransport

_PAGE = 1000


def _serve(folder: Path, events: int, pipe: Connection) -> None:
    sample = read_register(REPOSITORY / "data" / "sample" / "landing")
    register = Register(documents=dict(sample.documents))
    documents = list(sample.documents.values())
    for number in range(1, events + 1):
        event = sample.events[number % len(sample.events)]
        document_id = f"document-{number}"
        entry = type(event.entry)(number, document_id, event.entry.event_type, event.entry.registered_at)
        register.events.append(type(event)(entry, event.number, ()))
        register.documents[document_id] = documents[number % len(documents)]
    with served(register, folder) as running:
        pipe.send(running.environment)
        pipe.recv()


async def _bare(freg: FregSettings, token: str, events: int, *, documents: bool) -> None:
    context = ssl.create_default_context(cafile=str(freg.ca_bundle))
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    limits = httpx.Limits(max_connections=freg.concurrency)
    async with httpx.AsyncClient(verify=context, headers=headers, limits=limits, timeout=60) as http:
        for first in range(1, events + 1, _PAGE):
            page = (await http.get(freg.resource_url + "hendelser/feed", params={"seq": first})).json()
            if documents:
                ids = [entry["hendelse"]["persondokument"] for entry in page]
                chunks = [ids[start : start + freg.bulk_size] for start in range(0, len(ids), freg.bulk_size)]
                answers = await asyncio.gather(
                    *(
                        http.post(
                            freg.resource_url + "personer/bulkoppslag/arkiv", json={"dokumentidentifikator": chunk}
                        )
                        for chunk in chunks
                    )
                )
                for answer in answers:
                    answer.json()


async def _token(freg: FregSettings) -> str:
    async with FregTransport(freg) as transport:
        return await transport._token.get()


async def _pages(freg: FregSettings, events: int) -> None:
    async with FregClient(freg) as client:
        for first in range(1, events + 1, _PAGE):
            await client.feed_page(first)


def _best(rounds: int, work: Callable[[], object]) -> float:
    seconds = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return min(seconds)


def _run(awaitable: Callable[[], Awaitable[object]]) -> Callable[[], object]:
    return lambda: asyncio.run(awaitable())  # type: ignore[arg-type]


def main() -> None:
    """Print the ratios as a Markdown table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--events", type=int, default=50_000)
    arguments.add_argument("--rounds", type=int, default=3)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours, theirs = multiprocessing.Pipe()
        server = multiprocessing.Process(target=_serve, args=(folder / "keys", given.events, theirs))
        server.start()
        environment = ours.recv()
        freg = FregSettings.load(
            **{key.removeprefix("PREG_FREG_").lower(): value for key, value in environment.items()}
        )
        token = asyncio.run(_token(freg))
        pulls = iter(range(given.rounds))

        def pull() -> None:
            place = folder / f"pull-{next(pulls)}"
            pull_feed(Settings(landing_dir=place / "landing", data_dir=place / "data"), freg)

        bare_pages = _best(given.rounds, _run(lambda: _bare(freg, token, given.events, documents=False)))
        pages = _best(given.rounds, _run(lambda: _pages(freg, given.events)))
        bare_all = _best(given.rounds, _run(lambda: _bare(freg, token, given.events, documents=True)))
        everything = _best(given.rounds, pull)
        ours.send("end")
        server.join()
    print("| work | bare loop, events/s | client, events/s | share of the bare loop's throughput |")
    print("|---|---:|---:|---:|")
    for name, bare, client in (
        ("pages of the feed", bare_pages, pages),
        ("pages and documents; the client also writes the delivery", bare_all, everything),
    ):
        print(f"| {name} | {given.events / bare:,.0f} | {given.events / client:,.0f} | {bare / client:.0%} |")


if __name__ == "__main__":
    main()
