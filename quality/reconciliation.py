"""Reconciliation: nothing was lost between the deliveries and the candidate.

Counted from the rows themselves, not from what the load wrote down.
"""

from __future__ import annotations

from collections.abc import Callable

import duckdb

from ingest.contracts.sources import DOCUMENT_TABLES
from quality.registry import Check, check, checks_of
from quality.result import CheckResult, Kind

_SAMPLE_SIZE = 5


def reconciliation_in_sql() -> tuple[Check, ...]:
    """The checks of reconciliation whose SQL is in the registry."""
    return tuple(each for each in checks_of(Kind.RECONCILIATION) if each.rows)


def reconcile(
    warehouse: duckdb.DuckDBPyConnection, candidate_alias: str, mask: Callable[[str], str]
) -> list[CheckResult]:
    """Check the warehouse, with the candidate attached as `candidate_alias`; persons are shown as `mask` shows them."""
    return [
        *(_run(warehouse, each, candidate_alias, mask) for each in reconciliation_in_sql()),
        _delivered_is_loaded_or_quarantined(warehouse),
    ]


def _run(warehouse: duckdb.DuckDBPyConnection, each: Check, candidate: str, mask: Callable[[str], str]) -> CheckResult:
    """Count the rows of a check's SQL; the sample is of persons by keyed hash, or of the most frequent texts."""
    rows = warehouse.sql(each.rows_of(candidate))
    ((failures,),) = rows.count("*").fetchall()
    if not failures:
        return each.result(0)
    if "nin" in rows.columns:
        persons = rows.query("found", f"select nin from found order by nin limit {_SAMPLE_SIZE}").fetchall()
        return each.result(int(failures), [mask(str(nin)) for (nin,) in persons])
    texts = rows.query(
        "found", f"select shown, count(*) from found group by shown order by 2 desc, 1 limit {_SAMPLE_SIZE}"
    ).fetchall()
    return each.result(int(failures), [f"{shown}: {count}" for shown, count in texts])


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
    return check("delivered_is_loaded_or_quarantined").result(len(rows), [delivery for (delivery,) in rows[:5]])
