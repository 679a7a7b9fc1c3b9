"""How dbt is called: its program, where it writes, and what of the environment its profile reads."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from foundation.database import memory_of, threads_of
from foundation.settings import Settings
from orchestration.dbt.command import PARSED


def dbt_executable() -> str:
    """dbt of the same environment as this process, which takes the project as it was parsed last."""
    return str(Path(sys.executable).with_name("preg-dbt"))


def dbt_target(settings: Settings) -> Path:
    """Where a run's dbt writes its artefacts."""
    return settings.work_dir / "dbt"


def point_dbt_at(settings: Settings) -> None:
    """Let the dbt processes of this run work in the run's data directory (see profiles.yml)."""
    spill = settings.work_dir / "spill"
    spill.mkdir(parents=True, exist_ok=True)
    os.environ["PREG_WAREHOUSE"] = str(settings.warehouse.resolve())
    os.environ["PREG_SPILL"] = str(spill.resolve())
    os.environ["PREG_MODELS_MEMORY"] = memory_of(settings)
    os.environ["PREG_MODELS_THREADS"] = str(threads_of(settings))
    os.environ["PREG_HOUSEHOLD_PROTECTION"] = settings.household_protection
    os.environ[PARSED] = str(parsed_next_to(settings.dbt_project_dir.resolve() / "target" / "manifest.json"))
    # dbt's debug log takes a third of a small build's time; Dagster keeps what dbt prints.
    os.environ.setdefault("DBT_LOG_LEVEL_FILE", "none")


def parsed_next_to(manifest: Path) -> Path:
    """The parsed project as dbt reads it back, made together with a manifest."""
    return manifest.with_name("parsed.msgpack")
