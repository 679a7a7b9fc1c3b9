"""The registry of checks: what an entry may be, and that something runs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from quality.registry import Check, checks

REPOSITORY = Path(__file__).parents[2]
ENTRY = {"name": "a_check", "kind": "expectation", "about": "preg_person", "why": "why", "todo": "todo"}
LIMIT = {"kind": "fall", "warn": 0.1, "block": 0.2, "at_least": 1}


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({}, "one of expect, rows, limit and code"),
        ({"rows": "select 1", "code": "quality/gate.py"}, "one of expect, rows, limit and code"),
        ({"expect": {}}, "exactly one thing"),
        ({"expect": {"not_null": "nin", "unique": "nin"}}, "exactly one thing"),
        ({"expect": {"in_set": "gender"}}, "go together"),
        ({"kind": "reconciliation", "expect": {"unique": "nin"}}, "of kind reconciliation"),
        ({"kind": "protection", "rows": "select 1"}, "of kind protection"),
        ({"kind": "dbt", "rows": "select 1"}, "of kind dbt"),
        ({"kind": "drift", "limit": LIMIT}, "warnings of a limit need approval"),
        ({"kind": "drift", "needs_approval": True, "limit": {**LIMIT, "kind": "level"}}, "of a limit need approval"),
        ({"kind": "drift", "needs_approval": True, "limit": {**LIMIT, "kind": "odd"}}, "Input should be"),
        ({"rows": "select 1", "owner": "nobody we know"}, "no such owner"),
        ({"rows": "select 1", "severty": "warn"}, "Extra inputs"),
    ],
)
def test_an_entry_that_would_not_run_as_it_says_is_refused(entry: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Check(**{**ENTRY, **entry})


def test_names_are_unique_and_code_is_there() -> None:
    names = [each.name for each in checks()]
    assert len(names) == len(set(names))
    for each in checks():
        if each.code:
            assert f'check("{each.name}")' in (REPOSITORY / each.code).read_text(encoding="utf-8"), each.name


def test_sql_names_the_database_and_the_conditions_of_the_contracts() -> None:
    entry = Check(**ENTRY, rows="select nin from {release}.preg_person where not {nin_is_valid} and nin ~ '[0-9]{11}'")
    assert "from last.preg_person where not" in entry.rows_of("last")
    assert "{nin_is_valid}" not in entry.rows_of("last")
    assert entry.rows_of("").endswith("nin ~ '[0-9]{11}'")
    assert "from preg_person" in entry.rows_of("")
