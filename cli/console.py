"""What a person sees while a command works: the steps with their time, notes, errors."""

from __future__ import annotations

import os
import sys
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from foundation.errors import PregError
from foundation.text import printable

# No markup is read in what is printed: `value` and `Text` say what is bold.
# Bound to the streams of the process, so that a run may send what its tools print to a file meanwhile.
# What goes through a pipe is as wide as the terminal it was asked from (or COLUMNS says): most often it is shown there.
# Where there is none, tables get room for the names of fields.
_HAS_WIDTH = os.environ.get("COLUMNS", "").strip("0").isdecimal() or any(
    stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)
)
_WIDTH = None if _HAS_WIDTH else 160
console = Console(file=sys.stdout, highlight=False, markup=False, emoji=False, soft_wrap=True, width=_WIDTH)
errors = Console(file=sys.stderr, highlight=False, markup=False, emoji=False, soft_wrap=True, width=_WIDTH)


# A cell of a table, or a line of text: what is longer is cut off.
_LONGEST = 2000


def value(given: object, style: str = "", limit: int = _LONGEST) -> Text:
    """What comes from data, files, settings or persons, as it is shown: no markup is read in it, and nothing in it
    reaches the terminal but letters. None is shown as nothing."""
    return Text("" if given is None else printable(given, limit), style=style)


def line(*parts: object) -> Text:
    """A line of `parts`, each as `value` shows it; one that is a `Text` already stays."""
    return Text.assemble(*(part if isinstance(part, Text) else value(part) for part in parts))


def show_note(text: str) -> None:
    """Something a person should know."""
    console.print(line("  ", Text("note", "yellow"), " ", text))


# Before this share of a step is done, its pace says nothing about the rest.
_FIRST_ESTIMATE = 0.05


class ConsoleListener:
    """Shows each step as it ends with its seconds; on a terminal also the present one: how much of it is done, how long
    it has taken, and about how long it will take."""

    def __init__(self) -> None:
        self._step = ""
        self._began = 0.0
        self._share: float | None = None
        self._usual: float | None = None
        self._live = (
            Live(console=console, transient=True, refresh_per_second=4, get_renderable=self.present)
            if console.is_terminal
            else None
        )

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end(failed=error is not None)
        if self._live:
            self._live.stop()

    def begin(self, step: str) -> None:
        """A step begins; the one before has ended."""
        self.end()
        self._step = step
        self._began = time.monotonic()
        self._share = self._usual = None

    def expect(self, seconds: float) -> None:
        """The present step took so long the last time."""
        self._usual = seconds

    def advance(self, done: int, total: int) -> None:
        """Of the present step, `done` of `total` parts are done: bytes of a delivery, models."""
        self._share = min(done / total, 1.0) if total else 1.0

    def present(self) -> Text:
        """The line of the present step."""
        # Another thread shows it, while a step may end.
        step, share, usual = self._step, self._share, self._usual
        if not step:
            return Text("")
        took = time.monotonic() - self._began
        shown = ""
        left = None if usual is None else usual - took
        if share is not None:
            filled = round(share * 30)
            shown = f"{'█' * filled}{'░' * (30 - filled)} {share:4.0%}  "
            if share >= _FIRST_ESTIMATE:
                left = took / share - took
        estimate = "" if left is None or left < 1 else f", about {left:.0f} s left"
        # The name comes last: in a narrow terminal its end may be cut off.
        return line("  … ", shown, Text(f"{took:.0f} s{estimate}  ", "dim"), step)

    def note(self, text: str) -> None:
        """Something a person should know."""
        show_note(text)

    def end(self, *, failed: bool = False) -> None:
        """The present step has ended; failed: it came to nothing."""
        if not self._step:
            return
        mark = Text("✗", "red") if failed else Text("✓", "green")
        seconds = Text(f"{time.monotonic() - self._began:.1f} s", "dim")
        console.print(line("  ", mark, " ", self._step, " ", seconds))
        self._step = ""


def show_error(error: PregError) -> None:
    """An error as a person reads it."""
    for name, style, text in (
        ("error", "bold red", error.what),
        ("  where", "bold", error.where),
        ("  to do", "bold", error.todo),
    ):
        first, *rest = text.splitlines() or [""]
        if first:
            errors.print(line(Text(name, style), " ", first))
        for each in rest:
            errors.print(value(each))
