"""`preg report`: the pages of the current release once more, with what has been signed since it was published."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from cli.console import console, line, value
from cli.current_release import current
from cli.options import DataOption
from foundation.database import machine_failures
from foundation.errors import PregError
from foundation.settings import Settings


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
    folder = settings.data_dir / "report" if out is None else out
    if folder.exists() and any(folder.iterdir()) and not (folder / "index.html").is_file():
        raise PregError("this folder holds something else than a report", where=str(folder), todo="name another folder")
    if folder.resolve().is_relative_to(settings.releases_dir.resolve()):
        raise PregError("a published release is never edited", where=str(folder), todo="name a folder outside it")
    with machine_failures(str(folder)):
        folder.parent.mkdir(parents=True, exist_ok=True)
        # Whole, or as it was: the pages link to each other.
        with tempfile.TemporaryDirectory(prefix=".preg-report-", dir=folder.parent) as made:
            pages = Path(made) / "report"
            write_report_now(settings, release, pages, dt.datetime.now(dt.UTC))
            if folder.exists():
                shutil.rmtree(folder)
            pages.rename(folder)
    console.print(line("written  ", value(folder / "index.html", "bold")))
