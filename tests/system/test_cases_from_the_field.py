"""Cases from the field (`tests/cases`), in one landing folder and one run: what each comes out as."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.support.deliveries import deliver
from tests.support.running import forked_preg_run

pytestmark = pytest.mark.xdist_group("cases")

CASES = Path(__file__).parent.parent / "cases"
FOLDERS = ("names", "addr", "identity", "claimed")
_NAME = "persons-0001.ndjson"


def _documents(source: str, number: str) -> bytes:
    """The documents of every folder as one file, numbered through."""
    lines = []
    for folder in FOLDERS:
        file = CASES / folder / source / _NAME
        if file.is_file():
            lines += file.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    numbered = [
        re.sub(rf'("{number}": ?)\d+', rf"\g<1>{place}", line, count=1) for place, line in enumerate(lines, start=1)
    ]
    return ("\n".join(numbered) + "\n").encode()


def _addresses() -> bytes:
    columns: dict[str, None] = {}
    rows = []
    for folder in FOLDERS:
        file = CASES / folder / "matrikkel" / "matrikkelenAdresse.csv"
        if file.is_file():
            with file.open(encoding="utf-8") as stream:
                read = list(csv.DictReader(stream, delimiter=";"))
            columns |= dict.fromkeys(read[0])
            rows += read
    out = io.StringIO()
    writer = csv.DictWriter(out, list(columns), delimiter=";", lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory in which all of them were run."""
    folder = tmp_path_factory.mktemp("cases")
    landing = folder / "landing"
    freg, persontjenesten = _documents("freg", "sekvensnummer"), _documents("persontjenesten", "sequenceNumber")
    deliver(landing, "freg", "d1", {_NAME: freg}, rows={_NAME: freg.count(b"\n")})
    deliver(
        landing, "persontjenesten", "d1", {_NAME: persontjenesten}, rows={_NAME: persontjenesten.count(b"\n")},
        created_at="2026-01-03T03:00:00Z",
    )  # fmt: skip
    bydeler = (CASES / "addr" / "matrikkel" / "grunnkrets_bydel.csv").read_bytes()
    deliver(
        landing, "matrikkel", "d1", {"matrikkelenAdresse.csv": _addresses(), "grunnkrets_bydel.csv": bydeler},
        sequence_from=None, sequence_to=None,
    )  # fmt: skip
    result = forked_preg_run(landing, folder / "data")
    assert result.returncode == 0, result.stdout + result.stderr
    return folder / "data"


