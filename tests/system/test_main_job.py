"""The main job as a user runs it, on deliveries in the real format: the release, its tables, and a second run."""

from __future__ import annotations

import csv
import json
import re
import shutil
from pathlib import Path

import duckdb
import pytest

from ingest.contracts.preg import snake_case
from ingest.contracts.tables import rows
from tests.conftest import SAMPLE, SampleRun
from tests.support.running import preg, preg_run

pytestmark = pytest.mark.xdist_group("built sample")

# Table → columns at least, as the file format promises.
PROMISED = {
    "preg_person": [snake_case(row["field"]) for row in rows("preg_fields") if row["entity"] in ("Person", "Store")],
    "preg_address": [
        *(snake_case(row["field"]) for row in rows("preg_fields") if row["entity"] == "Address"),
        "grunnkrets_number",
        "grunnkrets_name",
        "enrichment_method",
    ],
    "person_number": ["number", "nin", "kind", "status"],
    "field_mapping": [],
    "field_catalogue": [],
    "field_comparison_differences": [
        "pair",
        "nin",
        "entity",
        "field",
        "left_value",
        "right_value",
        "difference_kind",
        "caused_by",
    ],
    "field_comparison_summary": [
        "pair",
        "entity",
        "field",
        "compared",
        "both_blank",
        "equal",
        "different",
        "causes",
        "derived",
    ],
    "field_comparison_by_class": ["pair", "person_class", "entity", "field", "compared", "equal", "different"],
    "field_comparison_by_kommune": ["pair", "st", "entity", "field", "compared", "equal", "different"],
    "field_comparison_trend": ["release_id", "published_at", "pair", "entity", "field", "compared", "equal"],
    "field_comparison_change": ["pair", "nin", "entity", "field", "change", "difference_kind", "kind_before"],
    "code_list": ["code_list", "code", "freg_value", "persontjenesten_value"],
}
TYPES = {"date": "DATE", "int": "INTEGER", "bool": "BOOLEAN", "string": "VARCHAR", "char": "VARCHAR"}


@pytest.fixture
def release(built_sample: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(built_sample / "releases" / "current" / "preg.duckdb"), read_only=True)


@pytest.mark.parametrize("table", PROMISED)
def test_a_release_has_the_promised_tables_and_columns(
    release: duckdb.DuckDBPyConnection, built_sample: Path, table: str
) -> None:
    columns = {row[0]: row[1] for row in release.execute(f"describe {table}").fetchall()}
    assert set(PROMISED[table]) <= set(columns)
    assert (built_sample / "releases" / "current" / "parquet" / f"{table}.parquet").is_file()


def test_columns_have_the_promised_types(release: duckdb.DuckDBPyConnection) -> None:
    for row in rows("preg_fields"):
        table = "preg_address" if row["entity"] == "Address" else "preg_person"
        found = dict(each[:2] for each in release.execute(f"describe {table}").fetchall())[snake_case(row["field"])]
        assert found == TYPES.get(row["type"], found), (row, found)


def test_a_release_has_a_report(built_sample: Path) -> None:
    report = built_sample / "releases" / "current" / "report"
    assert "PREG against Persontjenesten" in (report / "release.html").read_text(encoding="utf-8")
    for name in ("index.html", "fields.html", "charts.js", "field_catalogue.csv", "field_catalogue.xlsx"):
        assert (report / name).stat().st_size > 10_000


def test_no_number_of_a_person_is_in_report_log_or_manifest(
    release: duckdb.DuckDBPyConnection, built_sample: Path
) -> None:
    numbers = {number for (number,) in release.execute("select number from person_number").fetchall()}
    current = built_sample / "releases" / "current"
    report = [*(current / "report").glob("*.html"), current / "report" / "field_catalogue.csv"]
    for file in (*report, current / "manifest.json", built_sample / "work" / "run.log"):
        found = set(re.findall(r"(?<!\d)\d{11}(?!\d)", file.read_text(encoding="utf-8")))
        assert not found & numbers, file


