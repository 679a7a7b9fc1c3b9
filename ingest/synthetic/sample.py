"""The synthetic register as a landing folder: people, deliveries of all sources, and what the days bring."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import duckdb

from foundation.database import sql_text
from foundation.errors import ConfigurationError
from ingest.synthetic.days import play_day, prepare_days
from ingest.synthetic.entries import create_entry_tables, create_entry_views
from ingest.synthetic.freg_deliveries import write_changes, write_full
from ingest.synthetic.matrikkel_delivery import write_matrikkel
from ingest.synthetic.persontjenesten_delivery import write_persontjenesten

FIRST_DAY = dt.date(2026, 1, 2)
FEWEST_PERSONS = 20
MOST_DAYS = 366

# Called with each step as it begins.
Report = Callable[[str], None]


@dataclass(frozen=True)
class SampleSize:
    """How large a register to make: `persons`, and `days` of changes after the first; `seed` chooses which one."""

    persons: int
    seed: int
    days: int

    def check(self) -> None:
        """Raise `ConfigurationError` for a size that cannot be made."""
        if self.persons < FEWEST_PERSONS:
            raise ConfigurationError(
                f"{self.persons} persons are too few for families and events",
                todo=f"ask for {FEWEST_PERSONS} or more",
            )
        if not 0 <= self.days <= MOST_DAYS:
            raise ConfigurationError(f"{self.days} days cannot be made", todo=f"ask for 0 to {MOST_DAYS} days")


def write_sample(size: SampleSize, landing: Path, report: Report = lambda _step: None) -> None:
    """Write deliveries of Freg, Matrikkelen and Persontjenesten to `landing`. The same size gives the same files."""
    size.check()
    _refuse_to_mix(landing)
    landing.mkdir(parents=True, exist_ok=True)
    scratch = landing / ".synthetic.duckdb"
    _remove(scratch)
    try:
        with duckdb.connect(str(scratch)) as connection:
            connection.execute("set preserve_insertion_order = true")
            _make_people(connection, size, report)
            _write_deliveries(connection, size, landing, report)
    finally:
        _remove(scratch)


def _refuse_to_mix(landing: Path) -> None:
    """A delivery never changes, and two registers in one landing folder would be one nonsense register."""
    present = next(landing.glob("*/*/manifest.json"), None)
    if present:
        raise ConfigurationError(
            "there are deliveries already",
            where=str(present.parent),
            todo="give an empty folder: preg sample --out DIR",
        )


def _make_people(connection: duckdb.DuckDBPyConnection, size: SampleSize, report: Report) -> None:
    package = files("ingest.synthetic")
    values = {
        "seed": size.seed,
        "persons": size.persons,
        "days": size.days,
        "reserve": (size.days + 1) * (10 + size.persons // 8000),
        "today": FIRST_DAY.isoformat(),
        # It is between quotes in the SQL.
        "reference": sql_text(package.joinpath("reference"))[1:-1],
    }
    for file in sorted(package.joinpath("population").iterdir(), key=lambda file: file.name):
        report(f"people: {file.name.removesuffix('.sql')[3:]}")
        connection.execute(file.read_text(encoding="utf-8").format(**values))
    create_entry_tables(connection)
    create_entry_views(connection)
    prepare_days(connection)


def _write_deliveries(connection: duckdb.DuckDBPyConnection, size: SampleSize, landing: Path, report: Report) -> None:
    start = dt.datetime.combine(FIRST_DAY, dt.time(3), tzinfo=dt.UTC)
    report("matrikkel: full")
    write_matrikkel(connection, landing, start)
    report("freg: full")
    last = write_full(connection, landing, start)
    for number in range(1, size.days + 1):
        report(f"freg: day {number} of {size.days}")
        play_day(connection, FIRST_DAY + dt.timedelta(days=number), number, last + 1)
        last = write_changes(connection, landing, start + dt.timedelta(days=number + 1), last + 1)
    report("persontjenesten: full")
    write_persontjenesten(connection, landing, start + dt.timedelta(days=size.days + 1, hours=1))


def _remove(scratch: Path) -> None:
    for file in (scratch, scratch.with_name(scratch.name + ".wal")):
        file.unlink(missing_ok=True)
