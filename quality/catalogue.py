"""Every check of the gate in one list, with owner, severity, why it exists and what to do when it fires.

dbt's tests, which the gate reads too, are in the dbt project.
"""

from __future__ import annotations

from itertools import groupby

from quality.drift import limits
from quality.expectations import EXPECTATIONS
from quality.last_release import COMPARABLE
from quality.plausibility import plausibility_checks
from quality.protected_text import PROTECTED_TEXT_CHECKS
from quality.protection import PROTECTION_CHECKS
from quality.reconciliation import RECONCILIATION_CHECKS
from quality.result import CheckSpec
from quality.sameness import SAMENESS_CHECKS
from quality.sequence import SEQUENCE_CHECKS
from quality.view_contract import VIEWS_KEEP_CONTRACT


def catalogue() -> list[CheckSpec]:
    """The checks in the order in which they run."""
    return [
        *(
            CheckSpec(each.name, "expectation", each.table, each.severity, each.why, each.todo)
            for each in sorted(EXPECTATIONS, key=lambda each: each.table)
        ),
        *RECONCILIATION_CHECKS,
        *SEQUENCE_CHECKS,
        *SAMENESS_CHECKS,
        VIEWS_KEEP_CONTRACT,
        *(check.spec for check in plausibility_checks()),
        COMPARABLE,
        *(limit.spec for limit in limits()),
        *PROTECTION_CHECKS,
        *PROTECTED_TEXT_CHECKS,
    ]


def as_markdown() -> str:
    """The catalogue as docs/checks.md has it, by kind."""
    lines = [
        "# The checks of the gate",
        "",
        "Written by `make checks` from `quality/`; dbt's tests, which the gate reads too, stand with their models.",
        "A *block* stops the publication. A warning that *waits* needs a person's name: `preg release promote`.",
    ]
    for kind, specs in groupby(catalogue(), key=lambda spec: spec.kind):
        lines += [
            "",
            f"## {kind}",
            "",
            "| check | about | severity | owner | why | to do |",
            "|---|---|---|---|---|---|",
        ]
        for spec in specs:
            severity = f"{spec.severity.value}{', its warnings wait' if spec.holds else ''}"
            cells = (f"`{spec.name}`", spec.about, severity, spec.answers, spec.why, spec.todo)
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"