def test_every_person_of_the_deliveries_is_there_once(release: duckdb.DuckDBPyConnection) -> None:
    ((persons, distinct),) = release.execute("select count(*), count(distinct nin) from preg_person").fetchall()
    assert persons == distinct
    # The sample is 300 persons, and one is born on each of its two days.
    assert persons == 302


@pytest.mark.parametrize(
    ("pair", "sources"),
    [
        ("preg_persontjenesten", ["persontjenesten"]),
        ("preg_legacy", ["preg"]),
        ("legacy_persontjenesten", ["persontjenesten", "preg"]),
    ],
)
def test_planted_discrepancies_are_found_and_nothing_else(
    release: duckdb.DuckDBPyConnection, pair: str, sources: list[str]
) -> None:
    planted = set()
    for source in sources:
        (file,) = (SAMPLE / source).glob("*/expected_discrepancies.csv")
        for row in csv.DictReader(file.open(encoding="utf-8"), delimiter=";"):
            if row["pair"] == pair or (row["pair"] == "preg_persontjenesten" and source == "persontjenesten"):
                planted.add((row["kind"], row["entity"], row["field"], row["nin"]))
    found = set(
        release.execute(
            "select difference_kind, entity, field, nin from field_comparison_differences where pair = ?", [pair]
        ).fetchall()
    )
    assert len(planted) > 25
    assert found == planted


def test_the_comparison_can_be_scored(built_sample: Path, tmp_path: Path) -> None:
    scored = preg("compare", "score", "--landing", SAMPLE, "--data", built_sample)
    assert scored.returncode == 0, scored.stdout
    assert "184 planted: 184 detected, 184 with the right kind; 0 found besides." in scored.stdout
    unscored = preg("compare", "score", "--landing", tmp_path, "--data", built_sample)
    assert unscored.returncode == 1
    assert "no truth to score against" in unscored.stderr + unscored.stdout


def test_the_catalogue_has_every_field_of_the_contracts_once(release: duckdb.DuckDBPyConnection) -> None:
    found = release.execute("select system, entity, field from field_catalogue").fetchall()
    wanted = [
        *(("PREG", row["entity"], row["field"]) for row in rows("preg_fields")),
        *(("Freg", "folkeregisterperson", row["path"]) for row in rows("freg_person_fields")),
        *(("Persontjenesten", row["schema"], row["property"]) for row in rows("persontjenesten_fields")),
    ]
    assert len(wanted) == 60 + 562 + 557
    assert sorted(found) == sorted(wanted)


def test_the_catalogue_says_what_corresponds(release: duckdb.DuckDBPyConnection) -> None:
    columns = "in_preg, in_freg, in_persontjenesten, preg_field, freg_path, persontjenesten_path, client_action"

    def row_of(field: str) -> tuple[object, ...]:
        ((*found,),) = release.execute(
            f"select {columns} from field_catalogue where entity || '.' || field = ?", [field]
        ).fetchall()
        return tuple(found)

    given = (True, True, True, "Person.GivenName", "navn[].fornavn", "name[].givenName", "rename")
    assert row_of("Person.GivenName") == given
    assert row_of("folkeregisterperson.navn[].fornavn") == given
    assert row_of("PersonName.givenName") == given
    assert row_of("Address.XCoord")[2:] == (
        False,
        "Address.XCoord",
        "bostedsadresse[].adresseIdentifikatorFraMatrikkelen",
        None,
        "lost",
    )
    assert row_of("CommonContactRegisterInformation.status")[:3] == (False, False, True)
    assert row_of("Person.MothersNIN")[-1] == "ask for access"


