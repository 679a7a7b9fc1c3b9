"""How a person is named in logs, messages and reports: by a keyed hash, never by number or name.

The same person has the same hash everywhere in one installation, so that two log lines can be held together;
without the key nobody can compute it from a number.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

import duckdb

from foundation.settings import Settings

LENGTH = 12
VARIABLE = "person_hash_key"


def person_hash(number: str, key: str) -> str:
    """The hash of a person's number: `LENGTH` hexadecimal characters."""
    return hashlib.sha256(f"{key}:{number}".encode()).hexdigest()[:LENGTH]


def person_hash_sql(number: str) -> str:
    """The same hash as a SQL expression over `number` (an expression); needs `bind_key` on the session."""
    return f"left(sha256(getvariable('{VARIABLE}') || ':' || {number}), {LENGTH})"


def bind_key(connection: duckdb.DuckDBPyConnection, key: str) -> None:
    """Give a session the key, as a variable, so that it is in no SQL text."""
    connection.execute(f"set variable {VARIABLE} = $key", {"key": key})


def load_key(settings: Settings) -> str:
    """The installation's key: from the settings, else from `<data>/person_hash.key`, made at first use."""
    if settings.person_hash_key is not None:
        return settings.person_hash_key.get_secret_value()
    file = settings.data_dir / "person_hash.key"
    if not file.exists():
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        _create_private(file, secrets.token_hex(32))
    return file.read_text(encoding="ascii").strip()


def _create_private(file: Path, content: str) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(content)
