"""Reconciliation: nothing was lost between the deliveries and the candidate.

Counted from the rows themselves, not from what the load wrote down.
"""

from __future__ import annotations

from collections.abc import Callable

import duckdb

from ingest.contracts.sources import DOCUMENT_TABLES
from quality.result import CheckResult, CheckSpec, Severity

DELIVERED_IS_LOADED = CheckSpec(
    "delivered_is_loaded_or_quarantined",
    "reconciliation",
    "raw.delivery",
    Severity.BLOCK,
    "a document that is neither loaded nor in quarantine is a person who silently stays as before",
    "remove the warehouse file and run again; if it comes back, report it with the delivery's manifest",
)
QUARANTINE_IS_EMPTY = CheckSpec(
    "quarantine_is_empty",
    "reconciliation",
    "raw.quarantine",
    Severity.WARN,
    "a document in quarantine is a person who is missing or not up to date",
    "look at raw.quarantine: reason, file and line; have the documents corrected at the source",
)
DOCUMENTS_REACH_PERSONS = CheckSpec(
    "every_document_reaches_a_person",
    "reconciliation",
    "person_number",
    Severity.BLOCK,
    "every number in the last documents must lead to a person",
    "look at intermediate.int_person__number",
)
NUMBER_IS_CLAIMED_ONCE = CheckSpec(
    "number_is_claimed_by_one_person",
    "reconciliation",
    "person_number",
    Severity.WARN,
    "a number that two persons list leads to the one who listed it last; the other shows no old number",
    "hold identifikasjonsnummer of both (by keyed hash) against Freg: after a split, one of two events may be missing",
)
RECONCILIATION_CHECKS = (
    NUMBER_IS_CLAIMED_ONCE,
    DELIVERED_IS_LOADED,
    QUARANTINE_IS_EMPTY,
    DOCUMENTS_REACH_PERSONS,
)


def reconcile(
    warehouse: duckdb.DuckDBPyConnection, candidate_alias: str, mask: Callable[[str], str]
) -> list[CheckResult]:
    """Check the warehouse, with the candidate attached as `candidate_alias`; persons are shown as `mask` shows them."""
    return [
        _number_is_claimed_once(warehouse, mask),
        _delivered_is_loaded_or_quarantined(warehouse),
        _quarantine_is_empty(warehouse),
        _every_document_reaches_a_person(warehouse, candidate_alias),
    ]


def _number_is_claimed_once(warehouse: duckdb.DuckDBPyConnection, mask: Callable[[str], str]) -> CheckResult:
    claimed = warehouse.execute(
        """
        select listed.nummer
        from staging.stg_freg__identifikasjonsnummer as listed
        inner join intermediate.int_person__state as states using (document_number)
        where states.is_present
        group by listed.nummer
        having count(distinct states.person_nin) > 1
        order by listed.nummer
        """
    ).fetchall()
    return NUMBER_IS_CLAIMED_ONCE.result(len(claimed), [mask(str(number)) for (number,) in claimed[:5]])


def _delivered_is_loaded_or_quarantined(warehouse: duckdb.DuckDBPyConnection) -> CheckResult:
    counts = " union all ".join(
        f"select delivery_number, count(*) as loaded from raw.{table.name} group by 1"
        for table in DOCUMENT_TABLES.values()
    )
    rows = warehouse.execute(
        f"""
        with loaded as ({counts}),
        quarantined as (select delivery_number, count(*) as quarantined from raw.quarantine group by 1)
        select source || '/' || delivery_id
        from raw.delivery
        left join loaded using (delivery_number)
        left join quarantined using (delivery_number)
        where source in {tuple(DOCUMENT_TABLES)}
            and coalesce(loaded, 0) + coalesce(quarantined, 0) <> rows_delivered
        order by 1
        """
    ).fetchall()
    return DELIVERED_IS_LOADED.result(len(rows), [delivery for (delivery,) in rows[:5]])


def _quarantine_is_empty(warehouse: duckdb.DuckDBPyConnection) -> CheckResult:
    rows = warehouse.execute(
        """
        select reason_code || ': ' || count(*), count(*)
        from raw.quarantine
        inner join raw.delivery using (delivery_number)
        group by reason_code
        order by count(*) desc
        """
    ).fetchall()
    return QUARANTINE_IS_EMPTY.result(sum(count for _, count in rows), [reason for reason, _ in rows[:5]])


def _every_document_reaches_a_person(warehouse: duckdb.DuckDBPyConnection, candidate: str) -> CheckResult:
    (failures,) = warehouse.execute(
        f"""
        with in_force as (
            select delivery_number from staging.stg_landing__delivery
            where raw_table = 'freg_document' and is_in_force
        ),
        numbers as (
            select distinct unnest(folkeregisterperson.identifikasjonsnummer).foedselsEllerDNummer as number
            from raw.freg_document
            where delivery_number in (select delivery_number from in_force)
        )
        select count(*)
        from numbers
        where number not in (select number from {candidate}.person_number)
            and number in (
                -- A number that a later document has dropped (a split, a correction) leads nowhere by right.
                select nummer from staging.stg_freg__identifikasjonsnummer
                where document_number in (select document_number from intermediate.int_person__document)
            )
        """
    ).fetchall()[0]
    return DOCUMENTS_REACH_PERSONS.result(failures)
