"""The gate: every check on a candidate, one verdict.

Only what has passed is published; `publication` refuses a candidate without results, or with one that blocks.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from foundation.database import another_connection, session, session_options, sql_text
from foundation.errors import GateStopped
from foundation.files import write_json
from foundation.person_hash import load_key, person_hash
from foundation.release import CandidateFolder, Release
from foundation.settings import Settings
from quality.candidate_integrity import check_integrity
from quality.checked_files import write_checked_files
from quality.dbt_results import read_dbt_results
from quality.drift import check_drift, limits
from quality.expectation_run import run_expectations
from quality.last_release import attached, check_comparable
from quality.overrides import read_overrides
from quality.plausibility import check_plausibility
from quality.protected_text import list_protected_texts, search_tables
from quality.protection import check_losses, list_protected, search_protected
from quality.reconciliation import reconcile, reconciliation_in_sql
from quality.registry import Check, checks, checks_by, checks_of
from quality.result import CheckResult, Kind, Severity, write_results
from quality.sequence import check_sequence
from quality.view_contract import check_view_contract

_ALIAS = "candidate"

# Groups of checks that run at the same time: one alone does not keep two cores busy.
_GROUPS_AT_A_TIME = 2
_BETWEEN_INTERRUPTS = 0.05
# The warehouse, and the candidate as Great Expectations opens it.
_DATABASES = 2

# A group of checks: its name, its checks, and what runs them on a connection to the warehouse.
_Group = tuple[str, Sequence[Check], Callable[[duckdb.DuckDBPyConnection], list[CheckResult]]]


def run_gate(
    settings: Settings,
    candidate: Path,
    dbt_target: Path,
    results_file: Path,
    last: Release | None = None,
    *,
    published_before: bool = False,
) -> list[CheckResult]:
    """Run every check on the DuckDB file `candidate`, write the results to `results_file`, and return them.

    The warehouse is read for what the candidate no longer knows: deliveries, documents, protected addresses. `last` is
    the newest release; without one, `published_before` says whether there ever was one. Next to the results, in the
    candidate's folder, are its measures, how long each group of checks took, and Great Expectations' Data Docs (see
    `CandidateFolder`).
    """
    key = load_key(settings)
    overrides = read_overrides(settings, {each.name for each in limits()})

    def mask(number: str) -> str:
        return person_hash(number, key)

    place = CandidateFolder(candidate.parent)
    description = json.loads(place.description.read_text(encoding="utf-8"))
    seconds: dict[str, float] = {}
    with session(settings, settings.warehouse, at_a_time=_DATABASES) as warehouse:
        warehouse.execute(f"attach {sql_text(candidate)} as {_ALIAS} (read_only)")
        with attached(warehouse, last) as last_tables:
            groups: list[_Group] = [
                (
                    "expectations",
                    checks_of(Kind.EXPECTATION),
                    lambda _: run_expectations(
                        candidate,
                        mask,
                        data_docs=place.data_docs,
                        options=session_options(settings, at_a_time=_DATABASES, spill="expectations"),
                    ),
                ),
                (
                    "comparable with the last release",
                    checks_by("quality/last_release.py"),
                    lambda _: [check_comparable(last, last_tables, published_before=published_before)],
                ),
                (
                    "reconciliation",
                    [*reconciliation_in_sql(), *checks_by("quality/reconciliation.py")],
                    lambda connection: reconcile(connection, _ALIAS, mask),
                ),
                (
                    "sequence",
                    checks_by("quality/sequence.py"),
                    lambda connection: check_sequence(connection, last),
                ),
                (
                    "integrity of the candidate",
                    checks_by("quality/candidate_integrity.py"),
                    lambda connection: check_integrity(
                        connection, _ALIAS, place, tuple(description["tables"]), tuple(description["since_last"])
                    ),
                ),
                (
                    "contract of the views",
                    checks_by("quality/view_contract.py"),
                    lambda connection: [
                        check_view_contract(
                            connection, _ALIAS, last if last_tables else None, description["views_version"]
                        )
                    ],
                ),
                (
                    "plausibility",
                    checks_of(Kind.PLAUSIBILITY),
                    lambda connection: check_plausibility(connection, _ALIAS, last_tables, mask),
                ),
                (
                    "drift",
                    limits(),
                    lambda connection: check_drift(
                        connection,
                        _ALIAS,
                        last,
                        last_tables,
                        description["newest_event_at"],
                        overrides,
                        place.measures,
                    ),
                ),
                (
                    "protection",
                    checks_of(Kind.PROTECTION),
                    lambda connection: _search(connection, settings, last, last_tables, mask),
                ),
            ]
            results = _run_groups(warehouse, groups, seconds)
    results += _without_result(results)
    results += read_dbt_results(dbt_target)
    write_checked_files(results_file, candidate)
    write_results(results, results_file)
    write_json(place.check_seconds, seconds)
    return results


@contextmanager
def _timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    """Note how long the block takes."""
    started = time.perf_counter()
    yield
    seconds[name] = time.perf_counter() - started


def _run_groups(
    warehouse: duckdb.DuckDBPyConnection, groups: Sequence[_Group], seconds: dict[str, float]
) -> list[CheckResult]:
    """Run groups of checks, each on a connection of its own (its temporary tables are its own), a few at a time.

    The results are in the order of the groups; `seconds` is told how long each of them took.
    """

    working: list[duckdb.DuckDBPyConnection] = []

    def run(group: _Group) -> list[CheckResult]:
        name, checks_of_group, run_on = group
        with another_connection(warehouse) as connection, _timed(seconds, name):
            working.append(connection)
            return _run(checks_of_group, lambda: run_on(connection))

    with ThreadPoolExecutor(_GROUPS_AT_A_TIME) as pool:
        # The longest first: what is begun last runs alone.
        begun = {group[0]: pool.submit(run, group) for group in (groups[0], *reversed(groups[1:]))}
        try:
            return [result for group in groups for result in begun[group[0]].result()]
        except BaseException:
            # Nothing that is attached may go while somebody asks it.
            pool.shutdown(wait=False, cancel_futures=True)
            # Again until they have ended: a query that begins just after an interrupt has not heard of it.
            while any(each.running() for each in begun.values()):
                for connection in working:
                    with suppress(duckdb.Error):
                        connection.interrupt()
                time.sleep(_BETWEEN_INTERRUPTS)
            raise


def _run(group: Sequence[Check], run: Callable[[], list[CheckResult]]) -> list[CheckResult]:
    """Run a group of checks; where a table or column that they look at is not there, none of them has passed."""
    try:
        return run()
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        # The engine's first line names what it lacks, and no value.
        lacking = str(error).splitlines()[0]
        return [each.not_run(f"what it looks at is not as it expects: {lacking}") for each in group]


def _without_result(results: Sequence[CheckResult]) -> list[CheckResult]:
    """Checks of the registry that have no result; they stop the publication, since nothing has looked."""
    ran = {result.name for result in results}
    return [
        each.not_run("nothing has run it: see quality/gate.py", severity=Severity.BLOCK)
        for each in checks()
        if each.name not in ran
    ]


def _search(
    warehouse: duckdb.DuckDBPyConnection,
    settings: Settings,
    last: Release | None,
    last_tables: set[str],
    mask: Callable[[str], str],
) -> list[CheckResult]:
    dwellings_too = settings.household_protection == "dwelling"
    lineage = last.manifest.lineage if last else None
    list_protected(warehouse)
    list_protected_texts(warehouse, dwellings_too)
    return [
        *search_protected(warehouse, _ALIAS, dwellings_too),
        *check_losses(warehouse, _ALIAS, last_tables, lineage.last_document_number if lineage else 0, mask),
        *search_tables(warehouse, _ALIAS),
    ]


def raise_if_blocked(results: Iterable[CheckResult]) -> None:
    """Raise `GateStopped`, naming each blocking check that fired, how often and who answers for it, and each that did
    not run.

    Of dbt's, which it skips where a model was not built, only how many.
    """
    blocking = [result for result in results if result.blocks]
    if not blocking:
        return
    fired = [result for result in blocking if result.ran]
    skipped = [result for result in blocking if not result.ran and result.kind is Kind.DBT]
    lines = [f"  {result.name}: {result.failures} ({result.why}; {_to_do(result)})" for result in fired]
    lines += [
        f"  {result.name}: did not run ({result.why}; {_to_do(result)})"
        for result in blocking
        if not result.ran and result.kind is not Kind.DBT
    ]
    if skipped:
        lines.append(f"  {_counted(len(skipped))} did not run, because what they look at was not built")
    raise GateStopped(
        f"the gate stopped the publication: {_counted(len(fired))} fired\n" + "\n".join(lines),
        todo="nothing was published and the current release stays current; correct the cause and run again",
    )


def _to_do(result: CheckResult) -> str:
    return f"{result.owner}: {result.todo}" if result.owner else result.todo


def _counted(checks: int) -> str:
    return f"{checks} blocking check{'' if checks == 1 else 's'}"
