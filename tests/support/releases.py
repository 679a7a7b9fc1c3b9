"""Small releases, written by hand: for what a test asks of a release whose tables it makes itself."""

from __future__ import annotations

from pathlib import Path

import duckdb

from foundation.files import sha256_of, write_json
from foundation.settings import Settings


def small_release(settings: Settings, release_id: str, *statements: str, current: bool = True) -> Path:
    """A release whose database is what `statements` make of an empty one; the folder."""
    folder = settings.releases_dir / release_id
    folder.mkdir(parents=True)
    database = folder / "preg.duckdb"
    with duckdb.connect(str(database)) as connection:
        for statement in statements:
            connection.execute(statement)
        tables = [name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()]
    write_json(
        folder / "manifest.json",
        {
            "release_id": release_id,
            "published_at": "2026-01-05T03:00:00Z",
            "sequence_number": 1,
            "newest_event_at": None,
            "inputs": [],
            "rules": {},
            "checks": [],
            "since_last": {},
            "content_hash": release_id,
            "tables": {name: {"rows": 1, "content_hash": f"{name} of {release_id}"} for name in tables},
            "files": [
                {"name": database.name, "sha256": sha256_of(database), "bytes": database.stat().st_size},
            ],
        },
    )
    if current:
        link = settings.releases_dir / "current"
        link.unlink(missing_ok=True)
        link.symlink_to(release_id)
    return folder
