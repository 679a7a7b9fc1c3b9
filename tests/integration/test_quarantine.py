"""The quarantine: what it shows, and that documents leave it, in order, when the cause is corrected."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from foundation.errors import PregError
from foundation.replays import replays
from foundation.settings import Settings
from ingest import deliveries
from ingest.contracts.document import DocumentContract, Element, Kind
from ingest.contracts.sources import DOCUMENT_TABLES
from ingest.deliveries import load_new
from ingest.freg.requirements import REQUIREMENTS
from ingest.quarantine import list_quarantine, retry_quarantine, show_quarantine
from tests.support.deliveries import deliver_documents
from tests.support.persons import entry, freg_line, freg_person, number
from tests.support.running import preg

KARI = number("1980-05-17", 100)
OLA = number("1978-02-03", 101)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A warehouse in which Kari's second document, of three, is in quarantine because a date is none."""
    found = Settings(landing_dir=tmp_path / "landing", data_dir=tmp_path / "data")
    lines = [
        freg_line(1, freg_person(KARI, navn=[entry(fornavn="Første", etternavn="Navn")])),
        freg_line(2, freg_person(KARI, navn=[entry(fornavn="Hemmelig", etternavn="Navn")], kjoenn="kvinne")),
        "no JSON at all",
    ]
    deliver_documents(found.landing_dir, "freg", "d1", lines, sequence_to=3)
    deliver_documents(
        found.landing_dir, "freg", "d2", [freg_line(4, freg_person(OLA))], kind="change", sequence_from=4, sequence_to=4
    )
    load_new(found, ["freg"])
    return found


def ask(settings: Settings, sql: str) -> list[tuple]:
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_the_list_says_what_and_why(settings: Settings) -> None:
    found = [(kind.delivery_id, kind.reason_code, kind.documents, kind.where) for kind in list_quarantine(settings)]
    assert found == [
        ("d1", "not_json", 1, "persons-0001.ndjson:3"),
        ("d1", "wrong_type", 1, "persons-0001.ndjson:2"),
    ]


def test_a_document_is_shown_by_its_shape_never_by_its_values(settings: Settings) -> None:
    (document,) = show_quarantine(settings, "freg", "d1", "persons-0001.ndjson", 2)
    assert "kjoenn" in document.reason
    assert json.loads(document.shape)["folkeregisterperson"]["kjoenn"] == "VARCHAR"
    assert len(document.person) == 12
    assert "Hemmelig" not in str(document)
    assert KARI not in str(document)
    (text,) = show_quarantine(settings, "freg", "d1", "persons-0001.ndjson", 3)
    assert text.shape == "not JSON, 14 characters"


def test_without_a_corrected_cause_a_retry_changes_nothing(settings: Settings) -> None:
    before = ask(settings, "select sekvensnummer, document_hash from raw.freg_document order by all")
    (retried,) = retry_quarantine(settings)
    assert (retried.before, retried.counts.loaded, retried.counts.quarantined) == (2, 1, 2)
    assert ask(settings, "select sekvensnummer, document_hash from raw.freg_document order by all") == before
    assert len(list_quarantine(settings)) == 2


def test_what_a_too_strict_requirement_kept_out_comes_in_at_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(landing_dir=tmp_path / "landing", data_dir=tmp_path / "data")
    for sequence in (1, 2, 3):
        deliver_documents(
            settings.landing_dir,
            "freg",
            f"d{sequence}",
            [freg_line(sequence, freg_person(KARI))],
            kind="change",
            sequence_from=sequence,
            sequence_to=sequence,
        )
    strict = [replace(REQUIREMENTS[0], code="odd", violated_when="sekvensnummer = 2", reason="is even")]
    monkeypatch.setitem(deliveries._REQUIREMENTS, "freg", strict)
    load_new(settings, ["freg"])
    assert [(kind.delivery_id, kind.reason_code) for kind in list_quarantine(settings)] == [("d2", "odd")]

    monkeypatch.setitem(deliveries._REQUIREMENTS, "freg", REQUIREMENTS)
    (retried,) = retry_quarantine(settings)
    assert (retried.delivery.manifest.delivery_id, retried.before, retried.counts.quarantined) == ("d2", 1, 0)
    # The delivery keeps its place: what it brings applies before what came after it.
    assert ask(settings, "select delivery_number, sekvensnummer from raw.freg_document order by 2") == [
        (1, 1),
        (2, 2),
        (3, 3),
    ]
    assert ask(settings, "select rows_loaded, rows_quarantined from raw.delivery where delivery_id = 'd2'") == [(1, 0)]
    assert list_quarantine(settings) == []


def _gaining(contract: DocumentContract) -> DocumentContract:
    """The Freg contract with an element more."""

    def changed(element: Element) -> Element:
        if element.name == "folkeregisterperson":
            more = Element("stemmerett", Kind.OBJECT, True, (Element("omfang", Kind.TEXT),))
            return replace(element, children=(*element.children, more))
        return element

    return DocumentContract(tuple(map(changed, contract.elements)))


