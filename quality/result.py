"""The result of a check, alike for every kind of check; kept in the release's manifest."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from foundation.files import write_json
from foundation.release import Recurrence

# Members whose name in the stored JSON is another one.
_STORED_NAMES = {"needs_approval": "holds"}


class Severity(StrEnum):
    """What a check that fires does: stop the publication, or only be seen."""

    BLOCK = "block"
    WARN = "warn"


class Kind(StrEnum):
    """How a check runs; the registry lists them in this order.

    expectation: by Great Expectations, on a table of the candidate. reconciliation: on the warehouse and the candidate.
    plausibility: on the candidate and the last release; a warning, which blocks when there are many new ones. drift,
    comparison: on measures of both. protection: on the candidate, from Freg's own documents. dbt: by dbt, when the
    models are built.
    """

    EXPECTATION = "expectation"
    RECONCILIATION = "reconciliation"
    PLAUSIBILITY = "plausibility"
    DRIFT = "drift"
    COMPARISON = "comparison"
    PROTECTION = "protection"
    DBT = "dbt"


@dataclass(frozen=True)
class CheckResult:
    """What a check found: `failures` rows (or deliveries, or fields) that break it, a few of them masked.

    name: unique over all checks. about: the table or measure it looks at. owner: who answers for it (`quality.owners`).
    needs_approval: whether a warning of it needs a person's approval before publication. rows: SQL on the candidate
    that selects the rows underlying the result. since_last: how many of the failures are new and how many are
    unresolved, where the check distinguishes them.
    ran: False when there was nothing to look at, because another check or an error had stopped the build before it;
    such a check has not passed.
    """

    name: str
    kind: Kind
    about: str
    severity: Severity
    passed: bool
    failures: int
    why: str
    todo: str
    sample: list[str] = field(default_factory=list)
    ran: bool = True
    owner: str = ""
    needs_approval: bool = False
    rows: str = ""
    since_last: Recurrence | None = None

    @property
    def blocks(self) -> bool:
        """Whether this result stops the publication."""
        return self.severity is Severity.BLOCK and not self.passed

    @property
    def awaits_approval(self) -> bool:
        """Whether this result is a warning that needs a person's approval before publication."""
        return self.needs_approval and self.severity is Severity.WARN and not self.passed

    def as_json(self) -> dict[str, Any]:
        """The members under their stored names: `needs_approval` is stored as `holds`."""
        members = {_STORED_NAMES.get(name, name): value for name, value in asdict(self).items()}
        members["since_last"] = self.since_last.as_json() if self.since_last else None
        return members


def write_results(results: Sequence[CheckResult], file: Path) -> None:
    """Write results as JSON."""
    write_json(file, [result.as_json() for result in results])


def read_results(file: Path) -> list[CheckResult]:
    """Read what `write_results` wrote; an absent file is no results."""
    if not file.is_file():
        return []
    rows = json.loads(file.read_text(encoding="utf-8"))
    members = {stored: name for name, stored in _STORED_NAMES.items()}
    return [
        CheckResult(
            **{
                **{members.get(stored, stored): value for stored, value in row.items()},
                "kind": Kind(row["kind"]),
                "severity": Severity(row["severity"]),
                "since_last": Recurrence(**row["since_last"]) if row.get("since_last") else None,
            }
        )
        for row in rows
    ]
