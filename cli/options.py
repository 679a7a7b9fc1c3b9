"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

LandingOption = Annotated[
    Path | None, typer.Option("--landing", help="Folder with the deliveries.", envvar="PREG_LANDING_DIR")
]
DataOption = Annotated[
    Path | None,
    typer.Option("--data", help="Folder of the warehouse and the releases.", envvar="PREG_DATA_DIR"),
]
