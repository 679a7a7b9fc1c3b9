"""The result of a check, alike for every kind of check; kept in the release's manifest."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path

from foundation.files import write_json


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
class SinceLast:
    """What a check found beside the release before: failures that are new, that stand, that are mended."""

    new: int
    standing: int
    mended: int


@dataclass(frozen=True)
class CheckResult:
    """What a check found: `failures` rows (or deliveries, or fields) that break it, a few of them masked.

    name: unique over all checks. about: the table or measure it looks at. owner: who answers for it (`quality.owners`).
    holds: whether a warning of it waits for the name of a person who promotes the candidate. rows: SQL on the candidate
    that selects what is behind the result. since_last: how many of the failures are new and how many stand, where the
    check tells them apart.
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
    holds: bool = False
    rows: str = ""
    since_last: SinceLast | None = None

    @property
    def blocks(self) -> bool:
        """Whether this result stops the publication."""
        return self.severity is Severity.BLOCK and not self.passed

    @property
    def waits(self) -> bool:
        """Whether this result is a warning that waits for a person's name."""
        return self.holds and self.severity is Severity.WARN and not self.passed


def write_results(results: Sequence[CheckResult], file: Path) -> None:
    """Write results as JSON."""
    write_json(file, [asdict(result) for result in results])


def read_results(file: Path) -> list[CheckResult]:
    """Read what `write_results` wrote; an absent file is no results."""
    if not file.is_file():
        return []
    rows = json.loads(file.read_text(encoding="utf-8"))
    return [
        CheckResult(
            **{
                **row,
                "kind": Kind(row["kind"]),
                "severity": Severity(row["severity"]),
                "since_last": SinceLast(**row["since_last"]) if row.get("since_last") else None,
            }
        )
        for row in rows
    ]
