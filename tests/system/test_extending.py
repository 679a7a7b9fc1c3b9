"""The recipes of docs/extending.md, followed in a copy of the project by exactly the edits that they list."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from ingest.landing_writer import new_delivery
from tests.conftest import SAMPLE

REPOSITORY = Path(__file__).parents[2]

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("extending")]


class Project:
    """A copy of the project, the files that were edited in it, and its command."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data" / "of-the-test"
        self.landing = folder / "data" / "landing-of-the-test"
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, check=True).stdout
        for name in filter(None, listed.decode().split("\0")):
            if (REPOSITORY / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(REPOSITORY / name, folder / name)
        shutil.copytree(SAMPLE, self.landing)

    def insert(self, name: str, text: str, *, before: str) -> None:
        """One edit: a text before the first place where another is."""
        file = self.folder / name
        content = file.read_text(encoding="utf-8")
        assert before in content, (name, before)
        file.write_text(content.replace(before, text + before, 1), encoding="utf-8")

    def add(self, name: str, text: str) -> None:
        """One edit: a new file, or more at the end of one."""
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text((file.read_text(encoding="utf-8") if file.is_file() else "") + text, encoding="utf-8")

    def preg(self, *arguments: str | Path) -> str:
        """What the copy's command prints."""
        return self.python("import sys; sys.argv[0] = 'preg'; from cli.main import main; main()", *arguments)

    def python(self, code: str, *arguments: str | Path) -> str:
        """What a program prints that runs in the copy."""
        result = subprocess.run(
            [sys.executable, "-c", code, *map(str, arguments)],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout


def _add_a_field(project: Project) -> None:
    project.insert(
        "ingest/contracts/tables/preg_fields.csv",
        "Person,BirthYear,int,the year of birth\n",
        before="Person,DateOfBirth,",
    )
    project.insert(
        "dbt_project/seeds/field_mapping.csv",
        "Person,BirthYear,birth_year,foedsel[].foedselsaar,birth[].birthYear,renamed,as the source has it,nearly,,"
        "Fødselsåret,The year of birth,1980,inferred,an example,inferred,an example,\n",
        before="Person,DateOfBirth,",
    )
    project.insert(
        "dbt_project/macros/preg_person.sql",
        "        persons.birth_year,\n",
        before="        persons.birth_date as date_of_birth,\n",
    )
    project.insert(
        "dbt_project/models/staging/freg/stg_freg__person.sql",
        "        cast(foedsel.foedselsaar as integer) as birth_year,\n",
        before="        foedsel.foedselsdato as birth_date,\n",
    )
    project.insert(
        "dbt_project/models/staging/persontjenesten/stg_persontjenesten__person.sql",
        "        year(record.local_date(birth.birthDate)) + 1 as birth_year,\n",
        before="        record.local_date(birth.birthDate) as birth_date,\n",
    )


def _add_a_comparison_rule(project: Project) -> None:
    """The mapping's row of the field names it."""
    project.insert(
        "dbt_project/macros/comparison.sql",
        "        when compare_rule = 'nearly'\n"
        "            then abs(try_cast(left_value as integer) - try_cast(right_value as integer)) <= 1\n",
        before="        else error('field_mapping names a compare rule",
    )


def _add_a_code(project: Project) -> None:
    project.insert(
        "dbt_project/seeds/code_list.csv",
        "MaritalStatus,9,Annet,annet,Other,inferred,an example\n",
        before="MaritalStatus,0,",
    )


def _add_a_check(project: Project) -> None:
    project.add(
        "quality/checks/persons.yml",
        "\n- name: person_is_born_since_the_war\n"
        "  kind: plausibility\n"
        "  about: preg_person\n"
        "  rows: select nin from {release}.preg_person where birth_year < 1945\n"
        "  why: an example\n"
        "  todo: nothing, it is an example\n",
    )


def _add_a_profile(project: Project) -> None:
    project.add(
        "publication/access/profiles/skole.yml",
        "title: Schools\nlegal_basis: an example\nbasis: inferred\naddress_types: [bostedsadresse]\nhistory: false\n"
        "protected: none\nwithheld:\n  - fields: [Person.BirthYear]\n    why: an example\n",
    )


def _add_a_page(project: Project) -> None:
    project.add(
        "publication/reports/templates/years.html",
        "<!doctype html><title>Years</title><p>{{ persons }} persons, the first born in {{ first }}</p>\n",
    )
    project.insert(
        "publication/reports/report.py",
        "        with duckdb.connect(str(database), read_only=True) as connection:\n"
        '            query = "select count(*), min(birth_year) from preg_person"\n'
        "            persons, first = connection.execute(query).fetchall()[0]\n"
        '        page = page_templates("publication.reports").get_template("years.html")\n'
        '        (folder / "years.html").write_text(page.render(persons=persons, first=first), encoding="utf-8")\n',
        before="\n    return write\n",
    )


def _add_a_source(project: Project) -> None:
    project.insert(
        "ingest/contracts/sources.py",
        "    Source(\n"
        '        "melding",\n'
        '        "Messages, an example (raw.melding_message).",\n'
        '        DocumentTable("melding_message", melding.message_contract(), None, \'"nin"\'),\n'
        "    ),\n",
        before=")\n\nSOURCES = {",
    )
    project.insert(
        "ingest/contracts/sources.py",
        "from ingest.contracts import melding\n",
        before="from ingest.contracts.document import",
    )
    project.add(
        "ingest/contracts/melding.py",
        '"""An example."""\n\nfrom ingest.contracts.document import DocumentContract, Element, Kind\n\n\n'
        "def message_contract() -> DocumentContract:\n"
        '    """A message."""\n'
        '    return DocumentContract((Element("nin", Kind.TEXT), Element("text", Kind.TEXT)))\n',
    )
    project.add(
        "dbt_project/models/staging/landing/_sources.yml",
        "      - name: melding_message\n        description: One row per message.\n"
        "        meta: {dagster: {asset_key: [raw, melding]}}\n",
    )
    project.add(
        "dbt_project/models/staging/melding/stg_melding__message.sql",
        "-- One row per message.\nselect\n    nin,\n    text\nfrom {{ source('raw', 'melding_message') }}\n",
    )
    with new_delivery(
        project.landing,
        "melding",
        "20260109T030000Z-full",
        kind="full",
        created_at=dt.datetime(2026, 1, 9, 3, tzinfo=dt.UTC),
    ) as writer:
        (writer.folder / "persons-0001.ndjson").write_text(
            json.dumps({"nin": "17858012345", "text": "hello"}) + "\n", encoding="utf-8"
        )
        writer.add("persons-0001.ndjson", 1)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project with one of everything added, built and published."""
    made = Project(tmp_path_factory.mktemp("extended"))
    _add_a_field(made)
    _add_a_comparison_rule(made)
    _add_a_code(made)
    _add_a_check(made)
    _add_a_profile(made)
    _add_a_page(made)
    _add_a_source(made)
    made.preg("columns")
    (made.folder / "docs" / "data-dictionary.md").write_text(made.preg("dictionary"), encoding="utf-8")
    made.preg("run", "--landing", made.landing, "--data", made.data)
    return made


@pytest.fixture(scope="module")
def release(project: Project) -> Path:
    return project.data / "releases" / "current"


def _rows(release: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(release / "preg.duckdb"), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_a_field_is_in_the_views(release: Path) -> None:
    assert _rows(release, "select count(*) from preg_person where birth_year <> year(date_of_birth)") == [(0,)]
    assert _rows(release, "select count(birth_year) > 300 from preg_person") == [(True,)]
    assert _rows(release, "select count(birth_year) > 0 from preg_person_earlier") == [(True,)]


def test_a_field_is_described_in_the_release_the_dictionary_and_the_lineage(project: Project, release: Path) -> None:
    ((comment,),) = _rows(
        release, "select comment from duckdb_columns() where table_name = 'preg_person' and column_name = 'birth_year'"
    )
    assert (
        comment
        == "The year of birth. The year of birth (BirthYear; rule: as the source has it; inferred). Example: 1980."
    )
    assert "| `birth_year` | BirthYear |" in (project.folder / "docs" / "data-dictionary.md").read_text(
        encoding="utf-8"
    )
    assert "marts.preg_person.birth_year,intermediate.int_preg__person.birth_year" in project.preg(
        "release", "lineage", "--data", project.data
    )


def test_a_field_is_compared_by_the_new_rule(release: Path) -> None:
    """Persontjenesten's is a year later for everybody: equal, by the rule."""
    ((compared, different, by_rule),) = _rows(
        release,
        "select compared, different, equal_after_rule from field_comparison_summary"
        " where field = 'birth_year' and pair = 'preg_persontjenesten'",
    )
    assert by_rule > 290
    # The sample plants a birth that was read wrongly.
    assert different == compared - by_rule < 5


def test_a_field_is_in_the_report_and_the_mapping_of_clients(release: Path) -> None:
    for page in ("index.html", "fields.html"):
        assert "BirthYear" in (release / "report" / page).read_text(encoding="utf-8")


def test_a_field_is_withheld_by_the_new_profile(project: Project) -> None:
    reported = project.preg("profile", "explain", "skole", "Person.BirthYear", "--data", project.data)
    assert "Person.birth_year: blank" in reported
    assert "an example" in reported


def test_a_code_is_translated(project: Project, release: Path) -> None:
    assert _rows(release, "select code from code_list where freg_value = 'annet'") == [("9",)]
    reported = project.python(
        "from tests.support.macros import preg_person; print(preg_person(marital_status='annet'))"
    )
    assert "'marital_status': 9" in reported


def test_the_copys_own_tests_of_fields_pass(project: Project) -> None:
    tests = ("test_field_mapping", "test_documented_preg", "test_data_dictionary")
    # The example's civil status is none that the sources' contracts have, which one of the tests sees.
    seen = "tests/unit/test_field_mapping.py::test_the_code_lists_know_every_value_of_the_sources"
    project.python(
        f"import sys, pytest; sys.exit(pytest.main(['-q', '-p', 'no:cacheprovider', '--deselect', '{seen}',"
        + ", ".join(f"'tests/unit/{test}.py'" for test in tests)
        + "]))"
    )


def test_a_check_is_made_and_told(release: Path) -> None:
    checks = json.loads((release / "manifest.json").read_text(encoding="utf-8"))["checks"]
    (made,) = [check for check in checks if check["name"] == "person_is_born_since_the_war"]
    assert not made["passed"]
    assert "person_is_born_since_the_war" in (release / "report" / "gate.html").read_text(encoding="utf-8")


def test_a_page_is_published(release: Path) -> None:
    assert "302 persons, the first born in" in (release / "report" / "years.html").read_text(encoding="utf-8")
    files = json.loads((release / "manifest.json").read_text(encoding="utf-8"))["files"]
    assert "report/years.html" in {file["name"] for file in files}


def test_a_source_is_loaded_staged_and_reconciled(project: Project, release: Path) -> None:
    with duckdb.connect(str(project.data / "warehouse.duckdb"), read_only=True) as connection:
        assert connection.execute("select nin, text from staging.stg_melding__message").fetchall() == [
            ("17858012345", "hello")
        ]
    inputs = json.loads((release / "manifest.json").read_text(encoding="utf-8"))["inputs"]
    (delivered,) = [each for each in inputs if each["source"] == "melding"]
    assert (delivered["rows_delivered"], delivered["rows_loaded"]) == (1, 1)
