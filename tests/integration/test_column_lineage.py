"""Where a column comes from: what is kept with a release is what the build runs, and every way of asking answers."""

from __future__ import annotations

import pytest

from foundation.errors import PregError
from foundation.settings import Settings
from orchestration.dbt.column_lineage import lineage_of_build
from publication.reports.column_lineage import OF_THIS_CODE, LineageColumn, column_lineage, columns_of, read_edges
from tests.support.running import preg

pytestmark = pytest.mark.xdist_group("built sample")

EDGES = read_edges(OF_THIS_CODE)


def names(column: LineageColumn) -> set[str]:
    return {column.name}.union(*(names(source) for source in column.sources))


def test_the_lineage_that_is_checked_in_is_that_of_the_build(sample_copy: Settings) -> None:
    assert OF_THIS_CODE.read_text(encoding="utf-8") == lineage_of_build(sample_copy), "make contract"


def test_a_column_is_followed_to_what_was_delivered() -> None:
    district = column_lineage(EDGES, "preg_address", "district_code")
    assert district.name == "marts.preg_address.district_code"
    assert {
        "intermediate.int_preg__address.district_code",
        "staging.stg_matrikkel__grunnkrets_bydel.bydelsnummer",
        "raw.matrikkel_grunnkrets_bydel.bydelsnummer",
    } <= names(district)
    assert "raw.matrikkel_adresse.nord" not in names(district)
    assert "raw.freg_document.folkeregisterperson" in names(column_lineage(EDGES, "preg_person", "sn"))


def test_what_a_value_is_looked_up_by_is_part_of_where_it_comes_from() -> None:
    status = names(column_lineage(EDGES, "preg_person", "reg_status"))
    assert {
        "marts.code_list.code",
        "staging.stg_freg__person.status",
        "raw.freg_document.folkeregisterperson",
    } <= status
    citizenship = names(column_lineage(EDGES, "preg_person", "citizenship"))
    assert {"marts.landkode.ssb_landkode", "staging.stg_freg__person.citizenship"} <= citizenship


def test_every_published_column_comes_from_something_or_is_never_filled() -> None:
    without = [column for column in columns_of(EDGES, "preg_person") if not EDGES[column]]
    assert without == []
    ends = {
        column: column_lineage(EDGES, "preg_person", column.rpartition(".")[2]).ends()
        for column in columns_of(EDGES, "preg_person")
    }
    blank = {column.rpartition(".")[2] for column, found in ends.items() if not any(end[:4] == "raw." for end in found)}
    assert blank == {"new_nin", "citizenship_code", "parental_responsibility", "date_parental_responsibility"}


def test_a_name_that_is_not_there_is_told() -> None:
    with pytest.raises(PregError, match="no published table is named preg_persons"):
        column_lineage(EDGES, "preg_persons", "sn")
    with pytest.raises(PregError, match="preg_person has no column surname; it has nin, old_nin"):
        column_lineage(EDGES, "preg_person", "surname")


def test_without_a_build_there_is_none_to_write(settings: Settings) -> None:
    with pytest.raises(PregError, match="nothing has been built here"):
        lineage_of_build(settings)


@pytest.mark.parametrize(
    ("name", "reported"),
    [
        (
            "preg_person.reg_status",
            ["Person.RegStatus: code list RegStatus", "Freg: status[].status", "code_list.code"],
        ),
        ("DistrictCode", ["marts.preg_address.district_code", "raw.matrikkel_grunnkrets_bydel.bydelsnummer"]),
        ("person.fathersnin", ["Person.FathersNIN: the father, else the co-mother", "int_preg__person.fathers_nin"]),
        ("NIN", ["marts.preg_person.nin", "marts.preg_address.nin"]),
        ("preg_person", ["fathers_nin", "FathersNIN", "date_when_name_registered"]),
        ("field_comparison_summary", ["compared"]),
    ],
)
def test_the_command_takes_columns_fields_and_tables(sample_copy: Settings, name: str, reported: list[str]) -> None:
    answer = preg("lineage", name, "--data", sample_copy.data_dir, COLUMNS="200")
    assert answer.returncode == 0, answer.stderr
    assert [text for text in reported if text not in answer.stdout] == []


def test_the_command_tells_what_can_be_named(sample_copy: Settings) -> None:
    answer = preg("lineage", "surname", "--data", sample_copy.data_dir)
    assert answer.returncode == 1
    reported = " ".join((answer.stdout + answer.stderr).split())
    assert "surname is no column with its table, no field of PREG and no published table" in reported
