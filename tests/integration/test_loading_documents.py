"""Loading documents: what fits is loaded, what does not is in quarantine with its reason."""

from __future__ import annotations

import json
from typing import Any

import pytest

from foundation.database import session
from foundation.errors import DeliveryRefused
from foundation.settings import Settings
from ingest.deliveries import LoadReport, load_new
from tests.support.deliveries import as_lines, deliver, deliver_documents, packed
from tests.support.persons import (
    entry,
    freg_line,
    freg_person,
    number,
    number_entry,
    persontjenesten_person,
    residence,
)

KARI = number("1980-05-17", 100)
OLA = number("1990-02-03", 101)
NAME = "persons-0001.ndjson"


def ask(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    with session(settings, settings.warehouse, read_only=True) as connection:
        return connection.execute(query).fetchall()


def load_freg(settings: Settings, records: list[Any], **given: Any) -> LoadReport:
    deliver_documents(settings.landing_dir, "freg", given.pop("delivery_id", "d1"), records, **given)
    return load_new(settings, ["freg"])


def quarantine(settings: Settings) -> list[tuple[Any, ...]]:
    return ask(
        settings, "select line_number, sequence_number, reason_code, reason from raw.quarantine order by line_number"
    )


def good(sequence: int, nin: str = KARI) -> dict[str, Any]:
    return freg_line(sequence, freg_person(nin, bostedsadresse=[residence()]))


@pytest.mark.parametrize("ending", ["", ".gz", ".zst"])
def test_plain_and_compressed_files_are_read_alike(settings: Settings, ending: str) -> None:
    report = load_freg(settings, [good(1), good(2, OLA)], name=NAME + ending)
    assert report.refused == []
    ((_, counts),) = report.loaded
    assert (counts.loaded, counts.quarantined) == (2, 0)
    assert ask(
        settings,
        "select sekvensnummer, folkeregisterperson.bostedsadresse[1].vegadresse.adressenavn"
        " from raw.freg_document order by 1",
    ) == [(1, "Storgata"), (2, "Storgata")]


def test_a_delivery_is_loaded_once(settings: Settings) -> None:
    load_freg(settings, [good(1)])
    again = load_new(settings, ["freg"])
    assert (again.loaded, again.already_loaded) == ([], 1)
    assert ask(settings, "select count(*) from raw.freg_document") == [(1,)]


def test_a_delivery_that_changed_after_it_was_loaded_is_refused(settings: Settings) -> None:
    load_freg(settings, [good(1)])
    report = load_freg(settings, [good(1), good(2, OLA)])
    (refusal,) = report.refused
    assert "changed after the delivery was loaded" in refusal.what
    assert ask(settings, "select count(*) from raw.freg_document") == [(1,)]


def _person(**elements: Any) -> dict[str, Any]:
    return freg_line(7, freg_person(KARI, **elements))


@pytest.mark.parametrize(
    ("bad", "code", "words"),
    [
        ("this is not JSON", "not_json", "not a JSON object"),
        (b'{"sekvensnummer": 1, "folkeregisterperson": {', "not_json", "not a JSON object"),
        (b'{"sekvensnummer": 7, "hendelsetype": "\xff\xfe"}', "not_json", "not a JSON object"),
        ("[1, 2]", "not_json", "not a JSON object"),
        ("42", "not_json", "not a JSON object"),
        (
            _person(navn=[entry(fornavn=123, etternavn="X")]),
            "wrong_type",
            "navn[0].fornavn: expected text, found a number",
        ),
        (_person(navn=entry(fornavn="A", etternavn="B")), "wrong_type", "navn: expected a list, found an object"),
        (_person(navn="Kari"), "wrong_type", "navn: expected a list, found text"),
        (
            _person(navn=[entry(fornavn={"a": 1}, etternavn="X")]),
            "wrong_type",
            "fornavn: expected text, found an object",
        ),
        (_person(status=[{"erGjeldende": "ja", "status": "bosatt"}]), "wrong_type", "expected true or false"),
        (
            _person(foedsel=entry(foedselsaar=1980.5)),
            "wrong_type",
            "foedselsaar: expected a year, found a number with decimals",
        ),
        (
            _person(bostedsadresse=[residence(grunnkrets="x")]),
            "invalid_value",
            "grunnkrets: the value is not a whole number",
        ),
        (
            _person(foedsel=entry(foedselsdato="1980-13-45", foedselsaar=1980)),
            "invalid_value",
            "foedselsdato: the value is not a date",
        ),
        (
            _person(navn=[{"ajourholdstidspunkt": "i går", "fornavn": "A", "etternavn": "B"}]),
            "invalid_value",
            "point in time",
        ),
        ({**good(7), "sekvensnummer": "seven"}, "invalid_value", "sekvensnummer: the value is not a whole number"),
        ({**good(7), "sekvensnummer": None}, "no_sequence_number", "sekvensnummer is missing"),
        (freg_line(7, None), "no_person", "folkeregisterperson is missing"),
        (_person(identifikasjonsnummer=[]), "no_number", "identifikasjonsnummer is missing"),
        (_person(identifikasjonsnummer=None), "no_number", "identifikasjonsnummer is missing"),
        (_person(identifikasjonsnummer=[number_entry("12345678901")]), "invalid_number", "check digits"),
        (_person(identifikasjonsnummer=[number_entry("123")]), "invalid_number", "11 digits"),
    ],
)
def test_a_document_that_does_not_fit_goes_to_quarantine_and_the_rest_is_loaded(
    settings: Settings, bad: Any, code: str, words: str
) -> None:
    report = load_freg(settings, [good(1), bad, good(2, OLA)])
    assert report.refused == []
    ((_, counts),) = report.loaded
    assert (counts.loaded, counts.quarantined) == (2, 1)
    ((line, _, found_code, reason),) = quarantine(settings)
    assert line == 2
    assert found_code == code
    assert words in reason
    assert ask(settings, "select sekvensnummer from raw.freg_document order by 1") == [(1,), (2,)]


def test_the_reason_does_not_repeat_what_the_document_says_of_a_person(settings: Settings) -> None:
    load_freg(settings, [_person(foedsel=entry(foedselsdato="hemmelig", foedselsaar=1980))], kind="change")
    ((_, _, _, reason),) = quarantine(settings)
    assert "hemmelig" not in reason
    assert KARI not in reason


def test_the_document_is_kept_as_it_came(settings: Settings) -> None:
    load_freg(settings, [good(1), "this is not JSON"])
    assert ask(settings, "select document, file_name from raw.quarantine") == [("this is not JSON", NAME)]


def test_lines_are_counted_as_an_editor_counts_them(settings: Settings) -> None:
    content = b"\n" + as_lines([good(1)]) + b"\n\n" + as_lines(["broken"])
    deliver(settings.landing_dir, "freg", "d1", {NAME: content}, rows={NAME: 2})
    load_new(settings, ["freg"])
    assert [row[0] for row in quarantine(settings)] == [5]


def test_unknown_elements_are_kept_and_reported(settings: Settings) -> None:
    person = freg_person(
        KARI,
        rettsligHandleevne=[{"erGjeldende": True, "omfang": "begrenset"}],
        navn=[entry(fornavn="Kari", etternavn="Nordmann", kallenavn="Kaja")],
    )
    report = load_freg(settings, [freg_line(1, person, avsender="Skatteetaten"), good(2, OLA)])
    ((_, counts),) = report.loaded
    assert (counts.loaded, counts.quarantined) == (2, 0)
    assert counts.unknown_elements == {
        "$.avsender": 1,
        "$.folkeregisterperson.navn[].kallenavn": 1,
        "$.folkeregisterperson.rettsligHandleevne": 1,
    }
    ((kept,), (nothing,)) = ask(settings, "select unknown_elements from raw.freg_document order by sekvensnummer")
    assert json.loads(kept) == {
        "$.avsender": "Skatteetaten",
        "$.folkeregisterperson.navn[0].kallenavn": "Kaja",
        "$.folkeregisterperson.rettsligHandleevne": [{"erGjeldende": True, "omfang": "begrenset"}],
    }
    assert nothing is None


def test_null_and_empty_lists_are_as_good_as_nothing(settings: Settings) -> None:
    person = freg_person(KARI, oppholdsadresse=[], navn=[entry(fornavn="Kari", mellomnavn=None, etternavn="N")])
    person["doedsfall"] = None
    person["bostedsadresse"] = [{**residence(), "matrikkeladresse": None}]
    report = load_freg(settings, [freg_line(1, person)])
    ((_, counts),) = report.loaded
    assert (counts.loaded, counts.quarantined, counts.unknown_elements) == (1, 0, {})
    assert ask(settings, "select unknown_elements from raw.freg_document") == [(None,)]


@pytest.mark.parametrize("day", ["202-01-02", "02-01-02", "000-01-02", "20200-01-02", "-2020-01-02", "20/01/02"])
def test_a_year_has_four_digits(settings: Settings, day: str) -> None:
    line = freg_line(1, freg_person(KARI, navn=[entry(day, fornavn="Kari", etternavn="N")]))
    report = load_freg(settings, [line], kind="change")
    ((_, counts),) = report.loaded
    assert (counts.loaded, counts.quarantined) == (0, 1)
    ((_, _, code, reason),) = quarantine(settings)
    assert code == "invalid_value"
    assert "navn[0].gyldighetstidspunkt" in reason


def test_what_only_looks_like_a_date_is_none(settings: Settings) -> None:
    report = load_freg(settings, [freg_line(1, freg_person(KARI, navn=[entry(fornavn="1-3-5", etternavn="N")]))])
    ((_, counts),) = report.loaded
    assert (counts.loaded, counts.quarantined, counts.unknown_elements) == (1, 0, {})


def test_a_sequence_number_with_another_content_is_not_taken(settings: Settings) -> None:
    load_freg(settings, [good(1), good(2, OLA)], sequence_to=2)
    other = freg_line(2, freg_person(OLA, navn=[entry(fornavn="En annen", etternavn="Person")]))
    report = load_freg(settings, [other, good(3)], delivery_id="d2", kind="change", sequence_from=2, sequence_to=3)
    ((_, counts),) = report.loaded
    assert (counts.loaded, counts.quarantined) == (1, 1)
    ((_, sequence, code, reason),) = quarantine(settings)
    assert (sequence, code) == (2, "sequence_conflict")
    assert "delivered before with another content" in reason


def test_a_register_of_one_document_is_no_extract(settings: Settings) -> None:
    load_freg(settings, [good(1)], sequence_from=1, sequence_to=1)
    report = load_freg(
        settings, [freg_line(1, freg_person(OLA))], delivery_id="d2", kind="change", sequence_from=1, sequence_to=1
    )
    ((_, counts),) = report.loaded
    assert (counts.loaded, counts.quarantined) == (0, 1)


def test_of_two_contents_in_one_delivery_the_first_is_kept(settings: Settings) -> None:
    other = freg_line(1, freg_person(OLA))
    report = load_freg(settings, [good(1), good(2, OLA), other])
    ((_, counts),) = report.loaded
    assert (counts.loaded, counts.quarantined) == (2, 1)
    ((line, sequence, code, _),) = quarantine(settings)
    assert (line, sequence, code) == (3, 1, "sequence_conflict")


def test_the_same_document_again_is_no_conflict(settings: Settings) -> None:
    load_freg(settings, [good(1), good(2, OLA)], sequence_to=2)
    report = load_freg(settings, [good(2, OLA), good(2, OLA)], delivery_id="d2", kind="change", sequence_to=2)
    ((_, counts),) = report.loaded
    assert (counts.loaded, counts.quarantined) == (2, 0)


def test_a_wrong_row_count_refuses_the_delivery_whole(settings: Settings) -> None:
    deliver(settings.landing_dir, "freg", "d1", {NAME: as_lines([good(1), good(2, OLA)])}, rows={NAME: 3})
    (refusal,) = load_new(settings, ["freg"]).refused
    assert "the manifest says 3 records, the file has 2" in refusal.what
    assert ask(settings, "select count(*) from raw.freg_document") == [(0,)]
    assert ask(settings, "select count(*) from raw.delivery") == [(0,)]


@pytest.mark.parametrize("ending", [".gz", ".zst"])
def test_a_truncated_compressed_file_is_called_that(settings: Settings, ending: str) -> None:
    name = NAME + ending
    whole = packed(name, as_lines([good(sequence) for sequence in range(1, 400)]))
    deliver(settings.landing_dir, "freg", "d1", {name: whole[: len(whole) // 2]}, rows={name: 399})
    (refusal,) = load_new(settings, ["freg"]).refused
    assert "truncated" in refusal.what or "cannot be read to its end" in refusal.what
    assert refusal.where.endswith(name)


def test_an_unexpected_file_refuses_the_delivery(settings: Settings) -> None:
    deliver(settings.landing_dir, "freg", "d1", {"people.json": b"{}"}, rows={"people.json": 1})
    (refusal,) = load_new(settings, ["freg"]).refused
    assert "unexpected file 'people.json'" in refusal.what


def test_an_empty_change_is_a_day_without_changes(settings: Settings) -> None:
    load_freg(settings, [good(1)], sequence_to=1)
    report = load_freg(settings, [], delivery_id="d2", kind="change", sequence_from=2, sequence_to=1)
    ((_, counts),) = report.loaded
    assert counts.notices == ["an empty delivery: nothing has changed"]
    assert ask(settings, "select count(*) from raw.freg_document") == [(1,)]


def test_an_empty_full_delivery_is_refused(settings: Settings) -> None:
    (refusal,) = load_freg(settings, []).refused
    assert "would replace everything" in refusal.what


def test_a_refused_delivery_does_not_keep_the_others_out(settings: Settings) -> None:
    deliver(settings.landing_dir, "freg", "bad", {NAME: as_lines([good(1)])}, rows={NAME: 9}, sequence_to=1)
    report = load_freg(settings, [good(2)], delivery_id="good", sequence_to=2)
    assert len(report.refused) == 1
    assert [delivery.manifest.delivery_id for delivery, _ in report.loaded] == ["good"]
    with pytest.raises(DeliveryRefused, match="wrong row count"):
        report.raise_if_refused()


def test_after_a_refused_delivery_is_mended_it_loads(settings: Settings) -> None:
    folder = deliver(settings.landing_dir, "freg", "d1", {NAME: as_lines([good(1)])}, rows={NAME: 9})
    load_new(settings, ["freg"])
    (folder / NAME).unlink()
    report = load_freg(settings, [good(1)])
    assert report.refused == []
    assert ask(settings, "select count(*) from raw.freg_document") == [(1,)]


def test_persontjenesten_persons_load_with_their_metadata(settings: Settings) -> None:
    deliver_documents(settings.landing_dir, "persontjenesten", "p1", [persontjenesten_person("abc", KARI)])
    ((_, counts),) = load_new(settings, ["persontjenesten"]).loaded
    assert (counts.loaded, counts.quarantined) == (1, 0)
    assert ask(settings, "select id, name[1].familyName from raw.persontjenesten_person") == [("abc", "Nordmann")]


def test_a_persontjeneste_person_without_id_goes_to_quarantine(settings: Settings) -> None:
    deliver_documents(
        settings.landing_dir,
        "persontjenesten",
        "p1",
        [persontjenesten_person("abc", KARI), persontjenesten_person("x", OLA, id=None)],
    )
    load_new(settings, ["persontjenesten"])
    assert [row[2] for row in quarantine(settings)] == ["no_id"]


def test_persons_of_persontjenesten_have_sequence_numbers_of_their_own(settings: Settings) -> None:
    """Two persons may have the same sequence number; a person may have one content under one."""
    deliver_documents(
        settings.landing_dir,
        "persontjenesten",
        "p1",
        [
            persontjenesten_person("abc", KARI),
            persontjenesten_person("xyz", OLA),
            persontjenesten_person("xyz", OLA, gender=None),
        ],
    )
    ((_, counts),) = load_new(settings, ["persontjenesten"]).loaded
    assert (counts.loaded, counts.quarantined) == (2, 1)
    assert [(row[0], row[2]) for row in quarantine(settings)] == [(3, "sequence_conflict")]


def test_exports_of_the_running_preg_load(settings: Settings) -> None:
    export = {"NIN": KARI, "Sn": "Nordmann", "RegStatus": 1, "Addresses": [{"NIN": KARI, "XCoord": 262871.25}]}
    deliver_documents(settings.landing_dir, "preg", "x1", [export], sequence_from=None, sequence_to=None)
    ((_, counts),) = load_new(settings, ["preg"]).loaded
    assert (counts.loaded, counts.quarantined) == (1, 0)
    assert ask(settings, "select NIN, Addresses[1].XCoord from raw.preg_person")[0][0] == KARI
