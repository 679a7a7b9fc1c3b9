"""The synthetic register as a landing folder: people, deliveries of all sources, and what the days bring.

A day depends on the days before it and never on how many come after, so that the next day of a sample can be made
later: the people are made and their days played once more, which takes seconds, and only the new day is written. What
it takes is recorded in `.sample.json` in the landing folder (what begins with a dot is no delivery).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from importlib.resources import files
from pathlib import Path

import duckdb

from foundation.database import sql_text
from foundation.errors import ConfigurationError
from foundation.files import write_json
from ingest.synthetic.days import play_day, prepare_days
from ingest.synthetic.entries import create_entry_tables, create_entry_views
from ingest.synthetic.freg_deliveries import write_changes, write_full
from ingest.synthetic.matrikkel_delivery import write_matrikkel
from ingest.synthetic.persontjenesten_delivery import write_persontjenesten

FIRST_DAY = dt.date(2026, 1, 2)
FEWEST_PERSONS = 20
MOST_DAYS = 366
RECORD = ".sample.json"

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
    _refuse_no_folder(landing)
    _refuse_to_mix(landing)
    landing.mkdir(parents=True, exist_ok=True)
    with _people(size, landing, report) as connection:
        report("matrikkel: full")
        write_matrikkel(connection, landing, _morning(0))
        report("freg: full")
        last = _persons(connection)
        write_full(connection, landing, _morning(0), last)
        for number in range(1, size.days + 1):
            report(f"freg: day {number} of {size.days}")
            last = _write_day(connection, landing, number, last)
        report("persontjenesten: full")
        write_persontjenesten(connection, landing, _evening(size.days))
    _record(size, landing)


def write_next_day(landing: Path, report: Report = lambda _step: None) -> SampleSize:
    """Write what the day after the last one of the sample in `landing` brings; returns the size that it has then.

    The deliveries are the last ones of a sample that was made with a day more: the changes from Freg, and everybody
    from Persontjenesten.
    """
    _refuse_no_folder(landing)
    size = _read_record(landing)
    _refuse_incomplete(landing, size)
    size = replace(size, days=size.days + 1)
    size.check()
    with _people(size, landing, report) as connection:
        last = _persons(connection)
        for number in range(1, size.days):
            report(f"again: day {number}")
            last = play_day(connection, FIRST_DAY + dt.timedelta(days=number), number, last + 1)
        report(f"freg: day {size.days}")
        _write_day(connection, landing, size.days, last)
        if not _is_delivered(landing / "persontjenesten", _evening(size.days)):
            report("persontjenesten: full")
            write_persontjenesten(connection, landing, _evening(size.days))
    _record(size, landing)
    return size


def _write_day(connection: duckdb.DuckDBPyConnection, landing: Path, number: int, last: int) -> int:
    first = last + 1
    last = play_day(connection, FIRST_DAY + dt.timedelta(days=number), number, first)
    if not _is_delivered(landing / "freg", _morning(number + 1)):
        write_changes(connection, landing, _morning(number + 1), first, last)
    return last


def _is_delivered(source: Path, created_at: dt.datetime) -> bool:
    """Whether a delivery of that time is there, from an attempt that broke off: it never changes, and is the same."""
    return any(source.glob(f"{created_at:%Y%m%dT%H%M%SZ}-*/manifest.json"))


def _morning(days: int) -> dt.datetime:
    return dt.datetime.combine(FIRST_DAY, dt.time(3), tzinfo=dt.UTC) + dt.timedelta(days=days)


def _evening(number: int) -> dt.datetime:
    """When Persontjenesten delivers: an hour after Freg has delivered the day."""
    return _morning(number + 1) + dt.timedelta(hours=1)


def _record(size: SampleSize, landing: Path) -> None:
    write_json(landing / RECORD, {**asdict(size), "generator": _generator()})


def _read_record(landing: Path) -> SampleSize:
    """The size of the sample in `landing`. Raises `ConfigurationError` where there is none that can go on."""
    anew = "make a sample in an empty folder: preg sample --out DIR"
    try:
        record = json.loads((landing / RECORD).read_text(encoding="utf-8"))
        size = SampleSize(persons=int(record["persons"]), seed=int(record["seed"]), days=int(record["days"]))
    except FileNotFoundError:
        raise ConfigurationError("there is no sample that has a next day", where=str(landing), todo=anew) from None
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise ConfigurationError(
            "the record of the sample cannot be read", where=str(landing / RECORD), todo=anew
        ) from error
    if record.get("generator") != _generator():
        raise ConfigurationError(
            "another version of the generator made this sample: its next day would be about other people",
            where=str(landing),
            todo=anew,
        )
    return size


def _generator() -> str:
    """A checksum of what decides which people a seed gives: the files of this package, and the database's chance."""
    checksum = hashlib.sha256(duckdb.__version__.encode())
    package = Path(str(files("ingest.synthetic")))
    for file in sorted(package.rglob("*")):
        if file.suffix in (".py", ".sql", ".csv"):
            checksum.update(file.relative_to(package).as_posix().encode() + file.read_bytes())
    return checksum.hexdigest()


def _refuse_no_folder(landing: Path) -> None:
    if landing.exists() and not landing.is_dir():
        raise ConfigurationError("this is no folder", where=str(landing), todo="give a folder: preg sample --out DIR")


def _refuse_incomplete(landing: Path, size: SampleSize) -> None:
    """The changes of a day say nothing without the days before."""
    missing = [day for day in (0, *range(2, size.days + 2)) if not _is_delivered(landing / "freg", _morning(day))]
    if missing:
        raise ConfigurationError(
            f"{len(missing)} of the {size.days + 1} deliveries of Freg are not there any more",
            where=str(landing / "freg"),
            todo="make the sample again in an empty folder: preg sample --out DIR",
        )


def _refuse_to_mix(landing: Path) -> None:
    """A delivery never changes, and two registers in one landing folder would be one nonsense register."""
    present = next(landing.glob("*/*/manifest.json"), None)
    if present:
        raise ConfigurationError(
            "there are deliveries already",
            where=str(present.parent),
            todo="give an empty folder: preg sample --out DIR",
        )


@contextmanager
def _people(size: SampleSize, landing: Path, report: Report) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database of its own, next to the deliveries while they are made, in which the people are."""
    scratch = landing / ".synthetic.duckdb"
    _remove(scratch)
    try:
        with duckdb.connect(str(scratch)) as connection:
            connection.execute("set preserve_insertion_order = true")
            _make_people(connection, size, report)
            yield connection
    finally:
        _remove(scratch)


def _persons(connection: duckdb.DuckDBPyConnection) -> int:
    (persons,) = connection.execute("select count(*) from person").fetchall()[0]
    return int(persons)


def _make_people(connection: duckdb.DuckDBPyConnection, size: SampleSize, report: Report) -> None:
    package = files("ingest.synthetic")
    values = {
        "seed": size.seed,
        "persons": size.persons,
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


def _remove(scratch: Path) -> None:
    for file in (scratch, scratch.with_name(scratch.name + ".wal")):
        file.unlink(missing_ok=True)
