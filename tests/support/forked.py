"""`preg` and `preg-dbt` in a fork of a process that has imported what they need.

Their imports are a third of a small run. Each call is a process of its own all the same, with its own environment,
directory and output; what it does not go through is the start of the installed program, which `preg` of
`tests.support.running` goes through. One process per worker of pytest waits for calls, as long as the worker lives.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2]

# What reads the settings when it is imported (orchestration.definitions, orchestration.jobs by way of it) is not here.
_IMPORTED = (
    "cli.main",
    "cli.summary",
    "orchestration.run",
    "orchestration.landing.loading",
    "dagster",
    "dagster_dbt",
    "orchestration.event_log",
    "orchestration.dbt.assets",
    "orchestration.dbt.command",
    "dbt.cli.main",
    "dbt.adapters.duckdb",
    "great_expectations.expectations",
    "quality.duckdb_datasource",
    "quality.data_docs",
)
_PROGRAMS = {"preg": "cli.main", "preg-dbt": "orchestration.dbt.command"}


def forked(
    program: str, *arguments: str | Path, timeout: int = 300, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run `preg` or `preg-dbt` to its end, as `tests.support.running.preg` does."""
    with tempfile.TemporaryDirectory() as folder:
        stdout, stderr = Path(folder) / "stdout", Path(folder) / "stderr"
        call = {
            "program": program,
            "arguments": [program, *map(str, arguments)],
            "environment": {**os.environ, **environment},
            "outputs": [str(stdout), str(stderr)],
            "timeout": timeout,
        }
        waiting = _waiting()
        assert waiting.stdin is not None
        assert waiting.stdout is not None
        waiting.stdin.write(json.dumps(call) + "\n")
        waiting.stdin.flush()
        status = int(waiting.stdout.readline())
        return subprocess.CompletedProcess(
            call["arguments"], status, stdout.read_text(encoding="utf-8"), stderr.read_text(encoding="utf-8")
        )


@cache
def _waiting() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.support.forked"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
        # Great Expectations reads it when it is imported.
        env={**os.environ, "GX_ANALYTICS_ENABLED": "false"},
    )


def _wait_for_calls() -> None:
    """Import, then fork for each call (a line of JSON) and say its exit status; end with the input."""
    for name in _IMPORTED:
        importlib.import_module(name)
    # The scripts of the pages, which take longer to make than to write.
    importlib.import_module("publication.reports.migration.page_files").charts()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _run(json.loads(line))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _run(call: dict[str, Any]) -> None:
    """Be the program that was called. Ends the process."""
    signal.alarm(call["timeout"])
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for stream, output in enumerate(call["outputs"], start=1):
        os.dup2(os.open(output, os.O_WRONLY | os.O_CREAT), stream)
    os.environ.clear()
    os.environ.update(call["environment"])
    sys.argv = call["arguments"]
    status = 1
    try:
        sys.exit(importlib.import_module(_PROGRAMS[call["program"]]).main())
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    _wait_for_calls()
