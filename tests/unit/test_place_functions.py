"""How texts of places are compared (macros/protection/place_functions.sql), function by function, on any text."""

from __future__ import annotations

import itertools
import random
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

FUNCTIONS = Path(__file__).parents[2] / "dbt_project" / "macros" / "protection" / "place_functions.sql"
WORDS = st.lists(
    st.sampled_from(
        ["Nedre", "Øvre", "Slotts", "Karl", "Johans", "Torg", "bakken", "Åsen", "Sankt", "gate", "veien", "7"]
    ),
    min_size=1,
)


@pytest.fixture(scope="module")
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with the functions, made as dbt makes them."""
    made: list[str] = []
    environment = jinja2.Environment(autoescape=True, extensions=["jinja2.ext.do"])
    environment.globals["return"] = lambda functions: made.extend(functions) or ""
    environment.from_string(FUNCTIONS.read_text(encoding="utf-8") + "{{ place_functions() }}").render()
    with duckdb.connect() as connection:
        connection.execute("create schema build")
        for function in made:
            connection.execute(f"create macro build.{function}")
        yield connection


def _of(warehouse: duckdb.DuckDBPyConnection, function: str, *given: Any) -> Any:
    marks = ", ".join("?" for _ in given)
    return warehouse.execute(f"select build.{function}({marks})", given).fetchall()[0][0]


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
    ("Storgata", "Storgata, Bergen", "Storgata (bakgården)"),
]


@pytest.mark.parametrize("streets", SAME_STREETS)
def test_a_street_is_the_same_however_it_is_written(
    warehouse: duckdb.DuckDBPyConnection, streets: tuple[str, ...]
) -> None:
    assert len({_of(warehouse, "bare_street", street) for street in streets}) == 1


def test_other_streets_are_others(warehouse: duckdb.DuckDBPyConnection) -> None:
    streets = [same[0] for same in SAME_STREETS[:1] + SAME_STREETS[2:]] + ["Storgata", "Vei 12", "Vei 21", "Storvegen"]
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
    ],
)
def test_a_house_is_found_in_a_line(warehouse: duckdb.DuckDBPyConnection, line: str) -> None:
    (house,) = (_of(warehouse, "bare_street", "Torgvegen") + "|1",)
    assert f"post|0184|{house}" in _of(warehouse, "keys_of_texts", [line], ["0184"], ["oslo"], None, False)


@pytest.mark.parametrize(
    ("line", "house"), [("Torgvegen 1A", "1a"), ("Torgvegen 1 oppg. A", "1a"), ("Torgvegen 12", "12")]
)
def test_another_house_is_another(warehouse: duckdb.DuckDBPyConnection, line: str, house: str) -> None:
    street = _of(warehouse, "bare_street", "Torgvegen")
    keys = _of(warehouse, "keys_of_texts", [line], ["0184"], None, None, False)
    assert f"post|0184|{street}|{house}" in keys
    assert f"post|0184|{street}|1" not in keys


@pytest.mark.parametrize("line", ["2. etasje", "Leilighet 3", "Postboks 123", "H0101"])
def test_what_is_in_every_house_names_none(warehouse: duckdb.DuckDBPyConnection, line: str) -> None:
    assert not _of(warehouse, "keys_of_texts", [line], ["0184"], ["oslo"], ["0301"], True)


@pytest.mark.parametrize("line", ["Gnr. 407 bnr. 5", "407/5", "gnr 407, bnr 5", "411 5"])
def test_a_plot_is_found_in_a_line(warehouse: duckdb.DuckDBPyConnection, line: str) -> None:
    keys = _of(warehouse, "keys_of_texts", [line], ["0184"], None, None, False)
    assert {"plot in|0184|407/5", "plot in|0184|411/5"} & set(keys)


@given(words=WORDS, seed=st.integers())
def test_the_order_of_the_words_is_no_matter(warehouse: duckdb.DuckDBPyConnection, words: list[str], seed: int) -> None:
    mixed = random.Random(seed).sample(words, len(words))
    assert _of(warehouse, "bare_street", " ".join(words)) == _of(warehouse, "bare_street", " ".join(mixed))


@pytest.mark.parametrize(
    "written", ["c/o Kari Nordmann", "NORDMANN, KARI", "Advokat Kari Nordmann AS", "fru Kari M. Nordmann, 2. etg"]
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
    assert len(_of(warehouse, "keys_of_name", words)) <= 40 * 39
