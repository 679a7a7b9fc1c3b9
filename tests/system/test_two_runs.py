"""One writer at a time: a second run waits, or says who is writing."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from tests.conftest import SAMPLE
from tests.support.running import preg_run, start_preg_run


def _wait_for(file: Path) -> None:
    deadline = time.monotonic() + 60
    while not file.exists():
        assert time.monotonic() < deadline, f"{file} did not appear"
        time.sleep(0.05)


@pytest.mark.slow
def test_a_second_run_waits_and_then_has_nothing_to_do(tmp_path: Path) -> None:
    first = start_preg_run(SAMPLE, tmp_path)
    _wait_for(tmp_path / ".writer.json")
    second = preg_run(SAMPLE, tmp_path)
    stdout, stderr = first.communicate(timeout=120)
    assert first.returncode == 0, stdout + stderr
    assert second.returncode == 0, second.stdout + second.stderr
    assert f"another run is writing (process {first.pid}" in second.stdout
    assert "Nothing new" in second.stdout
    assert len(list((tmp_path / "releases").glob("2*"))) == 1


@pytest.mark.slow
def test_a_run_that_will_not_wait_says_so(tmp_path: Path) -> None:
    first = start_preg_run(SAMPLE, tmp_path)
    try:
        _wait_for(tmp_path / ".writer.json")
        second = preg_run(SAMPLE, tmp_path, "--wait", "0.1")
        assert second.returncode == 1
        assert f"another run is still writing (process {first.pid}" in second.stderr
        assert "--wait SECONDS" in second.stderr
    finally:
        os.killpg(first.pid, signal.SIGKILL)
        first.communicate()
