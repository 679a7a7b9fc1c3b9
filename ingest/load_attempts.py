"""Which delivery is being loaded: the record that remains when a process crashes over one.

A delivery that ends the process that loads it would end every later run, too. So its name is recorded before it is
loaded and removed after; one still there at the next run has crashed it. It is tried again, for a process crashes for
other reasons as well; after `MAX_CRASHES` in a row the delivery is set aside and the others are loaded.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from foundation.errors import PregError
from foundation.files import write_json
from foundation.settings import Settings
from ingest.landing import Delivery

MAX_CRASHES = 3
_FILE = "load_attempts.json"


class LoadAttempts:
    """The deliveries over which a process has crashed, by name, as far as they have not been loaded since."""

    def __init__(self, settings: Settings) -> None:
        self._file = settings.data_dir / _FILE
        self._crashes: dict[str, dict[str, object]] = _read(settings)

    def notices(self) -> list[str]:
        """Count a crash for each attempt that was not ended, and say of which delivery."""
        notices = []
        for name, entry in self._crashes.items():
            if not entry.pop("loading", False):
                continue
            entry["deaths"] = _count(entry) + 1
            again = "it is set aside" if _count(entry) >= MAX_CRASHES else "it is tried again"
            notices.append(f"the last load ended without a word while loading {name}; {again}")
        if notices:
            self._keep()
        return notices

    @contextmanager
    def attempt(self, delivery: Delivery) -> Iterator[None]:
        """Around the load of a delivery. Raises `DeliveryRefused` when too many processes have crashed over it."""
        name = "/".join(delivery.key)
        entry = self._crashes.get(name, {})
        if entry.get("manifest_sha256") != delivery.manifest_sha256:
            # Sent again, it is another delivery.
            entry = {"manifest_sha256": delivery.manifest_sha256, "deaths": 0}
        if _count(entry) >= MAX_CRASHES:
            raise delivery.refused(
                f"set aside: the process crashed {_count(entry)} times in a row while loading it",
                todo=f"have it sent again, or try it once more: preg quarantine retry-delivery {name}",
            )
        self._crashes[name] = {**entry, "loading": True}
        self._keep()
        try:
            yield
        finally:
            del self._crashes[name]
            self._keep()

    def _keep(self) -> None:
        if self._crashes:
            write_json(self._file, self._crashes)
        else:
            self._file.unlink(missing_ok=True)


def reset_crashes(settings: Settings, name: str) -> None:
    """Let a delivery that was set aside (source/id) be loaded at the next run. Raises `PregError` if none was."""
    crashes = _read(settings)
    if name not in crashes:
        raise PregError(
            "no process has crashed over this delivery", where=name, todo="name it as the refusal does: SOURCE/DELIVERY"
        )
    del crashes[name]
    write_json(settings.data_dir / _FILE, crashes)


def _read(settings: Settings) -> dict[str, dict[str, object]]:
    try:
        content = json.loads((settings.data_dir / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _count(entry: dict[str, object]) -> int:
    return int(str(entry.get("deaths", 0)))
