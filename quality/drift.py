"""Drift: a release's measures compared with those of the last release, and with what is usual on such a day.

The limits are with the checks (`quality/checks/`). A change fires when it is past a limit and is more than chance:
small registers are legitimate, and of thirty persons three may move. Kinds of limit:

- fall, rise, change: of a count, as a share of what it was;
- share: of a share, in points (0.05: from 10 % to 15 %);
- psi: population stability index of a field's codes, less what chance alone would give;
- count: a number of persons;
- level: a share by itself, independent of what it was; it only warns, and needs no approval: PREG is not wrong
  because of it;
- flow: of a number per day, in multiples of the usual one (the median of releases of the same weekday);
- rate: a number per day, as a share of all persons: about as many die, are born, move, change their names every day.
  Always a warning that needs approval.

A candidate is compared with the newest release that there is; what has fallen, with the one before it too: a loss that
was published once is not what is usual the day after. Persons whose address has become hidden are in none of these
measures: a thousand persons who became protected need nobody's approval.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from foundation.database import sql_text
from foundation.release import Release
from quality.last_release import ALIAS
from quality.measures import (
    COLUMNS,
    TABLE,
    address_measures,
    change_measures,
    counts_blanks_apart,
    create_measures,
    release_measures,
)
from quality.overrides import Override
from quality.registry import Check, Limit, checks_of
from quality.result import CheckResult, Kind, Severity

_SAMPLE_SIZE = 5

# A share has changed by more than chance when it is this many standard deviations from what it was.
_DEVIATIONS = 2.5

# The last release's addresses without those that are hidden now, as a database next to it.
_LAST_SHOWN = "last_shown"

# Shares of which only a rise is looked at; that fewer are compared is `comparison_coverage`'s.
_ONLY_RISES = ("different_by_field", "unexplained_by_field")

# A number per day is past its rate when it is this many standard deviations beyond it.
_RATE_DEVIATIONS = 4

# Persons who may have changed without a document that reports it: at most this many, or this share of all persons.
_UNDELIVERED_AT_MOST = 5
_UNDELIVERED_SHARE = 0.001

# Releases of the same weekday that make a baseline, and how many at least there must be.
_BASELINE_RELEASES = 8
_BASELINE_AT_LEAST = 4


def limits() -> tuple[Check, ...]:
    """The checks that have a limit, in their order."""
    return tuple(each for each in checks_of(Kind.DRIFT, Kind.COMPARISON) if each.limit)


def check_drift(
    connection: duckdb.DuckDBPyConnection,
    candidate: str,
    last: Release | None,
    last_tables: set[str],
    newest_event_at: str | None,
    overrides: Sequence[Override],
    measures_file: Path,
) -> list[CheckResult]:
    """Measure the attached `candidate`, compare it with the last release, and keep the measures in `measures_file`.

    Without a last release nothing has changed, and every check passes. The measures are written as Parquet.
    """
    create_measures(connection, "measure_now")
    release_measures(connection, candidate, "measure_now")
    create_measures(connection, "measure_before")
    comparable = last is not None and {"preg_person", "preg_address", "field_comparison_summary"} <= last_tables
    if last is not None and comparable:
        change_measures(connection, candidate, last, newest_event_at, "measure_now")
        _read_before(connection, last, last_tables)
        _leave_out_newly_hidden(connection, candidate)
    read_baseline(connection, last_tables, newest_event_at)
    connection.execute(f"copy (select * from measure_now order by all) to {sql_text(measures_file)} (format parquet)")
    day = _day_of(newest_event_at)
    is_delivered = last is not None and comparable and _is_delivered(connection)
    results = [compare_with_limit(connection, check, overrides, day, is_delivered=is_delivered) for check in limits()]
    if last is not None and comparable and _read_one_before(connection, last, last_tables):
        results = [
            _or_loss_since_one_before(result, compare_with_limit(connection, check, overrides, day))
            if _limit(check).kind == "fall"
            else result
            for result, check in zip(results, limits(), strict=True)
        ]
    return results


def _or_loss_since_one_before(result: CheckResult, since_one_before: CheckResult) -> CheckResult:
    """The result; if it has passed, a loss since the release before the newest, as a warning that needs approval."""
    if not result.passed or since_one_before.passed:
        return result
    shown = [f"{line} (since the release before the newest)" for line in since_one_before.sample]
    return replace(since_one_before, severity=Severity.WARN, sample=shown, needs_approval=True)


def _read_one_before(connection: duckdb.DuckDBPyConnection, last: Release, last_tables: set[str]) -> bool:
    """Put into `measure_before` the measures of the release before the last one; whether they are known."""
    if TABLE not in last_tables:
        return False
    connection.execute("delete from measure_before")
    connection.execute(
        f"""
        insert into measure_before select {COLUMNS} from {ALIAS}.{TABLE}
        where release_id = (select max(release_id) from {ALIAS}.{TABLE} where release_id < ?)
        """,
        [last.release_id],
    )
    ((known,),) = connection.execute("select count(*) from measure_before").fetchall()
    return bool(known)


def _is_delivered(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether nearly all persons who have changed since the last release are named or touched by new documents."""
    found = dict(
        connection.execute(
            "select measure, value from measure_now"
            " where measure in ('changed_persons', 'changed_without_delivery', 'persons')"
        ).fetchall()
    )
    return bool(found["changed_persons"]) and found["changed_without_delivery"] <= max(
        _UNDELIVERED_AT_MOST, _UNDELIVERED_SHARE * found["persons"]
    )


