"""`preg doctor`, `metrics`, `backup`, `restore`, `retention`: running PREG day by day."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from cli.console import console, line, show_note, value
from cli.listing import FormOption, ListForm, show_list
from cli.options import DataOption, LandingOption
from foundation.errors import PregError
from foundation.settings import Settings

_COLOURS = {"ok": "green", "warning": "yellow", "wrong": "red"}


def doctor(
    landing: LandingOption = None,
    data: DataOption = None,
    mend: Annotated[
        bool, typer.Option("--mend", help="First correct the link to the current release; removes nothing.")
    ] = False,
    form: FormOption = ListForm.TABLE,
) -> None:
    """Look at disk, lock, versions, configuration, clock, the current release and lag; status 1 when one is wrong."""
    from foundation.writer_lock import writer_lock
    from operations.doctor import examine
    from publication.store.release import mend_store

    settings = Settings.with_given(landing_dir=landing, data_dir=data)
    if mend:
        with writer_lock(settings, on_wait=show_note):
            for done in mend_store(settings):
                console.print(line("fixed  ", done))
    findings = examine(settings)
    if form is ListForm.TABLE:
        table = Table("", "about", "is", "to do", header_style="bold")
        for finding in findings:
            table.add_row(
                value(finding.state, _COLOURS[finding.state]), *map(value, (finding.about, finding.what, finding.todo))
            )
        console.print(table)
    else:
        rows = [{"state": each.state, "about": each.about, "is": each.what, "to_do": each.todo} for each in findings]
        show_list(rows, ("state", "about", "is", "to_do"), form)
    wrong = [finding for finding in findings if finding.state == "wrong"]
    if wrong:
        raise PregError(
            f"not as it should be: {', '.join(finding.about for finding in wrong)}", todo="see the table above"
        )


def metrics(data: DataOption = None) -> None:
    """Print the metrics, as Prometheus reads them."""
    from operations.metrics import metrics_text

    typer.echo(metrics_text(Settings.with_given(data_dir=data)), nl=False)


def backup(
    out: Annotated[Path, typer.Option("--out", help="Folder to write to; a backup in it is brought up to date.")],
    landing: LandingOption = None,
    data: DataOption = None,
    although_gone: Annotated[
        bool,
        typer.Option(
            "--although-gone", help="Go on though much is gone from landing and data; it stays in the backup."
        ),
    ] = False,
) -> None:
    """Copy deliveries, releases and what people did; waits for a run to end.

    What was in the backup stays in it, but for withdrawn releases. Status 1, and nothing changed, when much of it is
    gone from landing and data.
    """
    from foundation.writer_lock import writer_lock
    from operations.backup import back_up

    settings = Settings.with_given(landing_dir=landing, data_dir=data)
    with writer_lock(settings, on_wait=show_note):
        report = back_up(settings, out, although_gone=although_gone)
    removed = f", {report.removed} files of withdrawn releases removed" if report.removed else ""
    console.print(line(f"{report.files} files in ", out, f", {report.copied} of them copied now{removed}"))
    for names, what in (
        (report.gone, "files are gone from landing and data; the backup keeps them"),
        (report.left_out, "files have names that no backup holds (hidden, or with odd characters), and were left out"),
    ):
        if names:
            show_note(f"{len(names)} {what}: {_first(names)}")
    if report.changed or report.lost:
        messages = [
            f"{len(names)} {what}: {_first(names)}"
            for names, what in (
                (report.changed, "files that never change have changed since; the backup keeps them as they were"),
                (report.lost, "files are gone from landing and data, and broken in the backup"),
            )
            if names
        ]
        raise PregError(
            "\n".join(messages),
            where=str(out),
            todo="look who has changed them; put back what was there, or take a new backup into another folder",
        )


def retention(data: DataOption = None) -> None:
    """Remove what is older than is kept (PREG_KEEP_DAYS, PREG_KEEP_RELEASES), from the bytes of the files too."""
    from foundation.writer_lock import writer_lock
    from operations.retention import apply_retention
    from orchestration.retention import forget_old_runs

    settings = Settings.with_given(data_dir=data)
    with writer_lock(settings, on_wait=show_note):
        report = apply_retention(settings)
        runs = forget_old_runs(settings)
    console.print(
        f"{report.releases} releases withdrawn, {report.quarantined} quarantined documents without their text,"
        f" {report.files} files and {runs} runs removed; warehouse and Dagster's storage written again"
    )


def restore(
    source: Annotated[Path, typer.Option("--from", help="Folder that preg backup wrote to.")],
    landing: LandingOption = None,
    data: DataOption = None,
) -> None:
    """Put a backup into empty folders; the next run builds the warehouse again from the deliveries.

    Until it has ended nothing else runs there. One that was cut off is finished by the same command.
    """
    from foundation.writer_lock import writer_lock
    from operations.backup import restore as restore_backup

    settings = Settings.with_given(landing_dir=landing, data_dir=data)
    with writer_lock(settings, on_wait=show_note, restoring=True):
        report = restore_backup(settings, source)
    console.print(f"{report.files} files restored; preg release verify --all, then preg run")


def _first(names: list[str]) -> str:
    return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
