"""`preg report`: the pages of the current release once more, with what has been signed since it was published."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from cli.console import console, line, value
from cli.current_release import current
from cli.options import DataOption
from cli.output import refuse_own_files
from foundation.database import machine_failures
from foundation.errors import PregError
from foundation.settings import Settings
from foundation.text import printable

# By this a folder is known to be one of ours, which may be written anew.
_MARK = "written_by_preg_report.txt"


def report(
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for the pages, written anew; left out, report in the data folder."),
    ] = None,
    data: DataOption = None,
) -> None:
    """Write the current release's pages again, with the sign-offs and client profiles of now.

    A published report is as it was when it was published: this is another copy of it, beside the releases.
    """
    from publication.reports.report import write_report_now

    settings = Settings.with_given(data_dir=data)
    release = current(settings)
    if out is not None:
        refuse_own_files(settings, out)
    folder = settings.data_dir / "report" if out is None else out
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise PregError(
            "this is no folder that can be written anew", where=str(folder), todo="name a folder, old or new"
        )
    with machine_failures(str(folder)):
        folder.parent.mkdir(parents=True, exist_ok=True)
        # Whole, or as it was: the pages link to each other.
        with tempfile.TemporaryDirectory(prefix=".preg-report-", dir=folder.parent) as made:
            pages = Path(made) / "report"
            write_report_now(settings, release, pages, dt.datetime.now(dt.UTC))
            (pages / _MARK).write_text("Written by preg report, and written anew by the next.\n", encoding="utf-8")
            if folder.exists():
                _refuse_others(folder, {each.name for each in pages.iterdir()})
                # Removed with the folder around it, when the new one is in its place.
                folder.rename(Path(made) / "before")
            pages.rename(folder)
    console.print(line("written  ", value(folder / "index.html", "bold")))


def _refuse_others(folder: Path, written: set[str]) -> None:
    """Raise `PregError` where a folder that is to be written anew was not written by this command, or holds more."""
    there = sorted(each.name for each in folder.iterdir())
    others = there if _MARK not in there else [name for name in there if name not in written]
    if others:
        raise PregError(
            f"this folder holds something else than a report: {printable(', '.join(others))}",
            where=str(folder),
            todo="name another folder",
        )
