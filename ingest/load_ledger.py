"""The ledger of loaded files, as they were in the landing folder: it detects what was changed or removed since.

The warehouse can be built again from the landing folder only as long as that holds what was loaded. The record is
`<data>/landed.json`, so that a run that finds nothing new can look without opening the warehouse.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterable, Sequence
from typing import Any

from foundation.files import sha256_of, write_json
from foundation.settings import Settings
from ingest.contracts.sources import SOURCES
from ingest.landing import MANIFEST, Delivery
from ingest.scan import FileScan

_FILE = "landed.json"
_NAMES_SHOWN = 5
_ADVICE = "the warehouse could not be built again from the landing folder: restore it"


class LoadLedger:
    """The record: delivery → file → bytes, sha256, mtime_ns, ctime_ns as it was loaded."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._file = settings.data_dir / _FILE
        self._deliveries = _read(settings)
        self._changed = False

    def sources(self) -> set[str]:
        """The sources of which a delivery was ever loaded."""
        return {name.partition("/")[0] for name in self._deliveries}

    def add(self, delivery: Delivery, scans: dict[str, FileScan]) -> None:
        """Record what was loaded of a delivery."""
        files = {
            name: {
                "bytes": seen.stored,
                "sha256": seen.sha256,
                "mtime_ns": seen.mtime_ns,
                "ctime_ns": seen.ctime_ns,
            }
            for name, seen in scans.items()
        }
        self._add(delivery, files)

    def add_missing(self, delivery: Delivery) -> None:
        """Record, by its manifest, a delivery that was loaded before there was a record, or before it was kept."""
        if "/".join(delivery.key) not in self._deliveries:
            self._add(
                delivery,
                {
                    file.name: {"bytes": file.bytes, "sha256": file.sha256.lower(), "mtime_ns": 0, "ctime_ns": 0}
                    for file in delivery.manifest.files
                },
            )

    def _add(self, delivery: Delivery, files: dict[str, dict[str, Any]]) -> None:
        self._deliveries["/".join(delivery.key)] = {
            **files,
            MANIFEST: {"sha256": delivery.manifest_sha256, "mtime_ns": 0, "ctime_ns": 0},
        }
        self._changed = True

    def notices(self, sources: Sequence[str] = tuple(SOURCES), *, thorough: bool = False) -> list[str]:
        """What was changed or removed since it was loaded; keeps what it has found the same.

        Only files whose size or times are others are read again; `thorough`: all of them.
        """
        removed, notices = [], []
        for name, files in self._deliveries.items():
            if name.partition("/")[0] not in sources:
                continue
            if not os.path.lexists(self._settings.landing_dir / name / MANIFEST):
                removed.append(name)
                continue
            changed = [file for file, record in files.items() if self._differs(name, file, record, thorough)]
            if changed:
                notices.append(f"{name}: {_named(changed)} changed after the delivery was loaded; {_ADVICE}")
        if removed:
            notices.append(f"{_named(removed)} removed after being loaded; {_ADVICE}")
        return notices

    def keep(self) -> None:
        """Write the record if it has changed."""
        if self._changed:
            write_json(self._file, self._deliveries)
            self._changed = False

    def _differs(self, delivery: str, file: str, record: dict[str, Any], thorough: bool) -> bool:
        path = self._settings.landing_dir / delivery / file
        try:
            now = os.lstat(path)
            if not stat.S_ISREG(now.st_mode):
                return True
            times = {"mtime_ns": now.st_mtime_ns, "ctime_ns": now.st_ctime_ns}
            same_times = all(record[time] == value for time, value in times.items())
            if not thorough and same_times and record.get("bytes", now.st_size) == now.st_size:
                return False
            if sha256_of(path) != record["sha256"]:
                return True
        except OSError:
            return True
        if not same_times:
            record.update(times)
            self._changed = True
        return False


def _named(names: Iterable[str]) -> str:
    """Names for a message, the first few, with the verb that follows them."""
    listed = list(names)
    more = len(listed) - _NAMES_SHOWN
    words = ", ".join(listed[:_NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")
    return f"{words} {'was' if len(listed) == 1 else 'were'}"


def _read(settings: Settings) -> dict[str, dict[str, dict[str, Any]]]:
    try:
        content = json.loads((settings.data_dir / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
