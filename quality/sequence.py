"""The sequence of deliveries: none is missing, none came back older, nothing that was known is forgotten."""

from __future__ import annotations

import duckdb

from foundation.release import Release
from quality.owners import LOADING
from quality.result import CheckResult, CheckSpec, Severity

# So many of Freg's numbers in a row show that a source numbers without gaps; a source that does not is not held to it.
_EVIDENCE = 100

# A gap of up to so many of the widest deliveries of changes is some days that are missing. A far wider one is a source
# that goes on with other numbers: it is seen, and stops nobody.
_DAYS = 3

NO_GAP = CheckSpec(
    "sequence_has_no_gap",
    "reconciliation",
    "raw.delivery",
    Severity.BLOCK,
    "a delivery that is missing between two others is a day of changes that nobody sees",
    "find the delivery of the numbers in between (the sample names them), put it into the landing folder, run again",
    owner=LOADING,
)
NOT_BACK = CheckSpec(
    "sequence_does_not_go_back",
    "reconciliation",
    "raw.delivery",
    Severity.BLOCK,
    "a release that knows less than the one before shows persons as they were",
    "look at which deliveries are in the landing folder and in raw.delivery; restore what is missing",
    owner=LOADING,
)
NOT_FORGOTTEN = CheckSpec(
    "deliveries_are_not_forgotten",
    "reconciliation",
    "raw.delivery",
    Severity.BLOCK,
    "a delivery of changes that the last release had and this one has not is lost, unless a full one came after it",
    "restore the delivery to the landing folder and run again",
    owner=LOADING,
)
IN_ORDER = CheckSpec(
    "sequence_follows_time",
    "reconciliation",
    "raw.freg_document",
    Severity.BLOCK,
    "Freg numbers its documents as it makes them; numbers against the order of time make old documents the last ones",
    "hold sekvensnummer and ajourholdstidspunkt of the last delivery against Freg",
    owner=LOADING,
)
ONE_DOCUMENT_A_NUMBER = CheckSpec(
    "sequence_number_is_one_persons",
    "reconciliation",
    "raw.freg_document",
    Severity.WARN,
    "a sequence number that two persons have means that numbers were made again, or columns shifted",
    "hold sekvensnummer of the last delivery against Freg",
    owner=LOADING,
)
SEQUENCE_CHECKS = (NO_GAP, NOT_BACK, NOT_FORGOTTEN, IN_ORDER, ONE_DOCUMENT_A_NUMBER)


def check_sequence(warehouse: duckdb.DuckDBPyConnection, last: Release | None) -> list[CheckResult]:
    """Check what the warehouse has loaded from Freg, by itself and against the inputs of the last release."""
    return [
        _no_gap(warehouse),
        _not_back(warehouse, last),
        _not_forgotten(warehouse, last),
        _in_order(warehouse),
        _one_document_a_number(warehouse),
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
    return NO_GAP.result(len(gaps), [gap for gap, _ in gaps[:5]], severity=severity)


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
        return NOT_BACK.result(0)
    return NOT_BACK.result(1, [f"{before} in the last release, {now} now"])


def _not_forgotten(warehouse: duckdb.DuckDBPyConnection, last: Release | None) -> CheckResult:
    if last is None:
        return NOT_FORGOTTEN.result(0)
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
    return NOT_FORGOTTEN.result(len(forgotten), forgotten[:5])


def _in_order(warehouse: duckdb.DuckDBPyConnection) -> CheckResult:
    """Numbers and times rank the documents of a delivery of changes alike, for nearly all of them."""
    rows = warehouse.execute(
        """
        select source || '/' || delivery_id
        from raw.freg_document
        inner join raw.delivery using (delivery_number)
        where kind = 'change'
        group by source, delivery_id
        having count(*) >= 20 and corr(sekvensnummer, epoch(ajourholdstidspunkt)) < -0.5
        order by 1
        """
    ).fetchall()
    return IN_ORDER.result(len(rows), [delivery for (delivery,) in rows[:5]])


def _one_document_a_number(warehouse: duckdb.DuckDBPyConnection) -> CheckResult:
    ((failures,),) = warehouse.execute(
        """
        select count(*) from (
            select sekvensnummer from raw.freg_document
            group by sekvensnummer
            having count(distinct document_hash) > 1 and count(*) > 1
        )
        """
    ).fetchall()
    return ONE_DOCUMENT_A_NUMBER.result(failures)
