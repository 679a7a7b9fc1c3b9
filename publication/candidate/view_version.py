"""The version of the views that clients read, and what changed from one to the next.

Semantic versioning: a column or table that is gone, renamed or of another type is a major change, one that is new a
minor one. `view_versions.csv` next to this file is the list; the gate refuses a candidate whose columns have changed
more than its version says.
"""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("view_versions.csv")


@dataclass(frozen=True)
class ViewVersion:
    """A version of the views. change: what is otherwise than in the version before."""

    version: str
    published_on: dt.date
    change: str


@cache
def view_versions() -> tuple[ViewVersion, ...]:
    """Every version, oldest first."""
    with _FILE.open(encoding="utf-8", newline="") as stream:
        return tuple(
            ViewVersion(row["version"], dt.date.fromisoformat(row["published_on"]), row["change"])
            for row in csv.DictReader(stream)
        )


def current_view_version() -> str:
    """The version of the views that this code publishes."""
    return view_versions()[-1].version
