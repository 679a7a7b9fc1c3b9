"""Every check of the gate in one list, with why it exists; dbt's tests are in the dbt project."""

from __future__ import annotations

from quality.expectations import EXPECTATIONS
from quality.protection import PROTECTION_CHECKS
from quality.reconciliation import RECONCILIATION_CHECKS
from quality.result import CheckSpec


def catalogue() -> list[CheckSpec]:
    """The checks in the order in which they run."""
    return [
        *(
            CheckSpec(each.name, "expectation", each.table, each.severity, each.why, each.todo)
            for each in sorted(EXPECTATIONS, key=lambda each: each.table)
        ),
        *RECONCILIATION_CHECKS,
        *PROTECTION_CHECKS,
    ]
