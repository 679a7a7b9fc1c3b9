"""The gate: every check on a candidate, one verdict.

Published is only what has passed; `publication` refuses a candidate without results, or with one that blocks.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from foundation.database import session
from foundation.errors import GateStopped
from foundation.person_hash import load_key, person_hash
from foundation.settings import Settings
from quality.dbt_results import read_dbt_results
from quality.expectation_run import run_expectations
from quality.protection import search_protected
from quality.reconciliation import reconcile
from quality.result import CheckResult, write_results

_ALIAS = "candidate"


def run_gate(settings: Settings, candidate: Path, dbt_target: Path, results_file: Path) -> list[CheckResult]:
    """Run every check on the DuckDB file `candidate`, write the results to `results_file`, and return them.

    The warehouse is read for what the candidate no longer knows: deliveries, documents, protected addresses.
    """
    key = load_key(settings)
    results = run_expectations(candidate, lambda number: person_hash(number, key))
    with session(settings, settings.warehouse) as warehouse:
        warehouse.execute(f"attach '{candidate}' as {_ALIAS} (read_only)")
        results += reconcile(warehouse, _ALIAS)
        results += search_protected(warehouse, _ALIAS, settings.household_protection == "dwelling")
    results += read_dbt_results(dbt_target)
    write_results(results, results_file)
    return results


def raise_if_blocked(results: Iterable[CheckResult]) -> None:
    """Raise `GateStopped`, naming each blocking check that fired and how often."""
    blocking = [result for result in results if result.blocks]
    if not blocking:
        return
    fired = [result for result in blocking if result.ran]
    lines = [f"  {result.name}: {result.failures} ({result.why}; {result.todo})" for result in fired]
    if not_run := len(blocking) - len(fired):
        lines.append(f"  {_counted(not_run)} did not run, because what they look at was not built")
    raise GateStopped(
        f"the gate stopped the publication: {_counted(len(fired))} fired\n" + "\n".join(lines),
        todo="nothing was published and the current release stands; mend the cause and run again",
    )


def _counted(checks: int) -> str:
    return f"{checks} blocking check{'' if checks == 1 else 's'}"
