"""What a person sees while a command works: the steps with their time, notes, errors."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.text import Text

from foundation.errors import PregError

# Bound to the streams of the process, so that a run may send what its tools print to a file meanwhile.
# Where there is no terminal to ask for its width, tables get room for the names of fields.
_WIDTH = None if sys.stdout.isatty() else 160
console = Console(file=sys.stdout, highlight=False, soft_wrap=True, width=_WIDTH)
errors = Console(file=sys.stderr, highlight=False, soft_wrap=True, width=_WIDTH)


class ConsoleListener:
    """Shows each step as it ends with its seconds; on a terminal also the present one, with its progress."""

    def __init__(self) -> None:
        self._step = ""
        self._began = 0.0
        self._live = Live(console=console, transient=True, refresh_per_second=4) if console.is_terminal else None

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end_step(failed=error is not None)
        if self._live:
            self._live.stop()

    def begin(self, step: str) -> None:
        """A step begins; the one before has ended."""
        self._end_step()
        self._step = step
        self._began = time.monotonic()
        self._show(step)

    def advance(self, done: int, total: int) -> None:
        """Of the present step, `done` of `total` bytes are done."""
        share = done / total if total else 1.0
        filled = round(share * 30)
        self._show(f"{self._step}  {'█' * filled}{'░' * (30 - filled)} {share:4.0%}")

    def note(self, text: str) -> None:
        """Something a person should know."""
        console.print(f"  [yellow]note[/yellow] {escape(text)}")

    def _end_step(self, *, failed: bool = False) -> None:
        if not self._step:
            return
        mark = "[red]✗[/red]" if failed else "[green]✓[/green]"
        console.print(f"  {mark} {escape(self._step)} [dim]{time.monotonic() - self._began:.1f} s[/dim]")
        self._step = ""

    def _show(self, text: str) -> None:
        if self._live:
            self._live.update(Text(f"  … {text}"))


def show_error(error: PregError) -> None:
    """An error as a person reads it."""
    errors.print(f"[bold red]error[/bold red] {escape(error.what)}")
    if error.where:
        errors.print(f"  [bold]where[/bold] {escape(error.where)}")
    if error.todo:
        errors.print(f"  [bold]to do[/bold] {escape(error.todo)}")
