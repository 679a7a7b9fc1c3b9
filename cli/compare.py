"""`preg compare`: what the comparison of the current release is worth, and what it says to a client."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from cli.console import console, line, value
from cli.current_release import current
from cli.options import DataOption, LandingOption
from foundation.files import write_json
from foundation.settings import Settings

app = typer.Typer(
    help="PREG, the running PREG and Persontjenesten compared with each other.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.command()
def score(landing: LandingOption = None, data: DataOption = None) -> None:
    """Score what was found against what was planted in synthetic deliveries. Exit status 1 when anything is missed."""
    from quality.comparison_score import score_comparison

    settings = Settings.with_given(landing_dir=landing, data_dir=data)
    scores = score_comparison(settings.landing_dir, current(settings).database)
    table = Table(header_style="bold")
    for name in ("pair", "kind"):
        table.add_column(name)
    for name in ("planted", "detected", "right kind", "false", "recall", "precision"):
        table.add_column(name, justify="right")
    for each in scores:
        table.add_row(
            value(each.pair),
            value(each.kind),
            f"{each.planted:,}",
            f"{each.detected:,}",
            f"{each.right_kind:,}",
            f"{each.false:,}",
            f"{each.recall:.3f}",
            f"{each.precision:.3f}",
        )
    console.print(table)
    planted, right = sum(each.planted for each in scores), sum(each.right_kind for each in scores)
    detected, false = sum(each.detected for each in scores), sum(each.false for each in scores)
    console.print(
        f"{planted:,} planted: {detected:,} detected, {right:,} with the right kind; {false:,} found besides."
    )
    if right < planted or false:
        raise typer.Exit(1)


@app.command()
def client(
    fields: Annotated[
        Path, typer.Option("--fields", help="CSV with a column `field`: the fields that the client reads.")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", help="File for the mapping (JSON); without it, a table only.")
    ] = None,
    data: DataOption = None,
) -> None:
    """What becomes of the fields that one client reads, and a mapping file that it can be programmed from.

    equal: of those with a value, without those whose difference follows from another field's (derived).
    """
    from publication.access.client_mapping import client_mapping
    from publication.access.client_profile import read_profile

    release = current(Settings.with_given(data_dir=data))
    mapping = client_mapping(release.database, release.release_id, read_profile(fields))
    table = Table(header_style="bold")
    for name in ("field", "what to do", "in Persontjenesten"):
        table.add_column(name, overflow="fold")
    for name in ("equal", "open", "derived"):
        table.add_column(name, justify="right")
    for each in mapping["fields"]:
        compared = each["comparison"]
        table.add_row(
            value(each["preg_field"]),
            value(", then ".join(each["steps"])),
            Text("\n").join(map(value, each["persontjenesten_paths"] or ["-"])),
            f"{compared['rate']:.2%}" if compared and compared["rate"] is not None else "-",
            f"{compared['open']:,}" if compared else "-",
            f"{compared['kinds'].get('derived', 0):,}" if compared else "-",
        )
    console.print(table)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        write_json(out, mapping)
        console.print(line("mapping  ", value(out, "bold")))
