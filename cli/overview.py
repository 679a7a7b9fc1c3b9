"""`preg overview`: what was published, what is planned, and what is said about it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from cli.console import console, line
from cli.listing import FormOption, ListForm, show_list
from cli.options import DataOption
from foundation.settings import Settings

app = typer.Typer(
    help="The delivery overview: published, planned, incidents.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

_MOMENT = "%Y-%m-%dT%H:%M"
MomentOption = Annotated[
    dt.datetime | None, typer.Option(formats=[_MOMENT], metavar="YYYY-MM-DDTHH:MM", help="By the clock in Oslo.")
]
ByOption = Annotated[str, typer.Option("--by", help="Your name.")]


@app.command()
def show(form: FormOption = ListForm.TABLE, data: DataOption = None) -> None:
    """The overview, newest first; times by the clock in Oslo."""
    rows = [
        {
            "when": entry.local_time,
            "what": entry.kind,
            "release": entry.release_id,
            "by": entry.done_by,
            "note": entry.note,
        }
        for entry in _entries(Settings.with_given(data_dir=data))
    ]
    show_list(rows, ("when", "what", "release", "by", "note"), form)


@app.command()
def write(
    out: Annotated[Path, typer.Option("--out", help="Folder for publications.html, .ics and .atom.")],
    data: DataOption = None,
) -> None:
    """Write the page and the feeds again, with what has been said and done since the last release."""
    from publication.reports.overview_files import write_overview_files

    write_overview_files(_entries(Settings.with_given(data_dir=data)), out, dt.datetime.now(dt.UTC))
    console.print(line(out / "publications.html", ", publications.ics, publications.atom"))


@app.command()
def announce(
    what: Annotated[str, typer.Argument(help="What is to come.")],
    starts: MomentOption = None,
    ends: MomentOption = None,
    by: ByOption = "",
    data: DataOption = None,
) -> None:
    """Announce a publication, a change or a pause beforehand."""
    from publication.reports.notices import write_notice

    write_notice(Settings.with_given(data_dir=data), "announcement", what, by, _oslo(starts), ends and _oslo(ends))
    console.print("announced")


@app.command()
def incident(
    what: Annotated[str, typer.Argument(help="What went wrong; nothing about a person.")],
    starts: MomentOption = None,
    ends: MomentOption = None,
    by: ByOption = "",
    data: DataOption = None,
) -> None:
    """Publish a notice of an incident."""
    from publication.reports.notices import write_notice

    write_notice(Settings.with_given(data_dir=data), "incident", what, by, _oslo(starts), ends and _oslo(ends))
    console.print("noted")


def _entries(settings: Settings):  # type: ignore[no-untyped-def]
    from publication.reports.delivery_overview import overview, read_published
    from publication.store.release import newest_release

    newest = newest_release(settings)
    return overview(settings, read_published(newest.database if newest else None), dt.datetime.now(dt.UTC))


def _oslo(moment: dt.datetime | None) -> dt.datetime:
    from publication.store.release_windows import OSLO

    return dt.datetime.now(dt.UTC) if moment is None else moment.replace(tzinfo=OSLO)