@pytest.fixture(scope="module")
def release(data: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The release."""
    with duckdb.connect(str(data / "releases" / "current" / "preg.duckdb"), read_only=True) as connection:
        yield connection


def _person(release: duckdb.DuckDBPyConnection, nin: str) -> dict[str, Any] | None:
    cursor = release.execute("select * from preg_person where nin = ?", [nin])
    names = [column[0] for column in cursor.description]
    row = cursor.fetchone()
    return dict(zip(names, map(_plain, row), strict=True)) if row else None


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | bool) else str(value)


@pytest.mark.parametrize(
    ("case", "nin", "expected"),
    [
        ("NFD becomes NFC", "17858010039", {"given_name": "Åse", "sn": "Bjørnå Ñuñez"}),
        ("the Angstrom sign is Å", "17858010381", {"given_name": "Åse"}),
        ("NUL is kept whole", "17858010462", {"given_name": "Ka\0ri"}),
        ("emoji are kept", "17858010543", {"given_name": "Kari😀👨\u200d👩\u200d👧"}),
        ("no given name", "17858010624", {"given_name": None, "sn": "Singh"}),
        ("a name that is Null", "17858010705", {"given_name": "Null", "sn": "NULL"}),
        ("a space at the end is padding", "17858012392", {"given_name": "Kari  Anne"}),
        ("carriage return, line feed and tab are kept", "17858012988", {"given_name": "Ka\tri\r\nAnne"}),
        ("markup is text", "17858013186", {"given_name": "<script>alert(1)</script>", "sn": '=1+1;"x'}),
        ("only the year of birth is known", "17858013348", {"date_of_birth": None}),
        ("midnight in Norway, written in UTC", "17858013771", {"date_status": "2020-01-01"}),
        ("no offset is Norway's", "17858013852", {"date_status": "2020-06-30"}),
        ("the last day that programs know is none", "17858014212", {"date_status": None}),
        ("29 February of a leap year", "29822010049", {"date_of_birth": "2020-02-29"}),
        ("a citizenship that no list has", "17858014999", {"citizenship": None}),
        ("stateless", "17858014727", {"citizenship": "980"}),
        ("a civil status that no list has is no default", "17858015944", {"marital_status": None}),
        ("a status that no list has", "17858016061", {"reg_status": None}),
        ("a gender that no list has is no default", "17858016142", {"gender": None}),
        ("a father who is a placeholder", "17858016576", {"fathers_nin": None}),
        ("others have the responsibility", "05851510097", {"custody": "A"}),
        ("two current names: the later", "17858016657", {"given_name": "Ny", "sn": "Navn"}),
        ("empty texts are nothing", "17858016738", {"given_name": None, "middle_name": None}),
        ("31 February", "31828010096", None),
        ("29 February of no leap year", "29820160027", None),
        ("month 99", "15998010079", None),
        ("a D-number of the extended series", "41814061033", {"date_of_birth": "1940-01-01"}),
        ("issued by the rule of 2032", "30908299902", {"date_of_birth": "1982-10-30"}),
        ("a mother by her retired number is shown by the one of today", "02821010015", {"mothers_nin": "02817410068"}),
    ],
)
def test_a_person_comes_out_right(
    release: duckdb.DuckDBPyConnection, case: str, nin: str, expected: dict[str, Any] | None
) -> None:
    shown = _person(release, nin)
    if expected is None:
        assert shown is None, case
    else:
        assert shown is not None, case
        assert {field: shown[field] for field in expected} == expected, case


def test_what_no_list_has_is_counted_and_warned_about(release: duckdb.DuckDBPyConnection) -> None:
    told = set(release.execute("select field, freg_value from freg_unlisted_value where persons = 1").fetchall())
    countries = {
        (field, code)
        for field in ("citizenship", "status_country_code")
        for code in ("XXA", "RKS", "XKX", "YUG", "SUN", "CSK", "DDR", "SCG")
    }
    assert told == countries | {
        ("marital_status", "samboer"), ("gender", "ukjent"), ("reg_status", "ukjentNyStatus"),
    }  # fmt: skip
    ((severity, passed),) = release.execute(
        "select severity, passed from gate_results where check_name = 'freg_values_are_listed'"
    ).fetchall()
    assert (severity, passed) == ("warn", False)


@pytest.mark.parametrize(
    ("case", "nin", "kind"),
    [
        ("NFD and NFC", "17858010039", None),
        ("Angstrom", "17858010381", None),
        ("a typographic apostrophe", "17858010896", "format"),
        ("Ł and L", "17858011094", "format"),
        ("ß and ss", "17858011175", "format"),
        ("dotless i", "17858011256", "format"),
        ("thorn and eth", "17858011337", "format"),
        ("two Cyrillic names", "17858011418", "unexplained"),
        ("two Chinese names", "17858011760", "unexplained"),
        ("two Arabic names", "17858011841", "unexplained"),
        ("a letter lost", "17858011922", "unexplained"),
        ("a letter replaced", "17858012120", "unexplained"),
        ("two letters lost", "17858012201", "unexplained"),
        ("hyphen and case", "17858012716", "format"),
        ("an empty middle name and none", "01817710081", None),
    ],
)
def test_names_are_compared_by_their_letters(
    release: duckdb.DuckDBPyConnection, case: str, nin: str, kind: str | None
) -> None:
    found = {
        row[0]
        for row in release.execute(
            "select difference_kind from field_comparison_differences"
            " where nin = ? and field in ('given_name', 'middle_name', 'sn') and pair = 'preg_persontjenesten'",
            [nin],
        ).fetchall()
    }
    assert found <= {kind} if kind in (None, "format") else found == {kind}, case


@pytest.mark.parametrize(
    ("case", "nin", "expected"),
    [
        ("no house number", "03838310094", {"enrichment_method": "adresse_id", "postal_address": "Uten nummer vei"}),
        ("letter b and B", "03838310175", {"enrichment_method": "adressekode"}),
        ("Kirkeveien and Kirkevegen", "03838310256", {"enrichment_method": "adressenavn"}),
        ("an NFD street", "03838310337", {"enrichment_method": "adressenavn", "street_name": "Åsgårdstien"}),
        ("one row per dwelling", "03838310418", {"enrichment_method": "adresse_id"}),
        (
            "a point without a grunnkrets counts",
            "03838310760",
            {"enrichment_reason": "no_grunnkrets", "x_coord": "262871.25", "grunnkrets_number": None},
        ),
        ("of an identifier twice the later row", "03838310841", {"grunnkrets_number": "03010106"}),
        ("the point 0;0 is none", "03838310922", {"x_coord": None, "y_coord": None}),
        ("a street called NULL", "03838311120", {"street_name": "NULL"}),
        ("degrees", "03838311201", {"x_coord": "262562.77", "y_coord": "6649439.86"}),
        ("a Sámi street", "03838311473", {"enrichment_method": "adressenavn"}),
        ("another Sámi street with a letter less", "03838311554", {"enrichment_method": "none"}),
        ("zeros lost, by adressekode", "03838311635", {"enrichment_method": "adressekode"}),
        ("zeros lost, by identifier", "03838311716", {"present_st": "0301"}),
        ("zeros lost, by name", "03838311988", {"enrichment_method": "adressenavn"}),
        ("zeros too many", "03838312186", {"house_number": 5, "postal_address": "Bokstavgata 5B"}),
        (
            "spaces at the ends",
            "03838312267",
            {"enrichment_method": "adresse_id", "postal_address": "Bokstavgata 5B", "house_letter": "B"},
        ),
        ("a divided kommune has no present one", "03838312429", {"st": "1507", "present_st": None}),
        ("a plot without festenummer", "03838312771", {"enrichment_method": "matrikkelnummer", "postal_address": None}),
    ],
)
def test_an_address_comes_out_right(
    release: duckdb.DuckDBPyConnection, case: str, nin: str, expected: dict[str, Any]
) -> None:
    cursor = release.execute("select * from preg_address where nin = ? and current_address", [nin])
    names = [column[0] for column in cursor.description]
    (row,) = cursor.fetchall()
    shown = dict(zip(names, map(_plain, row), strict=True))
    assert {field: shown[field] for field in expected} == expected, case


def test_every_number_leads_to_the_person_of_today_and_back(release: duckdb.DuckDBPyConnection) -> None:
    leads = dict(release.execute("select number, nin from person_number").fetchall())
    chain = ("41817010049", "02817010094", "03817010023")
    assert {leads[number] for number in chain} == {"03817010023"}
    assert leads["01817410029"] == "02817410068"
    assert leads["01817110076"] == leads["02817110005"]
    retired = dict(release.execute("select nin, new_nin from preg_person_retired").fetchall())
    assert retired == {number: nin for number, nin in leads.items() if number != nin}
    assert release.execute("select distinct reg_status from preg_person_retired").fetchall() == [(6,)]
    old = release.execute("select nin, old_nin from preg_person where old_nin is not null").fetchall()
    assert old
    assert all(retired[number] == nin for nin, number in old)


def test_a_number_twice_in_one_document_is_in_use(release: duckdb.DuckDBPyConnection) -> None:
    assert release.execute("select status from person_number where number = '01817210097'").fetchall() == [("iBruk",)]


def test_a_number_that_two_persons_list_leads_to_one_and_both_are_there(release: duckdb.DuckDBPyConnection) -> None:
    persons = {nin for (nin,) in release.execute("select nin from preg_person").fetchall()}
    assert {"02817310047", "03817310086"} <= persons
    assert "01817310008" not in persons


def test_what_does_not_fit_is_in_quarantine_with_its_reason(data: Path) -> None:
    with duckdb.connect(str(data / "warehouse.duckdb"), read_only=True) as connection:
        found = connection.execute("select reason_code, document from raw.quarantine").fetchall()
    codes = sorted(code for code, _ in found)
    assert codes == ["invalid_number"] * 5 + ["invalid_value"]
    assert all(json.loads(document) for _, document in found)
