"""Records a run: passes each event on to the listener that shows it, logs it, and keeps the seconds of each step."""

from __future__ import annotations

import json
import os
import re
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Protocol

from foundation.errors import PregError
from foundation.files import write_json
from foundation.settings import Settings
from operations.log import open_log

# The field of /proc/self/stat, counted from after the command's name, that says when the process began.
_BEGAN = 19

_LOAD = "load"


class _Listener(Protocol):
    def begin(self, step: str) -> None: ...

    def end(self, *, failed: bool = False) -> None: ...

    def expect(self, seconds: float) -> None: ...

    def advance(self, done: int, total: int) -> None: ...

    def note(self, text: str) -> None: ...


@dataclass
class RunRecord:
    """The last run: when it began (UNIX time), how long it took and each step, and what came of it.

    outcome: published | nothing new | nothing published | failed | stopped | running. error: the message of a failure.
    usual: the seconds of each kind of step when it last succeeded, in any run. starting: the seconds from
    the start of the program until it asked for the run; waiting: from then until no other run went on. process: the one
    that ran it.
    """

    began: float
    seconds: float = 0.0
    outcome: str = "running"
    release_id: str = ""
    error: str = ""
    steps: dict[str, float] = field(default_factory=dict)
    usual: dict[str, float] = field(default_factory=dict)
    starting: float = 0.0
    waiting: float = 0.0
    process: int = 0


_FIELDS = {each.name for each in fields(RunRecord)}


class Recorder:
    """A listener around another one, for one run of a data directory."""

    def __init__(self, settings: Settings, inner: _Listener, waited: float = 0.0) -> None:
        """waited: the seconds for which another run was waited for."""
        self._inner = inner
        self._log = open_log(settings)
        self._file = record_file(settings)
        self._step = ""
        self._step_began = 0.0
        self._clock = time.monotonic()
        before = last_run(settings)
        self.record = RunRecord(
            began=time.time(),
            usual=dict(before.usual) if before else {},
            starting=max(0.0, _seconds_since_process_began() - waited),
            waiting=waited,
            process=os.getpid(),
        )
        self._log.info("run began")
        self._keep()

    def begin(self, step: str) -> None:
        """A step begins; the one before has ended."""
        self._end_step()
        self._step, self._step_began = step, time.monotonic()
        self._inner.begin(step)
        kind = kind_of_step(step)
        # A load takes as long as its delivery is large: the last one says nothing of it.
        if kind != _LOAD and (usual := self.record.usual.get(kind)) is not None:
            self._inner.expect(usual)

    def end(self, *, failed: bool = False) -> None:
        """The present step has ended; failed: it came to nothing, and the run goes on without it."""
        self._end_step(is_whole=not failed)
        self._inner.end(failed=failed)

    def expect(self, seconds: float) -> None:
        """The present step took so long the last time."""
        self._inner.expect(seconds)

    def advance(self, done: int, total: int) -> None:
        """Of the present step, `done` of `total` parts are done."""
        self._inner.advance(done, total)

    def note(self, text: str) -> None:
        """Something a person should know."""
        self._log.info("note", text=text)
        self._inner.note(text)

    def ended(self, outcome: str, release_id: str) -> None:
        """The run has ended well."""
        self._end_step()
        self._finish(outcome)
        self.record.release_id = release_id
        self._log.info("run ended", outcome=outcome, release=release_id, seconds=round(self.record.seconds, 1))
        self._keep()

    def failed(self, error: BaseException) -> None:
        """The run has ended with an error."""
        self._end_step(is_whole=False)
        self._finish("stopped" if getattr(error, "exit_code", 1) == 3 else "failed")
        self.record.error = error.what if isinstance(error, PregError) else type(error).__name__
        self._log.error(
            "run failed",
            outcome=self.record.outcome,
            what=self.record.error,
            where=getattr(error, "where", ""),
            todo=getattr(error, "todo", ""),
            seconds=round(self.record.seconds, 1),
        )
        self._keep()

    def _finish(self, outcome: str) -> None:
        self.record.outcome = outcome
        self.record.seconds = time.monotonic() - self._clock

    def _end_step(self, *, is_whole: bool = True) -> None:
        if self._step:
            seconds = time.monotonic() - self._step_began
            self.record.steps[self._step] = seconds
            if is_whole:
                self.record.usual[kind_of_step(self._step)] = seconds
            self._log.info("step ended", step=self._step, seconds=round(seconds, 2))
            self._step = ""

    def _keep(self) -> None:
        # A record that cannot be written (a full disk) stops no run: the run itself will say so.
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_json(self._file, asdict(self.record))


def kind_of_step(step: str) -> str:
    """The step without what it is about: a delivery's name or a number would make a new one each day."""
    return re.sub(r"\s*[(:].*$", "", re.sub(rf"^{_LOAD} .*$", _LOAD, step))


def _seconds_since_process_began() -> float:
    """What the imports took, mostly; by the kernel's account of this process, 0 where it has none."""
    try:
        # The command's name, in brackets, may hold anything; the fields after it are numbers.
        fields = Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        began = int(fields[_BEGAN]) / os.sysconf("SC_CLK_TCK")
        return max(0.0, time.clock_gettime(time.CLOCK_BOOTTIME) - began)
    except (OSError, ValueError, IndexError, AttributeError):
        return 0.0


def record_file(settings: Settings) -> Path:
    """Where the record of the last run is."""
    return settings.work_dir / "last_run.json"


def last_run(settings: Settings) -> RunRecord | None:
    """The record of the last run; None before the first, and of another version's that this one cannot read."""
    try:
        content: dict[str, Any] = json.loads(record_file(settings).read_text(encoding="utf-8"))
        return RunRecord(**{name: content[name] for name in content if name in _FIELDS})
    except (OSError, ValueError, TypeError):
        return None
