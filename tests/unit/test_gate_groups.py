"""Groups of checks run at the same time: their results keep their order, and a failure leaves nobody at work."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import duckdb
import pytest

from quality.gate import _run_groups
from quality.registry import Check, checks
from quality.result import CheckResult

FIRST, SECOND, THIRD = checks()[:3]
Run = Callable[[duckdb.DuckDBPyConnection], list[CheckResult]]


def _group(check: Check, failures: int, wait: Callable[[], object]) -> tuple[str, list[Check], Run]:
    def run(connection: duckdb.DuckDBPyConnection) -> list[CheckResult]:
        connection.execute(f"create temp table mine as select {failures} as failures")
        wait()
        ((found,),) = connection.execute("select failures from mine").fetchall()
        return [check.result(found)]

    return check.name, [check], run


def test_two_groups_work_at_a_time_each_with_tables_of_its_own_and_results_keep_their_order() -> None:
    # The first and the last are begun first; neither goes on before the other is at work.
    together = threading.Barrier(2, timeout=30)
    seconds: dict[str, float] = {}
    groups = [
        _group(FIRST, 1, together.wait),
        _group(SECOND, 2, lambda: None),
        _group(THIRD, 3, together.wait),
    ]
    with duckdb.connect() as warehouse:
        results = _run_groups(warehouse, groups, seconds)
    assert [(each.name, each.failures) for each in results] == [(FIRST.name, 1), (SECOND.name, 2), (THIRD.name, 3)]
    assert set(seconds) == {FIRST.name, SECOND.name, THIRD.name}


def test_what_lacks_a_table_has_not_run_and_stops_no_other_group() -> None:
    def lacking(connection: duckdb.DuckDBPyConnection) -> list[CheckResult]:
        connection.execute("from nowhere")
        return []

    with duckdb.connect() as warehouse:
        first, second = _run_groups(warehouse, [(FIRST.name, [FIRST], lacking), _group(SECOND, 0, lambda: None)], {})
    assert (first.ran, first.passed) == (False, False)
    assert second.passed


def test_a_failure_ends_the_queries_of_the_others() -> None:
    begun = threading.Event()

    def endless(connection: duckdb.DuckDBPyConnection) -> list[CheckResult]:
        begun.set()
        # The query begins when the others have been told to end.
        time.sleep(0.3)
        connection.execute("select sum(a.range * b.range) from range(10000000) as a, range(10000000) as b")
        return []

    def failing(_: duckdb.DuckDBPyConnection) -> list[CheckResult]:
        assert begun.wait(timeout=30)
        raise OSError(28, "No space left on device")

    with duckdb.connect() as warehouse, pytest.raises(OSError, match="No space left"):
        _run_groups(warehouse, [(FIRST.name, [FIRST], failing), (SECOND.name, [SECOND], endless)], {})
