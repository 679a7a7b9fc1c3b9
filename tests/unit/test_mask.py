"""What the migration page shows of a value is its shape: never a letter, a digit or a day of it."""

from __future__ import annotations

import datetime as dt

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from publication.reports.migration.mask import UNKNOWN_CODE, masked_sql

_IS_KNOWN = "$value in ('2', '4')"
_QUERY = f"select {masked_sql('$value', '$other', '$rule', _IS_KNOWN)}"
_CONNECTION = duckdb.connect()


def masked(value: str | None, other: str | None, rule: str) -> str | None:
    ((shown,),) = _CONNECTION.execute(_QUERY, {"value": value, "other": other, "rule": rule}).fetchall()
    return None if shown is None else str(shown)


@given(st.text(alphabet=st.characters(blacklist_categories=["Cs", "Cc"]), max_size=40))
def test_no_letter_and_no_digit_is_left(value: str) -> None:
    shown = masked(value, None, "name")
    assert shown is not None
    assert not [character for character in shown if character.isalnum() and character not in "aA0"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("Bjørn-Åge", "Aaaaa-Aaa"),
        ("ØSTBY", "AAAAA"),
        ("Storgata 12B, 0184 OSLO", "Aaaaaaaa 00A, 0000 AAAA"),
        ("17858012345", "00000000000"),
        ("Müller", "Aaaaaa"),
        ("Ђорђе", "aaaaa"),
        (None, None),
    ],
)
def test_the_shape_of_a_value(value: str | None, shown: str | None) -> None:
    assert masked(value, None, "name") == shown


def test_a_code_is_shown_as_it_is_and_what_is_no_code_is_not() -> None:
    assert masked("4", "2", "code") == "4"
    assert masked(None, "2", "code") is None
    assert masked("Kari <b>Nordmann</b>", "2", "code") == UNKNOWN_CODE


@given(st.dates(dt.date(1900, 1, 1), dt.date(2030, 1, 1)), st.integers(-30_000, 30_000))
def test_of_a_day_the_distance_is_shown(day: dt.date, days: int) -> None:
    other = day - dt.timedelta(days=days)
    assert masked(day.isoformat(), other.isoformat(), "day") == f"0000-00-00 ({days:+d} d)"
