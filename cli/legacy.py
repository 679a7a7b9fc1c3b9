"""`preg legacy`: exports of the running PREG, against which our view is held."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from cli.console import console, line, value
from cli.current_release import current
from cli.options import DataOption, LandingOption
from foundation.settings import Settings

app = typer.Typer(
    help="Exports of the running PREG, against which ours is held.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.command("import")
def import_export(
    file: Annotated[Path, typer.Argument(help="The export: XML, or JSON lines (.ndjson, .jsonl); .gz and .zst too.")],
    taken_at: Annotated[
        dt.datetime,
        typer.Option("--taken-at", help="When it was taken, in UTC.", formats=["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"]),
    ],
    only_changes: Annotated[
        bool, typer.Option("--only-changes", help="It holds only who has changed since the export before.")
    ] = False,
    landing: LandingOption = None,
) -> None:
    """Make a delivery of an export, for the next run to compare with."""
    from ingest.preg.export_file import deliver_export

    settings = Settings.with_given(landing_dir=landing)
    delivered = deliver_export(file, settings.landing_dir, taken_at.replace(tzinfo=dt.UTC), only_changes=only_changes)
    folder = settings.landing_dir / "preg" / delivered.delivery_id
    console.print(line(f"{delivered.persons:,} persons: ", value(folder, "bold")))


@app.command()
def sample(landing: LandingOption = None, data: DataOption = None) -> None:
    """Make an export as the running PREG would from the current release, with planted discrepancies, to try it on."""
    from ingest.synthetic.legacy_export import write_legacy_export

    settings = Settings.with_given(landing_dir=landing, data_dir=data)
    release = current(settings)
    read = sorted(
        dt.datetime.fromisoformat(each.created_at).astimezone(dt.UTC)
        for each in release.manifest.inputs
        if each.source == "freg"
    )
    made = write_legacy_export(release.database, settings.landing_dir, read[0], read[-1])
    folder = settings.landing_dir / "preg" / made.delivery_id
    console.print(
        line(f"{made.persons:,} persons, {made.planted:,} of them with something planted: ", value(folder, "bold"))
    )
