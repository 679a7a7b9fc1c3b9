"""Processes that have help numbers issued are killed in between: no number twice, none lost, the trail whole."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from foundation.help_number_register import register_rows
from foundation.settings import Settings
from ingest.contracts.numbers import is_help_number
from publication.store.release import current_release
from serving.help_numbers.register import Register
from serving.store.build import build_store
from tests.support.requisitions import SERIES, details_of
from tests.support.running import REPOSITORY

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("built sample")]

PROCESSES, THREADS, COUNT, KILLS = 4, 16, 1000, 12


def test_no_number_is_issued_twice_and_none_lost_when_processes_are_killed(built_sample: Path, tmp_path: Path) -> None:
    (tmp_path / "releases").symlink_to(built_sample / "releases")
    settings = Settings(data_dir=tmp_path)
    release = current_release(settings)
    assert release is not None
    build_store(settings, release)
    answers = [tmp_path / f"answers-{place}" for place in range(PROCESSES)]

    def start(place: int) -> subprocess.Popen[bytes]:
        given = [str(tmp_path), str(answers[place]), _name(place), str(COUNT), str(THREADS)]
        return subprocess.Popen([sys.executable, "-m", "tests.support.requisitions", *given], cwd=REPOSITORY)

    chance = random.Random(1)
    running = [start(place) for place in range(PROCESSES)]
    killed = 0
    while killed < KILLS:
        # Until the one that is killed is in the midst of it.
        place = chance.randrange(PROCESSES)
        before = _lines(answers[place])
        _wait(lambda place=place, before=before: _lines(answers[place]) > before or running[place].poll() is not None)
        if running[place].poll() is not None:
            break
        time.sleep(chance.random() / 5)
        running[place].send_signal(signal.SIGKILL)
        if running[place].wait() == -signal.SIGKILL:
            killed += 1
        running[place] = start(place)
    for process in running:
        assert process.wait(timeout=600) == 0
    assert killed >= KILLS / 2

    answered = dict(line.split() for file in answers for line in file.read_text().splitlines())
    assert len(answered) == PROCESSES * COUNT
    assert len(set(answered.values())) == len(answered)
    register = Register(settings)
    for place in range(PROCESSES):
        for each in range(COUNT):
            number = answered[f"{_name(place)}-{each}"]
            person = register.find(number)
            assert person is not None
            assert is_help_number(number)
            assert number.startswith(SERIES)
            assert person.details == details_of(_name(place), each)
            (change,) = register.history(number)
            assert (change.operation, change.before, change.after, change.why) == ("requisition", None, person, "test")
    register.close()
    if settings.help_number_database is None:
        with closing(sqlite3.connect(settings.help_numbers_file)) as connection:
            assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
            assert connection.execute("pragma foreign_key_check").fetchall() == []
    # A call that was cut before its answer and repeated has been answered by what it had done.
    for table in ("help_person", "help_number_change", "help_number_key"):
        ((found,),) = register_rows(settings, f"select count(*) as rows from {table}")
        assert found["rows"] == len(answered)


def _name(place: int) -> str:
    return "abcd"[place]


def _lines(file: Path) -> int:
    return file.read_bytes().count(b"\n") if file.exists() else 0


def _wait(reached: Callable[[], bool]) -> None:
    ends = time.monotonic() + 120
    while not reached():
        assert time.monotonic() < ends
        time.sleep(0.02)
