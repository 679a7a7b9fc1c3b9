"""The data dictionary that is checked in is the one that the mapping gives, and tells of every field."""

from __future__ import annotations

from pathlib import Path

from ingest.contracts.preg import snake_case
from ingest.contracts.tables import rows
from publication.reports.data_dictionary import data_dictionary

REPOSITORY = Path(__file__).parents[2]
CHECKED_IN = REPOSITORY / "docs" / "data-dictionary.md"


def test_the_dictionary_is_fresh() -> None:
    written = data_dictionary(REPOSITORY / "dbt_project")
    assert CHECKED_IN.read_text(encoding="utf-8") == written, "make dictionary"


def test_every_field_stands_there_once_with_its_rule() -> None:
    text = CHECKED_IN.read_text(encoding="utf-8")
    lines = text.splitlines()
    for row in rows("preg_fields"):
        of_entity = text.split(f"## {row['entity']} (")[1].split("\n## ")[0].splitlines()
        (line,) = [line for line in of_entity if line.startswith(f"| `{snake_case(row['field'])}` | {row['field']} |")]
        assert row["meaning"] in line
        rule = line.split("](#")[1].split(")")[0]
        assert f"### {rule}" in lines
        says = lines[lines.index(f"### {rule}") + 2]
        assert not says.startswith(" ("), rule
