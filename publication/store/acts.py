"""What people and runs have done with releases: published, promoted, rolled back, withdrawn; by whom and why.

`<data>/acts/<UTC time>-<act>-<release_id>.json`, a file an act, written before the act itself: an act that was killed
half-way is known. Releases do not change; who approved one afterwards stands here.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, get_args

from foundation.files import flush_to_disk, write_json
from foundation.settings import Settings

Kind = Literal["published", "promoted", "rolled back", "withdrawn"]


@dataclass(frozen=True)
class Act:
    """One act. at: ISO 8601, UTC. by: a person's name, or `automatic`. took_the_place_of: the one before, if any."""

    at: str
    act: Kind
    release_id: str
    by: str
    why: str = ""
    took_the_place_of: str = ""


def write_act(settings: Settings, act: Act) -> None:
    """Write an act down, on the disk."""
    folder = settings.acts_dir
    folder.mkdir(parents=True, exist_ok=True)
    number = len(list(folder.glob("*.json")))
    moment = act.at.replace("-", "").replace(":", "")
    write_json(folder / f"{number:06d}-{moment}-{act.act.replace(' ', '-')}-{act.release_id}.json", asdict(act))
    flush_to_disk(folder)


def list_acts(settings: Settings) -> list[Act]:
    """Every act, in the order in which they were done (not by the clock, which may jump)."""
    return [_read(file) for file in sorted(settings.acts_dir.glob("*.json"))]


def _read(file: Path) -> Act:
    """An act; of one whose file cannot be read, what the name of the file says."""
    try:
        return Act(**json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, RecursionError):
        _, moment, rest = [*file.stem.split("-", 2), "", ""][:3]
        kinds: tuple[Kind, ...] = get_args(Kind)
        act: Kind = next((kind for kind in kinds if rest.startswith(kind.replace(" ", "-"))), "rolled back")
        return Act(moment, act, rest.removeprefix(f"{act.replace(' ', '-')}-"), "unknown", "the file cannot be read")


def standing_rollback(settings: Settings) -> Act | None:
    """The rollback after which nothing has been promoted; None when nothing stands in the way of a publication."""
    acts = [act for act in list_acts(settings) if act.act in ("promoted", "rolled back")]
    return acts[-1] if acts and acts[-1].act == "rolled back" else None


def utc(moment: dt.datetime) -> str:
    """A moment as acts and manifests write it."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
