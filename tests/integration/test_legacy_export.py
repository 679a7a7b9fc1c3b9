"""Exports of the running PREG become deliveries: XML and JSON lines, and what is wrong with one is said."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import subprocess
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.errors import PregError
from foundation.settings import Settings
from ingest.compressed import open_stream
from ingest.contracts.tables import rows
from ingest.deliveries import load_new
from ingest.landing import take_inventory
from ingest.preg.export_file import deliver_export
from tests.support.persons import number
from tests.support.running import PREG, REPOSITORY, preg

TAKEN_AT = dt.datetime(2026, 1, 5, 12, 0, tzinfo=dt.UTC)
KARI = number("1980-05-17", 100)
PERSON = {
    "NIN": KARI,
    "GivenName": "Kari & <Co>",
    "Sn": "Nordmann",
    "DateOfBirth": "1980-05-17",
    "RegStatus": 1,
    "Gender": 2,
    "Addresses": [
        {"NIN": KARI, "CurrentAddress": True, "HouseNumber": 12, "XCoord": 262871.25, "PostalCode": "0184"},
        {"NIN": KARI, "CurrentAddress": False, "StreetName": "Gamleveien"},
    ],
}


def _xml(persons: list[dict[str, Any]], namespace: str = "") -> str:
    def element(name: str, value: Any) -> str:
        if isinstance(value, list):
            return f"<{name}>{''.join(element('Address', each) for each in value)}</{name}>"
        if isinstance(value, dict):
            return f"<{name}>{''.join(element(*member) for member in value.items())}</{name}>"
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return f"<{name}>{escape(text)}</{name}>"

    body = "".join(element("Person", person) for person in persons)
    return f'<?xml version="1.0" encoding="UTF-8"?><Persons{namespace}>{body}</Persons>'


def _lines(landing: Path) -> list[dict[str, Any]]:
    (delivery,) = take_inventory(landing).of("preg")
    with open_stream(delivery.path(delivery.manifest.files[0])) as stream:
        return [json.loads(line) for line in stream]


@pytest.mark.parametrize("namespace", ["", ' xmlns="urn:preg"'])
def test_xml_becomes_a_delivery(tmp_path: Path, namespace: str) -> None:
    file = tmp_path / "export.xml"
    file.write_text(_xml([PERSON], namespace), encoding="utf-8")
    made = deliver_export(file, tmp_path / "landing", TAKEN_AT)
    assert (made.delivery_id, made.persons) == ("20260105T120000Z-full", 1)
    assert _lines(tmp_path / "landing") == [PERSON]


def test_json_lines_are_delivered_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "export.ndjson.gz"
    file.write_bytes(gzip.compress((json.dumps(PERSON) + "\r\n\n").encode()))
    assert deliver_export(file, tmp_path / "landing", TAKEN_AT, only_changes=True).delivery_id.endswith("-change")
    assert _lines(tmp_path / "landing") == [PERSON]


_TEXT = st.text(
    alphabet=st.characters(blacklist_categories=["Cs", "Cc", "Zs", "Zl", "Zp", "Cn", "Co"]), min_size=1, max_size=20
)
_VALUES = {"int": st.integers(0, 9999), "bool": st.booleans(), "decimal": st.integers(0, 10**7).map(float)}
_FIELDS = {
    entity: st.fixed_dictionaries(
        {},
        optional={
            row["field"]: _VALUES.get(row["type"], _TEXT)
            for row in rows("preg_fields")
            if row["entity"] == entity and row["type"] != "date"
        },
    )
    for entity in ("Person", "Address")
}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(person=_FIELDS["Person"], addresses=st.lists(_FIELDS["Address"], max_size=3))
def test_what_is_in_the_xml_is_in_the_delivery(
    tmp_path_factory: pytest.TempPathFactory, person: dict[str, Any], addresses: list[dict[str, Any]]
) -> None:
    folder = tmp_path_factory.mktemp("xml")
    exported = {**person, "NIN": KARI, "Addresses": addresses}
    (folder / "export.xml").write_text(_xml([exported]), encoding="utf-8")
    deliver_export(folder / "export.xml", folder / "landing", TAKEN_AT)
    assert _lines(folder / "landing") == [exported]


def test_what_does_not_fit_goes_to_quarantine_and_the_rest_is_loaded(tmp_path: Path) -> None:
    file = tmp_path / "export.xml"
    bad = {**PERSON, "NIN": number("1981-06-18", 100), "RegStatus": "bosatt"}
    nameless = {**PERSON, "NIN": ""}
    file.write_text(_xml([PERSON, bad, nameless]), encoding="utf-8")
    place = Settings(landing_dir=tmp_path / "landing", data_dir=tmp_path / "data")
    deliver_export(file, place.landing_dir, TAKEN_AT)
    ((_, counts),) = load_new(place).loaded
    assert (counts.loaded, counts.quarantined) == (1, 2)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("<Persons><Person><NIN>1</NIN></Person>", "not XML that can be read"),
        (
            '<!DOCTYPE x [<!ENTITY a "b">]><Persons><Person><NIN>&a;</NIN></Person></Persons>',
            "not XML that can be read",
        ),
        ("<Persons></Persons>", "has no person"),
    ],
)
def test_an_export_that_cannot_be_read_leaves_no_trace(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "export.xml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(PregError, match=message):
        deliver_export(file, tmp_path / "landing", TAKEN_AT)
    assert list((tmp_path / "landing" / "preg").glob("*")) == []


def test_an_export_is_delivered_once(tmp_path: Path) -> None:
    file = tmp_path / "export.xml"
    file.write_text(_xml([PERSON]), encoding="utf-8")
    deliver_export(file, tmp_path / "landing", TAKEN_AT)
    with pytest.raises(PregError, match="delivered already"):
        deliver_export(file, tmp_path / "landing", TAKEN_AT)


@pytest.mark.xdist_group("built sample")
def test_the_command_says_where_the_delivery_is(tmp_path: Path) -> None:
    file = tmp_path / "export.xml"
    file.write_text(_xml([PERSON]), encoding="utf-8")
    made = preg("legacy", "import", file, "--taken-at", "2026-01-05T12:00:00", "--landing", tmp_path / "landing")
    assert made.returncode == 0, made.stderr
    assert "1 persons" in made.stdout
    missing = preg("legacy", "import", tmp_path / "no.xml", "--taken-at", "2026-01-05", "--landing", tmp_path)
    assert missing.returncode == 1
    assert "the export is not there" in missing.stdout + missing.stderr


@pytest.mark.xdist_group("built sample")
def test_answers_come_as_table_csv_json_and_parquet(built_sample: Path, tmp_path: Path) -> None:
    sql = "select nin, sn from preg_person order by nin;"
    as_csv = preg("query", sql, "--data", built_sample, "--format", "csv").stdout.splitlines()
    assert as_csv[0] == "nin,sn"
    assert len(as_csv) == 303
    as_json = json.loads(preg("query", sql, "--data", built_sample, "--format", "json").stdout)
    assert [f"{row['nin']},{row['sn'] or ''}" for row in as_json] == as_csv[1:]
    out = tmp_path / "answers" / "persons.parquet"
    assert preg("query", sql, "--data", built_sample, "--format", "parquet", "--out", out).returncode == 0
    assert duckdb.sql(f"select count(*) from '{out}'").fetchall() == [(302,)]
    refused = preg("query", sql, "--data", built_sample, "--format", "parquet")
    assert refused.returncode == 1
    assert "name a file" in refused.stdout + refused.stderr


@pytest.mark.xdist_group("built sample")
def test_a_client_gets_a_mapping_to_program_from(built_sample: Path, tmp_path: Path) -> None:
    fields, out = tmp_path / "f.csv", tmp_path / "mapping.json"
    fields.write_text(
        "field\nMaritalStatus\nPerson.Citizenship\nAddress.XCoord\nParentalResponsibility\nRegStatus\n",
        encoding="utf-8",
    )
    made = preg("compare", "client", "--fields", fields, "--out", out, "--data", built_sample)
    assert made.returncode == 0, made.stderr
    mapping = json.loads(out.read_text(encoding="utf-8"))
    reg_status, status, citizenship, never_filled, x_coord = mapping["fields"]
    assert [each["preg_field"] for each in mapping["fields"]] == [
        "Person.RegStatus",
        "Person.MaritalStatus",
        "Person.Citizenship",
        "Person.ParentalResponsibility",
        "Address.XCoord",
    ]
    assert status["persontjenesten_paths"] == ["maritalStatus[].status"]
    assert {"persontjenesten_value": "Married", "freg_value": "gift", "code": "2", "meaning": "Gift"} in status[
        "code_list"
    ]
    assert ("NOR", "000") in {(each["persontjenesten_value"], each["code"]) for each in citizenship["code_list"]}
    assert (x_coord["action"], x_coord["comparison"]) == ("lost", None)
    # What PREG never filled is lost, and there is nothing to ask access for; of some codes of a status there is.
    assert (never_filled["action"], never_filled["steps"]) == ("lost", ["lost"])
    assert (reg_status["action"], reg_status["steps"]) == ("recode", ["ask for access", "recode"])
    assert status["comparison"]["open"] == 2


def _run_notebook(data: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(PREG.with_name("python")), str(REPOSITORY / "notebooks" / "ten_questions.py")],
        env={"PREG_DATA_DIR": str(data), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.xdist_group("built sample")
def test_the_example_notebook_answers_ten_questions(built_sample: Path) -> None:
    answered = _run_notebook(built_sample)
    assert answered.returncode == 0, answered.stderr
    for question in range(1, 11):
        assert f"\n{question}. " in answered.stdout
    # Nobody is looked up whom no one has asked for.
    assert "Empty DataFrame" in answered.stdout.rpartition("\n10. ")[2]


def test_the_example_notebook_says_that_there_is_no_release(tmp_path: Path) -> None:
    answered = _run_notebook(tmp_path)
    assert answered.returncode == 1
    assert "There is no release" in answered.stderr
    assert "Traceback" not in answered.stderr
