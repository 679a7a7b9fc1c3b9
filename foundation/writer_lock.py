"""One writer at a time: the lock that a run holds on a data directory while it loads, builds and publishes.

Released by the operating system when the process ends, however it ends. Readers never need it.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from foundation.errors import PregError, WarehouseBusy
from foundation.files import make_private
from foundation.settings import Settings

# Called once, with a message, when the lock is held by another process and this one waits.
OnWait = Callable[[str], None]


@contextmanager
def writer_lock(settings: Settings, on_wait: OnWait | None = None, *, restoring: bool = False) -> Iterator[None]:
    """Hold the lock; wait for another run up to `lock_wait_seconds`, then raise `WarehouseBusy`.

    A process that holds it may take it again. restoring: this is the restore; anybody else is refused, with a
    `PregError`, where one was cut off.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    lock = FileLock(str(settings.data_dir / ".writer.lock"), is_singleton=True)
    if lock.is_locked:
        yield
        return
    try:
        lock.acquire(timeout=0)
    except Timeout:
        _wait(settings, lock, on_wait)
    try:
        if not restoring:
            _refuse_half_restored(settings)
        _holder_file(settings).write_text(
            json.dumps({"pid": os.getpid(), "since": dt.datetime.now().astimezone().isoformat(timespec="seconds")}),
            encoding="utf-8",
        )
        _remove_leftovers(settings)
        make_private(settings.data_dir)
        make_private(settings.landing_dir)
        yield
    finally:
        _holder_file(settings).unlink(missing_ok=True)
        lock.release()


def restore_marker(settings: Settings) -> Path:
    """The file that is there from the first file of a restore until the last."""
    return settings.data_dir / ".restoring.json"


def _refuse_half_restored(settings: Settings) -> None:
    if restore_marker(settings).exists():
        raise PregError(
            "a restore was cut off here: not everything is there",
            where=str(restore_marker(settings)),
            todo="finish it: preg restore --from BACKUP, with the same --landing and --data",
        )


def _wait(settings: Settings, lock: FileLock, on_wait: OnWait | None) -> None:
    holder = describe_holder(settings)
    if on_wait:
        on_wait(f"another run is writing ({holder}); waiting up to {settings.lock_wait_seconds:.0f} seconds")
    try:
        lock.acquire(timeout=settings.lock_wait_seconds)
    except Timeout as error:
        raise WarehouseBusy(
            f"another run is still writing ({holder})",
            where=str(settings.data_dir),
            todo="wait until it has ended and run again, or let this run wait longer: --wait SECONDS",
        ) from error


def _holder_file(settings: Settings) -> Path:
    return settings.data_dir / ".writer.json"


def describe_holder(settings: Settings) -> str:
    """Which process holds the lock, and since when, as far as it has said so."""
    try:
        holder = json.loads(_holder_file(settings).read_text(encoding="utf-8"))
        return f"process {holder['pid']} since {holder['since']}"
    except (OSError, ValueError, KeyError):
        return "process unknown"


def _remove_leftovers(settings: Settings) -> None:
    """What a run that was killed has left: spill files of DuckDB."""
    shutil.rmtree(settings.work_dir / "spill", ignore_errors=True)
