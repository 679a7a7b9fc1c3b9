"""Reports what a run is doing to anyone who watches it: the command line shows it, a server's run stays silent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol


class Listener(Protocol):
    """Is called for the steps of a run."""

    def begin(self, step: str) -> None:
        """A step begins; the one before has ended."""

    def end(self, *, failed: bool = False) -> None:
        """The present step has ended; failed: it came to nothing, and the run goes on without it."""

    def expect(self, seconds: float) -> None:
        """The present step took so long the last time."""

    def advance(self, done: int, total: int) -> None:
        """Of the present step, `done` of `total` parts are done: bytes of a delivery, models."""

    def note(self, text: str) -> None:
        """Something a person should know."""


class _Silent:
    def begin(self, step: str) -> None:
        pass

    def end(self, *, failed: bool = False) -> None:
        pass

    def expect(self, seconds: float) -> None:
        pass

    def advance(self, done: int, total: int) -> None:
        pass

    def note(self, text: str) -> None:
        pass


_SILENT = _Silent()
_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


def listener() -> Listener:
    """Who listens to this run."""
    return _listener.get() or _SILENT


def is_listened_to() -> bool:
    """Whether somebody listens to this run already."""
    return _listener.get() is not None


@contextmanager
def listening(to: Listener) -> Iterator[None]:
    """Report every step within the block to `to`."""
    token = _listener.set(to)
    try:
        yield
    finally:
        _listener.reset(token)
