"""The log of runs: one JSON object per line in `<data>/logs/preg.log`, for machines and for people who seek a cause.

No personal data: an event says how many, never who. Text that looks like a person's number is taken out on the way to
the file, also out of messages of libraries.
"""

from __future__ import annotations

import logging
import logging.handlers
import re
from collections.abc import Callable, MutableMapping
from typing import Any

import structlog

from foundation.settings import Settings
from foundation.text import printable

_BYTES = 10_000_000
_FILES = 5
_LONGEST_LINE = 4000
_NUMBER = re.compile(r"(?<![0-9a-fA-F])\d{11}(?![0-9a-fA-F])")


class _QuietHandler(logging.handlers.RotatingFileHandler):
    """A log that cannot be written (a full disk) stops no run, and puts no trace on a person's screen."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  logging's name
        pass


def open_log(settings: Settings) -> Any:
    """A structlog logger that writes to the log of a data directory; ten megabytes per file, five files."""
    folder = settings.logs_dir
    folder.mkdir(parents=True, exist_ok=True)
    logger = logging.getLogger(f"preg.{settings.data_dir.resolve()}")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    if not logger.handlers:
        handler = _QuietHandler(folder / "preg.log", maxBytes=_BYTES, backupCount=_FILES, encoding="utf-8")
        handler.setFormatter(logging.Formatter("%(message)s"))
        logger.addHandler(handler)
    return structlog.wrap_logger(
        logger,
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            mask_numbers,
            _show_printable,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.BoundLogger,
    )


def mask_numbers(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
    """Take out of an event everything that looks like a person's number."""
    return {name: _changed(value, _without_numbers) for name, value in event.items()}


def _show_printable(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
    """Anyone who shows the log on a terminal meets no escape sequence and no mark that turns the line around."""
    return {name: _changed(value, _printable_lines) for name, value in event.items()}


def _without_numbers(text: str) -> str:
    return _NUMBER.sub("[number]", text)


def _printable_lines(text: str) -> str:
    # A line end is escaped by JSON already.
    return "\n".join(printable(line, _LONGEST_LINE) for line in text.split("\n"))


def _changed(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {name: _changed(each, change) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_changed(each, change) for each in value]
    return value
