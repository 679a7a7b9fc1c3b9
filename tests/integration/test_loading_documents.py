"""Loading documents: what fits is loaded, what does not is in quarantine with its reason."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from typing import Any

import pytest

from foundation.database import session
from foundation.errors import DeliveryRefused
from foundation.settings import Settings
from ingest.deliveries import LoadReport, load_new
from operations.doctor import examine
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
        (_person(doedsfall=[entry(), entry()]), "wrong_type", "doedsfall: expected an object, found an array"),
        (_person(navn="Kari"), "wrong_type", "navn: expected a list, found text"),
        (
            _person(navn=[entry(fornavn={"a": 1}, etternavn="X")]),
            "wrong_type",
            "fornavn: expected text, found an object",
        ),
        (_person(status=[{"erGjeldende": "ja", "status": "bosatt"}]), "wrong_type", "expected true or false"),
        (
            _person(foedsel=[entry(foedselsaar=1980.5)]),
            "wrong_type",
            "foedselsaar: expected a year, found a number with decimals",
        ),
        (
            _person(bostedsadresse=[residence(grunnkrets="x")]),
            "invalid_value",
            "grunnkrets: the value is not a whole number",
        ),
        (
            _person(foedsel=[entry(foedselsdato="1980-13-45", foedselsaar=1980)]),
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
    load_freg(settings, [_person(foedsel=[entry(foedselsdato="hemmelig", foedselsaar=1980)])], kind="change")
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
        stemmerett=[{"erGjeldende": True, "omfang": "begrenset"}],
        navn=[entry(fornavn="Kari", etternavn="Nordmann", kallenavn="Kaja")],
    )
    report = load_freg(settings, [freg_line(1, person, avsender="Skatteetaten"), good(2, OLA)])
    ((_, counts),) = report.loaded
    assert (counts.loaded, counts.quarantined) == (2, 0)
    assert counts.unknown_elements == {
        "$.avsender": 1,
        "$.folkeregisterperson.navn[].kallenavn": 1,
        "$.folkeregisterperson.stemmerett": 1,
    }
    ((kept,), (nothing,)) = ask(settings, "select unknown_elements from raw.freg_document order by sekvensnummer")
    assert json.loads(kept) == {
        "$.avsender": "Skatteetaten",
        "$.folkeregisterperson.navn[0].kallenavn": "Kaja",
        "$.folkeregisterperson.stemmerett": [{"erGjeldende": True, "omfang": "begrenset"}],
    }
    assert nothing is None


def test_an_empty_list_within_an_element_says_nothing(settings: Settings) -> None:
    address = residence()
    address["vegadresse"]["kommunenummer"] = []
    load_freg(settings, [freg_line(1, freg_person(KARI, bostedsadresse=[address]))])
    kommune = "folkeregisterperson.bostedsadresse[1].vegadresse.kommunenummer"
    assert ask(settings, f"select {kommune} from raw.freg_document") == [(None,)]


def test_an_element_in_another_form_is_read_all_the_same_and_counted(settings: Settings) -> None:
    """Once where the contract has a list, in a list of one where it has a single element; within others too."""
    older = freg_person(KARI, doedsfall=[entry(doedsdato="2024-03-01")], bostedsadresse=residence())
    older["foedsel"] = older["foedsel"][0]
    older["bostedsadresse"]["vegadresse"] = [older["bostedsadresse"]["vegadresse"]]
    older["bostedsadresse"]["vegadresse"][0]["poststed"] = [{"poststedsnavn": "OSLO", "postnummer": ["0184"]}]
    older["postadresseIUtlandet"] = [
        entry(
            adressegradering="ugradert",
            utenlandskAdresseIFrittFormat={"adresselinje": "Old Street 1", "landkode": "SE"},
        ),
        entry(adressegradering="ugradert", utenlandskAdresseIFrittFormat=[]),
    ]
    ((_, counts),) = load_freg(settings, [freg_line(1, older), good(2, OLA)]).loaded
    assert (counts.loaded, counts.quarantined, counts.unknown_elements) == (2, 0, {})
    assert ask(
        settings,
        """
        select
            folkeregisterperson.foedsel[1].foedselsdato::varchar, folkeregisterperson.doedsfall.doedsdato::varchar,
            folkeregisterperson.bostedsadresse[1].vegadresse.poststed.postnummer,
            folkeregisterperson.postadresseIUtlandet[1].utenlandskAdresseIFrittFormat.adresselinje,
            len(folkeregisterperson.postadresseIUtlandet),
            unknown_elements
        from raw.freg_document where sekvensnummer = 1
        """,
    ) == [("1980-05-17", "2024-03-01", "0184", ["Old Street 1"], 2, None)]
    within = "folkeregisterperson.bostedsadresse"
    abroad = "folkeregisterperson.postadresseIUtlandet[].utenlandskAdresseIFrittFormat"
    assert sorted(ask(settings, "select path, form, documents from raw.other_form")) == [
        (within, "once", 1),
        (f"{within}[].vegadresse", "list", 1),
        (f"{within}[].vegadresse.poststed", "list", 1),
        (f"{within}[].vegadresse.poststed.postnummer", "list", 1),
        ("folkeregisterperson.doedsfall", "list", 1),
        ("folkeregisterperson.foedsel", "once", 1),
        (abroad, "list", 1),
        (f"{abroad}.adresselinje", "once", 1),
    ]
    (notice,) = counts.notices
    assert "folkeregisterperson.foedsel (once, not in a list; 1)" in notice


def test_an_empty_text_is_nothing(settings: Settings) -> None:
    """Of any type, and only where it is all of a value."""
    person = freg_person(KARI, navn=[entry(fornavn='": "" ,', mellomnavn="", etternavn="  ", forkortetNavn=':""')])
    person["doedsfall"] = entry(doedsdato="")
    person["kjoenn"][0]["gyldighetstidspunkt"] = " "
    ((_, counts),) = load_freg(settings, [freg_line(1, person, kilde="")]).loaded
    assert (counts.loaded, counts.quarantined) == (1, 0)
    assert ask(
        settings,
        """
        select navn.fornavn, navn.mellomnavn, navn.etternavn, navn.forkortetNavn, doedsdato, gyldig
        from (
            select folkeregisterperson.navn[1] as navn, folkeregisterperson.doedsfall.doedsdato as doedsdato,
                folkeregisterperson.kjoenn[1].gyldighetstidspunkt as gyldig
            from raw.freg_document
        )
        """,
    ) == [('": "" ,', None, None, ':""', None, None)]


@pytest.mark.parametrize("grade", ['""', '" "', '"undefined"', '"9999-12-31"', '"0001-01-01T00:00:00"'])
def test_a_grade_that_stands_for_nothing_is_no_missing_grade(settings: Settings, grade: str) -> None:
    """It is a text that no list has, and so it protects."""
    text = json.dumps(freg_line(1, freg_person(KARI, bostedsadresse=[residence()])))
    changed = text.replace('"adressegradering": "ugradert"', f'"adressegradering": {grade}')
    assert changed != text
    ((_, counts),) = load_freg(settings, [changed]).loaded
    assert counts.loaded == 1
    grades = "select folkeregisterperson.bostedsadresse[1].adressegradering from raw.freg_document"
    assert ask(settings, grades) == [("(blank)",)]


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ('"adressegradering": "ugradert"', '"adresse\\u0067radering": ""'),
        ('"adressegradering": "ugradert"', '"adressegradering": []'),
        ('"adressegradering": "ugradert"', '"adressegradering": "ugradert"}], "adressebeskyttelse": "", "x": [{"y": 1'),
    ],
)
def test_a_protection_cannot_be_written_away(settings: Settings, said: str, instead: str) -> None:
    """In quarantine, or with a grade that protects: never as if nothing had been said."""
    text = json.dumps(freg_line(1, freg_person(KARI, bostedsadresse=[residence()])))
    changed = text.replace(said, instead)
    assert changed != text
    assert json.loads(changed)
    load_freg(settings, [changed, good(2, OLA)])
    grades = ask(
        settings,
        "select folkeregisterperson.bostedsadresse[1].adressegradering from raw.freg_document where sekvensnummer = 1",
    )
    assert grades in ([], [("",)])


def test_a_text_that_only_begins_like_a_placeholder_is_a_text(settings: Settings) -> None:
    said = '9999-12-31 "ukjent dato" ifølge melding'
    person = freg_person(KARI, navn=[entry(fornavn="0001-01-01 noe", etternavn=said, mellomnavn="")])
    ((_, counts),) = load_freg(settings, [freg_line(1, person)]).loaded
    assert (counts.loaded, counts.quarantined) == (1, 0)
    assert ask(
        settings,
        "select navn.fornavn, navn.etternavn, navn.mellomnavn"
        " from (select folkeregisterperson.navn[1] as navn from raw.freg_document)",
    ) == [("0001-01-01 noe", said, None)]


def test_a_point_in_time_has_any_offset_and_as_many_decimals(settings: Settings) -> None:
    """In a list, so that each is compared with the moment that Python reads; the rest of the metadata is left out."""
    offsets = {"Z": 0, "+00:00": 0, "+01:00": 60, "+0100": 60, "+01": 60, "-03:30": -210}
    fractions = ["", ".5", ".12", ".123", ".123456"]
    written = {
        f"2020-03-01T12:00:00{fraction}{offset}": dt.datetime(
            2020, 3, 1, 12, 0, 0, round(float(f"0{fraction}") * 1_000_000), dt.timezone(dt.timedelta(minutes=minutes))
        )
        for offset, minutes in offsets.items()
        for fraction in fractions
    }
    entries = [{"kilde": "KILDE_DSF", "kjoenn": "kvinne", "gyldighetstidspunkt": when} for when in written]
    ((_, counts),) = load_freg(settings, [freg_line(1, freg_person(KARI, kjoenn=entries))]).loaded
    assert (counts.loaded, counts.quarantined) == (1, 0)
    moments = "select list_transform(folkeregisterperson.kjoenn, lambda each: epoch_us(each.gyldighetstidspunkt))"
    ((loaded,),) = ask(settings, f"{moments} from raw.freg_document")
    assert loaded == [round(moment.timestamp() * 1_000_000) for moment in written.values()]


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


@pytest.mark.parametrize("word", ["infinity", " -Infinity", "inf", "epoch "])
def test_a_word_is_no_date(settings: Settings, word: str) -> None:
    birth = entry(foedselsdato=word, foedselsaar=1980)
    report = load_freg(settings, [freg_line(1, freg_person(KARI, foedsel=[birth]))], kind="change")
    ((_, counts),) = report.loaded
    assert (counts.loaded, counts.quarantined) == (0, 1)


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


def test_after_a_refused_delivery_is_corrected_it_loads(settings: Settings) -> None:
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


def test_a_delivery_of_which_most_does_not_fit_is_refused_with_what_does_not(settings: Settings) -> None:
    wrong = [freg_line(place, freg_person(KARI, foedsel=["hemmelig"])) for place in range(1, 25)]
    (refusal,) = load_freg(settings, [*wrong[:23], "no JSON", *(good(30 + place) for place in range(6))]).refused
    assert "24 of 30 records do not fit" in refusal.what
    assert (
        f"folkeregisterperson.foedsel[]: expected an object, found text, in 23 of 30 (for example {NAME}:"
        in refusal.what
    )
    assert f"not a JSON object, in 1 of 30 (for example {NAME}:24)" in refusal.what
    assert "hemmelig" not in str(refusal)
    for table in ("freg_document", "quarantine", "delivery", "unknown_element", "other_form"):
        assert ask(settings, f"select count(*) from raw.{table}") == [(0,)]


def test_places_in_lists_are_one_path(settings: Settings) -> None:
    name = entry(fornavn=1, etternavn="N")
    lines = [freg_line(place, freg_person(KARI, navn=[name] * place)) for place in range(1, 9)]
    (refusal,) = load_freg(settings, lines).refused
    assert "folkeregisterperson.navn[].fornavn: expected text, found a number, in 8 of 8" in refusal.what


@pytest.mark.parametrize(
    ("wrong", "right", "kind", "refused"),
    [
        (1, 0, "change", False),
        (4, 0, "change", False),
        (5, 0, "change", True),
        (1, 0, "full", True),
        (1, 1, "full", False),
        (3, 3, "full", False),
        (4, 3, "change", True),
    ],
)
def test_a_delivery_is_refused_above_the_share(
    settings: Settings, wrong: int, right: int, kind: str, refused: bool
) -> None:
    lines = [freg_line(place, None) for place in range(1, wrong + 1)]
    lines += [good(place) for place in range(100, 100 + right)]
    report = load_freg(settings, lines, kind=kind)
    assert bool(report.refused) is refused
    if not refused:
        ((_, counts),) = report.loaded
        assert (counts.loaded, counts.quarantined) == (right, wrong)


def test_what_does_not_fit_is_told_of_a_loaded_delivery_too(settings: Settings) -> None:
    ((_, counts),) = load_freg(settings, [good(1), good(2, OLA), freg_line(3, None)]).loaded
    assert [(each.what, each.records, each.where) for each in counts.rejections] == [
        ("folkeregisterperson is missing", 1, f"for example {NAME}:3")
    ]


@pytest.mark.parametrize("nin", [str(digit) * 11 for digit in range(10)])
def test_a_placeholder_is_no_person(settings: Settings, nin: str) -> None:
    load_freg(settings, [good(1), freg_line(2, freg_person(nin))])
    assert [row[2] for row in quarantine(settings)] == ["placeholder_number"]


def test_a_placeholder_of_persontjenesten_is_no_person(settings: Settings) -> None:
    persons = [persontjenesten_person("a", KARI), persontjenesten_person("b", "0" * 11)]
    deliver_documents(settings.landing_dir, "persontjenesten", "p1", persons)
    load_new(settings, ["persontjenesten"])
    assert [row[2] for row in quarantine(settings)] == ["placeholder_number"]


@pytest.mark.parametrize(
    ("sequence", "span", "code"),
    [
        (0, (0, 9), "sequence_number_out_of_range"),
        (-5, (None, 9), "sequence_number_out_of_range"),
        (10, (1, 9), "sequence_number_out_of_range"),
        (2, (3, 9), "sequence_number_out_of_range"),
        (10, (None, 9), "sequence_number_out_of_range"),
        (8, (9, 9), "sequence_number_out_of_range"),
        ("1.5", (1, 9), "invalid_value"),
        ("1e0", (1, 9), "invalid_value"),
        (1.5, (1, 9), "wrong_type"),
        (2**63, (1, 2**63 - 1), "invalid_value"),
        (9, (9, 9), None),
        (1, (None, 9), None),
        ("7", (1, 9), None),
    ],
)
@pytest.mark.parametrize("source", ["freg", "persontjenesten"])
def test_a_sequence_number_is_one_of_those_of_the_manifest(
    settings: Settings, source: str, sequence: Any, span: tuple[int | None, int], code: str | None
) -> None:
    person = persontjenesten_person("abc", KARI, sequenceNumber=sequence)
    line = {**good(1), "sekvensnummer": sequence} if source == "freg" else person
    deliver_documents(
        settings.landing_dir, source, "d1", [line], kind="change", sequence_from=span[0], sequence_to=span[1]
    )
    ((_, counts),) = load_new(settings, [source]).loaded
    assert [row[2] for row in quarantine(settings)] == ([code] if code else [])
    assert counts.loaded == (0 if code else 1)


def test_a_mark_before_the_first_document_is_no_part_of_it(settings: Settings) -> None:
    deliver(settings.landing_dir, "freg", "d1", {NAME: b"\xef\xbb\xbf" + as_lines([good(1), good(2, OLA)])})
    ((_, counts),) = load_new(settings, ["freg"]).loaded
    assert (counts.loaded, counts.quarantined) == (2, 0)


# What was loaded stays as it was.


def _told(settings: Settings) -> list[str]:
    return load_new(settings, ["freg"]).notices


def test_a_file_that_is_changed_after_it_was_loaded_is_told(settings: Settings) -> None:
    load_freg(settings, [good(1)])
    assert _told(settings) == []
    file = settings.landing_dir / "freg" / "d1" / NAME
    file.write_bytes(file.read_bytes().replace(b"Kari", b"Mari"))
    (notice,) = _told(settings)
    assert notice.startswith(f"freg/d1: {NAME} was changed after the delivery was loaded")
    file.unlink()
    assert len(_told(settings)) == 1


def test_a_delivery_that_is_removed_after_it_was_loaded_is_told(settings: Settings) -> None:
    load_freg(settings, [good(1)])
    shutil.rmtree(settings.landing_dir / "freg" / "d1")
    (notice,) = _told(settings)
    assert notice.startswith("freg/d1 was removed after being loaded")


def test_a_copy_with_the_same_content_is_the_same(settings: Settings) -> None:
    load_freg(settings, [good(1)])
    shutil.copytree(settings.landing_dir, settings.landing_dir.parent / "copy")
    shutil.rmtree(settings.landing_dir)
    shutil.move(settings.landing_dir.parent / "copy", settings.landing_dir)
    assert _told(settings) == []


def test_the_doctor_reads_every_file_of_what_was_loaded(settings: Settings) -> None:
    load_freg(settings, [good(1)])

    def states() -> list[str]:
        return [finding.state for finding in examine(settings) if finding.about == "loaded deliveries"]

    assert states() == ["ok"]
    file = settings.landing_dir / "freg" / "d1" / NAME
    times = file.stat()
    file.write_bytes(file.read_bytes().replace(b"Kari", b"Mari"))
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert states() == ["wrong"]
