"""The dbt project for Dagster: where it is, how it is called, and its manifest, parsed when a file has changed."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tempfile
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

import dagster as dg
from dagster_dbt import DbtCliResource, DbtProject
from packaging.version import Version

from foundation.errors import BuildFailed
from foundation.settings import Settings
from orchestration.dbt.command import PARSED
from orchestration.dbt.environment import dbt_executable, parsed_next_to, point_dbt_at
from orchestration.dbt.waiting import SOCKET

_READ = {".sql", ".yml", ".csv"}
# Seeds outside the project's folder (seed-paths of dbt_project.yml).
_OTHER_SEEDS = "../ingest/contracts/tables"


class _Dbt(DbtCliResource):
    """Dagster's way to call dbt, without what it does in this process before each call, which a run does not need.

    It would start dbt once to learn its version, which also asks a registry for a newer one, and load dbt and its
    adapter here to read columns and row counts: the columns are in the manifest.
    """

    @cached_property
    def _cli_version(self) -> Version:
        return Version(version("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: object) -> None:  # noqa: ARG002
        return None


def dbt_project(settings: Settings) -> DbtProject:
    """The project with a manifest that is not older than its files."""
    project = DbtProject(project_dir=settings.dbt_project_dir, profiles_dir=settings.dbt_project_dir)
    if _is_stale(settings.dbt_project_dir, project.manifest_path):
        _parse(settings, project.manifest_path)
    return project


def dbt_resource(settings: Settings) -> dg.ResourceDefinition:
    """How Dagster calls dbt. Fixed: a run's configuration names no other project, and no other program to execute."""
    dbt = _Dbt(
        project_dir=str(settings.dbt_project_dir),
        profiles_dir=str(settings.dbt_project_dir),
        dbt_executable=dbt_executable(),
        global_config_flags=["--no-use-colors", "--no-version-check"],
    )
    return dg.ResourceDefinition(lambda _: dbt, config_schema={}, description="dbt on the project of the settings.")


def group_of_model(properties: dict[str, object]) -> str | None:
    """The asset group of a model: its layer."""
    path = properties.get("fqn")
    layer = path[1] if isinstance(path, list) and len(path) > 2 else "seeds"
    return str(layer)


def asset_key_of_mart(name: str) -> dg.AssetKey:
    """The asset key that dagster-dbt gives a model of the marts."""
    return dg.AssetKey(["marts", name])


def _read_next_to(manifest: Path) -> Path:
    """The file with the state (`_state`) of the project that a manifest was made from."""
    return manifest.with_name("parsed_from.sha256")


def _state(project_dir: Path) -> str:
    """A hash of all that the parsed project is made of: the project's files, where they are, dbt and its adapter.

    By content, not by time: an older file that is put in place of a newer one counts. dbt keeps the path of the
    project with each seed: a project that has been moved, or was copied with what was parsed of it, is another one.
    """
    project_dir = project_dir.resolve()
    versions = [version(name) for name in ("dbt-core", "dbt-adapters", "dbt-duckdb")]
    found = hashlib.sha256(repr((str(project_dir), versions)).encode())
    files = [*project_dir.rglob("*"), *(project_dir / _OTHER_SEEDS).glob("*")]
    for file in sorted(files):
        name = Path(os.path.relpath(file, project_dir))
        if file.suffix in _READ and name.parts[0] not in ("target", "logs") and file.is_file():
            found.update(repr((str(name), hashlib.sha256(file.read_bytes()).digest())).encode())
    return found.hexdigest()


def _is_stale(project_dir: Path, manifest: Path) -> bool:
    try:
        json.loads(manifest.read_bytes())
        made_of = _read_next_to(manifest).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return True
    return not parsed_next_to(manifest).is_file() or made_of != _state(project_dir)


def _parse(settings: Settings, manifest: Path) -> None:
    """Make the manifest; whole or not at all, because others may be reading it, or making it too."""
    point_dbt_at(settings)
    del os.environ[PARSED]
    # Before it is read: what changes meanwhile is parsed again the next time.
    made_of = _state(settings.dbt_project_dir)
    manifest.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=manifest.parent) as target:
        result = subprocess.run(
            [
                dbt_executable(),
                "--quiet",
                "parse",
                "--project-dir",
                str(settings.dbt_project_dir),
                "--profiles-dir",
                str(settings.dbt_project_dir),
                "--target-path",
                target,
            ],
            # The dbt that waits is for the build.
            env={name: value for name, value in os.environ.items() if name != SOCKET},
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode:
            raise BuildFailed(
                f"the dbt project cannot be parsed:\n{(result.stdout + result.stderr).strip()}",
                where=str(settings.dbt_project_dir),
                todo="correct the file that dbt names",
            )
        # None of them belongs to the one before: without its hash, no manifest is taken for whole.
        _read_next_to(manifest).unlink(missing_ok=True)
        (Path(target) / "partial_parse.msgpack").replace(parsed_next_to(manifest))
        (Path(target) / manifest.name).replace(manifest)
        written = Path(target) / "parsed_from"
        written.write_text(made_of, encoding="utf-8")
        written.replace(_read_next_to(manifest))
