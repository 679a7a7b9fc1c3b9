"""A national register: everything, days of changes and the day of a municipal reform, as ratios to a unit.

The unit is a bare typed read of the full Freg delivery in the same process (`full_run.bare_read`). Each run loads,
builds, checks (without the comparison with the release before) and publishes. Ratios of two machines, or of two
commits, can be compared; seconds cannot. `--against` compares the processor time of each run, as a ratio, with that of
an earlier `--json`, and fails where it has grown by more than a quarter: a smaller register (`make bench-check`) is
enough for that.

    python -m benchmarks.national --persons 6800000 --days 30 [--landing DIR] [--work DIR]
        [--json FILE] [--against FILE]
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.daily_delivery import STEPS, Run, cpu_seconds, measure, write_reform
from benchmarks.full_run import PeakMemory, bare_read, work_folder
from foundation.settings import Settings
from ingest.synthetic.sample import SampleSize, write_sample

MOST_GROWTH = 0.25


def units(landing: Path, work: Path) -> tuple[float, float, int]:
    """The unit: its seconds, its processor time, and its peak memory in bytes."""
    with PeakMemory() as memory:
        started, cpu_started = time.perf_counter(), cpu_seconds()
        bare_read(landing, work / "unit.duckdb", deliveries="*-full")
        taken = time.perf_counter() - started, cpu_seconds() - cpu_started
    (work / "unit.duckdb").unlink()
    return *taken, memory.peak


def runs(sample: Path, work: Path) -> Iterator[tuple[str, Run]]:
    """Everything, each day of changes by itself, and the reform."""
    settings = Settings(landing_dir=work / "landing", data_dir=work / "data")
    changes = sorted(sample.glob("freg/*-change"))
    for folder in sorted(sample.glob("*/*")):
        if folder.is_dir() and folder not in changes:
            _deliver(folder, sample, settings)
    yield "everything", measure(settings)
    for number, folder in enumerate(changes, start=1):
        _deliver(folder, sample, settings)
        yield f"day {number}", measure(settings)
    write_reform(sample, settings.landing_dir, 100_000_000)
    yield "reform", measure(settings)


def _deliver(folder: Path, sample: Path, settings: Settings) -> None:
    shutil.copytree(folder, settings.landing_dir / folder.relative_to(sample))


def as_record(run: Run, unit: tuple[float, float, int]) -> dict[str, Any]:
    """A run for the JSON file: of each step seconds and processor time, and both as ratios to the unit."""
    return {
        "is_whole": run.whole,
        "peak_bytes": run.peak,
        "disk_bytes": run.disk,
        "steps": {
            step: {
                "seconds": round(run.seconds[step], 2),
                "cpu_seconds": round(run.cpu[step], 2),
                "ratio": round(run.seconds[step] / unit[0], 3),
                "cpu_ratio": round(run.cpu[step] / unit[1], 3),
            }
            for step in STEPS
        },
    }


def show(name: str, run: Run, unit: float) -> None:
    """One row of the Markdown table."""
    steps = " | ".join(f"{run.seconds[step]:.1f}" for step in STEPS)
    print(
        f"| {name} | {steps} | {run.total:.1f} | {run.total / unit:.2f} | {run.peak / 2**20:.0f} |"
        f" {run.disk / 2**30:.1f} |",
        flush=True,
    )


def size_of(sample: Path) -> dict[str, int]:
    """How large a sample is, by its manifests: documents of Freg's full delivery, and days of changes."""
    (full,) = sample.glob("freg/*-full/manifest.json")
    files = json.loads(full.read_text(encoding="utf-8"))["files"]
    return {"documents": sum(file["rows"] for file in files), "days": len(list(sample.glob("freg/*-change")))}


def read_earlier(file: Path) -> dict[str, Any]:
    """An earlier `--json`. Exits when there is none."""
    if not file.is_file():
        raise SystemExit(f"{file}: there is no such file; make one with --json {file}")
    before: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return before


def grown(found: dict[str, Any], before: dict[str, Any]) -> list[str]:
    """The runs whose processor time, as a ratio to the unit, has grown by more than `MOST_GROWTH`."""
    messages = []
    for name, run in found["runs"].items():
        ratio, ratio_before = (
            sum(step["cpu_ratio"] for step in of["steps"].values()) for of in (run, before["runs"][name])
        )
        if ratio > ratio_before * (1 + MOST_GROWTH):
            messages.append(f"{name}: {ratio:.1f} × the unit, before {ratio_before:.1f}")
    return messages


def main() -> None:
    """Measure, print, write the JSON file, and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--persons", type=int, default=6_800_000)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--landing", type=Path, help="a sample that is there already")
    parser.add_argument("--work", type=Path, help="where to work; kept afterwards")
    parser.add_argument("--json", type=Path, help="where to write what was measured")
    parser.add_argument("--against", type=Path, help="an earlier --json of a sample of the same size, to compare with")
    arguments = parser.parse_args()
    before = read_earlier(arguments.against) if arguments.against else None
    with work_folder(arguments.work) as work:
        sample = arguments.landing or work / "sample"
        if not arguments.landing:
            started = time.perf_counter()
            write_sample(SampleSize(persons=arguments.persons, seed=1, days=arguments.days), sample)
            print(f"sample: {time.perf_counter() - started:.1f} s", flush=True)
        size = size_of(sample)
        if before is not None and size != {name: before[name] for name in size}:
            raise SystemExit(f"{arguments.against} is of another register: {before['documents']:,} documents")
        unit = units(sample, work)
        print(f"unit: {unit[0]:.1f} s, {unit[1]:.1f} s of processor time, {unit[2] / 2**20:.0f} MiB\n")
        print(f"| run | {' | '.join(STEPS)} | together | × unit | peak memory, MiB | disk, GiB |")
        print(f"|---|{'---:|' * (len(STEPS) + 4)}")
        found: dict[str, Any] = {**size, "unit_seconds": unit[0], "runs": {}}
        for name, run in runs(sample, work):
            show(name, run, unit[0])
            found["runs"][name] = as_record(run, unit)
            if arguments.json:
                arguments.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    if before is not None:
        messages = grown(found, before)
        if messages:
            raise SystemExit("slower than before: " + "; ".join(messages))


if __name__ == "__main__":
    main()
