"""Publication and rollback, killed at any moment with readers asking; a delivery that arrives meanwhile."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from foundation.settings import Settings
from publication.store.audit_log import audit_entries
from publication.store.release import current_release, list_releases, remove_unfinished, verify_release
from tests.conftest import SAMPLE
from tests.support.running import PREG, REPOSITORY, preg, preg_run, start_preg_run

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("built sample")]

KILLS = 50

# Publishes, rolls back and promotes without end, as the commands do; says when it is ready and when a round has ended.
_WORK = """
import sys
from foundation.settings import Settings
from foundation.writer_lock import writer_lock
from publication.candidate.candidate import read_candidate
from publication.store.release import Approval, make_current, newest_release, publish, release_before
from publication.reports.report import report_writer
from publication.store.retention import prune
from quality.result import read_results

settings = Settings(data_dir=sys.argv[1], keep_releases=3)
name = Approval("Kari", "test")
candidate = read_candidate(settings)
results = read_results(candidate.check_results)
print("ready", flush=True)
while True:
    with writer_lock(settings):
        publish(settings, candidate, results, {}, report_writer(settings), approval=name)
        prune(settings)
        make_current(settings, release_before(settings), "rolled back", name)
        make_current(settings, newest_release(settings), "promoted", name)
    print("round", flush=True)
"""


class Readers:
    """Ask the current release all the time, in threads of their own; keep what went wrong."""

    def __init__(self, data: Path) -> None:
        self.problems: list[str] = []
        self.looks = 0
        self._data = data
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._read) for _ in range(2)]

    def __enter__(self) -> Readers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _read(self) -> None:
        while not self._stop.is_set():
            try:
                folder = (self._data / "releases" / "current").resolve(strict=True)
                manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
                with duckdb.connect(str(folder / "preg.duckdb"), read_only=True) as connection:
                    ((persons, parquet, release_id),) = connection.execute(
                        "select (select count(*) from preg_person),"
                        f" (select count(*) from '{folder}/parquet/preg_person.parquet'),"
                        " (select max(release_id) from gate_results)"
                    ).fetchall()
                expected = manifest["tables"]["preg_person"]["rows"]
                if not persons == parquet == expected or not release_id == manifest["release_id"] == folder.name:
                    self.problems.append(f"{folder.name}: {persons} {parquet} {expected} {release_id}")
            except Exception as error:
                self.problems.append(repr(error))
            self.looks += 1
            time.sleep(0.01)


@contextmanager
def _working(data: Path) -> Iterator[subprocess.Popen[str]]:
    """Yield a process that is ready to publish; kill it at the end of the block."""
    process = subprocess.Popen(
        [str(PREG.with_name("python")), "-c", _WORK, str(data)], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_publication_and_rollback_killed_at_fifty_moments(built_sample: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(built_sample, data, symlinks=True)
    settings = Settings(data_dir=data)
    moments = random.Random(5)
    with Readers(data) as readers:
        # One undisturbed round is timed, so that the kills fall on every step of it on a slow machine too.
        with _working(data) as process:
            began = time.monotonic()
            assert process.stdout is not None
            assert process.stdout.readline() == "round\n"
            round_took = time.monotonic() - began
        for _ in range(KILLS):
            with _working(data):
                time.sleep(moments.uniform(0.0, 1.5 * round_took))
            current = current_release(settings)
            assert current is not None
            assert verify_release(current) == []
    assert readers.problems == []
    assert readers.looks > KILLS
    assert {act.action for act in audit_entries(settings)} >= {"promoted", "rolled back", "withdrawn"}
    # What is left works: the next command ends as it should, and every release that is listed is whole.
    newest = list_releases(settings)[-1].release_id
    after = preg("release", "promote", newest, "--approver", "Kari", "--why", "after the kills", "--data", data)
    assert after.returncode == 0, after.stdout + after.stderr
    assert [problem for release in list_releases(settings) for problem in verify_release(release)] == []
    remove_unfinished(settings)
    assert [path.name for path in settings.releases_dir.iterdir() if path.name.startswith(".")] == []


def test_a_delivery_that_arrives_during_a_publication_waits_for_the_next_run(tmp_path: Path) -> None:
    landing, data = tmp_path / "landing", tmp_path / "data"
    shutil.copytree(SAMPLE, landing)
    late = max((landing / "freg").iterdir())
    shutil.move(late, tmp_path / "late")
    process = start_preg_run(landing, data)
    log = data / "logs" / "preg.log"
    while process.poll() is None and "make the candidate" not in (log.read_text() if log.exists() else ""):
        time.sleep(0.02)
    shutil.move(tmp_path / "late", late)
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 0, output + errors
    first = current_release(Settings(data_dir=data))
    assert first is not None
    assert late.name not in {entry.delivery_id for entry in first.manifest.inputs}
    result = preg_run(landing, data)
    assert result.returncode == 0, result.stdout + result.stderr
    second = current_release(Settings(data_dir=data))
    assert second is not None
    assert late.name in {entry.delivery_id for entry in second.manifest.inputs}
