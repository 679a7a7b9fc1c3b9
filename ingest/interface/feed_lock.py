"""One reader of a source's events at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from foundation.settings import Settings
from ingest.interface.failures import FeedBusy
from ingest.landing_writer import remove_unfinished


@contextmanager
def feed_lock(settings: Settings, source: str) -> Iterator[None]:
    """Hold the source's events; the landing folder is there then, without leftovers of killed readers.

    Raises `FeedBusy`. The lock goes with the process.
    """
    file = settings.data_dir / source / ".feed.lock"
    file.parent.mkdir(parents=True, exist_ok=True)
    settings.landing_dir.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(str(file), timeout=0):
            remove_unfinished(settings.landing_dir, source)
            yield
    except Timeout as error:
        raise FeedBusy(
            f"another process is reading the events of {source}",
            where=str(file),
            todo="let it end; the next pull goes on where it stops",
        ) from error
