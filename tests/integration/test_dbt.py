"""The dbt project: its unit tests, its data tests on broken data, and where engine-specific SQL may be."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import pytest

from foundation.database import session
from foundation.errors import GateStopped
from foundation.settings import Settings
from orchestration.dbt.command import PARSED
from orchestration.dbt.environment import dbt_executable, parsed_next_to
from quality.dbt_results import read_dbt_results
from quality.gate import raise_if_blocked

DBT = Path(__file__).parents[2] / "dbt_project"

# What DuckDB has and the standard does not, by how it looks in a model.
ENGINE_SPECIFIC = re.compile(
    r"\blambda\b|\bunnest\(|\bregexp_|\bstrftime\(|\btry_cast\(|->|\bqualify\b|\bexclude\s*\(|\bjson_extract|::\w"
    r"|\blist_(transform|reduce|aggregate|max|min|slice|sort)\(|\blen\(|\bltrim\(|\bright\(|\btimestamptz\b|\b(?:varchar|bigint|integer|date)\[\]"
)


def _dbt(settings: Settings, target: Path, *arguments: str) -> list[dict[str, Any]]:
    """Run dbt on a data directory; the results of the nodes."""
    result = subprocess.run(
        [
            dbt_executable(),
            "--no-version-check",
            *arguments,
            "--project-dir",
            str(DBT),
            "--profiles-dir",
            str(DBT),
            "--target-path",
            str(target),
        ],
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "PREG_WAREHOUSE": str(settings.warehouse),
            "PREG_SPILL": str(settings.work_dir),
            # As the run that built the sample has left it: parsing takes longer than the tests.
            PARSED: str(parsed_next_to(DBT / "target" / "manifest.json")),
        },
    )
    file = target / "run_results.json"
    assert file.is_file(), result.stdout + result.stderr
    results: list[dict[str, Any]] = json.loads(file.read_text())["results"]
    return [result for result in results if not result["unique_id"].startswith("operation.")]


@pytest.mark.xdist_group("built sample")
def test_the_unit_tests_of_the_rules_pass(sample_copy: Settings, tmp_path: Path) -> None:
    results = _dbt(sample_copy, tmp_path / "target", "test", "--select", "test_type:unit")
    assert len(results) >= 10
    assert [(result["unique_id"], result["message"]) for result in results if result["status"] != "pass"] == []


def _breaking_statements(node: dict[str, Any], row: int, rows: int) -> list[str]:
    """SQL that makes a test fail, on a row of its own; of a table that is empty, on a row more."""
    table, column = node["table"], node["column_name"]
    test = node["test"]
    if not rows and test in ("not_null", "relationships"):
        value = "null" if test == "not_null" else "'nobody'"
        return [f"insert into {table} ({column}) values ({value})"]
    this = f"{table} where rowid = (select rowid from {table} order by rowid limit 1 offset {row})"
    place = this.partition(" where ")[2]
    if test == "not_null":
        return [f"update {table} set {column} = null where {place}"]
    if test == "unique":
        return [f"insert into {table} select * from {this}"]
    if test == "relationships":
        return [f"update {table} set {column} = 'nobody' where {place}"]
    if test == "accepted_values":
        return [
            f"update {table} set {column} = {'99' if node['is_number'] else chr(39) + 'odd' + chr(39)} where {place}"
        ]
    if test == "adds_up":
        return [f"update {table} set equal = equal + 1 where {place}"]
    return {
        "every_field_once": [f"insert into {table} select * from {table} where system = 'PREG' limit 1"],
        "every_number_of_a_person_is_listed": [
            "delete from marts.person_number where number = (select max(old_nin) from marts.preg_person)"
        ],
        "a_record_is_in_one_state_at_a_time": [
            "insert into marts.preg_state select * from marts.preg_state where is_present limit 1"
        ],
        "protected_persons_have_one_blank_address": [
            "update marts.preg_address set postal_address = 'Storgata 1' where postal_type = 7"
        ],
        # Somebody's address becomes that of a protected person, written otherwise.
        "nobody_is_shown_at_a_protected_place": [
            """
            update marts.preg_address as shown
            set st = secret.st, street_name = upper(secret.street_name) || ' ', house_letter = secret.house_letter,
                house_number = try_cast(secret.house_number as integer), apartment_number = 'H0000'
            from (
                select entries.*
                from intermediate.int_address__entry as entries
                inner join intermediate.int_person__protection as protection using (document_number)
                where protection.is_present and protection.grade is not null and entries.is_current
                    and entries.street_name is not null and entries.st is not null
                limit 1
            ) as secret
            where shown.nin = (select max(nin) from marts.preg_address where street_name is not null)
            """.strip()
        ],
    }[test]


def _turn_views_into_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """So that the rows of a mart can be broken without breaking what it is a view of."""
    for (view,) in connection.execute(
        "select view_name from duckdb_views() where schema_name = 'marts' order by view_name"
    ).fetchall():
        connection.execute(f"create table marts.broken as select * from marts.{view}")
        connection.execute(f"drop view marts.{view}")
        connection.execute(f"alter table marts.broken rename to {view}")


@pytest.mark.xdist_group("built sample")
def test_every_data_test_fails_on_broken_data(sample_copy: Settings, tmp_path: Path) -> None:
    """Each test of the project is made to fail by data that is wrong in its way; the gate names every one of them."""
    target = tmp_path / "target"
    manifest = json.loads((sample_copy.work_dir / "dbt" / "manifest.json").read_text())
    tests = [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]
    relations = {
        unique_id: f"{node['schema']}.{node['alias']}"
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] in ("model", "seed")
    }
    with duckdb.connect(str(sample_copy.warehouse)) as connection:
        _turn_views_into_tables(connection)
        types = {
            (f"{schema}.{table}", column): kind
            for schema, table, column, kind in connection.execute(
                "select schema_name, table_name, column_name, data_type from duckdb_columns()"
            ).fetchall()
        }
        statements = []
        for row, node in enumerate(tests):
            table = relations.get(node.get("attached_node") or "", "")
            broken = {
                "test": (node.get("test_metadata") or {"name": node["name"]})["name"],
                "table": table,
                "column_name": node.get("column_name"),
                "is_number": types.get((table, node.get("column_name"))) in ("INTEGER", "BIGINT"),
            }
            # Small tables (seeds, the summary) have few rows: wrap around.
            rows = connection.execute(f"select count(*) from {table}").fetchall()[0][0] if table else 1
            statements += _breaking_statements(broken, row % max(rows, 1), rows)
        # What inserts or reads goes before what blanks a value.
        for statement in sorted(statements, key=lambda each: not each.startswith(("insert", "delete"))):
            connection.execute(statement)
    results = _dbt(sample_copy, target, "test", "--select", "test_type:data")
    assert len(results) == len(tests)
    assert [result["unique_id"] for result in results if result["status"] != "fail"] == []
    with pytest.raises(GateStopped) as stopped:
        raise_if_blocked(read_dbt_results(target))
    assert stopped.value.what.count("dbt_") >= len(tests)


@pytest.mark.xdist_group("built sample")
def test_what_no_model_makes_any_longer_is_dropped(sample_copy: Settings, tmp_path: Path) -> None:
    """Everything that an older version kept of persons; what else the warehouse holds stays."""
    tables = "select table_schema || '.' || table_name from information_schema.tables order by all"
    with session(sample_copy, sample_copy.warehouse) as connection:
        before = connection.execute(tables).fetchall()
        connection.execute("create table intermediate.of_an_older_version as select 'Storgata' as street_name")
        connection.execute("create view staging.of_an_older_version as from intermediate.of_an_older_version")
        connection.execute("create macro build.of_an_older_version(given) as trim(given)")
    _dbt(sample_copy, tmp_path / "target", "build", "--select", "landkode")
    with session(sample_copy, sample_copy.warehouse, read_only=True) as connection:
        assert connection.execute(tables).fetchall() == before
        functions = "select distinct schema_name from duckdb_functions() where not internal"
        assert "build" not in {schema for (schema,) in connection.execute(functions).fetchall()}


def test_every_macro_says_what_it_does() -> None:
    for file in (DBT / "macros").rglob("*.sql"):
        text = file.read_text(encoding="utf-8")
        macros = re.findall(r"^{%-?\s*macro (\w+)\(", text, flags=re.MULTILINE)
        assert re.findall(r"#}\n{%-?\s*macro (\w+)\(", text) == macros, file


def test_macros_stand_by_theme_in_fifteen_files_and_none_is_dispatched() -> None:
    files = list((DBT / "macros").rglob("*.sql"))
    assert len(files) <= 15
    assert [file for file in files if "adapter.dispatch" in file.read_text(encoding="utf-8")] == []


def test_every_function_says_what_it_does_or_is_a_few_lines_in_the_file_of_its_schema() -> None:
    found = 0
    for file in (DBT / "macros").glob("*.sql"):
        for comment, schema, name, body in re.findall(
            r"^((?:--[^\n]*\n)*)create or replace macro (\w+)\.(\w+)(.*?;)$",
            file.read_text(encoding="utf-8"),
            flags=re.MULTILINE | re.DOTALL,
        ):
            found += 1
            assert schema == file.stem, (file, name)
            assert comment or len(body.splitlines()) <= 6, name
    assert found > 90  # All of them: the files are read as text.


@pytest.mark.xdist_group("built sample")
def test_every_model_and_every_column_of_the_marts_is_described(built_sample: Path) -> None:
    manifest = json.loads((built_sample / "work" / "dbt" / "manifest.json").read_text())
    for node in manifest["nodes"].values():
        if node["resource_type"] == "model":
            assert node["description"], node["name"]
        if node["resource_type"] == "model" and "marts" in node["fqn"]:
            assert node["contract"]["enforced"], node["name"]
            assert all(column["description"] and column["data_type"] for column in node["columns"].values()), node[
                "name"
            ]
