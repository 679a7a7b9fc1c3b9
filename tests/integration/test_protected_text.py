"""The search of files: an address or a number in any text file is found, whole, by file and line; never printed."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.settings import Settings
from ingest.contracts.freg import line_contract
from quality.protected_text import list_protected_texts, search_files
from quality.protection import list_protected

SECRET = "parkgata 12 h0103, 3186 horten"
PERSON = "01810450092"


def _nobody(_: set[str]) -> set[str]:
    return set()


def _found(folder: Path, text: str, name: str = "report/page.html") -> list[tuple[str, int, str]]:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    findings = search_files(folder, [SECRET, "parkgata 12"], lambda numbers: numbers & {PERSON})
    return [(finding.file, finding.line, finding.what) for finding in findings]


@pytest.mark.parametrize(
    "text",
    [
        "a\nParkgata 12 H0103, 3186 HORTEN",
        'x\n{"address": "PARKGATA  12\tH0103, 3186 Horten"}',
        "y\n<td>Parkgata 12</td>",
    ],
)
def test_an_address_is_found_however_it_is_written(tmp_path: Path, text: str) -> None:
    assert ("report/page.html", 2, "a protected address") in _found(tmp_path, text)


@pytest.mark.parametrize("text", ["Parkgata 123", "Parkgata 12b", "Kongsparkgata 12", "Parkgata 1 2"])
def test_another_address_is_not_found(tmp_path: Path, text: str) -> None:
    assert _found(tmp_path, text) == []


def test_a_persons_number_is_found_and_others_are_not(tmp_path: Path) -> None:
    assert _found(tmp_path, f"a\nb {PERSON}") == [("report/page.html", 2, "a person's number")]
    assert _found(tmp_path, f"12345678901 {PERSON}9 ab{PERSON}cd") == []


@pytest.mark.parametrize("name", ["manifest.json", "log.log", "list.csv", "calendar.ics", "feed.atom", "page.js"])
def test_every_kind_of_text_file_is_read(tmp_path: Path, name: str) -> None:
    assert _found(tmp_path, "Parkgata 12", name) == [(name, 1, "a protected address")]


@given(before=st.text(max_size=40), after=st.text(max_size=40))
def test_whatever_stands_around_it(tmp_path_factory: pytest.TempPathFactory, before: str, after: str) -> None:
    folder = tmp_path_factory.mktemp("text")
    text = f"{before} {SECRET} {after}".replace("\r", " ")
    assert "a protected address" in {what for _, _, what in _found(folder, text)}


def test_nothing_secret_means_nothing_found(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("Parkgata 12", encoding="utf-8")
    assert search_files(tmp_path, [], _nobody) == []


@pytest.mark.xdist_group("built sample")
def test_a_line_of_an_address_without_a_fixed_form_is_a_secret(sample_copy: Settings) -> None:
    """A protected person's postal address as it was reported, in a stranger's row."""
    with duckdb.connect(str(sample_copy.warehouse)) as warehouse:
        ((kind,),) = warehouse.execute(
            "select typeof(folkeregisterperson.postadresse) from raw.freg_document limit 1"
        ).fetchall()
        entry = {
            **dict.fromkeys(
                ("ajourholdstidspunkt", "kilde", "aarsak", "gyldighetstidspunkt", "opphoerstidspunkt"),
            ),
            **dict.fromkeys(
                ("adressegradering", "postboksadresse", "vegadresse", "adresseIdentifikatorFraMatrikkelen")
            ),
            "erGjeldende": True,
            "postadresseIFrittFormat": {"adresselinje": ["Hytte 7 ved tjernet", "NORGE"], "poststed": None},
        }
        warehouse.execute(
            f"""
            update raw.freg_document
            set folkeregisterperson = struct_update(
                folkeregisterperson, postadresse := cast(cast($entry as json) as {kind})
            )
            where document_number = (
                select min(document_number) from intermediate.int_person__current where graderingsnivaa = 'fortrolig'
            )
            """,
            {"entry": json.dumps([entry])},
        )
        list_protected(warehouse)
        list_protected_texts(warehouse, dwellings_too=True)
        texts = {text for (text,) in warehouse.execute("select text from protected_text").fetchall()}
    assert "hytte 7 ved tjernet" in texts
    assert "norge" not in texts


@pytest.mark.xdist_group("built sample")
def test_a_street_of_many_places_is_no_secret_where_it_is_another_house(sample_copy: Settings) -> None:
    """Post is sent to a Postveien 66 in two towns, in one of them to somebody protected and to who lives there too."""
    with duckdb.connect(str(sample_copy.warehouse)) as warehouse:
        ((kind,),) = warehouse.execute(
            "select typeof(folkeregisterperson.postadresse) from raw.freg_document limit 1"
        ).fetchall()
        structure = json.dumps(json.loads(line_contract().text_structure)["folkeregisterperson"]["postadresse"])
        protected = "select document_number from intermediate.int_person__current where graderingsnivaa = 'fortrolig'"
        others = "select document_number from intermediate.int_person__current where graderingsnivaa is null"

        def send_post(document: str, postal_code: str | None, place: str | None) -> None:
            street = {
                "adressenavn": "Postveien",
                "adressenummer": {"husnummer": "66"},
                "poststed": {"postnummer": postal_code, "poststedsnavn": place},
            }
            warehouse.execute(
                f"""
                update raw.freg_document
                set folkeregisterperson = struct_update(
                    folkeregisterperson, postadresse := cast(json_transform($entry, $structure) as {kind})
                )
                where document_number = ({document})
                """,
                {"entry": json.dumps([{"erGjeldende": "true", "vegadresse": street}]), "structure": structure},
            )

        def secrets() -> set[str]:
            list_protected(warehouse)
            list_protected_texts(warehouse, dwellings_too=True)
            return {text for (text,) in warehouse.execute("select text from protected_text").fetchall()}

        send_post(f"{protected} order by 1 limit 1", "3186", "HORTEN")
        send_post(f"{others} order by 1 limit 1", "3186", "HORTEN")
        # Nobody else has it: the house is told by its street and number alone.
        assert {"postveien 66", "postveien 66, 3186 horten"} <= secrets()
        # Of one whose postal code nobody knows, it is not known that it is another house.
        send_post(f"{others} order by 1 limit 1 offset 1", None, None)
        assert {"postveien 66", "postveien 66, 3186 horten"} <= secrets()
        send_post(f"{others} order by 1 limit 1 offset 1", "9008", "TROMSØ")
        found = secrets()
    assert "postveien 66" not in found
    assert "postveien 66, 3186 horten" in found
