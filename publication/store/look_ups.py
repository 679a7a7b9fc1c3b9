"""The log of look-ups: who has looked a person up by name of the installation, when and why.

`<data>/audit_log/look_ups.jsonl`, a line per look-up, written before anything is shown. The person is named by keyed
hash (`foundation.person_hash`): with the key one can ask who has looked up whom, without it nobody is disclosed.
"""

from __future__ import annotations

import json
import os
import pwd
from dataclasses import asdict, dataclass
from pathlib import Path

from foundation.database import machine_failures
from foundation.settings import Settings

_FILE = "look_ups.jsonl"


@dataclass(frozen=True)
class LookUp:
    """One look-up. at: ISO 8601, UTC. what: person | rows. about: a person by keyed hash, or the name of a check."""

    at: str
    what: str
    about: str
    release_id: str
    by: str
    why: str


def who() -> str:
    """Who runs this process, by the system's own word: what the environment says anybody may set."""
    user = os.getuid()
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        # A container runs as a user that has no name.
        return str(user)


def look_up_log(settings: Settings) -> Path:
    """Where the log is."""
    return settings.audit_log_dir / _FILE


def write_look_up(settings: Settings, entry: LookUp) -> None:
    """Add an entry, on the disk. Raises `MachineFailure` when it cannot be written: then nothing may be shown."""
    file = look_up_log(settings)
    line = json.dumps(asdict(entry), ensure_ascii=True).encode("ascii") + b"\n"
    with machine_failures(str(file)):
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            # In one call: lines of two processes do not mix.
            os.write(descriptor, line)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
