"""The audit log of releases: what was done with them (published, promoted, rolled back, withdrawn), by whom and why.

`<data>/audit_log/<number>-<UTC time>-<action>-<release_id>.json`, a file per entry, written before the action: one
that was killed half-way is known. The number gives the order; the clock may jump. Releases do not change; who approved
one afterwards is written here.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, get_args

from foundation.files import flush_to_disk, write_json
from foundation.settings import Settings

Action = Literal["published", "promoted", "rolled back", "withdrawn"]
# What an older version called them.
_FORMER_NAMES = {"act": "action", "took_the_place_of": "replaced"}


@dataclass(frozen=True)
class AuditEntry:
    """One entry. at: ISO 8601, UTC. by: a person's name, or `automatic`. replaced: the release that was current."""

    at: str
    action: Action
    release_id: str
    by: str
    why: str = ""
    replaced: str = ""


def write_audit_entry(settings: Settings, entry: AuditEntry) -> None:
    """Write an entry, on the disk."""
    folder = settings.audit_log_dir
    folder.mkdir(parents=True, exist_ok=True)
    moment = entry.at.replace("-", "").replace(":", "")
    name = f"{_next_number(settings):06d}-{moment}-{entry.action.replace(' ', '-')}-{entry.release_id}.json"
    write_json(folder / name, asdict(entry))
    flush_to_disk(folder)


def audit_entries(settings: Settings) -> list[AuditEntry]:
    """Every entry, in the order in which they were made (not by the clock, which may jump)."""
    return [_read(file) for file in _files(settings)]


def rollback_in_effect(settings: Settings) -> AuditEntry | None:
    """The rollback after which nothing has been promoted, or None."""
    chosen = [entry for entry in audit_entries(settings) if entry.action in ("promoted", "rolled back")]
    return chosen[-1] if chosen and chosen[-1].action == "rolled back" else None


def _files(settings: Settings) -> list[Path]:
    """The files of the log; also those of an older version, which called the folder `acts`."""
    folders = (settings.data_dir / "acts", settings.audit_log_dir)
    return sorted((file for folder in folders for file in folder.glob("*.json")), key=lambda file: file.name)


def _next_number(settings: Settings) -> int:
    """One more than the highest number: also after somebody has removed files, what is done now comes last."""
    numbers = [int(file.name.partition("-")[0]) for file in _files(settings) if file.name.partition("-")[0].isdecimal()]
    return max(numbers, default=-1) + 1


def _read(file: Path) -> AuditEntry:
    """An entry; of one whose file cannot be read, what the name of the file says.

    What even the name does not say is taken for a rollback: then nothing is published until a person has looked.
    """
    try:
        written = json.loads(file.read_text(encoding="utf-8"))
        return AuditEntry(**{_FORMER_NAMES.get(name, name): value for name, value in written.items()})
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        _, moment, rest = [*file.stem.split("-", 2), "", ""][:3]
        actions: tuple[Action, ...] = get_args(Action)
        action: Action = next(
            (action for action in actions if rest.startswith(action.replace(" ", "-"))), "rolled back"
        )
        release_id = rest.removeprefix(f"{action.replace(' ', '-')}-")
        return AuditEntry(moment, action, release_id, "unknown", "the file cannot be read")


def utc(moment: dt.datetime) -> str:
    """A moment as the audit log and manifests write it."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