def _read_before(connection: duckdb.DuckDBPyConnection, last: Release, last_tables: set[str]) -> None:
    """The last release's measures as it keeps them; measured now where it was published before they were kept."""
    if TABLE in last_tables:
        connection.execute(
            f"insert into measure_before select {COLUMNS} from {ALIAS}.{TABLE} where release_id = ?", [last.release_id]
        )
    ((kept,),) = connection.execute("select count(*) from measure_before").fetchall()
    if not kept:
        # Published before measures were kept, or a cleaned copy.
        release_measures(connection, ALIAS, "measure_before")
    if not counts_blanks_apart(connection, ALIAS):
        # Shares of everybody are no measure of shares of those with a value: there is nothing to compare them with.
        shares = ", ".join(f"'{measure}'" for measure in _ONLY_RISES)
        connection.execute(f"delete from measure_before where measure in ({shares})")


def _leave_out_newly_hidden(connection: duckdb.DuckDBPyConnection, candidate: str) -> None:
    """Measure addresses of the last release once more, without those that are hidden now: nothing of them was lost."""
    connection.execute(
        f"""
        create or replace temp table newly_hidden as
        select before.nin
        from {ALIAS}.preg_address as before
        inner join {candidate}.preg_address as now using (nin)
        where before.current_address and now.current_address
            and now.enrichment_method = 'hidden' and before.enrichment_method is distinct from 'hidden'
        """
    )
    ((hidden,),) = connection.execute("select count(*) from newly_hidden").fetchall()
    if not hidden:
        return
    connection.execute(f"attach ':memory:' as {_LAST_SHOWN}")
    try:
        connection.execute(
            f"create view {_LAST_SHOWN}.preg_address as select * from {ALIAS}.preg_address"
            " where nin not in (select nin from temp.newly_hidden)"
        )
        connection.execute(f"create view {_LAST_SHOWN}.preg_person as select * from {ALIAS}.preg_person")
        create_measures(connection, "measure_again")
        address_measures(connection, _LAST_SHOWN, "measure_again")
        connection.execute("delete from measure_before where measure in (select distinct measure from measure_again)")
        connection.execute(f"insert into measure_before select {COLUMNS} from measure_again")
    finally:
        connection.execute(f"detach {_LAST_SHOWN}")


