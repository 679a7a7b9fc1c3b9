"""`preg release`: taking a release back."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.console import console
from cli.options import DataOption
from foundation.settings import Settings

app = typer.Typer(help="Taking a release back.", no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def release() -> None:
    """Taking a release back."""


@app.command()
def withdraw(
    releases: Annotated[list[str] | None, typer.Argument(help="The releases, as preg releases names them.")] = None,
    why: Annotated[str, typer.Option("--why", help="The reason, kept with the record; nothing about a person.")] = "",
    older: Annotated[bool, typer.Option("--older", help="All that are older than the current one.")] = False,
    even_current: Annotated[
        bool, typer.Option("--even-current", help="The current one too; then there is none until the next.")
    ] = False,
    data: DataOption = None,
) -> None:
    """Remove the content of releases for good; a record stays of what was withdrawn, when and why."""
    from foundation.writer_lock import writer_lock
    from publication.withdrawal import older_than_current
    from publication.withdrawal import withdraw as withdraw_releases

    if bool(releases) == older:
        raise typer.BadParameter("name the releases, or say --older", param_hint="releases")
    if not why.strip():
        raise typer.BadParameter("a withdrawal has a reason", param_hint="--why")
    settings = Settings.with_given(data_dir=data)
    with writer_lock(settings):
        chosen = older_than_current(settings) if older else list(releases or [])
        records = withdraw_releases(settings, chosen, why.strip(), even_current=even_current)
    for record in records:
        console.print(f"withdrawn  {record.release_id}")
    if not records:
        console.print("There is no release older than the current one.")
