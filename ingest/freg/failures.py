"""What can go wrong with Freg in addition to what can go wrong with every source (`ingest.interface.failures`)."""

from __future__ import annotations

from ingest.interface.failures import ServiceError


class ImpossibleSelection(ServiceError):
    """A selection of the register that Freg does not make; it was not asked."""


class FeedGap(ServiceError):
    """Sequence numbers that the feed does not have. What came before them is delivered."""

    def __init__(self, first: int, last: int, what: str, *, todo: str) -> None:
        self.first = first
        self.last = last
        super().__init__(what, where=f"sequence numbers {first} to {last}", todo=todo)
