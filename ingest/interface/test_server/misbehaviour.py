"""How the test server misbehaves: what happens to a share of the calls, and what is done to pages of the feed."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeVar


class Numbered(Protocol):
    """An entry of a feed."""

    @property
    def sequence_number(self) -> int:
        """Its number in the feed."""


Entry = TypeVar("Entry", bound=Numbered)


class Mode(StrEnum):
    """A way to misbehave."""

    TOO_MANY = "too_many"  # 429 with Retry-After
    TOO_MANY_SILENT = "too_many_silent"  # 429 without
    SERVER_ERROR = "server_error"  # 500 with Freg's own code, in the form of its answers (kode, melding)
    SERVER_ERROR_AS_PUBLISHED = "server_error_as_published"  # the same in the form of its published description
    BAD_GATEWAY = "bad_gateway"  # 502 without a body
    SLOW = "slow"  # an answer that takes its time
    HTML = "html"  # the firewall answers, with status 200
    CUT = "cut"  # the connection ends in the middle of the body
    HALF_JSON = "half_json"  # the body ends in the middle, the connection does not
    EXPIRED_TOKEN = "expired_token"  # noqa: S105  every token given so far is no longer good
    OUT_OF_ORDER = "out_of_order"  # the entries of a page are shuffled
    DUPLICATES = "duplicates"  # entries of a page come twice
    LATE_ENTRIES = "late_entries"  # entries are missing from a page, and there when it is read again
    SHORT_PAGES = "short_pages"  # a page ends early, and is longer when it is read again
    MISSING_DOCUMENTS = "missing_documents"  # a bulk look-up leaves some out


# What happens to a whole call, before it is answered.
OF_CALLS = frozenset(
    {
        Mode.TOO_MANY,
        Mode.TOO_MANY_SILENT,
        Mode.SERVER_ERROR,
        Mode.SERVER_ERROR_AS_PUBLISHED,
        Mode.BAD_GATEWAY,
        Mode.SLOW,
        Mode.HTML,
        Mode.CUT,
        Mode.HALF_JSON,
        Mode.EXPIRED_TOKEN,
    }
)


@dataclass
class Misbehaviour:
    """modes: in force now; may be changed while the server runs. share: of the calls that it happens to.

    never: sequence numbers that the feed has lost for good.
    """

    modes: set[Mode] = field(default_factory=set)
    share: float = 0.3
    never: set[int] = field(default_factory=set)
    seed: int = 1
    happened: dict[Mode, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311  chance for tests, not secrets

    def for_call(self) -> Mode | None:
        """What happens to this call, if anything."""
        return self._drawn(self.modes & OF_CALLS)

    def for_documents(self, document_ids: list[str]) -> list[str]:
        """The documents that a bulk look-up gives."""
        if self._drawn(self.modes & {Mode.MISSING_DOCUMENTS}):
            return self._without_some(document_ids)
        return document_ids

    def for_page(self, entries: list[Entry]) -> list[Entry]:
        """The page as it is given out."""
        entries = [entry for entry in entries if entry.sequence_number not in self.never]
        if not entries:
            return entries
        if self._drawn(self.modes & {Mode.LATE_ENTRIES}):
            entries = self._without_some(entries)
        if self._drawn(self.modes & {Mode.SHORT_PAGES}):
            entries = entries[: self._random.randint(1, len(entries))]
        if self._drawn(self.modes & {Mode.DUPLICATES}):
            entries = sorted(
                entries + self._random.sample(entries, k=max(1, len(entries) // 10)),
                key=lambda entry: entry.sequence_number,
            )
        if self._drawn(self.modes & {Mode.OUT_OF_ORDER}):
            entries = self._random.sample(entries, k=len(entries))
        return entries

    def _without_some(self, items: list) -> list:
        missing = set(self._random.sample(range(len(items)), k=max(1, len(items) // 50)))
        return [item for number, item in enumerate(items) if number not in missing]

    def _drawn(self, modes: set[Mode]) -> Mode | None:
        if not modes or self._random.random() >= self.share:
            return None
        mode = self._random.choice(sorted(modes))
        self.happened[mode] = self.happened.get(mode, 0) + 1
        return mode
