"""How often something was loaded again: a release from before the last time is not up to date."""

from __future__ import annotations

import json

from foundation.files import write_json
from foundation.settings import Settings

_FILE = "replays.json"


def replays(settings: Settings) -> int:
    """How often, since the data folder was made."""
    file = settings.data_dir / _FILE
    return int(json.loads(file.read_text(encoding="utf-8"))["replays"]) if file.is_file() else 0


def count_replay(settings: Settings) -> None:
    """Note that something was loaded again."""
    write_json(settings.data_dir / _FILE, {"replays": replays(settings) + 1})
