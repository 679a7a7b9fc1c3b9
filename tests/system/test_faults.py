"""Faults: a run that is killed at any moment, a disk that is full. The next run ends as an undisturbed one would."""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

import duckdb
import pytest

from tests.conftest import SAMPLE
from tests.support.running import PREG, REPOSITORY, preg_run, start_preg_run

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("built sample")]

KILLS = 12
DAILY_KILLS = 8


def _content(data: Path) -> str:
    return str(json.loads((data / "releases" / "current" / "manifest.json").read_text())["content_hash"])


def _leftovers(data: Path) -> list[str]:
    releases = data / "releases"
    return [entry.name for entry in releases.iterdir() if entry.name.startswith(".")] if releases.exists() else []


def _assert_as_undisturbed(data: Path, undisturbed: Path) -> None:
    result = preg_run(SAMPLE, data)
    assert result.returncode == 0, result.stdout + result.stderr
    assert _content(data) == _content(undisturbed)
    assert _leftovers(data) == []
    with duckdb.connect(str(data / "warehouse.duckdb"), read_only=True) as connection:
        assert connection.execute("select count(*) from raw.quarantine").fetchall() == [(0,)]
        assert connection.execute("select count(*), count(distinct delivery_id) from raw.delivery").fetchall() == [
            (6, 4)
        ]


def _length_of_a_run(data: Path) -> float:
    """Seconds of an undisturbed run, so that kills hit every part of one on any machine."""
    started = time.perf_counter()
    result = preg_run(SAMPLE, data)
    assert result.returncode == 0, result.stdout + result.stderr
    return time.perf_counter() - started


def _killed_within(seconds: float, data: Path) -> bool:
    """Start a run and kill it after so long; whether it still ran."""
    process = start_preg_run(SAMPLE, data)
    time.sleep(seconds)
    still_runs = process.poll() is None
    if still_runs:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    return still_runs


def test_a_run_killed_at_any_moment_loses_and_repeats_nothing(built_sample: Path, tmp_path: Path) -> None:
    """The same data directory is killed again and again, from the first load to the publication; then another."""
    moments = random.Random(7)
    length = _length_of_a_run(tmp_path / "undisturbed")
    killed = 0
    data = tmp_path / "data"
    while killed < KILLS:
        shutil.rmtree(data, ignore_errors=True)
        while killed < KILLS and not (data / "releases" / "current").exists():
            killed += _killed_within(moments.uniform(0.3, length), data)
        _assert_as_undisturbed(data, built_sample)


def test_a_daily_run_killed_at_any_moment_loses_and_repeats_nothing(built_sample: Path, tmp_path: Path) -> None:
    """There is a release, and changes are pending, built person by person; killed until they are published."""
    moments = random.Random(11)
    landing, before, data = tmp_path / "landing", tmp_path / "before", tmp_path / "data"
    for folder in SAMPLE.glob("*/*-full"):
        shutil.copytree(folder, landing / folder.relative_to(SAMPLE))
    result = preg_run(landing, before)
    assert result.returncode == 0, result.stdout + result.stderr
    shutil.copytree(before, data, symlinks=True)
    length = _length_of_a_run(data)
    killed = 0
    while killed < DAILY_KILLS:
        shutil.rmtree(data, ignore_errors=True)
        shutil.copytree(before, data, symlinks=True)
        while killed < DAILY_KILLS and _content(data) == _content(before):
            killed += _killed_within(moments.uniform(0.3, length), data)
        _assert_as_undisturbed(data, built_sample)


def test_readers_never_see_a_release_that_is_not_whole(built_sample: Path, tmp_path: Path) -> None:
    """A reader asks all the time while releases are published and publications are killed."""
    data = tmp_path / "data"
    shutil.copytree(built_sample, data, symlinks=True)
    stop = threading.Event()
    problems: list[str] = []
    looks = 0

    def read() -> None:
        nonlocal looks
        while not stop.is_set():
            folder = (data / "releases" / "current").resolve()
            manifest = json.loads((folder / "manifest.json").read_text())
            with duckdb.connect(str(folder / "preg.duckdb"), read_only=True) as connection:
                ((persons,),) = connection.execute("select count(*) from preg_person").fetchall()
            if persons != manifest["tables"]["preg_person"]["rows"]:
                problems.append(f"{folder.name}: {persons}")
            looks += 1

    reader = threading.Thread(target=read)
    reader.start()
    code = (
        "import sys; from pathlib import Path; from foundation.settings import Settings;"
        "from publication.candidate.candidate import read_candidate; from publication.store.release import publish;"
        "from publication.reports.report import report_writer; from quality.result import read_results;"
        "s = Settings(data_dir=sys.argv[1]); c = read_candidate(s);"
        "[publish(s, c, read_results(c.check_results), {}, report_writer(s),"
        " __import__('datetime').datetime(2030, 1, 1, second=n)) for n in range(50)]"
    )
    try:
        for moment in (1.5, 2.5, 3.0, 3.5, 4.0, 5.0):
            process = subprocess.Popen([PREG.with_name("python"), "-c", code, str(data)], cwd=REPOSITORY)
            time.sleep(moment)
            process.kill()
            process.wait()
            shutil.rmtree(data / "releases" / "20300101T000000Z", ignore_errors=True)
            for left in (data / "releases").glob("2030*"):
                if left.resolve() != (data / "releases" / "current").resolve():
                    shutil.rmtree(left)
    finally:
        stop.set()
        reader.join()
    assert problems == []
    assert looks > 10
    assert (data / "releases" / "current").resolve().is_dir()


def _limit_file_size(size: int) -> None:
    """Let no file of the process grow beyond `size`: writes fail as on a full disk."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_a_disk_that_fills_up_is_a_message_and_the_next_run_works(built_sample: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    for kilobytes in (200, 1024, 2048):
        result = subprocess.run(
            [str(PREG), "run", "--landing", str(SAMPLE), "--data", str(data)],
            capture_output=True,
            text=True,
            check=False,
            cwd=REPOSITORY,
            preexec_fn=lambda: _limit_file_size(kilobytes << 10),  # noqa: B023
        )
        assert result.returncode == 1, result.stdout + result.stderr
        assert "Traceback" not in result.stdout + result.stderr
        assert "to do" in result.stderr
        assert not (data / "releases" / "current").exists()
    result = preg_run(SAMPLE, data)
    assert result.returncode == 0, result.stdout + result.stderr
    assert _content(data) == _content(built_sample)
