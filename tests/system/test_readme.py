"""The README's queries, asked of a release."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

README = Path(__file__).parents[2] / "README.md"
EXAMPLES = re.findall(r"```sql\n(.*?)```\n```\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)

pytestmark = pytest.mark.xdist_group("built sample")


def test_the_readme_has_five_examples() -> None:
    assert len(EXAMPLES) >= 5


@pytest.mark.parametrize(("sql", "answer"), EXAMPLES)
def test_an_example_has_the_columns_that_are_shown(built_sample: Path, sql: str, answer: str) -> None:
    release = duckdb.connect(str(built_sample / "releases" / "current" / "preg.duckdb"), read_only=True)
    relation = release.sql(sql)
    header = answer.splitlines()[1]
    assert relation.columns == [name.strip() for name in header.strip("┃").split("┃")]
    assert relation.fetchone() is not None
