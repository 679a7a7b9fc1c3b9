"""Options that several commands have."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from foundation.settings import Settings

_given: dict[str, Path] = {}


def _remember(data: Path | None) -> Path | None:
    if data is not None:
        _given["data_dir"] = data
    return data


def settings_of_command() -> Settings:
    """The settings with the data directory that the command was given, for what happens outside the command."""
    return Settings.with_given(**_given)


def command(text: str) -> str:
    """A command that is proposed, about the same data directory as the one that was given."""
    return f"{text} --data {shlex.quote(str(_given['data_dir']))}" if "data_dir" in _given else text


LandingOption = Annotated[
    Path | None, typer.Option("--landing", help="Folder with the deliveries.", envvar="PREG_LANDING_DIR")
]
DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data", help="Folder of the warehouse and the releases.", envvar="PREG_DATA_DIR", callback=_remember
    ),
]
