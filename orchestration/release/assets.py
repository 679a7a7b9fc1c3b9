"""The candidate and the release as assets."""

import dagster as dg

from orchestration.dbt.project import asset_key_of_mart, dbt_target
from orchestration.progress import listener
from orchestration.resources import WarehouseResource, failures_for_people
from publication.candidate import build_candidate, read_candidate
from publication.fingerprint import rules_of
from publication.release import current_release, publish
from publication.report import report_writer
from publication.tables import RELEASE_TABLES
from quality.catalogue import catalogue
from quality.gate import raise_if_blocked, run_gate
from quality.result import CheckResult, Severity, read_results

GROUP = "release"
CANDIDATE = dg.AssetKey("candidate")
GATE = "gate"


@dg.asset(
    key=CANDIDATE,
    group_name=GROUP,
    kinds={"duckdb"},
    deps=[asset_key_of_mart(table) for table in RELEASE_TABLES],
    description="One build of the marts as it would be published, not yet visible to anybody.",
)
def candidate(warehouse: WarehouseResource) -> dg.MaterializeResult:
    """Copy the marts out of the warehouse."""
    listener().begin("make the candidate")
    with failures_for_people():
        current = current_release(warehouse.settings)
        base = None if current is None else current.as_base()
        previous = None if current is None else current.as_previous()
        built = build_candidate(warehouse.settings, base, previous)
    return dg.MaterializeResult(
        metadata={
            "tables": dg.MetadataValue.table(
                [
                    dg.TableRecord({"table": table, "rows": facts["rows"], "content hash": facts["content_hash"]})
                    for table, facts in built.tables.items()
                ]
            ),
            "folder": dg.MetadataValue.path(str(built.folder)),
        }
    )


def gate_check_specs() -> list[dg.AssetCheckSpec]:
    """A check in the UI for each check of the gate but dbt's, which stand with their models."""
    return [
        dg.AssetCheckSpec(
            name=check.name,
            asset=CANDIDATE,
            description=f"{check.why}. If it fires: {check.todo}",
            blocking=check.severity is Severity.BLOCK,
        )
        for check in catalogue()
    ]


@dg.multi_asset_check(specs=gate_check_specs(), name=GATE)
def gate(warehouse: WarehouseResource):  # type: ignore[no-untyped-def]
    """Run every check on the candidate."""
    listener().begin("check the candidate")
    settings = warehouse.settings
    with failures_for_people():
        made = read_candidate(settings)
        results = run_gate(settings, made.database, dbt_target(settings), made.check_results)
    for result in results:
        if result.kind != "dbt":
            yield _as_dagster_result(result)


def _as_dagster_result(result: CheckResult) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=CANDIDATE,
        check_name=result.name,
        passed=result.passed,
        severity=dg.AssetCheckSeverity.ERROR if result.severity is Severity.BLOCK else dg.AssetCheckSeverity.WARN,
        metadata={
            "failures": result.failures,
            "about": result.about,
            "why": result.why,
            "to do": result.todo,
            "persons (by keyed hash)": ", ".join(result.sample) or "-",
        },
    )


@dg.asset(
    key="release",
    group_name=GROUP,
    kinds={"duckdb", "parquet"},
    deps=[CANDIDATE],
    description="The published release: immutable, and made current in one switch.",
)
def release(warehouse: WarehouseResource) -> dg.MaterializeResult:
    """Publish the candidate that has passed."""
    listener().begin("publish")
    settings = warehouse.settings
    with failures_for_people():
        made = read_candidate(settings)
        results = read_results(made.check_results)
        raise_if_blocked(results)
        published = publish(settings, made, results, rules_of(settings), report_writer(settings))
    return dg.MaterializeResult(
        metadata={
            "release": published.release_id,
            "sequence number": published.manifest["sequence_number"] or 0,
            "folder": dg.MetadataValue.path(str(published.folder)),
            "report": dg.MetadataValue.path(str(published.folder / "report" / "index.html")),
            "checks passed": sum(result.passed for result in results),
            "warnings": sum(not result.passed for result in results),
        }
    )