def read_baseline(connection: duckdb.DuckDBPyConnection, last_tables: set[str], newest_event_at: str | None) -> None:
    """Make `measure_baseline`: the median of earlier releases of the same weekday; empty where they are too few."""
    connection.execute(
        "create or replace temp table measure_baseline (measure varchar, dimension varchar, value double)"
    )
    if TABLE not in last_tables or newest_event_at is None:
        return
    connection.execute(
        f"""
        insert into measure_baseline
        with weekday as (
            select distinct release_id, newest_event_at
            from {ALIAS}.{TABLE}
            where measure = 'documents_a_day' and value > 0
                and dayofweek(newest_event_at) = dayofweek(cast($newest as timestamp))
            order by newest_event_at desc
            limit {_BASELINE_RELEASES}
        ),
        dimensions as (
            select distinct measure, dimension from {ALIAS}.{TABLE} where measure like '%_a_day%'
            union
            select distinct measure, dimension from measure_now where measure like '%_a_day%'
        )
        -- A kommune that a release does not name had none that day.
        select measure, dimension, median(coalesce(kept.value, 0))
        from dimensions
        cross join weekday
        left join {ALIAS}.{TABLE} as kept using (release_id, measure, dimension)
        where (select count(*) from weekday) >= {_BASELINE_AT_LEAST}
        group by measure, dimension
        """,
        {"newest": newest_event_at.removesuffix("Z")},
    )


_COUNT_PAIRS = """
    select dimension, coalesce(before.value, 0) as before, coalesce(now.value, 0) as now
    from (select * from measure_before where measure = $measure) as before
    full join (select * from measure_now where measure = $measure) as now using (dimension)
    where exists (from measure_before where measure = $measure)
"""


def _limit(check: Check) -> Limit:
    assert check.limit is not None  # noqa: S101  `limits` has no others
    return check.limit


def _sizes(check: Check) -> str:
    """SQL: dimension, size of the change, whether it is more than chance (`exceeds_noise`), and a text."""
    limit = _limit(check)
    if limit.kind in ("fall", "rise", "change"):
        change = {"fall": "before - now", "rise": "now - before", "change": "abs(now - before)"}[limit.kind]
        return f"""
            select dimension, ({change}) / greatest(before, 1) as size,
                ({change}) >= $at_least as exceeds_noise,
                before || ' → ' || now as shown
            from ({_COUNT_PAIRS})
        """
    if limit.kind == "count":
        return """
            select dimension, value as size, value >= $at_least as exceeds_noise, cast(value as varchar) as shown
            from measure_now where measure = $measure
        """
    if limit.kind == "level":
        return """
            select dimension, value / total as size, value >= $at_least as exceeds_noise,
                printf('%.2f %%', 100 * value / total) as shown
            from measure_now where measure = $measure and total > 0
        """
    if limit.kind == "rate":
        return f"""
            select dimension, value / total as size,
                value >= $at_least and value >= {limit.warn} * total + {_RATE_DEVIATIONS} * sqrt({limit.warn} * total)
                    as exceeds_noise,
                printf('%.0f of %.0f persons a day', value, total) as shown
            from measure_now where measure = $measure and total > 0
        """
    if limit.kind == "share":
        return _share_sizes(check)
    if limit.kind == "psi":
        return _psi_sizes()
    return """
        select dimension, abs(now.value - baseline.value) / greatest(baseline.value, 1) as size,
            abs(now.value - baseline.value) >= greatest($at_least, 4 * sqrt(baseline.value)) as exceeds_noise,
            baseline.value || ' → ' || now.value as shown
        from (select * from measure_baseline where measure = $measure) as baseline
        inner join (
            select dimension, coalesce(value, 0) as value
            from (select dimension from measure_baseline where measure = $measure)
            left join (select * from measure_now where measure = $measure) using (dimension)
        ) as now using (dimension)
    """


