"""The files of a delivery where the loading session may read them: under names of ours, in a folder of ours.

No name that a sender has chosen gets into a statement, and nothing is read as a pattern: each file is
a link `00001.ndjson.zst` to the verified file, or a corrected copy where the scan found that one is needed.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from foundation.settings import Settings
from ingest.landing import DeliveredFile, Delivery
from ingest.limits import Limits
from ingest.scan import FileScan, same_file, write_corrected_copy


@dataclass(frozen=True)
class LoadFile:
    """A delivered file and where it is read from; too_long: line number → bytes of each line left out of it."""

    delivered: DeliveredFile
    path: Path
    too_long: dict[int, int]

    @property
    def name(self) -> str:
        """The name that the sender gave it."""
        return self.delivered.name


def load_folder(settings: Settings) -> Path:
    """The one folder that a loading session reads."""
    return settings.work_dir / "loading"


@contextmanager
def prepared_files(
    delivery: Delivery, scans: dict[str, FileScan], settings: Settings, limits: Limits
) -> Iterator[list[LoadFile]]:
    """The files of a verified delivery within the block. Raises `DeliveryRefused` if one changed meanwhile."""
    folder = load_folder(settings)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    try:
        yield [
            _prepare(delivery.path(file), file, number, scans[file.name], folder, limits)
            for number, file in enumerate(delivery.manifest.files, start=1)
        ]
        for file in delivery.manifest.files:
            if not same_file(delivery.path(file), scans[file.name]):
                raise delivery.refused(
                    "a file of the delivery changed while it was loaded",
                    file=file.name,
                    todo="write a delivery under a temporary name and rename it; the next run tries again",
                )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(path: Path, file: DeliveredFile, number: int, scanned: FileScan, folder: Path, limits: Limits) -> LoadFile:
    form = ".csv" if ".csv" in file.name else ".ndjson"
    if scanned.needs_copy:
        target = folder / f"{number:05d}{form}.zst"
        return LoadFile(file, target, write_corrected_copy(path, target, limits.largest))
    compression = path.suffix if path.suffix in (".gz", ".zst") else ""
    target = folder / f"{number:05d}{form}{compression}"
    target.symlink_to(path.resolve())
    return LoadFile(file, target, {})
