"""The main job step by step on a large register: seconds, ratio to the unit, and peak memory of each step.

The unit is DuckDB's own typed `read_json` of the same Freg files into a table, in this process. Seconds differ from
machine to machine and from day to day; the ratios are what to compare.

    python -m benchmarks.full_run --persons 1000000 --days 1 [--work DIR] [--landing DIR]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from foundation.settings import Settings
from ingest.contracts.freg import line_contract
from ingest.deliveries import load_new
from ingest.synthetic.sample import SampleSize, write_sample
from orchestration.dbt.build_plan import BuildPlan, plan_build, record_build
from orchestration.dbt.environment import dbt_executable, dbt_target, point_dbt_at
from publication.candidate.candidate import build_candidate, read_candidate
from publication.candidate.fingerprint import rules_of
from publication.reports.report import report_writer
from publication.store.release import publish
from quality.gate import raise_if_blocked, run_gate
from quality.result import read_results

_PAGE = os.sysconf("SC_PAGE_SIZE")


class PeakMemory:
    """The largest resident memory of this process and its children, looked at ten times a second."""

    def __init__(self) -> None:
        self.peak = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> PeakMemory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.1):
            self.peak = max(self.peak, sum(_resident(pid) for pid in _family(os.getpid())))


def _family(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        children = []
    return [pid] + [member for child in children for member in _family(int(child))]


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


class Table:
    """Times steps and prints a row for each."""

    def __init__(self) -> None:
        self.unit = 0.0
        self.rows: list[tuple[str, float, int]] = []

    def measure(self, name: str, step: Callable[[], Any]) -> None:
        """Run a step and remember its seconds and peak memory."""
        with PeakMemory() as memory:
            started = time.perf_counter()
            step()
            seconds = time.perf_counter() - started
        self.rows.append((name, seconds, memory.peak))
        print(f"  {name}: {seconds:.1f} s, {memory.peak / 2**20:.0f} MiB", flush=True)

    def show(self) -> None:
        """The rows as Markdown."""
        print("\n| step | seconds | × unit | peak memory, MiB |\n|---|---:|---:|---:|")
        for name, seconds, peak in self.rows:
            ratio = f"{seconds / self.unit:.2f}" if self.unit else ""
            print(f"| {name} | {seconds:.1f} | {ratio} | {peak / 2**20:.0f} |")


def bare_read(landing: Path, database: Path, deliveries: str = "*") -> None:
    """The unit: a typed read of the Freg files into a table, with nothing checked and nothing kept apart.

    deliveries: which of Freg's deliveries, as a glob.
    """
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in line_contract().columns)
    with duckdb.connect(str(database)) as connection:
        connection.execute("set preserve_insertion_order = false")
        connection.execute(
            f"""
            create table line as
            select * from read_json(
                '{landing}/freg/{deliveries}/*.ndjson.zst', columns = {{{columns}}}, format = 'newline_delimited',
                maximum_object_size = 268435456
            )
            """
        )


def build_models(settings: Settings) -> BuildPlan:
    """What the dbt assets run: what is planned, written down when it has succeeded. Returns the plan."""
    plan = plan_build(settings)
    point_dbt_at(settings)
    project = str(settings.dbt_project_dir)
    subprocess.run(
        [
            dbt_executable(), "--quiet", "--no-version-check", *plan.dbt_arguments,
            "--exclude-resource-type", "unit_test", "--project-dir", project, "--profiles-dir", project,
            "--target-path", str(dbt_target(settings).resolve()),
        ],
        check=True,
    )  # fmt: skip
    record_build(settings, plan)
    return plan


def check(settings: Settings) -> None:
    """What the gate runs."""
    candidate = read_candidate(settings)
    raise_if_blocked(run_gate(settings, candidate.database, dbt_target(settings), candidate.check_results))


def release(settings: Settings) -> None:
    """What the release asset runs."""
    candidate = read_candidate(settings)
    results = read_results(candidate.check_results)
    publish(settings, candidate, results, rules_of(settings), report_writer(settings))


@contextmanager
def work_folder(given: Path | None) -> Iterator[Path]:
    """The folder given, or one that is removed afterwards."""
    if given:
        given.mkdir(parents=True, exist_ok=True)
        yield given
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=1)
    parser.add_argument("--work", type=Path, help="where to work; kept afterwards")
    parser.add_argument("--landing", type=Path, help="deliveries that are there already")
    arguments = parser.parse_args()
    with work_folder(arguments.work) as work:
        landing = arguments.landing or work / "landing"
        settings = Settings(landing_dir=landing, data_dir=work / "data")
        table = Table()
        if not arguments.landing:
            size = SampleSize(persons=arguments.persons, seed=1, days=arguments.days)
            table.measure("preg sample", lambda: write_sample(size, landing))
        table.measure("unit: bare typed read_json of the Freg files", lambda: bare_read(landing, work / "unit.duckdb"))
        table.unit = table.rows[-1][1]
        for source in ("freg", "matrikkel", "persontjenesten"):
            table.measure(f"load {source}", lambda: load_new(settings, [source]).raise_if_refused())  # noqa: B023
        table.measure("dbt build with its tests", lambda: build_models(settings))
        table.measure("candidate with Parquet", lambda: build_candidate(settings))
        table.measure("gate", lambda: check(settings))
        table.measure("publication", lambda: release(settings))
        table.show()


if __name__ == "__main__":
    main()
