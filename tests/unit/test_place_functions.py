"""How texts of places are compared (macros/place.sql), function by function, on any text."""

from __future__ import annotations

import itertools
import random
import unicodedata
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.macros import macro_sql, with_functions

WORDS = st.lists(
    st.sampled_from(
        ["Nedre", "Øvre", "Slotts", "Karl", "Johans", "Torg", "bakken", "Åsen", "Sankt", "gate", "veien", "7"]
    ),
    min_size=1,
)


@pytest.fixture(scope="module")
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with the functions, made as dbt makes them."""
    with with_functions(duckdb.connect()) as connection:
        yield connection


def _of(warehouse: duckdb.DuckDBPyConnection, function: str, *given: Any) -> Any:
    marks = ", ".join("?" for _ in given)
    return warehouse.execute(f"select place.{function}({marks})", given).fetchall()[0][0]


SAME_STREETS = [
    ("Nedre Slottsgate", "Slottsgt. Nedre", "N. Slottsgata", "NEDRE SLOTTS GATE"),
    ("Storgata", "Stor gt.", "Storgaten"),
    ("Skogveien", "Skogv.", "Skog v", "SKOGVEGEN", "Skogvn"),
    ("St. Olavs plass", "Sankt Olavs pl."),
    ("Bygdøy allé", "Bygdoy alle", "Bygdøy al."),
    ("Dronning Mauds gate", "Dr. Mauds gt"),
    ("Øvre Slottsgate", "Ø. Slottsgate", "Ovre Slottsgate"),
    ("Gråbeinveien", "Graabeinvn."),
    ("Damveien", "D\u0430mveien", "Dam\u200bveien"),
    ("Storgata", "Storgata, Bergen", "Storgata (bakgården)", "Stor\u00adgata", "Storga\u200bta"),
    ("Nordre gate", "Nordregate", "Nordre gt."),
    ("Sørgata", "Sør gate"),
    ("Nedre Skogveien", "Skogv. Nedre"),
    ("Sjøengveien", "Sjø-Engveien", "Sjoengveien"),
    ("Blååsen", "Blå Aasen"),
    ("Bærumsveien", "Bärumsveien", "Baerumsvn."),
]


@pytest.mark.parametrize("streets", SAME_STREETS)
def test_a_street_is_the_same_however_it_is_written(
    warehouse: duckdb.DuckDBPyConnection, streets: tuple[str, ...]
) -> None:
    assert len({_of(warehouse, "bare_street", street) for street in streets}) == 1


def test_other_streets_are_others(warehouse: duckdb.DuckDBPyConnection) -> None:
    streets = [same[0] for same in SAME_STREETS[:1] + SAME_STREETS[2:]] + ["Storgata", "Vei 12", "Vei 21", "Storvegen"]
    streets += ["Skogveien", "Torvgata"]
    bare = [_of(warehouse, "bare_street", street) for street in dict.fromkeys(streets)]
    assert len(set(bare)) == len(bare)
    assert None not in bare


@pytest.mark.parametrize("nothing", ["", " ", "-", "Uten fast bopel", "ukjent adresse", None])
def test_what_says_that_there_is_no_street_is_none(warehouse: duckdb.DuckDBPyConnection, nothing: str | None) -> None:
    assert _of(warehouse, "bare_street", nothing) is None


@pytest.mark.parametrize(
    "line",
    [
        "Torgvegen 1",
        "Per Hansen Torgvn. 1",
        "Per Hansen / Torgvegen 1",
        "Leil. 3 Torgvegen 1",
        "H0101 Torgvegen 1",
        "Torgvegen nr. 1 H0101",
        "0184 Oslo Torgvegen 1",
        "Torgvegen 1 0184 Oslo",
        "Torgvegen 1-3",
        "Torgvegen 3 og 1",
        "1 Torgvegen",
        "Torgvegen \uff11",
        "Torgvegen \u2460",
        "per hansen , torgvegen , 1",
        "Torgvegen 1 c/o Kari Nordmann",
        "Torgvegen 1 N-0184 OSLO",
        "Torgvegen 1 H 0101",
        "Torgvegen 1 i Oslo",
        "Torgvegen hus 1",
        "Torgvegen (bakgård) 1",
        "Torgvegen 5-3-1",
        "Torgvegen husnr. 1",
        "Torgvegen oppgang B 1",
        "0184 Oslo, 1 Torgvegen",
    ],
)
def test_a_house_is_found_in_a_line(warehouse: duckdb.DuckDBPyConnection, line: str) -> None:
    (house,) = (_of(warehouse, "bare_street", "Torgvegen") + "|1",)
    assert f"post|0184|{house}" in _of(warehouse, "keys_of_texts", [line], ["0184"], ["oslo"], None, False)


@pytest.mark.parametrize(
    ("line", "house"), [("Torgvegen 1A", "1a"), ("Torgvegen 1A 0184 Oslo", "1a"), ("Torgvegen 12", "12")]
)
def test_a_house_with_a_letter_is_that_house(warehouse: duckdb.DuckDBPyConnection, line: str, house: str) -> None:
    street = _of(warehouse, "bare_street", "Torgvegen")
    keys = _of(warehouse, "keys_of_texts", [line], ["0184"], None, None, False)
    assert f"post|0184|{street}|{house}" in keys
    assert f"post|0184|{street}|1" not in keys


@pytest.mark.parametrize("text", ["H0101 Torgvegen 1", "Boks 1234 Torgvegen 1", "leil 1203 Torgvegen 1"])
def test_a_house_is_found_in_a_text_of_no_area(warehouse: duckdb.DuckDBPyConnection, text: str) -> None:
    street = _of(warehouse, "bare_street", "Torgvegen")
    assert f"any|{street}|1" in _of(warehouse, "keys_of_texts", [text], None, None, None, False)


def test_a_street_that_is_a_word_and_a_number_is_found(warehouse: duckdb.DuckDBPyConnection) -> None:
    street = _of(warehouse, "bare_street", "Vei 232")
    for line in ("Vei 232 10", "Vei 232-10", "Vei 232 nr. 10"):
        assert f"post|9170|{street}|10" in _of(warehouse, "keys_of_texts", [line], ["9170"], None, None, False)


EVERYWHERE = [
    "2. etasje", "2. etasje venstre", "Leilighet 3", "Leilighet H0201", "Leil. H0101", "2. etg. tv", "Oppgang A, 3 etg",
    "Rom 12", "Enhet 2", "Avd. 3", "Seksjon 1", "Postboks 123", "H0101",
]  # fmt: skip


@pytest.mark.parametrize("line", EVERYWHERE)
def test_what_is_in_every_house_names_none(warehouse: duckdb.DuckDBPyConnection, line: str) -> None:
    keys = _of(warehouse, "keys_of_texts", [line], ["0184"], ["oslo"], ["0301"], True)
    assert [key for key in keys if key] == []


@pytest.mark.parametrize(
    "text", ["Oppgang B", "Blokk A", "Inngang C", "Kårbolig", "Underetasjen", "Poste restante", "OSLO"]
)
def test_what_many_houses_have_names_no_place(warehouse: duckdb.DuckDBPyConnection, text: str) -> None:
    assert _of(warehouse, "names_of_places", [text], "oslo") == []


@pytest.mark.parametrize(
    ("line", "plot"),
    [("Gnr. 407 bnr. 5", "407/5"), ("407/5", "407/5"), ("gnr 407, bnr 5", "407/5"), ("411 5", "411/5")],
)
def test_a_plot_is_found_in_a_line(warehouse: duckdb.DuckDBPyConnection, line: str, plot: str) -> None:
    assert f"plot in|0184|{plot}" in _of(warehouse, "keys_of_texts", [line], ["0184"], None, None, False)


def test_the_postal_code_abroad_is_no_house(warehouse: duckdb.DuckDBPyConnection) -> None:
    keys = _of(warehouse, "keys_abroad", "SE", "11122", "Stockholm", ["Kungsgatan 12", "111 22 STOCKHOLM"], True)
    assert {key for key in keys if key and key.startswith("abroad|")} == {"abroad|SE|11122|12"}


@pytest.mark.parametrize(
    ("written", "number"),
    [("H 0101", "H0101"), ("HO101", "H0101"), ("H01\uff101", "H0101"), ("-", None), ("H0000", None), ("2. etg", None)],
)
def test_a_dwelling_has_one_number(warehouse: duckdb.DuckDBPyConnection, written: str, number: str | None) -> None:
    assert _of(warehouse, "dwelling_number", written) == number


@pytest.mark.parametrize(
    ("line", "is_other"),
    [
        ("Annenvei 5", False),
        ("Annenvei 5 H0101, 0184 OSLO", False),
        ("Annenvei 52, 0184 OSLO", True),
        ("Annenvei 5, Torgvegen 1", True),
        ("c/o Kari, Annenvei 5", True),
    ],
)
def test_a_line_that_is_the_own_house_again(warehouse: duckdb.DuckDBPyConnection, line: str, is_other: bool) -> None:
    assert (_of(warehouse, "other_line", line, "Annenvei 5") is not None) == is_other


@given(words=WORDS, seed=st.integers())
def test_the_order_of_the_words_is_no_matter(warehouse: duckdb.DuckDBPyConnection, words: list[str], seed: int) -> None:
    mixed = random.Random(seed).sample(words, len(words))
    assert _of(warehouse, "bare_street", " ".join(words)) == _of(warehouse, "bare_street", " ".join(mixed))


@pytest.mark.parametrize(
    "written",
    [
        "c/Kari Nordmann",
        "c/o Kari Nordmann",
        "NORDMANN, KARI",
        "Advokat Kari Nordmann AS",
        "fru Kari M. Nordmann, 2. etg",
    ],
)
def test_a_name_is_found_among_other_words(warehouse: duckdb.DuckDBPyConnection, written: str) -> None:
    assert "co|kari nordmann" in _of(warehouse, "keys_of_name", written)


@given(text=st.text(st.characters(min_codepoint=32, max_codepoint=383), max_size=60))
def test_marks_that_stand_apart_are_the_same(warehouse: duckdb.DuckDBPyConnection, text: str) -> None:
    apart = unicodedata.normalize("NFD", text)
    for function in ("bare_street", "bare_place", "keys_of_name"):
        assert _of(warehouse, function, text) == _of(warehouse, function, apart)


@given(text=st.text(max_size=60), lines=st.lists(st.text(max_size=60), max_size=6))
def test_no_text_is_an_error(warehouse: duckdb.DuckDBPyConnection, text: str, lines: list[str]) -> None:
    for function in ("bare_street", "bare_place", "dwelling_number", "keys_of_name"):
        _of(warehouse, function, text)
    _of(warehouse, "bare_house", text, text)
    _of(warehouse, "names_of_places", lines, text)
    _of(warehouse, "keys_of_texts", lines, [text], [text], None, True)
    _of(warehouse, "names_in_lines", lines)
    _of(warehouse, "keys_abroad", "SE", text, text, lines, False)


def test_a_long_list_of_words_stays_small(warehouse: duckdb.DuckDBPyConnection) -> None:
    words = " ".join("".join(letters) for letters in itertools.product("abcdefghij", repeat=4))
    assert len(_of(warehouse, "keys_of_name", words)) <= 40 * 40


def test_a_place_without_keys_stops_the_build() -> None:
    sql = macro_sql("keys_or_error", ["known", "others"], "place")

    def keys(rows: str) -> list[tuple[Any, ...]]:
        return duckdb.sql(f"select {sql} from (values {rows}) as given (known, others, place)").fetchall()

    found = keys("([1::ubigint], null, 5::ubigint), (null, [2::ubigint], 6), (null, null, null)")
    assert found == [([1],), ([2],), (None,)]
    with pytest.raises(duckdb.InvalidInputException, match="a place has no keys: 7"):
        keys("(null::ubigint[], null::ubigint[], 7::ubigint)")
