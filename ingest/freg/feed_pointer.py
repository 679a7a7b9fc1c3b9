"""How far the feed has been read: `<data>/freg/feed.json`, and what is in the landing folder.

A delivery in the landing folder is the proof that its events were read; the file is written after it. A process that
dies in between has moved the pointer all the same, because the next one looks at both.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from foundation.errors import MachineFailure
from foundation.files import write_json
from foundation.settings import Settings
from ingest.interface.feed_lock import feed_lock
from ingest.landing import take_inventory


@dataclass
class AcceptedGap:
    """Sequence numbers that somebody has decided will never come; `at` says when that was."""

    first: int
    last: int
    at: str


@dataclass
class FeedPointer:
    """next: the sequence number to read from. etag: of the empty page that the feed had from `etag_of` on."""

    next: int = 1
    etag: str = ""
    etag_of: int = 0
    accepted_gaps: list[AcceptedGap] = field(default_factory=list)

    def accepts(self, first: int, last: int) -> bool:
        """Whether every number from `first` to `last` lies in a gap that was accepted."""
        for gap in sorted(self.accepted_gaps, key=lambda gap: gap.first):
            if gap.first <= first <= gap.last:
                first = gap.last + 1
        return first > last


def read_pointer(settings: Settings) -> FeedPointer:
    """The pointer: what the file says, or further on where the landing folder has more."""
    file = _file(settings)
    pointer = FeedPointer()
    if file.is_file():
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
            gaps = [AcceptedGap(**gap) for gap in content.pop("accepted_gaps")]
            pointer = FeedPointer(**content, accepted_gaps=gaps)
        except (ValueError, KeyError, TypeError) as error:
            raise MachineFailure(
                "the feed's pointer cannot be read",
                where=str(file),
                todo="remove the file: the pointer is then taken from the deliveries in the landing folder",
            ) from error
    delivered = [
        delivery.manifest.sequence_to
        for delivery in take_inventory(settings.landing_dir).of("freg")
        if delivery.manifest.sequence_to is not None
    ]
    pointer.next = max([pointer.next, *(last + 1 for last in delivered)])
    return pointer


def write_pointer(settings: Settings, pointer: FeedPointer) -> None:
    """Keep the pointer, whole or not at all."""
    file = _file(settings)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_json(file, asdict(pointer))


def accept_gap(settings: Settings, first: int, last: int) -> None:
    """Note that the numbers from `first` to `last` will never come, so that the feed is read past them."""
    with feed_lock(settings, "freg"):
        pointer = read_pointer(settings)
        pointer.accepted_gaps.append(AcceptedGap(first, last, dt.datetime.now(dt.UTC).isoformat(timespec="seconds")))
        write_pointer(settings, pointer)


def _file(settings: Settings) -> Path:
    return settings.data_dir / "freg" / "feed.json"
