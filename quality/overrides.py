"""Overrides: a limit that is wider for some days, because of an event that is known beforehand.

Each is dated, says why, and names who reviewed it and when; the product's own are in `quality/checks/overrides.csv`, an
installation's in `<data>/gate_overrides.csv`, with the same columns. One that is not complete is refused.
"""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from foundation.errors import ConfigurationError
from foundation.settings import Settings

_OWN = Path(__file__).with_name("checks") / "overrides.csv"
_COLUMNS = ("check", "dimension", "valid_from", "valid_to", "limit", "why", "reviewed_by", "reviewed_on")


@dataclass(frozen=True)
class Override:
    """check, dimension: patterns (`*`, `?`). limit: takes the place of warn and block, where it is wider."""

    check: str
    dimension: str
    valid_from: dt.date
    valid_to: dt.date
    limit: float
    why: str
    reviewed_by: str
    reviewed_on: dt.date

    def holds_for(self, check: str, dimension: str, day: dt.date) -> bool:
        """Whether it widens this check for this dimension on this day."""
        return (
            fnmatchcase(check, self.check)
            and self.valid_from <= day <= self.valid_to
            and fnmatchcase(dimension, self.dimension)
        )


def overrides_file(settings: Settings) -> Path:
    """Where an installation keeps its own."""
    return settings.data_dir / "gate_overrides.csv"


def read_overrides(settings: Settings, checks: set[str]) -> list[Override]:
    """All overrides; `checks` are those that may be overridden. Raises `ConfigurationError` naming file and line."""
    found = []
    for file in (_OWN, overrides_file(settings)):
        if not file.is_file():
            continue
        with file.open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream)
            for row in reader:
                found.append(_parse(row, file, reader.line_num, checks))
    return found


def _parse(row: dict[str, str], file: Path, line: int, checks: set[str]) -> Override:
    where = f"{file}, line {line}"
    missing = [name for name in _COLUMNS if not (row.get(name) or "").strip()]
    if missing:
        raise ConfigurationError(
            f"the override lacks {', '.join(missing)}",
            where=where,
            todo="an override is dated, says why, and names who reviewed it: docs/gate.md",
        )
    if not any(fnmatchcase(check, row["check"]) for check in checks):
        raise ConfigurationError(
            f"there is no check {row['check']!r} that can be overridden", where=where, todo="preg gate list names them"
        )
    try:
        return Override(
            row["check"],
            row["dimension"],
            dt.date.fromisoformat(row["valid_from"]),
            dt.date.fromisoformat(row["valid_to"]),
            float(row["limit"]),
            row["why"],
            row["reviewed_by"],
            dt.date.fromisoformat(row["reviewed_on"]),
        )
    except ValueError as error:
        raise ConfigurationError(
            f"the override cannot be read: {error}", where=where, todo="days as YYYY-MM-DD, the limit as a number"
        ) from error
