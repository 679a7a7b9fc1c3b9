"""The published field lists, one CSV file each, unchanged but for what `README.md` next to them says."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """The rows of `<name>.csv`, each by column name."""
    with files(__name__).joinpath(f"{name}.csv").open(encoding="utf-8") as stream:
        return tuple(csv.DictReader(stream))