def test_the_sample_of_differences_tells_nothing_of_a_person(
    release: duckdb.DuckDBPyConnection, built_sample: Path
) -> None:
    """What the report shows of a difference is masked: no value of a name, a number or an address is in it."""
    pages = built_sample / "releases" / "current" / "report"
    text = (pages / "index.html").read_text(encoding="utf-8")
    values = release.execute(
        """
        select distinct unnest([left_value, right_value]) as value
        from field_comparison_differences
        inner join field_mapping on entity = preg_entity and field = column_name
        where compare_rule in ('name', 'address_line', 'same_person', 'relative', 'day', 'enriched_name')
        """
    ).fetchall()
    # Countries are in every list of countries.
    shown = [value for (value,) in values if value and len(value) > 3 and value not in ("Norge", "Sverige")]
    assert len(shown) > 50
    assert [value for value in shown if f'"{value}"' in text] == []


def test_no_column_is_blank_for_everybody_where_the_source_has_a_value(release: duckdb.DuckDBPyConnection) -> None:
    # The sample has nobody deprived of legal capacity, and hardly an address of three lines: their rules have tests of
    # their own.
    sparse = {"without_legal_capacity", "date_without_legal_capacity", "address_line3"}
    never = release.execute("select column_name from field_mapping where build_rule = 'never filled'").fetchall()
    allowed = sparse | {name for (name,) in never}
    for table in ("preg_person", "preg_address"):
        names = [row[0] for row in release.execute(f"describe {table}").fetchall()]
        counts = release.execute(f"select {', '.join(f'count({name})' for name in names)} from {table}").fetchall()[0]
        blank = {name for name, count in zip(names, counts, strict=True) if not count}
        assert blank <= allowed, blank


def test_a_second_run_does_nothing_and_says_so(built_sample: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(built_sample, data, symlinks=True)
    warehouse_before = (data / "warehouse.duckdb").stat().st_mtime_ns
    result = preg_run(SAMPLE, data)
    assert result.returncode == 0
    assert "Nothing new" in result.stdout
    assert len(list((data / "releases").glob("2*"))) == 1
    assert (data / "warehouse.duckdb").stat().st_mtime_ns == warehouse_before


@pytest.mark.slow
def test_the_same_landing_folder_gives_the_same_content_elsewhere(built_sample: Path, tmp_path: Path) -> None:
    """Another machine: another data directory, another key, and the deliveries found in another folder."""
    landing = tmp_path / "elsewhere" / "landing"
    shutil.copytree(SAMPLE, landing)
    result = preg_run(landing, tmp_path / "data", PREG_THREADS="1", TZ="Asia/Tokyo")
    assert result.returncode == 0, result.stdout + result.stderr
    there, here = (
        json.loads((data / "releases" / "current" / "manifest.json").read_text())
        for data in (tmp_path / "data", built_sample)
    )
    assert there["tables"] == here["tables"]
    assert there["content_hash"] == here["content_hash"]


def test_the_summary_says_what_and_where(sample_run: SampleRun) -> None:
    for words in ("Published release", "persons", "302", "addresses", "enriched", "Differences by field", "report"):
        assert words in sample_run.output


def test_a_release_can_be_asked_from_the_command_line(built_sample: Path) -> None:
    result = preg("query", "select count(*) as persons from preg_person", "--data", built_sample)
    assert result.returncode == 0
    assert "persons" in result.stdout
    assert "302" in result.stdout
    wrong = preg("query", "select nothing from nowhere", "--data", built_sample)
    assert wrong.returncode == 1
    assert "cannot answer this" in wrong.stderr
    assert "Traceback" not in wrong.stderr


def test_of_a_day_before_the_first_delivery_it_is_said_what_is_not_known(built_sample: Path) -> None:
    before = preg("as-of", "2001-01-01", "--data", built_sample)
    assert before.returncode == 0
    assert "of a day before it only those are known" in before.stdout
    after = preg("as-of", "2026-02-01", "--data", built_sample)
    assert "only those are known" not in after.stdout
    assert f"--data {built_sample}" in after.stdout


def test_releases_are_listed_and_verified(built_sample: Path) -> None:
    listed = preg("release", "list", "--data", built_sample)
    current = (built_sample / "releases" / "current").resolve().name
    assert current in listed.stdout
    verified = preg("release", "verify", "--data", built_sample)
    assert verified.returncode == 0
    assert "as they were published" in verified.stdout
