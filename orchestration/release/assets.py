"""The candidate and the release as assets."""

import datetime as dt

import dagster as dg

from foundation.settings import Settings
from foundation.text import printable
from orchestration.dbt.environment import dbt_target
from orchestration.dbt.project import asset_key_of_mart
from orchestration.progress import listener
from orchestration.release.publishing import publish_candidate, was_published_before
from orchestration.resources import WarehouseResource, failures_for_people
from publication.candidate.candidate import build_candidate, read_candidate
from publication.candidate.tables import RELEASE_TABLES
from publication.store.release import newest_release
from quality.gate import run_gate
from quality.masked_rows import failing_rows
from quality.owners import OPERATIONS, team
from quality.registry import checks
from quality.result import CheckResult, Severity

GROUP = "release"
CANDIDATE = dg.AssetKey("candidate")
GATE = "gate"
# The UI shows checks by name: this one comes first.
VERDICT = "blocking_checks_pass"
_LONGEST_SAMPLE = 4000
# To how many of the checks that fired the verdict has a link; all of them are in its table.
_LINKS = 20


@dg.asset(
    key=CANDIDATE,
    group_name=GROUP,
    kinds={"duckdb"},
    owners=[team(OPERATIONS)],
    deps=[asset_key_of_mart(table) for table in RELEASE_TABLES],
    description="One build of the marts as it would be published, not yet visible to anybody.",
)
def candidate(warehouse: WarehouseResource) -> dg.MaterializeResult:
    """Copy the marts out of the warehouse."""
    listener().begin("make the candidate")
    with failures_for_people():
        built = build_candidate(warehouse.settings, newest_release(warehouse.settings))
    return dg.MaterializeResult(
        metadata={
            "tables": dg.MetadataValue.table(
                [
                    dg.TableRecord({"table": table, "rows": facts.rows, "content hash": facts.content_hash})
                    for table, facts in built.tables.items()
                ]
            ),
            "folder": dg.MetadataValue.path(str(built.folder)),
        }
    )


def gate_check_specs() -> list[dg.AssetCheckSpec]:
    """A check in the UI for each check of the gate but dbt's, which are with their models; and the verdict.

    A check of one table stands with that table; those of the whole candidate, and of its change, stand with the
    candidate. The verdict alone keeps the release from being made: a check that stands with a table is of the
    candidate all the same, which comes after the table.
    """
    verdict = dg.AssetCheckSpec(
        name=VERDICT,
        asset=CANDIDATE,
        description="No check that blocks has fired, on any table. If it fires: look at the checks that it names.",
        blocking=True,
    )
    return [
        verdict,
        *(
            dg.AssetCheckSpec(
                name=check.name,
                asset=_stands_with(check.about),
                additional_deps=[] if _stands_with(check.about) == CANDIDATE else [CANDIDATE],
                description=f"{check.why}. If it fires ({check.severity.value}, {check.answers}): {check.todo}",
            )
            for check in checks()
        ),
    ]


def _stands_with(about: str) -> dg.AssetKey:
    return asset_key_of_mart(about) if about in RELEASE_TABLES else CANDIDATE


# A part of them is chosen where a part of the tables is: all are run, on the candidate as it is, and those told.
@dg.multi_asset_check(specs=gate_check_specs(), name=GATE, can_subset=True)
def gate(context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource):  # type: ignore[no-untyped-def]
    """Run every check on the candidate."""
    listener().begin("check the candidate")
    settings = warehouse.settings
    with failures_for_people():
        made = read_candidate(settings)
        results = run_gate(
            settings,
            made.database,
            dbt_target(settings),
            made.check_results,
            newest_release(settings),
            published_before=was_published_before(settings),
        )
    chosen = {(key.asset_key, key.name) for key in context.selected_asset_check_keys}
    for each in (_verdict(results), *(_as_dagster_result(each, settings) for each in results if each.kind != "dbt")):
        if (each.asset_key, each.check_name) in chosen:
            yield each


def _verdict(results: list[CheckResult]) -> dg.AssetCheckResult:
    """Whether anything blocks, dbt's tests among it, and what fired: those that block first."""
    fired = sorted((result for result in results if not result.passed), key=lambda result: not result.blocks)
    return dg.AssetCheckResult(
        asset_key=CANDIDATE,
        check_name=VERDICT,
        passed=not any(result.blocks for result in results),
        severity=dg.AssetCheckSeverity.ERROR,
        metadata={
            **{
                result.name: dg.MetadataValue.url(f"/assets/{'/'.join(_stands_with(result.about).path)}?view=checks")
                for result in [result for result in fired if result.kind != "dbt"][:_LINKS]
            },
            "fired": dg.MetadataValue.table(
                [
                    dg.TableRecord(
                        {
                            "check": result.name,
                            "severity": result.severity.value,
                            "failures": result.failures,
                            "owner": result.owner,
                            "table": result.about,
                            "to do": result.todo,
                        }
                    )
                    for result in fired
                ],
                schema=dg.TableSchema(
                    [
                        dg.TableColumn(name, "int" if name == "failures" else "string")
                        for name in ("check", "severity", "failures", "owner", "table", "to do")
                    ]
                ),
            ),
        },
    )


def _as_dagster_result(result: CheckResult, settings: Settings) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=_stands_with(result.about),
        check_name=result.name,
        passed=result.passed,
        severity=dg.AssetCheckSeverity.ERROR if result.severity is Severity.BLOCK else dg.AssetCheckSeverity.WARN,
        metadata={
            "failures": result.failures,
            "about": result.about,
            "owner": result.owner,
            "why": result.why,
            "to do": result.todo,
            "sample (persons by keyed hash)": printable(", ".join(result.sample) or "-", _LONGEST_SAMPLE),
            **_failing_rows(result, settings),
        },
    )


def _failing_rows(result: CheckResult, settings: Settings) -> dict[str, dg.MetadataValue]:
    """What underlies a check that fired: the rows, masked, and the query that finds all of them."""
    if result.passed or not result.rows:
        return {}
    rows = failing_rows(settings, read_candidate(settings).database, result.rows, result.about).rows
    return {
        "failing rows (masked)": dg.MetadataValue.table(
            [
                dg.TableRecord({name: "" if value is None else str(value) for name, value in row.items()})
                for row in rows
            ],
            schema=dg.TableSchema([dg.TableColumn(name) for name in rows[0]]) if rows else dg.TableSchema([]),
        ),
        "all of them": dg.MetadataValue.md(f"`preg gate rows {result.name}`\n\n```sql\n{result.rows}\n```"),
    }


@dg.asset(
    key="release",
    group_name=GROUP,
    kinds={"duckdb", "parquet"},
    owners=[team(OPERATIONS)],
    # The windows are of weekdays and Sunday evenings: no more than two days lie between them.
    freshness_policy=dg.FreshnessPolicy.time_window(fail_window=dt.timedelta(hours=50)),
    deps=[CANDIDATE],
    description="The published release: immutable, and made current in one switch.",
)
def release(warehouse: WarehouseResource) -> dg.MaterializeResult:
    """Publish the candidate that has passed."""
    listener().begin("publish")
    settings = warehouse.settings
    with failures_for_people():
        published = publish_candidate(settings)
        checks = published.manifest.checks
    return dg.MaterializeResult(
        metadata={
            "release": published.release_id,
            "sequence number": published.manifest.sequence_number or 0,
            "folder": dg.MetadataValue.path(str(published.folder)),
            "report": dg.MetadataValue.path(str(published.report_page)),
            "checks passed": sum(check.passed for check in checks),
            "warnings": sum(not check.passed for check in checks),
        }
    )
