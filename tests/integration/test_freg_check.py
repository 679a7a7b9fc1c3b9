"""Documents compared with Freg's contract: what is reported, what is not, and that it agrees with the load."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from foundation.database import session
from foundation.settings import Settings
from ingest.deliveries import load_new
from ingest.freg import check
from ingest.freg.check import Checked, Finding, check_files
from ingest.freg.test_server.register import read_register
from tests.conftest import SAMPLE
from tests.support.deliveries import as_lines, deliver
from tests.support.mutations import any_json, mutated_line
from tests.support.persons import freg_line, freg_person, number, number_entry
from tests.support.running import preg

KARI = number("1980-05-17", 100)
PERSON = "folkeregisterperson"


def checked(folder: Path, *documents: Any, **given_: Any) -> Checked:
    file = folder / "documents.ndjson"
    file.write_bytes(as_lines(list(documents)))
    return check_files(Settings(**given_), [file])


def reported(found: Checked) -> list[tuple[str, str, str, int, str]]:
    """What was found, with the line of the place only."""
    return [
        (str(each.finding), each.path, each.detail, each.documents, each.where.rpartition(":")[2])
        for each in found.found
    ]


def event(**members: Any) -> dict[str, Any]:
    return {
        "dokumentidentifikator": "event-1",
        "skjemaversjon": "1",
        "hendelse": {
            "folkeregisteridentifikator": KARI,
            "hendelsestype": "endringINavn",
            "ajourholdstidspunkt": "2026-01-01T01:02:03.456+01:00",
            **members,
        },
    }


# As Freg's test register writes them: hardly any metadata, capitals, nothing as an empty text, other time zones.
SPARSE = {
    "identifikasjonsnummer": [
        {"status": "iBruk", "foedselsEllerDNummer": KARI, "identifikatortype": "foedselsnummer", "erGjeldende": True}
    ],
    "kjoenn": [{"kilde": "KILDE_DSF", "erGjeldende": True, "kjoenn": "kvinne"}],
    "navn": [
        {
            "ajourholdstidspunkt": "2020-01-16T12:03:41.92486+00:00",
            "erGjeldende": True,
            "fornavn": "SPENSTIG",
            "mellomnavn": "",
            "etternavn": "BØNNE",
        }
    ],
    "bostedsadresse": [
        {
            "erGjeldende": True,
            "vegadresse": {
                "kommunenummer": "5001",
                "adressenavn": "VEIEN",
                "adressenummer": {"husnummer": "3"},
                "adressekode": "3260",
                "coAdressenavn": "",
            },
            "adressegradering": "ugradert",
            "grunnkrets": 101,
        }
    ],
}


def test_documents_as_freg_writes_them_fit(tmp_path: Path) -> None:
    found = checked(
        tmp_path,
        SPARSE,
        {PERSON: SPARSE},
        freg_line(1, SPARSE),
        {"oppslag": [{"foedselsEllerDNummer": KARI, PERSON: SPARSE}, {"dokumentidentifikator": "d", PERSON: SPARSE}]},
        [SPARSE, event(), event()["hendelse"], {"hendelse": event()["hendelse"]}],
        {"oppslag": [{"foedselsEllerDNummer": KARI, "feilmelding": {"feilmelding": "Fant ikke personen"}}]},
    )
    assert found.fits
    assert reported(found) == []
    assert found.documents == {"person": 5, "line": 1, "event": 3}
    assert found.without_document == 1


def test_the_sample_and_the_events_of_the_test_server_fit(tmp_path: Path) -> None:
    register = read_register(SAMPLE)
    events = [register.event_document(each.entry.event_document) for each in register.events]
    file = tmp_path / "events.json"
    file.write_text(f"[{','.join(event for event in events if event)}]", encoding="utf-8")
    found = check_files(Settings(), [file, *SAMPLE.glob("freg/*/persons*")])
    assert reported(found) == []
    assert found.documents == {"line": len(register.events), "event": len(register.events)}


def test_an_older_schema_is_read_all_the_same(tmp_path: Path) -> None:
    older = {
        **SPARSE,
        "foedsel": {"foedselsdato": "1980-05-17", "foedselsaar": 1980, "foedekommuneINorge": ""},
        "doedsfall": [{"doedsdato": "2020-01-01"}],
        "rettsligHandleevneFraFoer": [{"kilde": "x"}],
    }
    found = checked(tmp_path, older, {PERSON: older})
    assert found.fits
    assert reported(found) == [
        ("unknown", f"{PERSON}.rettsligHandleevneFraFoer", "", 2, "1"),
        ("other form", f"{PERSON}.doedsfall", "in a list, not once", 2, "1"),
        ("other form", f"{PERSON}.foedsel", "once, not in a list", 2, "1"),
    ]


def test_what_is_missing_is_what_its_parent_must_have_and_is_no_choice(tmp_path: Path) -> None:
    person = {**SPARSE, "navn": [{"fornavn": "KARI", "etternavn": " "}], "bostedsadresse": [{}]}
    found = checked(tmp_path, SPARSE, person, event(ajourholdstidspunkt=None))
    assert found.fits
    assert reported(found) == [
        ("missing", f"{PERSON}.bostedsadresse[].adressegradering", "", 1, "2"),
        ("missing", f"{PERSON}.navn[].etternavn", "", 1, "2"),
        ("missing", "hendelse.ajourholdstidspunkt", "", 1, "3"),
    ]


def test_types_values_and_codes_that_are_others(tmp_path: Path) -> None:
    wrong = freg_person(
        KARI,
        kjoenn=[{"kjoenn": "KVINNE"}, {"kjoenn": "17858010039"}],
        navn=[{"fornavn": {"a": 1}, "etternavn": "x"}],
        foedsel=[{"foedselsdato": "17.05.1980", "foedselsaar": "nitten"}],
    )
    found = checked(tmp_path, wrong, {**SPARSE, "kjoenn": [{"kjoenn": "KVINNE"}]}, event(hendelsestype="endringIAlt"))
    assert not found.fits
    assert reported(found) == [
        ("wrong type", f"{PERSON}.navn[].fornavn", "expected text, found an object", 1, "1"),
        ("invalid value", f"{PERSON}.foedsel[].foedselsaar", "the value is not a year", 1, "1"),
        ("invalid value", f"{PERSON}.foedsel[].foedselsdato", "the value is not a date (YYYY-MM-DD)", 1, "1"),
        ("other code", f"{PERSON}.kjoenn[].kjoenn", "KVINNE", 2, "1"),
        ("other code", f"{PERSON}.kjoenn[].kjoenn", "(no word)", 1, "1"),
        ("other code", "hendelse.hendelsestype", "endringIAlt", 1, "3"),
        ("unknown", f"{PERSON}.navn[].fornavn.a", "", 1, "1"),
    ]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("not json", "not_json: not JSON, or cut off"),
        (b"\xff", "not_utf8: the text is not UTF-8"),
        ("[" * 100 + "]" * 100, "too_deep: lists and objects are nested more than 64 deep"),
        ({**SPARSE, "x": list(range(5000))}, "too_many_elements: the document has more than 4000 values"),
        ({**SPARSE, "x": "x" * 60_000}, "too_large: the document has more than 50000 bytes"),
        ({"a": 1}, "no_document: neither the document of a person nor that of an event"),
        (5, "no_document: neither the document of a person nor that of an event"),
        (
            {"sekvensnummer": 1, "hendelse": {"hendelsetype": "x", "persondokument": "y"}},
            "no_document: neither the document of a person nor that of an event",
        ),
        (freg_line(1, None), "no_person: folkeregisterperson is missing"),
        ({"sekvensnummer": 1}, "no_person: folkeregisterperson is missing"),
        (freg_line(0, SPARSE), "sequence_number_out_of_range: sekvensnummer is below one"),
        ({**freg_line(1, SPARSE), "sekvensnummer": None}, "no_sequence_number: sekvensnummer is missing"),
        ({**SPARSE, "identifikasjonsnummer": []}, "no_number: "),
        ({**SPARSE, "identifikasjonsnummer": [number_entry("17858010038")]}, "invalid_number: "),
        ({**SPARSE, "identifikasjonsnummer": number_entry("1" * 11)}, "placeholder_number: "),
    ],
)
def test_what_would_be_quarantined_is_told_with_its_reason(tmp_path: Path, document: Any, reason: str) -> None:
    found = checked(tmp_path, SPARSE, document, most_elements=4000, largest_document=50_000)
    assert not found.fits
    (quarantined,) = [each for each in found.found if each.finding is Finding.QUARANTINE]
    assert quarantined.detail.startswith(reason)
    assert quarantined.where.endswith(":2")


def test_no_value_and_no_name_that_may_be_one_is_told(tmp_path: Path) -> None:
    secret = {
        **SPARSE,
        "navn": [{"fornavn": "Hemmelig", "Kari Nordmann": 1, f"x{KARI}": 2, "a.b": 3, 'q"\n': 4, "": 5}],
        "kjoenn": [{"kjoenn": "Kari Nordmann, Storgata 1"}, {"kjoenn": "x" * 41}],
        "foedsel": [{"foedselsdato": "Hemmelig dag"}],
        KARI: {"a": 1},
    }
    found = checked(tmp_path, secret)
    assert [each for each in reported(found) if each[0] in ("unknown", "other code")] == [
        ("other code", f"{PERSON}.kjoenn[].kjoenn", "(no word)", 1, "1"),
        ("unknown", f"{PERSON}.(no word)", "", 1, "1"),
        ("unknown", f"{PERSON}.navn[].(no word)", "", 1, "1"),
    ]
    text = str(reported(found))
    assert not [word for word in ("Hemmelig", "Nordmann", "Storgata", KARI, "xxx") if word in text]


def test_portions_are_added_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "_DOCUMENTS_AT_ONCE", 2)
    found = checked(tmp_path, *[SPARSE] * 3, *[{**SPARSE, "nytt": 1}] * 5)
    assert reported(found) == [("unknown", f"{PERSON}.nytt", "", 5, "4")]
    assert found.documents == {"person": 8}


def test_the_command_says_it_in_a_table_and_as_json(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json.dumps({**SPARSE, "nytt": 1}))
    bad.write_text(json.dumps({**SPARSE, "kjoenn": [{"kjoenn": "KVINNE"}]}, indent=2))

    result = preg("freg", "check", "--json", good)
    assert result.returncode == 0, result.stderr
    answer = json.loads(result.stdout)
    assert answer["fits"]
    assert answer["findings"] == [
        {
            "finding": "unknown",
            "path": f"{PERSON}.nytt",
            "detail": "",
            "documents": 1,
            "where": f"{good}:1",
            "is_note": True,
        }
    ]

    result = preg("freg", "check", good, bad)
    assert result.returncode == 1
    assert "other code" in result.stdout
    assert "2 persons" in result.stdout
    assert result.stderr == ""


def test_a_file_that_cannot_be_read_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    good = tmp_path / "good.json"
    good.write_text(json.dumps(SPARSE))
    (tmp_path / "empty.json").write_text(" ")
    (tmp_path / "damaged.json.gz").write_bytes(b"no gzip")
    (tmp_path / "loop.json").symlink_to(tmp_path / "loop.json")
    (tmp_path / "folder.json").mkdir()
    names = ["none.json", "empty.json", "damaged.json.gz", "loop.json", "folder.json", "good.txt", "a\0.json"]
    found = check_files(Settings(), [*(tmp_path / name for name in names), good])
    assert not found.fits
    assert found.documents == {"person": 1}
    assert {each.finding for each in found.found} == {Finding.NOT_READ}
    assert len(found.found) == len(names)
    assert all(each.detail for each in found.found)


def test_nothing_is_left_of_a_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    checked(tmp_path, SPARSE)
    assert list(here.iterdir()) == []


_documents = st.one_of(
    any_json,
    mutated_line(),
    mutated_line().map(lambda line: line.get(PERSON) if isinstance(line, dict) else line),
    any_json.map(lambda value: {PERSON: value}),
    any_json.map(lambda value: {"hendelse": value}),
    any_json.map(lambda value: {"oppslag": value}),
    any_json.map(lambda value: event(egenskapshendelse=value)),
    any_json.map(lambda value: {**SPARSE, "navn": value, "kjoenn": value, "doedsfall": value}),
)


@hypothesis_settings(max_examples=15)
@given(st.lists(_documents, min_size=1, max_size=60))
def test_whatever_json_is_given_it_is_checked(documents: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = checked(Path(folder), *(json.dumps(each) if isinstance(each, str) else each for each in documents))
    assert all(each.documents > 0 for each in found.found if each.finding is not Finding.NOT_READ)
    assert not [each for each in found.found if "cannot be read" in each.detail]


@hypothesis_settings(max_examples=4)
@given(st.lists(mutated_line(), min_size=10, max_size=40))
def test_what_the_check_lets_pass_is_loaded_and_what_it_does_not_is_quarantined(documents: list[Any]) -> None:
    lines = as_lines(documents).splitlines()
    with tempfile.TemporaryDirectory() as folder:
        preg = Settings(landing_dir=Path(folder) / "landing", data_dir=Path(folder) / "data", refuse_share=1)
        name = "persons-0001.ndjson"
        deliver(preg.landing_dir, "freg", "d1", {name: as_lines(documents)}, rows={name: len(lines)}, sequence_to=50)
        ((_, _),) = load_new(preg, ["freg"]).loaded
        with session(preg, preg.warehouse, read_only=True) as connection:
            reasons = dict(
                connection.execute(
                    "select line_number, reason_code from raw.quarantine where line_number > 0"
                ).fetchall()
            )
        # What a delivery's manifest and its other lines say of a line, a file of documents does not.
        of_delivery = {"sequence_conflict", "sequence_number_out_of_range"}
        loaded = [line for place, line in enumerate(lines, start=1) if place not in reasons]
        quarantined = [lines[place - 1] for place, reason in reasons.items() if reason not in of_delivery]
        if loaded:
            found = checked(Path(folder), *loaded)
            assert [each for each in found.found if not each.is_note and each.finding is not Finding.OTHER_CODE] == []
        for line in quarantined[:3]:
            assert not checked(Path(folder), line).fits, line
