"""What is said of publications beforehand and afterwards: announcements, and incidents.

`<data>/notices/<number>.json`, one file per notice; nothing in it about a person.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass
from typing import Literal

from foundation.files import write_json
from foundation.settings import Settings
from publication.store.audit_log import utc


@dataclass(frozen=True)
class Notice:
    """kind: announcement (of what is to come) | incident (of what went wrong). Times in ISO 8601, UTC; ends_at blank
    while it lasts."""

    kind: Literal["announcement", "incident"]
    starts_at: str
    ends_at: str
    what: str
    by: str
    written_at: str


def write_notice(
    settings: Settings,
    kind: Literal["announcement", "incident"],
    what: str,
    by: str,
    starts_at: dt.datetime,
    ends_at: dt.datetime | None = None,
) -> Notice:
    """Keep a notice; it is in the overview of the next release, and in `preg overview write` at once."""
    notice = Notice(
        kind, utc(starts_at), "" if ends_at is None else utc(ends_at), what, by, utc(dt.datetime.now(dt.UTC))
    )
    settings.notices_dir.mkdir(parents=True, exist_ok=True)
    number = len(list(settings.notices_dir.glob("*.json")))
    write_json(settings.notices_dir / f"{number:06d}.json", asdict(notice))
    return notice


def list_notices(settings: Settings) -> list[Notice]:
    """Every notice, in the order in which they were written."""
    return [
        Notice(**json.loads(file.read_text(encoding="utf-8"))) for file in sorted(settings.notices_dir.glob("*.json"))
    ]
