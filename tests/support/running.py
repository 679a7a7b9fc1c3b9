"""The real command, as a user runs it, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support.forked import forked

PREG = Path(sys.executable).with_name("preg")
REPOSITORY = Path(__file__).parent.parent.parent


def preg(
    *arguments: str | Path, timeout: float = 300, typed: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run `preg` to its end. typed: its input."""
    return subprocess.run(
        [str(PREG), *map(str, arguments)],
        input=typed,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        cwd=REPOSITORY,
        env={**os.environ, **environment},
    )


def preg_run(landing: Path, data: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `preg run` to its end."""
    return preg("run", "--landing", landing, "--data", data, *arguments, **environment)


def forked_preg_run(landing: Path, data: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `preg run` to its end in a fork: for tests of what it publishes, not of how the program starts."""
    return forked("preg", "run", "--landing", landing, "--data", data, *arguments, **environment)


def start_preg_run(landing: Path, data: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start `preg run`, in a session of its own, so that it can be killed with its children."""
    return subprocess.Popen(
        [str(PREG), "run", "--landing", str(landing), "--data", str(data), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
        start_new_session=True,
    )
