"""The steps of the main job, called from Python one after another: the same functions as Dagster's assets call."""

from __future__ import annotations

from foundation.settings import Settings
from ingest.deliveries import load_new
from orchestration.dbt.build_plan import BuildPlan, plan_build, record_build
from orchestration.dbt.environment import dbt_target, point_dbt_at
from publication.candidate.candidate import build_candidate
from publication.candidate.fingerprint import rules_of
from publication.reports.report import report_writer
from publication.store.release import current_release, publish
from quality.dbt_results import read_dbt_results
from quality.gate import raise_if_blocked
from tests.support.forked import forked


def load_build_and_publish(settings: Settings) -> BuildPlan:
    """Load what is new, build what is planned, and publish it if dbt's tests pass. Returns the plan."""
    load_new(settings).raise_if_refused()
    plan = plan_build(settings)
    point_dbt_at(settings)
    project = str(settings.dbt_project_dir)
    target = dbt_target(settings)
    result = forked(
        "preg-dbt",
        "--no-version-check",
        *plan.dbt_arguments,
        "--exclude-resource-type",
        "unit_test",
        "--project-dir",
        project,
        "--profiles-dir",
        project,
        "--target-path",
        target.resolve(),
    )
    assert result.returncode == 0, result.stdout
    record_build(settings, plan)
    candidate = build_candidate(settings, current_release(settings))
    results = read_dbt_results(target)
    raise_if_blocked(results)
    publish(settings, candidate, results, rules_of(settings), report_writer(settings))
    return plan
