"""When two names are equal by the rule, when they differ in format, and when they are two names: in any script."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.support.macros import with_functions

# Letters with a spelling of their own, once more: what each may be written as.
SPELLINGS = {
    **{"ø": {"o", "oe"}, "ö": {"o", "oe"}, "ä": {"a", "ae"}, "ü": {"u", "ue"}, "å": {"a", "aa"}},
    **{"æ": {"ae"}, "œ": {"oe"}, "ĳ": {"ij"}, "ß": {"ss"}, "þ": {"th"}},
    **{"đ": {"d"}, "ð": {"d"}, "ħ": {"h"}, "ı": {"i"}, "ł": {"l"}, "ŀ": {"l"}, "ŋ": {"n"}, "ŧ": {"t"}, "ſ": {"s"}},
}
LETTERS = st.characters(categories=("Lu", "Ll", "Lt", "Lm", "Lo"))
TEXTS = st.text(st.one_of(st.characters(exclude_categories=("Cs",)), st.sampled_from("aåæøöüßłþ?' -0eo")), max_size=12)


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with with_functions(duckdb.connect()) as connection:
        yield connection


def _kinds(database: duckdb.DuckDBPyConnection, left: str, *rights: str) -> list[str]:
    """How a name compares with each of others. In one query: to plan it takes longer than to run it."""
    found = database.execute(
        """
        select comparison.equal_by_rule('name', $left, name, null), coalesce(text.same_letters($left, name), false)
        from (select unnest($rights::varchar[]) as name, unnest(range(len($rights::varchar[]))) as place)
        order by place
        """,
        {"left": left, "rights": list(rights)},
    ).fetchall()
    return ["equal" if equal else "format" if same else "unexplained" for equal, same in found]


def _kind(database: duckdb.DuckDBPyConnection, left: str, right: str) -> str:
    (kind,) = _kinds(database, left, right)
    return kind


@pytest.mark.parametrize(
    ("left", "right", "kind"),
    [
        ("Łukasz", "LUKASZ", "format"),
        ("Strauß", "Strauss", "format"),
        ("Işık", "Isik", "format"),
        ("Þórðarson", "Thordarson", "format"),
        ("Bjørn", "Bjoern", "format"),
        ("Bjørn", "Björn", "format"),
        ("Bjørn", "Bjorn", "format"),
        ("Håkon", "Haakon", "format"),
        ("Håkon Bjørn", "Hakon Bjoern", "format"),
        ("Máŋŋa", "Manna", "format"),
        ("Anne-Marie", "Anne Marie", "format"),
        ("D’Angelo", "D'Angelo", "format"),
        ("A\N{COMBINING RING ABOVE}se", "Åse", "equal"),
        ("\N{ANGSTROM SIGN}se", "åse", "equal"),
        ("André", "ANDRE", "equal"),
        ("АННА", "Анна", "equal"),
        # A letter more or less is another name, also where å and ø have one.
        ("Bjorn", "Bjoern", "unexplained"),
        ("Haakon", "Hakon", "unexplained"),
        ("Đurić", "Urić", "unexplained"),
        ("Łada", "?ada", "unexplained"),
        ("Łada", "\N{REPLACEMENT CHARACTER}ada", "unexplained"),
        ("Máŋŋa", "Maa", "unexplained"),
        # Of other scripts nothing is left out.
        ("Анна", "Мария", "unexplained"),
        ("Сергей", "Сергеи", "unexplained"),
        ("王", "李", "unexplained"),
        ("محمد", "فاطمة", "unexplained"),
        ("राम", "रीम", "unexplained"),
        ("がく", "かく", "unexplained"),
        # Nor does a text end at NUL, or is a sign another.
        ("Kari\0Anne", "Kari", "unexplained"),
        ("😀", "🎉", "unexplained"),
        ("-", ".", "unexplained"),
    ],
)
def test_names_that_people_have(database: duckdb.DuckDBPyConnection, left: str, right: str, kind: str) -> None:
    assert _kind(database, left, right) == _kind(database, right, left) == kind


@given(TEXTS)
def test_folding_leaves_something_of_a_text_with_letters(database: duckdb.DuckDBPyConnection, text: str) -> None:
    assume(any(unicodedata.category(letter)[0] == "L" for letter in text))
    ((folded, words),) = database.execute("select text.folded($1), trim(text.words($1))", [text]).fetchall()
    assert folded.strip()
    assert words
    assert _kind(database, text, "") == "unexplained"
    assert _kind(database, text, f"{text}-") in ("equal", "format")


@given(TEXTS, TEXTS)
def test_both_ways_round_it_is_the_same(database: duckdb.DuckDBPyConnection, left: str, right: str) -> None:
    assert _kind(database, left, right) == _kind(database, right, left)


@pytest.mark.parametrize("letter", SPELLINGS)
@pytest.mark.parametrize("around", ["{}", "Kari{}", "{}kari", "x{}x"])
def test_a_letter_may_be_written_as_its_spellings_only(
    database: duckdb.DuckDBPyConnection, letter: str, around: str
) -> None:
    name = around.format(letter)
    spellings = [around.format(spelling) for spelling in SPELLINGS[letter]]
    kinds = dict(zip(spellings, _kinds(database, name, *spellings), strict=True))
    assert set(kinds.values()) <= {"format", "equal"}, kinds
    others = ("", "q", "?", f"{letter}q", "я", *(each for each in SPELLINGS if not _alike(each, letter)))
    names = [around.format(other) for other in others]
    kinds = dict(zip(names, _kinds(database, name, *names), strict=True))
    assert set(kinds.values()) == {"unexplained"}, kinds


def _alike(left: str, right: str) -> bool:
    return bool(SPELLINGS[left] & SPELLINGS[right])


def _plain(letter: str) -> str:
    """A letter without case, without marks where it is Latin."""
    small = unicodedata.normalize("NFC", letter).lower()
    if all("LATIN" in unicodedata.name(each, "") or unicodedata.combining(each) for each in small):
        small = "".join(each for each in unicodedata.normalize("NFD", small) if not unicodedata.combining(each))
    return unicodedata.normalize("NFC", small)


@given(LETTERS, LETTERS, st.text(st.sampled_from("abкл王"), max_size=4), st.text(st.sampled_from("abкл王"), max_size=4))
def test_names_that_differ_in_a_letter_are_two_names(
    database: duckdb.DuckDBPyConnection, one: str, other: str, before: str, behind: str
) -> None:
    """For any letters, unless one of them is another case of the other, or has a spelling of its own."""
    assume(_plain(one) != _plain(other))
    assume(not {one.lower(), other.lower(), _plain(one), _plain(other)} & set(SPELLINGS))
    assert _kind(database, f"{before}{one}{behind}", f"{before}{other}{behind}") == "unexplained"
