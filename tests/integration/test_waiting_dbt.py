"""The dbt that waits for one call, by a stand-in that says what it was called with."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.dbt.waiting import SOCKET, hand_over, waiting_dbt

# What runs the tests may ignore or block signals, as a shell does in the background; what it starts inherits that.
_SIGNALS = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGTERM, signal.SIG_DFL)
signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT, signal.SIGTERM])
"""
_STAND_IN = f"""#!{sys.executable}
{_SIGNALS}
import json, os, sys, time
from orchestration.dbt.waiting import wait

def run(arguments):
    if arguments == ["sleep"]:
        try:
            print("started", flush=True)
            time.sleep(60)
        except KeyboardInterrupt:
            return 130
    print(json.dumps([os.getpid(), arguments, os.getcwd(), os.environ.get("TOLD")]))
    print("to the error output", file=sys.stderr)
    return 7

def load():
    if os.environ.get("FAILS"):
        raise SystemExit(1)

sys.exit(wait(int(sys.argv[2]), load, run))
"""
_CALLER = f"""{_SIGNALS}
import sys
from orchestration.dbt.waiting import hand_over
sys.exit(hand_over(sys.argv[1:]) or 0)
"""


@pytest.fixture
def stand_in(tmp_path: Path) -> str:
    file = tmp_path / "stand_in"
    file.write_text(_STAND_IN, encoding="utf-8")
    file.chmod(0o700)
    return str(file)


@pytest.fixture
def waiting(stand_in: str) -> Iterator[None]:
    with waiting_dbt(stand_in):
        yield


def _call(*arguments: str, cwd: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _CALLER, *arguments],
        cwd=cwd,
        env={**os.environ, "TOLD": "by the caller"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _has_ended(pid: int) -> bool:
    for _ in range(200):
        try:
            if Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.usefixtures("waiting")
def test_it_runs_with_what_the_caller_has(tmp_path: Path) -> None:
    caller = _call("build", "--select", "a b", cwd=tmp_path)
    output, errors = caller.communicate(timeout=60)
    pid, arguments, directory, told = json.loads(output)
    assert (arguments, directory, told) == (["build", "--select", "a b"], str(tmp_path), "by the caller")
    assert errors == "to the error output\n"
    assert caller.returncode == 7
    # Not by the caller itself; and a caller that has the status finds no file held any longer.
    assert pid != caller.pid
    assert _has_ended(pid)


@pytest.mark.usefixtures("waiting")
def test_it_runs_one_call(tmp_path: Path) -> None:
    _call("first", cwd=tmp_path).communicate(timeout=60)
    assert hand_over(["second"]) is None


def test_where_none_waits_the_caller_runs_it_itself(stand_in: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert hand_over(["build"]) is None
    monkeypatch.setenv("FAILS", "yes")
    with waiting_dbt(stand_in):
        assert hand_over(["build"]) is None


@pytest.mark.parametrize("missing", ["folder", "program"])
def test_a_run_goes_on_where_none_can_wait(
    missing: str, stand_in: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if missing == "folder":
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with waiting_dbt(stand_in if missing == "folder" else str(tmp_path / "gone")):
        assert hand_over(["build"]) is None
    assert not list(tmp_path.glob("preg-dbt-*"))


@pytest.mark.usefixtures("waiting")
def test_a_run_goes_on_where_nobody_could_say_when_the_waiting_one_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    def pidfd_open(_: int) -> int:
        raise OSError(errno.ENOSYS, "not there in older kernels")

    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(os, "pidfd_open", pidfd_open)
    assert hand_over(["build"]) is None
    assert signal.getsignal(signal.SIGINT) == before


def test_nobody_else_can_reach_it_and_nothing_is_left(stand_in: str) -> None:
    with waiting_dbt(stand_in):
        folder = Path(os.environ[SOCKET]).parent
        assert folder.stat().st_mode & 0o777 == 0o700
    assert not folder.exists()
    assert SOCKET not in os.environ


@pytest.mark.usefixtures("waiting")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_with_its_caller(number: signal.Signals, tmp_path: Path) -> None:
    caller = _call("sleep", cwd=tmp_path)
    assert caller.stdout is not None
    assert caller.stdout.readline() == "started\n"
    caller.send_signal(number)
    # The other end of the caller's output closes when nobody holds it: neither the caller nor the waiting one.
    caller.communicate(timeout=30)


@pytest.mark.usefixtures("waiting")
def test_it_is_interrupted_as_its_caller_is(tmp_path: Path) -> None:
    caller = _call("sleep", cwd=tmp_path)
    assert caller.stdout is not None
    assert caller.stdout.readline() == "started\n"
    caller.send_signal(signal.SIGINT)
    caller.communicate(timeout=30)
    assert caller.returncode == 130


def test_it_ends_with_the_run_that_started_it(stand_in: str, tmp_path: Path) -> None:
    run = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time; from orchestration.dbt.waiting import *\n"
            "with waiting_dbt(sys.argv[1]):\n"
            "    print(os.environ[SOCKET], flush=True); time.sleep(60)",
            stand_in,
        ],
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    assert run.stdout is not None
    path = Path(run.stdout.readline().strip())
    pids = subprocess.run(["pgrep", "-f", stand_in], capture_output=True, text=True, check=True).stdout.split()
    pids.remove(str(run.pid))
    run.kill()
    run.wait()
    assert pids
    assert all(_has_ended(int(pid)) for pid in pids)
    assert not path.parent.exists()
