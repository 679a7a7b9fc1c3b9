"""Which files the gate has checked, by checksum: what is published is nothing else, however long it has waited."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from foundation.files import sha256_of, write_json
from foundation.release import PARQUET, ReleaseFolder

_FILE = "checked_files.json"


def checksums_of(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """The SHA-256 of files of a candidate; a file that is not there has none."""
    return {name: sha256_of(folder / name) for name in names if (folder / name).is_file()}


def write_checked_files(results_file: Path, database: Path) -> None:
    """Record, next to the results, the checksums of the candidate's database and Parquet files."""
    place = ReleaseFolder(database.parent)
    names = [database.name, *(f"{PARQUET}/{path.name}" for path in sorted(place.parquet.iterdir()))]
    write_json(results_file.with_name(_FILE), checksums_of(place.folder, names))


def read_checked_files(results_file: Path) -> dict[str, str]:
    """Name → SHA-256, as the gate has seen the files; none where it has not looked."""
    file = results_file.with_name(_FILE)
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else {}
