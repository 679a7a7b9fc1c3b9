"""What became of a delivery's records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

# Called while a delivery is loaded, with the bytes read so far and the bytes in all.
Progress = Callable[[int, int], None]


def no_progress(_done: int, _total: int) -> None:
    """For callers that show nothing."""


@dataclass(frozen=True)
class Rejection:
    """Documents or rows that did not fit for one reason: what it is, by path; how many; where one of them is."""

    what: str
    records: int
    where: str


def in_words(rejections: list[Rejection], delivered: int) -> str:
    """What does not fit, the commonest first, as a person reads it."""
    return "; ".join(f"{each.what}, in {each.records:,} of {delivered:,} ({each.where})" for each in rejections)


@dataclass
class LoadCounts:
    """Records of one delivery: `loaded` into raw tables, `quarantined`; the raw `tables` it feeds.

    `persons`: how many persons the loaded documents are about; 0 for tables that are not about persons.

    `unknown_elements`: path → number of documents that have an element there which the contract does not know.
    `notices`: what a person should know though it stopped nothing.
    `rejections`: the commonest reasons of what is in quarantine.
    """

    loaded: int = 0
    quarantined: int = 0
    persons: int = 0
    tables: set[str] = field(default_factory=set)
    unknown_elements: dict[str, int] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
