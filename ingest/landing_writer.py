"""Writing a delivery to the landing folder: all of it under a temporary name, then one rename.

Used by everything that makes deliveries: the synthetic register, and clients that fetch from a source.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from foundation.files import flush_to_disk, sha256_of, write_json
from ingest.landing import MANIFEST

FORMAT_VERSION = 1


@dataclass
class DeliveryWriter:
    """A delivery being written: put files into `folder`, and register each with `add`."""

    folder: Path
    files: list[dict[str, Any]] = field(default_factory=list)

    def add(self, name: str, rows: int) -> None:
        """Register a finished file by its name and its number of records."""
        path = self.folder / name
        flush_to_disk(path)
        self.files.append({"name": name, "rows": rows, "bytes": path.stat().st_size, "sha256": sha256_of(path)})


@contextmanager
def new_delivery(
    landing: Path,
    source: str,
    delivery_id: str,
    *,
    kind: str,
    created_at: dt.datetime,
    schema_version: str = "1",
    **position: Any,
) -> Iterator[DeliveryWriter]:
    """A delivery that appears in `landing` when the block ends well. Raises FileExistsError for an id that is taken.

    `position`: sequence_from and sequence_to, or extracted_at.
    """
    parent = landing / source
    parent.mkdir(parents=True, exist_ok=True)
    temporary = parent / f".{delivery_id}.partial"
    target = parent / delivery_id
    if target.exists():
        raise FileExistsError(f"{target}: a delivery never changes; give the new one an id of its own")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    try:
        writer = DeliveryWriter(temporary)
        yield writer
        write_json(
            temporary / MANIFEST,
            {
                "format_version": FORMAT_VERSION,
                "source": source,
                "delivery_id": delivery_id,
                "kind": kind,
                "schema_version": schema_version,
                "created_at": created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                **position,
                "files": writer.files,
            },
        )
        flush_to_disk(temporary)
        temporary.replace(target)
        flush_to_disk(parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def remove_unfinished(landing: Path, source: str) -> None:
    """Remove what writers that were killed have left of deliveries of a source; none may be writing one now."""
    for folder in (landing / source).glob(".*.partial"):
        shutil.rmtree(folder, ignore_errors=True)
