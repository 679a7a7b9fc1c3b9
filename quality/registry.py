"""The registry of the gate's checks: `quality/checks/*.yml`, one entry per check, one form for all.

Great Expectations' suites, Dagster's check specs and docs/checks.md are made from it. dbt's tests, which the gate reads
too, are next to their models.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, model_validator

from foundation.release import Recurrence
from ingest.contracts.numbers import is_valid_number_sql
from ingest.contracts.places import TELLS_A_PLACE
from quality.owners import OWNERS, owner_of_table
from quality.result import CheckResult, Kind, Severity

_FOLDER = Path(__file__).with_name("checks")

# What an entry's SQL may name in addition to tables and columns: conditions that are made from the contracts.
_CONDITIONS = {"{tells_a_place}": TELLS_A_PLACE, "{nin_is_valid}": is_valid_number_sql("nin")}

# What an entry of each kind may look for; dbt's checks have no entry.
_FORMS: dict[Kind, tuple[str, ...]] = {
    Kind.EXPECTATION: ("expect", "rows"),
    Kind.RECONCILIATION: ("rows", "code"),
    Kind.PLAUSIBILITY: ("rows",),
    Kind.DRIFT: ("limit", "code"),
    Kind.COMPARISON: ("limit",),
    Kind.PROTECTION: ("code",),
    Kind.DBT: (),
}


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Expect(_Entry):
    """What every table can be asked; exactly one of these.

    not_null, unique: a column. in_set: a column, whose values, where known, are among `values`. rows_at_least: how many
    rows the table has.
    """

    not_null: str = ""
    unique: str = ""
    in_set: str = ""
    values: tuple[int | str, ...] = ()
    rows_at_least: int = 0

    @model_validator(mode="after")
    def _is_one(self) -> Expect:
        if sum(map(bool, (self.not_null, self.unique, self.in_set, self.rows_at_least))) != 1:
            raise ValueError("an expectation asks exactly one thing")
        if bool(self.in_set) != bool(self.values):
            raise ValueError("in_set and values go together")
        return self

    def rows_of(self, table: str) -> str:
        """SQL: the rows that break it; none can be selected where rows are missing."""
        if self.not_null:
            return f"select * from {table} where {self.not_null} is null"
        if self.unique:
            return (
                f"select * from {table} where {self.unique} in"
                f" (select {self.unique} from {table} group by {self.unique} having count(*) > 1)"
            )
        if self.in_set:
            listed = ", ".join(repr(value) for value in self.values)
            return f"select * from {table} where {self.in_set} not in ({listed})"
        return ""


class Limit(_Entry):
    """How far the measure that the check is about may go: see `quality.drift` for `kind`.

    warn, block: from where on. at_least: rows that must have changed for it to
    fire. if_delivered: what it does where Freg has delivered documents of those who have changed: block, as
    otherwise, or wait for a person's approval.
    """

    kind: Literal["fall", "rise", "change", "share", "psi", "count", "level", "flow", "rate"]
    warn: float
    block: float
    at_least: float
    if_delivered: Literal["block", "wait"] = "block"


class Check(_Entry):
    """A check as it is known before it runs.

    name: unique. kind: how it runs (`quality.result.Kind`). about: the table, or the measure, that it looks at. owner:
    who answers for it; empty: who answers for the table. severity: what it does at most when it fires. needs_approval:
    whether a warning of it needs a person's approval before publication. why: why it exists. todo: what to do when it
    fires.

    What it looks for is one of: `expect`; `rows`, SQL that selects what must not be there; `limit`; `code`, the module
    that looks. In SQL `{release}` is the database of the candidate (of a release, for plausibility); `raw`, `staging`,
    `intermediate` and `marts` are the warehouse's schemas, which an expectation does not see. The column `nin` is shown
    by keyed hash, `shown` as it is.
    """

    name: str
    kind: Kind
    about: str
    owner: str = ""
    severity: Severity = Severity.BLOCK
    needs_approval: bool = False
    why: str
    todo: str
    expect: Expect | None = None
    rows: str = ""
    limit: Limit | None = None
    code: str = ""

    @model_validator(mode="after")
    def _looks_for_one_thing(self) -> Check:
        if sum(map(bool, (self.expect, self.rows, self.limit, self.code))) != 1:
            raise ValueError(f"{self.name}: a check has one of expect, rows, limit and code")
        form = "expect" if self.expect else "rows" if self.rows else "limit" if self.limit else "code"
        if form not in _FORMS[self.kind]:
            raise ValueError(f"{self.name}: a check of kind {self.kind} has one of {', '.join(_FORMS[self.kind])}")
        if self.owner and self.owner not in OWNERS:
            raise ValueError(f"{self.name}: no such owner (quality/owners.py)")
        if self.limit and self.needs_approval != (self.limit.kind != "level"):
            raise ValueError(f"{self.name}: warnings of a limit need approval, except those of a level")
        return self

    @property
    def answers(self) -> str:
        """Who answers for the check."""
        return self.owner or owner_of_table(self.about)

    def rows_of(self, database: str) -> str:
        """SQL: what must not be there, in an attached database; an empty name is the database that is open."""
        prefix = f"{database}." if database else ""
        if self.expect:
            return self.expect.rows_of(prefix + self.about)
        rows = self.rows.replace("{release}.", prefix)
        for name, condition in _CONDITIONS.items():
            rows = rows.replace(name, condition)
        return rows

    def result(
        self,
        failures: int,
        sample: Sequence[str] = (),
        *,
        severity: Severity | None = None,
        rows: str = "",
        since_last: Recurrence | None = None,
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
            needs_approval=self.needs_approval,
            rows=rows,
            since_last=since_last,
        )

    def not_run(self, why: str = "", *, severity: Severity | None = None) -> CheckResult:
        """The result where the check could not run; it has not passed. why: empty when what it looks at is missing."""
        reason = why or f"a table or column that it looks at ({self.about}) is not in the candidate"
        return replace(self.result(1, severity=severity), ran=False, todo=f"the check could not run: {reason}")


@cache
def checks() -> tuple[Check, ...]:
    """Every check by kind, expectations table by table, the others in file order. Raises for a name used twice."""
    entries = [
        Check(**entry)
        for file in sorted(_FOLDER.glob("*.yml"))
        for entry in yaml.safe_load(file.read_text(encoding="utf-8"))
    ]
    names = [entry.name for entry in entries]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"names of two checks in quality/checks: {', '.join(sorted(twice))}")
    kinds = list(Kind)
    return tuple(
        sorted(entries, key=lambda each: (kinds.index(each.kind), each.about if each.kind is Kind.EXPECTATION else ""))
    )


def checks_of(*kinds: Kind) -> tuple[Check, ...]:
    """The checks of some kinds."""
    return tuple(each for each in checks() if each.kind in kinds)


def checks_by(code: str) -> tuple[Check, ...]:
    """The checks that a module runs."""
    return tuple(each for each in checks() if each.code == code)


def check(name: str) -> Check:
    """One check. Raises KeyError for a name that the registry does not have."""
    return _by_name()[name]


@cache
def _by_name() -> dict[str, Check]:
    return {each.name: each for each in checks()}
