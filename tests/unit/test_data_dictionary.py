"""The data dictionary that is checked in is the one that the mapping gives, and describes every field."""

from __future__ import annotations

import csv
from pathlib import Path

from ingest.contracts.preg import snake_case
from ingest.contracts.tables import rows
from publication.reports.column_docs import column_docs, model_docs
from publication.reports.data_dictionary import data_dictionary

REPOSITORY = Path(__file__).parents[2]
MAPPING = {
    (row["preg_entity"], row["preg_field"]): row
    for row in csv.DictReader((REPOSITORY / "dbt_project" / "seeds" / "field_mapping.csv").open(encoding="utf-8"))
}
CHECKED_IN = REPOSITORY / "docs" / "data-dictionary.md"


def test_the_dictionary_is_fresh() -> None:
    written = data_dictionary(REPOSITORY / "dbt_project")
    assert CHECKED_IN.read_text(encoding="utf-8") == written, "make dictionary"


def test_every_field_stands_there_once_with_its_rule() -> None:
    text = CHECKED_IN.read_text(encoding="utf-8")
    for row in rows("preg_fields"):
        of_entity = text.split(f"## {row['entity']} (")[1].split("\n## ")[0].splitlines()
        (line,) = [line for line in of_entity if line.startswith(f"| `{snake_case(row['field'])}` | {row['field']} |")]
        assert row["meaning"] in line
        assert f"| {MAPPING[row['entity'], row['field']]['build_rule']} |" in line


def test_the_rules_stand_there_as_sql() -> None:
    text = CHECKED_IN.read_text(encoding="utf-8")
    assert "coalesce(persons.father, persons.co_mother) as fathers_nin" in text
    assert "-- A co-mother (medmor) counts as a parent" in text
    assert "{{" not in text
    assert "{%" not in text


def test_what_is_written_in_the_models_yaml_is_fresh() -> None:
    project = REPOSITORY / "dbt_project"
    for path, text in {**column_docs(project), **model_docs(project)}.items():
        assert path.read_text(encoding="utf-8") == text, f"make dictionary: {path}"
