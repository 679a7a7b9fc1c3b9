"""What a daily delivery, and the day of a municipal reform, cost compared with a build of everything.

Three runs of every step on a large register: everything; then a delivery of 0.2 % of the persons; then one in which 30
% of all persons change address. The fixed start-up of dbt, Great Expectations and the rest is what the same daily run
costs on a register of 300 persons; the ratios are of the work above it. Seconds differ from day to day; compare the
ratios.

    python -m benchmarks.daily_delivery --persons 1000000 [--landing DIR] [--work DIR]
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks.full_run import PeakMemory, build_models, check, release, work_folder
from foundation.settings import Settings
from ingest.deliveries import load_new
from ingest.synthetic.sample import SampleSize, write_sample
from publication.candidate.candidate import build_candidate
from publication.store.release import current_release

STEPS = ("load", "models and their tests", "candidate", "gate", "publication")
SHARE_OF_REFORM = 0.30
# The numbers of persons in a line.
_NUMBERS = """regexp_extract_all(line, '"foedselsEllerDNummer":\\s*"(\\d+)"', 1)"""


@dataclass
class Run:
    """Seconds and processor time of each step; of the whole run peak memory and what it left on disk, in bytes."""

    seconds: dict[str, float]
    cpu: dict[str, float]
    peak: int
    disk: int
    whole: bool

    @property
    def total(self) -> float:
        """All steps together."""
        return sum(self.seconds.values())


def measure(settings: Settings) -> Run:
    """Load what is new, build, check and publish, as the main job does; without Dagster."""
    seconds, cpu = {}, {}
    plans = []
    before = _bytes_of(settings.data_dir)
    steps: tuple[Callable[[], object], ...] = (
        lambda: load_new(settings).raise_if_refused(),
        lambda: plans.append(build_models(settings)),
        lambda: build_candidate(settings, current_release(settings)),
        lambda: check(settings),
        lambda: release(settings),
    )
    with PeakMemory() as memory:
        for name, step in zip(STEPS, steps, strict=True):
            started, cpu_started = time.perf_counter(), cpu_seconds()
            step()
            seconds[name], cpu[name] = time.perf_counter() - started, cpu_seconds() - cpu_started
    return Run(seconds, cpu, memory.peak, _bytes_of(settings.data_dir) - before, plans[0].whole)


def cpu_seconds() -> float:
    """The processor time of this process and of the children that have ended."""
    return sum(os.times()[:4])


def _bytes_of(folder: Path) -> int:
    """What a folder takes on disk; a file with several names counts once."""
    found = {(status.st_dev, status.st_ino): status.st_blocks * 512 for status in map(os.stat, folder.rglob("*"))}
    return sum(found.values())


def write_reform(landing: Path, out: Path, sequence_number: int) -> None:
    """A change delivery in which 30 % of the persons of the full delivery in `landing` have an address with a new name.

    It is of the day after the last delivery of Freg.

    The persons of the change deliveries in `landing` are left out: their documents in the full one are out of
    date.
    """
    last = max(folder.name for folder in (landing / "freg").iterdir() if folder.is_dir())
    created_at = dt.datetime.strptime(last.partition("-")[0], "%Y%m%dT%H%M%SZ") + dt.timedelta(days=1)
    registered_at = f"{created_at - dt.timedelta(hours=15):%Y-%m-%dT%H:%M:%S}.000+01:00"
    folder = out / "freg" / f"{created_at:%Y%m%dT%H%M%SZ}-change"
    folder.mkdir(parents=True)
    file = folder / "persons-0001.ndjson.zst"
    with duckdb.connect() as connection:
        ((rows,),) = connection.execute(
            f"""
            copy (
                with changed as (
                    select unnest({_NUMBERS}) as number
                    from {_lines(landing, "change")}
                ),
                lines as (
                    select line, row_number() over () as number
                    from {_lines(landing, "full")}
                )
                select regexp_replace(
                    regexp_replace(
                        replace(line, '"adressenavn":"', '"adressenavn":"Nye '),
                        '"sekvensnummer":\\s*\\d+', '"sekvensnummer":' || ({sequence_number} + number)
                    ),
                    '"ajourholdstidspunkt":\\s*"[^"]*"', '"ajourholdstidspunkt":"{registered_at}"'
                )
                from lines
                where hash(number) % 100 < {int(100 * SHARE_OF_REFORM)}
                    and not list_has_any({_NUMBERS}, (select list(distinct number) from changed))
            ) to '{file}' (format csv, header false, delim '\\x01', quote '', escape '', compression zstd)
            """
        ).fetchall()
    manifest = {
        "format_version": 1,
        "source": "freg",
        "delivery_id": folder.name,
        "kind": "change",
        "schema_version": "1",
        "created_at": f"{created_at:%Y-%m-%dT%H:%M:%SZ}",
        "sequence_from": sequence_number + 1,
        "sequence_to": sequence_number + 10_000_000,
        "files": [
            {
                "name": file.name,
                "rows": rows,
                "bytes": file.stat().st_size,
                "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
            }
        ],
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def _lines(landing: Path, kind: str) -> str:
    return (
        f"read_csv('{landing}/freg/*-{kind}/*.ndjson.zst', columns = {{'line': 'varchar'}}, delim = '\\x01',"
        " quote = '', escape = '', header = false, auto_detect = false, max_line_size = 16777216)"
    )


def deliver(source: Path, landing: Path, *, changes: bool) -> None:
    """Put the change deliveries, or all others, of a sample into a landing folder."""
    for folder in sorted(source.glob("*/*")):
        if folder.is_dir() and folder.name.endswith("change") == changes:
            shutil.copytree(folder, landing / folder.relative_to(source))


def series(source: Path, work: Path, *, reform: bool) -> list[Run]:
    """Everything, the daily delivery and, if asked for, the reform."""
    settings = Settings(landing_dir=work / "landing", data_dir=work / "data")
    deliver(source, settings.landing_dir, changes=False)
    runs = [measure(settings)]
    deliver(source, settings.landing_dir, changes=True)
    runs.append(measure(settings))
    if reform:
        write_reform(source, settings.landing_dir, 100_000_000)
        runs.append(measure(settings))
    return runs


def show(names: list[str], runs: list[Run]) -> None:
    """Seconds of each step and peak memory, as Markdown."""
    print(f"\n| run | {' | '.join(STEPS)} | together | peak memory, MiB |\n|---|{'---:|' * (len(STEPS) + 2)}")
    for name, run in zip(names, runs, strict=True):
        steps = " | ".join(f"{run.seconds[step]:.1f}" for step in STEPS)
        print(f"| {name} | {steps} | {run.total:.1f} | {run.peak / 2**20:.0f} |")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--landing", type=Path, help="a sample with one day of changes that is there already")
    parser.add_argument("--work", type=Path, help="where to work; kept afterwards")
    arguments = parser.parse_args()
    with work_folder(arguments.work) as work:
        landing = arguments.landing
        if not landing:
            landing = work / "sample"
            write_sample(SampleSize(persons=arguments.persons, seed=1, days=1), landing)
        write_sample(SampleSize(persons=300, seed=1, days=1), work / "small_sample")
        fixed_full, fixed = series(work / "small_sample", work / "small", reform=False)
        full, daily, reform = series(landing, work / "large", reform=True)
    if not full.whole or daily.whole:
        raise SystemExit("the daily delivery must be built person by person: see orchestration/dbt/build_plan.py")
    show(
        ["everything", "daily delivery", "reform", "everything, 300 persons", "daily, 300 persons"],
        [full, daily, reform, fixed_full, fixed],
    )
    work_of_everything = full.total - fixed_full.total
    print(f"\ndaily: {(daily.total - fixed.total) / work_of_everything:.1%} of a full build, above the fixed start-up")
    print(f"reform: {(reform.total - fixed.total) / work_of_everything:.1%} of a full build, above the fixed start-up")
    print(f"reform: peak memory {reform.peak / full.peak:.2f} of the full build's")


if __name__ == "__main__":
    main()
