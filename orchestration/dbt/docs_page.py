"""The models as one page: what each is, its columns, its SQL, what it comes from and what is made of it (dbt docs)."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from foundation.database import machine_failures
from foundation.errors import BuildFailed
from foundation.settings import Settings
from orchestration.dbt.environment import dbt_executable, point_dbt_at
from orchestration.dbt.project import dbt_project

_PAGE = "static_index.html"


def write_docs_page(settings: Settings, file: Path) -> None:
    """Write the page; it needs nothing else, and asks nobody. The caller must hold the writer's lock.

    Raises `BuildFailed` where no model has been built yet, or dbt cannot make it.
    """
    if not settings.warehouse.is_file():
        raise BuildFailed("there is no warehouse to describe", where=str(settings.warehouse), todo="build it: preg run")
    dbt_project(settings)
    point_dbt_at(settings)
    project = str(settings.dbt_project_dir)
    with machine_failures(str(file)):
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".preg-docs-", dir=file.parent) as target:
            result = subprocess.run(
                [
                    dbt_executable(), "--quiet", "--no-version-check", "docs", "generate", "--static",
                    "--project-dir", project, "--profiles-dir", project, "--target-path", target,
                ],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            made = Path(target) / _PAGE
            if result.returncode or not made.is_file():
                raise BuildFailed(
                    f"dbt cannot describe the models:\n{(result.stdout + result.stderr).strip()}",
                    where=project,
                    todo="correct what dbt names",
                )
            made.replace(file)
