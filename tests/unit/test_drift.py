"""Drift: which changes fire, at which level, and which are chance, small, usual, or expected."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from foundation.errors import ConfigurationError
from foundation.settings import Settings
from quality.drift import compare_with_limit, limits, read_baseline
from quality.last_release import ALIAS
from quality.measures import counts_blanks_apart, create_measures
from quality.overrides import Override, overrides_file, read_overrides
from quality.registry import check as registered
from quality.result import Severity

DAY = dt.date(2026, 1, 20)
Measure = tuple[str, str, float, float | None]


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        for table in ("measure_now", "measure_before"):
            create_measures(connection, table)
        connection.execute("create temp table measure_baseline (measure varchar, dimension varchar, value double)")
        yield connection


def _put(connection: duckdb.DuckDBPyConnection, table: str, *measures: Measure) -> None:
    connection.executemany(f"insert into {table} values (?, ?, ?, ?)", measures)


def _verdict(connection: duckdb.DuckDBPyConnection, check: str, *overrides: Override) -> str:
    limit = registered(check)
    result = compare_with_limit(connection, limit, overrides, DAY)
    return "passed" if result.passed else str(result.severity)


@pytest.mark.parametrize(
    ("before", "now", "verdict"),
    [
        (10_000, 10_000, "passed"),
        (10_000, 9_960, "passed"),
        (10_000, 9_900, "warn"),
        (10_000, 9_000, "block"),
        # Of thirty persons nine may go: small registers are legitimate.
        (30, 21, "passed"),
        (30, 20, "block"),
        (10_000, 11_000, "passed"),
    ],
)
def test_persons_who_are_lost(connection: duckdb.DuckDBPyConnection, before: float, now: float, verdict: str) -> None:
    _put(connection, "measure_before", ("persons", "", before, None))
    _put(connection, "measure_now", ("persons", "", now, None))
    assert _verdict(connection, "drift_persons_lost") == verdict


@pytest.mark.parametrize(
    ("before", "now", "verdict"),
    [
        ((100, 1000), (104, 1000), "passed"),
        ((100, 1000), (145, 1000), "warn"),
        ((0, 1000), (900, 1000), "block"),
        # All of a handful may be chance.
        ((0, 8), (8, 8), "passed"),
    ],
)
def test_a_share(
    connection: duckdb.DuckDBPyConnection, before: tuple[float, float], now: tuple[float, float], verdict: str
) -> None:
    _put(connection, "measure_before", ("null_by_field", "preg_person.sn", *before))
    _put(connection, "measure_now", ("null_by_field", "preg_person.sn", *now))
    assert _verdict(connection, "drift_nulls") == verdict


def test_a_code_that_takes_the_place_of_another(connection: duckdb.DuckDBPyConnection) -> None:
    _put(
        connection,
        "measure_before",
        ("code_by_field", "preg_person.gender 1", 500, 1000),
        ("code_by_field", "preg_person.gender 2", 500, 1000),
    )
    _put(
        connection,
        "measure_now",
        ("code_by_field", "preg_person.gender 1", 505, 1000),
        ("code_by_field", "preg_person.gender 2", 495, 1000),
    )
    assert _verdict(connection, "drift_codes") == "passed"
    connection.execute("update measure_now set value = case when dimension like '% 1' then 990 else 10 end")
    assert _verdict(connection, "drift_codes") == "block"


@pytest.mark.parametrize(
    ("check", "measure"),
    [
        ("drift_documents_of_a_day", "documents_a_day"),
        ("drift_births", "births_a_day_by_kommune"),
        ("drift_deaths", "deaths_a_day_by_kommune"),
        ("drift_moves", "moves_a_day_by_kommune"),
    ],
)
def test_a_day_compared_with_the_usual_day(connection: duckdb.DuckDBPyConnection, check: str, measure: str) -> None:
    connection.execute("insert into measure_baseline values (?, '0301', 100)", [measure])
    _put(connection, "measure_now", (measure, "0301", 130, None))
    assert _verdict(connection, check) == "passed"
    connection.execute("update measure_now set value = 1000")
    assert _verdict(connection, check) == "block"


def test_the_usual_day_is_the_median_of_the_same_weekdays(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(f"attach ':memory:' as {ALIAS}")
    connection.execute(
        f"""
        create table {ALIAS}.gate_measure as
        select 'r' || week as release_id, timestamp '2026-01-06 12:00:00' + to_days(7 * cast(week as integer))
            as newest_event_at, 'documents_a_day' as measure, '' as dimension, 100.0 + week as value
        from range(5) as weeks(week)
        union all
        select 'sunday', timestamp '2026-01-11 12:00:00', 'documents_a_day', '', 3.0
        """
    )
    read_baseline(connection, {"gate_measure"}, "2026-02-17T10:00:00Z")
    assert connection.execute("select value from measure_baseline").fetchall() == [(102.0,)]
    # There has been one Sunday only: that is no baseline.
    read_baseline(connection, {"gate_measure"}, "2026-02-15T10:00:00Z")
    assert connection.execute("select value from measure_baseline").fetchall() == []


def _reform(dimension: str = "32*", until: dt.date = DAY) -> Override:
    return Override("drift_moved_by_kommune", dimension, DAY, until, 1.0, "reform", "Kari", DAY)


def test_an_override_widens_a_limit_for_its_dimensions_and_days(connection: duckdb.DuckDBPyConnection) -> None:
    _put(connection, "measure_now", ("moved_from_kommune", "3205", 900, 1000))
    assert _verdict(connection, "drift_moved_by_kommune") == "block"
    assert _verdict(connection, "drift_moved_by_kommune", _reform()) == "passed"
    assert _verdict(connection, "drift_moved_by_kommune", _reform("33*")) == "block"
    past = Override("drift_moved_by_kommune", "*", dt.date(2024, 1, 1), dt.date(2024, 1, 14), 1.0, "r", "K", DAY)
    assert _verdict(connection, "drift_moved_by_kommune", past) == "block"


HEADER = "check,dimension,valid_from,valid_to,limit,why,reviewed_by,reviewed_on\n"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("drift_births,*,2026-01-01,2026-01-02,1.0,reform,,2025-12-01", "lacks reviewed_by"),
        ("drift_birth,*,2026-01-01,2026-01-02,1.0,reform,Kari,2025-12-01", "no check 'drift_birth'"),
        ("drift_births,*,2026-01-01,tomorrow,1.0,reform,Kari,2025-12-01", "cannot be read"),
    ],
)
def test_an_override_that_is_not_whole_is_refused(settings: Settings, line: str, message: str) -> None:
    file: Path = overrides_file(settings)
    file.parent.mkdir(parents=True)
    file.write_text(HEADER + line + "\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=message) as refused:
        read_overrides(settings, {each.name for each in limits()})
    assert "line 2" in refused.value.where


def test_the_shipped_overrides_are_whole(settings: Settings) -> None:
    assert read_overrides(settings, {each.name for each in limits()})


def test_warnings_of_what_may_block_wait_for_a_name() -> None:
    for each in limits():
        assert each.limit is not None
        kind = each.limit.kind
        assert each.needs_approval == (kind != "level"), each.name
        assert (each.severity is Severity.BLOCK) == (kind not in ("level", "rate")), each.name


@pytest.mark.parametrize(
    ("measure", "check", "usual", "too_many"),
    [
        ("deaths_a_day", "rate_deaths", 1, 30),
        ("births_a_day", "rate_births", 2, 30),
        ("moves_a_day", "rate_moves", 20, 500),
        ("names_a_day", "rate_names", 2, 60),
        ("identities_a_day", "rate_identities", 1, 20),
    ],
)
def test_a_number_a_day_that_is_known_waits_for_a_name(
    connection: duckdb.DuckDBPyConnection, measure: str, check: str, usual: int, too_many: int
) -> None:
    limit = registered(check)
    _put(connection, "measure_now", (measure, "", usual, 10_000))
    assert compare_with_limit(connection, limit, [], DAY).passed
    connection.execute("update measure_now set value = ?", [too_many])
    for is_delivered in (False, True):
        result = compare_with_limit(connection, limit, [], DAY, is_delivered=is_delivered)
        assert (result.blocks, result.awaits_approval) == (False, True)
    # Of thirty persons some may.
    connection.execute("update measure_now set value = 4, total = 30")
    assert compare_with_limit(connection, limit, [], DAY).passed


def test_a_level_is_held_against_nothing_and_only_warns(connection: duckdb.DuckDBPyConnection) -> None:
    _put(connection, "measure_now", ("unexplained_by_field", "preg_legacy Person.sn", 10, 1000))
    assert _verdict(connection, "comparison_unexplained_level") == "passed"
    connection.execute("update measure_now set value = 1000")
    assert _verdict(connection, "comparison_unexplained_level") == "warn"


def test_what_freg_has_told_of_waits_for_a_name_and_is_not_stopped(connection: duckdb.DuckDBPyConnection) -> None:
    _put(connection, "measure_now", ("moved_from_kommune", "0301", 900, 1000), ("persons", "", 500, None))
    _put(connection, "measure_before", ("persons", "", 1000, None))
    by_name = {each.name: each for each in limits()}
    moved = compare_with_limit(connection, by_name["drift_moved_by_kommune"], [], DAY, is_delivered=True)
    assert (moved.passed, moved.blocks, moved.awaits_approval) == (False, False, True)
    assert compare_with_limit(connection, by_name["drift_persons_lost"], [], DAY, is_delivered=True).blocks


def test_a_release_that_counted_blank_cells_as_equal_is_known(connection: duckdb.DuckDBPyConnection) -> None:
    """Its shares are of everybody, not of those with a value: nothing is compared with them."""
    connection.execute("create table field_comparison_summary (field varchar, compared bigint, different bigint)")
    assert not counts_blanks_apart(connection, "memory")
    connection.execute("alter table field_comparison_summary add column both_blank bigint")
    assert counts_blanks_apart(connection, "memory")


def test_a_share_above_one_stops_no_check(connection: duckdb.DuckDBPyConnection) -> None:
    """With few values a wrong count is soon more than all: the gate says so, and does not break down."""
    _put(connection, "measure_before", ("different_by_field", "preg_legacy Person.duf_no", 40, 80))
    _put(connection, "measure_now", ("different_by_field", "preg_legacy Person.duf_no", 90, 40))
    assert _verdict(connection, "comparison_jumps") == "block"
