"""Whether a release is what would be built now: from the same deliveries, by the same code."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import duckdb

from foundation.release import Release
from foundation.replays import replays
from foundation.settings import REPOSITORY, Settings

_CODE = ("foundation", "ingest", "publication", "quality")
_SUFFIXES = {".py", ".sql", ".csv", ".yml", ".html", ".css", ".js"}
_GENERATED = {"target", "logs", "__pycache__"}


def is_up_to_date(settings: Settings, release: Release | None, deliveries: Iterable[tuple[str, str, str]]) -> bool:
    """Whether `release` has every delivery (source, id, SHA-256 of its manifest) and was built by these rules."""
    if release is None or release.manifest.rules != rules_of(settings):
        return False
    built_from = {
        (delivery.source, delivery.delivery_id, delivery.manifest_sha256) for delivery in release.manifest.inputs
    }
    return set(deliveries) <= built_from


def rules_of(settings: Settings) -> dict[str, str]:
    """What decides, besides the deliveries, what a release holds: code, settings, and how often they were replayed."""
    return {
        "code_hash": code_hash(settings.dbt_project_dir),
        "household_protection": settings.household_protection,
        # Models keep hashes of the engine, which another version may compute otherwise.
        "engine": duckdb.__version__,
        "replays": str(replays(settings)),
    }


@cache
def code_hash(dbt_project: Path) -> str:
    """The hash of the models, rules, contracts and checks."""
    digest = hashlib.sha256()
    for folder in (dbt_project, *(REPOSITORY / name for name in _CODE)):
        for file in sorted(folder.rglob("*")):
            if file.suffix in _SUFFIXES and not _GENERATED.intersection(file.parts):
                digest.update(str(file.relative_to(folder.parent)).encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()