def test_an_element_that_the_contract_gains_is_taken_from_what_was_loaded_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(landing_dir=tmp_path / "landing", data_dir=tmp_path / "data")
    person = freg_person(KARI, stemmerett=[{"omfang": "begrenset"}])
    deliver_documents(settings.landing_dir, "freg", "d1", [freg_line(1, person)], sequence_to=1)
    load_new(settings, ["freg"])
    assert retry_quarantine(settings) == []
    table = DOCUMENT_TABLES["freg"]
    monkeypatch.setitem(DOCUMENT_TABLES, "freg", replace(table, contract=_gaining(table.contract)))
    (retried,) = retry_quarantine(settings)
    assert retried.counts.unknown_elements == {}
    assert ask(settings, "select folkeregisterperson.stemmerett[1].omfang from raw.freg_document") == [("begrenset",)]
    assert ask(settings, "select unknown_elements from raw.freg_document") == [(None,)]


def _once(contract: DocumentContract) -> DocumentContract:
    """The Freg contract as it was: foedsel and foedselINorge once, and without what has come since."""

    def changed(element: Element) -> Element:
        if element.name != "folkeregisterperson":
            return element
        children = (
            replace(child, repeated=False) if child.name in ("foedsel", "foedselINorge") else child
            for child in element.children
            if child.name not in ("oppholdPaaSvalbard", "rettsligHandleevne", "fratattRettsligHandleevne")
        )
        return replace(element, children=tuple(children))

    return DocumentContract(tuple(map(changed, contract.elements)))


def test_what_was_loaded_by_the_older_contract_is_taken_over_by_the_newer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A warehouse stays when an element that came once is a list now; numbers of documents stay, too."""
    settings = Settings(landing_dir=tmp_path / "landing", data_dir=tmp_path / "data")
    older = freg_person(KARI, foedselINorge=entry(foedselsinstitusjonsnavn="Ullevål", rekkefoelgenummer=2))
    older["foedsel"] = older["foedsel"][0]
    unborn = freg_person(OLA)
    del unborn["foedsel"]
    lines = [freg_line(1, older), freg_line(2, unborn)]
    deliver_documents(settings.landing_dir, "freg", "d1", lines, sequence_to=2)
    table = DOCUMENT_TABLES["freg"]
    with monkeypatch.context() as before:
        before.setitem(DOCUMENT_TABLES, "freg", replace(table, contract=_once(table.contract)))
        ((_, counts),) = load_new(settings, ["freg"]).loaded
    assert (counts.loaded, counts.notices) == (2, [])
    by_document = "select document_number, sekvensnummer, document_hash, ajourholdstidspunkt from raw.freg_document"
    numbers = ask(settings, f"{by_document} order by 1")
    now = freg_line(3, freg_person(KARI))
    deliver_documents(settings.landing_dir, "freg", "d2", [now], kind="change", sequence_from=3, sequence_to=3)
    load_new(settings, ["freg"])
    assert ask(settings, f"{by_document} where sekvensnummer < 3 order by 1") == numbers
    elements = "folkeregisterperson.foedsel, folkeregisterperson.foedselINorge"
    births = dict(
        ask(
            settings,
            "select sekvensnummer, list_transform(folkeregisterperson.foedsel, lambda each: {"
            "'day': each.foedselsdato::varchar, 'from': each.gyldighetstidspunkt}) from raw.freg_document",
        )
    )
    assert births[1] == births[3] != []
    assert births[2] is None
    assert (
        ask(settings, f"select {elements} from raw.freg_document where sekvensnummer = 1")[0][1][0]["rekkefoelgenummer"]
        == 2
    )


def test_a_retry_makes_the_release_one_of_before(settings: Settings) -> None:
    assert replays(settings) == 0
    retry_quarantine(settings)
    assert replays(settings) == 1


def test_a_delivery_that_is_gone_is_said_to_be(settings: Settings) -> None:
    (settings.landing_dir / "freg" / "d1").rename(settings.landing_dir / "elsewhere")
    with pytest.raises(PregError, match="not in the landing folder any more"):
        retry_quarantine(settings)
    assert ask(settings, "select count(*) from raw.freg_document") == [(2,)]


def test_the_command_shows_and_retries(settings: Settings) -> None:
    listed = preg("quarantine", "list", "--data", settings.data_dir)
    assert "wrong_type" in listed.stdout
    shown = preg("quarantine", "show", "freg/d1", "persons-0001.ndjson:2", "--data", settings.data_dir)
    assert "kjoenn" in shown.stdout
    assert KARI not in shown.stdout
    retried = preg("quarantine", "retry", "--data", settings.data_dir, "--landing", settings.landing_dir)
    assert "freg/d1: 2 were in quarantine, 2 are now" in retried.stdout
    folders = ("--data", settings.data_dir, "--landing", settings.landing_dir)
    none = preg("quarantine", "retry", "matrikkel", *folders)
    assert none.returncode == 1
    assert "there is nothing to try again" in none.stderr
    assert "one of freg, matrikkel" in preg("quarantine", "retry", "nav", *folders).stderr
    nothing = preg("quarantine", "show", "freg/d9", "--data", settings.data_dir)
    assert nothing.returncode == 1
    assert "nothing of this is in quarantine" in nothing.stderr
