"""The sequence of deliveries: none is missing, none came back older, nothing that was known is forgotten."""

from __future__ import annotations

import duckdb

from foundation.release import Release
from quality.registry import check
from quality.result import CheckResult, Severity

# So many of Freg's numbers in a row show that a source numbers without gaps; a source that does not is not held to it.
_EVIDENCE = 100

# A gap of at most this many of the widest deliveries of changes means some missing days. A far wider one is a source
# that goes on with other numbers: it is seen, and stops nobody.
_DAYS = 3


def check_sequence(warehouse: duckdb.DuckDBPyConnection, last: Release | None) -> list[CheckResult]:
    """Check what the warehouse has loaded from Freg, by itself and against the inputs of the last release."""
    return [
        _no_gap(warehouse),
        _not_back(warehouse, last),
        _not_forgotten(warehouse, last),
    ]


def _no_gap(warehouse: duckdb.DuckDBPyConnection) -> CheckResult:
    gaps = warehouse.execute(
        """
        with deliveries as (
            select delivery_id, kind, sequence_from, sequence_to,
                lag(delivery_id) over by_number as earlier_id,
                max(sequence_to) over (by_number rows between unbounded preceding and 1 preceding) as known_to,
                max(sequence_to - sequence_from + 1) filter (kind = 'change') over () as widest
            from raw.delivery
            where source = 'freg'
            window by_number as (order by sequence_to, created_at, delivery_id)
        )
        select
            earlier_id || ' to ' || delivery_id || ': ' || (known_to + 1) || '-' || (sequence_from - 1),
            sequence_from - known_to - 1 <= $days * widest as is_days
        from deliveries
        where kind = 'change' and known_to is not null and sequence_from > known_to + 1
        order by sequence_from
        """,
        {"days": _DAYS},
    ).fetchall()
    blocks = any(is_days for _, is_days in gaps) and _numbers_without_gaps(warehouse)
    severity = Severity.BLOCK if blocks else Severity.WARN
    return check("sequence_has_no_gap").result(len(gaps), [gap for gap, _ in gaps[:5]], severity=severity)


def _numbers_without_gaps(warehouse: duckdb.DuckDBPyConnection) -> bool:
    """Whether the documents themselves show that the source counts one by one."""
    ((following, numbers),) = warehouse.execute(
        """
        with numbers as (select distinct sekvensnummer as number from raw.freg_document),
        steps as (select number - lag(number) over (order by number) as step from numbers)
        select count(*) filter (step = 1), count(step) from steps
        """
    ).fetchall()
    return following >= _EVIDENCE and following >= 0.98 * numbers


def _not_back(warehouse: duckdb.DuckDBPyConnection, last: Release | None) -> CheckResult:
    before = None if last is None else last.manifest.sequence_number
    ((now,),) = warehouse.execute("select max(sequence_to) from raw.delivery where source = 'freg'").fetchall()
    if before is None or (now is not None and now >= before):
        return check("sequence_does_not_go_back").result(0)
    return check("sequence_does_not_go_back").result(1, [f"{before} in the last release, {now} now"])


def _not_forgotten(warehouse: duckdb.DuckDBPyConnection, last: Release | None) -> CheckResult:
    if last is None:
        return check("deliveries_are_not_forgotten").result(0)
    present = set(warehouse.execute("select source, delivery_id from raw.delivery").fetchall())
    covered = dict(
        warehouse.execute(
            "select source, max(sequence_to) from raw.delivery where kind = 'full' group by source"
        ).fetchall()
    )
    forgotten = sorted(
        f"{entry.source}/{entry.delivery_id}"
        for entry in last.manifest.inputs
        if entry.kind == "change"
        and (entry.source, entry.delivery_id) not in present
        and (entry.sequence_to or 0) > (covered.get(entry.source) or 0)
    )
    return check("deliveries_are_not_forgotten").result(len(forgotten), forgotten[:5])
