"""The result of a check, alike for every kind of check; kept in the release's manifest."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from foundation.files import write_json
from quality.owners import owner_of_table


class Severity(StrEnum):
    """What a check that fires does: stop the publication, or only be seen."""

    BLOCK = "block"
    WARN = "warn"


@dataclass(frozen=True)
class SinceLast:
    """What a check found beside the release before: failures that are new, that stand, that are mended."""

    new: int
    standing: int
    mended: int


@dataclass(frozen=True)
class CheckSpec:
    """A check as it is known before it runs: see `CheckResult` for the fields."""

    name: str
    kind: str
    about: str
    severity: Severity
    why: str
    todo: str
    owner: str = ""
    holds: bool = False

    @property
    def answers(self) -> str:
        """Who answers for the check: its owner, else that of the table."""
        return self.owner or owner_of_table(self.about)

    def result(
        self,
        failures: int,
        sample: Sequence[str] = (),
        *,
        severity: Severity | None = None,
        rows: str = "",
        since_last: SinceLast | None = None,
    ) -> CheckResult:
        """The result of a run that found `failures`; `severity` where it depends on how many."""
        return CheckResult(
            name=self.name,
            kind=self.kind,
            about=self.about,
            severity=severity or self.severity,
            passed=failures == 0,
            failures=failures,
            why=self.why,
            todo=self.todo,
            sample=list(sample),
            owner=self.answers,
            holds=self.holds,
            rows=rows,
            since_last=since_last,
        )

    def not_run(self) -> CheckResult:
        """The result where the check could not run, because what it looks at is not there; it has not passed."""
        todo = f"the check could not run: a table or column that it looks at ({self.about}) is not in the candidate"
        return replace(self.result(1), severity=self.severity, todo=todo)


@dataclass(frozen=True)
class CheckResult:
    """What a check found: `failures` rows (or deliveries, or fields) that break it, a few of them masked.

    name: unique over all checks. kind: expectation | plausibility | drift | reconciliation | protection | dbt. about:
    the table it looks at. owner: who answers for it (`quality.owners`). holds: whether a warning of it waits for the
    name of a person who promotes the candidate. rows: SQL on the candidate that selects what is behind the result.
    since_last: how many of the failures are new and how many stand, where the check tells them apart.
    ran: False when there was nothing to look at, because another check or an error had stopped the build before it;
    such a check has not passed.
    """

    name: str
    kind: str
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
                "severity": Severity(row["severity"]),
                "since_last": SinceLast(**row["since_last"]) if row.get("since_last") else None,
            }
        )
        for row in rows
    ]
