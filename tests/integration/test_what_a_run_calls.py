"""What `preg run` calls besides its own code: dbt on the project that is parsed already, and Dagster's event log."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest
from dbt.contracts.graph.manifest import Manifest

from foundation.settings import Settings
from orchestration.dbt.command import PARSED
from orchestration.dbt.environment import dbt_executable
from orchestration.dbt.project import _is_stale, _state, dbt_project

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.xdist_group("built sample")


def test_a_run_stands_in_dagsters_own_storage(sample_copy: Settings) -> None:
    # Read with Dagster's own class, as its servers do.
    with dg.DagsterInstance.from_config(str(sample_copy.dagster_home)) as instance:
        (run,) = instance.get_runs()
        assert run.status is dg.DagsterRunStatus.SUCCESS
        persons = instance.get_latest_materialization_event(dg.AssetKey(["marts", "preg_person"]))
        assert persons is not None
        assert persons.run_id == run.run_id
        kinds = {record.dagster_event_type for record in instance.all_logs(run.run_id)}
        assert {dg.DagsterEventType.RUN_START, dg.DagsterEventType.RUN_SUCCESS} <= kinds
        assert dg.DagsterEventType.ASSET_CHECK_EVALUATION in kinds


def test_the_version_of_dbt_is_told_without_asking_anybody() -> None:
    result = subprocess.run([dbt_executable(), "--version"], capture_output=True, text=True, check=True)
    assert "installed: 1.11." in result.stdout
    assert "latest" not in result.stdout


def test_dbt_takes_the_project_as_it_was_parsed(settings: Settings, tmp_path: Path) -> None:
    project = dbt_project(settings)
    parsed = project.manifest_path.with_name("parsed.msgpack")
    manifest = Manifest.from_msgpack(parsed.read_bytes())
    del manifest.nodes["model.preg.freg_unlisted_value"]
    without = tmp_path / "without.msgpack"
    without.write_bytes(manifest.to_msgpack())
    damaged = tmp_path / "damaged.msgpack"
    damaged.write_bytes(parsed.read_bytes()[:1000])
    listed = {file.stem: set(_list_models(file, tmp_path / file.stem).split()) for file in (parsed, without, damaged)}
    # It is taken as it is; what cannot be read, dbt makes for itself.
    assert {name.rsplit(".", 1)[1] for name in listed["parsed"] - listed["without"]} == {"freg_unlisted_value"}
    assert listed["damaged"] == listed["parsed"]


@pytest.mark.parametrize("change", ["changed", "added", "removed", "seed of the contracts", "moved"])
def test_a_project_that_has_changed_is_parsed_again(change: str, tmp_path: Path) -> None:
    # In a folder of a name that is left out below the project; and with the times of before, as an archive unpacks.
    project = tmp_path / "logs" / "dbt_project"
    shutil.copytree(ROOT / "dbt_project", project, ignore=shutil.ignore_patterns("target", "logs"))
    tables = tmp_path / "logs" / "ingest" / "contracts" / "tables"
    shutil.copytree(ROOT / "ingest" / "contracts" / "tables", tables)
    manifest = project / "target" / "manifest.json"
    manifest.parent.mkdir()
    for name in ("manifest.json", "parsed.msgpack"):
        manifest.with_name(name).write_text("{}", encoding="utf-8")
    manifest.with_name("parsed_from.sha256").write_text(_state(project), encoding="utf-8")
    assert not _is_stale(project, manifest)
    model = project / "models" / "marts" / "preg" / "preg_person.sql"
    if change == "changed":
        model.write_text(model.read_text(encoding="utf-8") + "-- another", encoding="utf-8")
    elif change == "added":
        model.with_name("another.sql").write_text("select 1 as one", encoding="utf-8")
    elif change == "removed":
        model.unlink()
    elif change == "moved":
        # dbt keeps where the seeds are.
        project = shutil.move(tmp_path / "logs", tmp_path / "moved") / "dbt_project"
        manifest = project / "target" / "manifest.json"
    else:
        seed = next(tables.glob("*.csv"))
        seed.write_text(seed.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    for file in project.rglob("*.sql"):
        os.utime(file, (1_000_000_000, 1_000_000_000))
    assert _is_stale(project, manifest)


def _list_models(parsed: Path, target: Path) -> str:
    """The models, as dbt lists them from a parsed project."""
    result = subprocess.run(
        [
            sys.executable,
            "-m",
            "orchestration.dbt.command",
            *("--quiet", "list", "--resource-type", "model"),
            *("--project-dir", str(ROOT / "dbt_project"), "--profiles-dir", str(ROOT / "dbt_project")),
            *("--target-path", str(target)),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, PARSED: str(parsed), "PREG_WAREHOUSE": str(target / "warehouse.duckdb")},
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout
