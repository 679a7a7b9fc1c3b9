"""Where a command may write what it was asked for."""

from __future__ import annotations

from pathlib import Path

from foundation.errors import PregError
from foundation.settings import Settings


def refuse_own_files(settings: Settings, out: Path) -> None:
    """Raise `PregError` for a place among the register's own files: a release is never edited, a delivery neither."""
    for own in (settings.data_dir, settings.landing_dir):
        if out.resolve().is_relative_to(own.resolve()):
            raise PregError(
                "this is among the register's own files", where=str(out), todo=f"name a place outside {own}"
            )


def refuse_no_file(out: Path) -> None:
    """Raise `PregError` for what is no file that can be written, old or new."""
    if out.is_symlink() or (out.exists() and not out.is_file()):
        raise PregError("this is no file that can be written", where=str(out), todo="name a file, old or new")