def _share_sizes(check: Check) -> str:
    """A share compared with what it was; one that is itself a change since the last release is compared with zero."""
    before = (
        "(select dimension, 0.0 as value, total from measure_now where measure = $measure)"
        if check.about in ("changed_by_field", "moved_from_kommune")
        else "(select dimension, value, total from measure_before where measure = $measure)"
    )
    change = "now.value / now.total - before.value / before.total"
    # Differences that are gone are no jump: they were corrected, or somebody's address is hidden now.
    size = change if check.about in _ONLY_RISES else f"abs({change})"
    # A share of wrong counts may be above one: then it exceeds the noise, and no chance explains it.
    return f"""
        select dimension,
            {size} as size,
            abs(now.value - before.value / before.total * now.total) >= $at_least
                and abs(now.value / now.total - before.value / before.total) >= {_DEVIATIONS} * sqrt(greatest(
                    0,
                    (now.value + before.value) / (now.total + before.total)
                    * (1 - (now.value + before.value) / (now.total + before.total))
                    * (1 / now.total + 1 / before.total)
                )) as exceeds_noise,
            printf('%.2f %% → %.2f %%', 100 * before.value / before.total, 100 * now.value / now.total) as shown
        from {before} as before
        inner join (select dimension, value, total from measure_now where measure = $measure) as now using (dimension)
        where before.total > 0 and now.total > 0
    """


def _psi_sizes() -> str:
    return """
        with pairs as (
            select coalesce(now.dimension, before.dimension) as code,
                coalesce(now.value, 0) as now, coalesce(before.value, 0) as before
            from (select * from measure_now where measure = $measure) as now
            full join (select * from measure_before where measure = $measure) as before using (dimension)
            where exists (from measure_before where measure = $measure)
        ),
        by_field as (
            select split_part(code, ' ', 1) as field, now, before,
                sum(now) over of_field as all_now, sum(before) over of_field as all_before,
                count(*) over of_field as codes
            from pairs
            window of_field as (partition by split_part(code, ' ', 1))
        ),
        smoothed as (
            select *, (now + 0.5) / (all_now + 0.5 * codes) as share_now,
                (before + 0.5) / (all_before + 0.5 * codes) as share_before
            from by_field
            where all_now > 0 and all_before > 0
        )
        select field as dimension,
            sum((share_now - share_before) * ln(share_now / share_before))
                - 3 * (count(*) - 1) * (1 / any_value(all_now) + 1 / any_value(all_before)) as size,
            sum(abs(share_now - share_before)) / 2 * any_value(all_now) >= $at_least as exceeds_noise,
            printf('index %.3f', sum((share_now - share_before) * ln(share_now / share_before))) as shown
        from smoothed
        group by field
    """


def compare_with_limit(
    connection: duckdb.DuckDBPyConnection,
    check: Check,
    overrides: Sequence[Override],
    day: dt.date,
    *,
    is_delivered: bool = False,
) -> CheckResult:
    """Compare the measures with one limit; needs the tables `measure_now`, `measure_before` and `measure_baseline`."""
    limit = _limit(check)
    parameters: dict[str, Any] = {"measure": check.about, "at_least": limit.at_least}
    query = _sizes(check)
    fired = connection.execute(
        f"select dimension, size, shown from ({query}) where exceeds_noise and size >= {limit.warn}"
        " order by size desc, 1",
        {name: value for name, value in parameters.items() if f"${name}" in query},
    ).fetchall()
    blocking, warning = [], []
    for dimension, size, change in fired:
        wider = [each.limit for each in overrides if each.holds_for(check.name, dimension, day)]
        warn, block = max([limit.warn, *wider]), max([limit.block, *wider])
        shown = f"{dimension or 'all'}: {change}"
        if size >= block and not (wider and size <= block):
            blocking.append(shown)
        elif size > warn or (size == warn and not wider):
            warning.append(shown)
    severity = Severity.BLOCK if blocking else Severity.WARN
    sample = [*blocking, *warning][:_SAMPLE_SIZE]
    result = check.result(len(blocking) + len(warning), sample, severity=severity)
    if (is_delivered and limit.if_delivered == "wait") or limit.kind == "rate":
        # What Freg itself has delivered may be right: a person decides.
        return replace(result, severity=Severity.WARN)
    return result


def _day_of(newest_event_at: str | None) -> dt.date:
    moment = dt.datetime.now(dt.UTC) if newest_event_at is None else dt.datetime.fromisoformat(newest_event_at)
    return moment.date()
