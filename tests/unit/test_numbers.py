"""Check digits: the rule in Python, the rule in SQL and the rule in dbt say the same."""

from __future__ import annotations

import calendar
import datetime as dt
import itertools

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.contracts.numbers import (
    MONTH_SERIES,
    has_check_digits,
    is_help_number,
    is_help_number_sql,
    is_valid_number,
    is_valid_number_sql,
)
from tests.support.persons import number
from tests.support.synthetic_only import could_be_real, findings

_connection = duckdb.connect()


def _by_sql(text: str | None) -> bool:
    ((answer,),) = _connection.execute(f"select {is_valid_number_sql('$text')}", {"text": text}).fetchall()
    return bool(answer)


@pytest.mark.parametrize("remainder", [0, 1, 2, 3])
def test_a_number_is_valid_by_the_old_and_the_new_rule(remainder: int) -> None:
    valid = number("2033-04-05", 500, k1_remainder=remainder)
    assert is_valid_number(valid)
    assert _by_sql(valid)


@pytest.mark.parametrize(
    ("text", "is_valid"),
    [
        ("31828010096", False),  # 31 February
        ("29820160027", False),  # 29 February 2001
        ("15998010079", False),  # month 99
        ("30908299902", True),  # issued by the rule of 2032
        ("03851598730", True),
        ("41814061033", True),  # a D-number
        ("41819077906", True),
    ],
)
def test_a_number_whose_day_does_not_exist_is_none(text: str, is_valid: bool) -> None:
    assert is_valid_number(text) is is_valid
    assert _by_sql(text) is is_valid


def test_every_day_of_a_leap_year_has_a_number_in_each_series() -> None:
    """As a day, as a D-number's; in the months of the synthetic series, and in no other."""
    for added, month, day in itertools.product(range(0, 88), range(1, 13), range(0, 80)):
        exists = added in MONTH_SERIES or any(1 <= month + added - other <= 12 for other in MONTH_SERIES)
        if month + added > 99 or not exists:
            continue
        digits = f"{day:02d}{month + added:02d}80500"
        text = next((digits + f"{k:02d}" for k in range(100) if has_check_digits(digits + f"{k:02d}")), None)
        if text is None:
            continue
        real_month = next(month + added - other for other in MONTH_SERIES if 1 <= month + added - other <= 12)
        expected = 1 <= (day - 40 if day > 40 else day) <= calendar.monthrange(1980, real_month)[1]
        assert is_valid_number(text) is expected, text


def test_a_help_number_is_recognised_and_no_number_of_freg() -> None:
    for first in ("8", "9"):
        text = next(f"{first}12345678{k:02d}" for k in range(100) if has_check_digits(f"{first}12345678{k:02d}"))
        assert is_help_number(text)
        assert not is_valid_number(text)
        assert not _by_sql(text)
        ((by_sql,),) = _connection.execute(f"select {is_help_number_sql('$text')}", {"text": text}).fetchall()
        assert by_sql


@pytest.mark.parametrize("remainder", [4, 5, 9])
def test_a_k1_sum_that_no_rule_allows_is_invalid(remainder: int) -> None:
    invalid = number("2033-04-05", 500, k1_remainder=remainder)
    assert not is_valid_number(invalid)
    assert not _by_sql(invalid)


@pytest.mark.parametrize("text", ["", "1234567890", "123456789012", "1234567890a", " 1234567890", "1" * 10 + "\uff11"])
def test_what_is_not_eleven_digits_is_invalid(text: str) -> None:
    assert not is_valid_number(text)
    assert not _by_sql(text)


def test_null_is_invalid() -> None:
    assert not _by_sql(None)


@given(st.text(alphabet="0123456789", min_size=10, max_size=12))
def test_python_and_sql_agree(text: str) -> None:
    assert is_valid_number(text) == _by_sql(text)


@given(st.dates(min_value=dt.date(1900, 1, 1), max_value=dt.date(1999, 12, 31)), st.integers(0, 400))
def test_one_wrong_digit_is_always_noticed(birth: dt.date, serial: int) -> None:
    valid = number(str(birth), serial)
    for place in range(11):
        wrong = valid[:place] + str((int(valid[place]) + 1) % 10) + valid[place + 1 :]
        assert not is_valid_number(wrong)


def test_the_repository_has_only_synthetic_numbers() -> None:
    assert findings() == []


def test_a_number_without_the_80_is_noticed() -> None:
    """Made here, so that it occurs nowhere: the digits of a synthetic number with the month as it would be."""
    for serial in range(1000):
        digits = f"170580{serial:03d}"
        for check_digits in range(100):
            if could_be_real(f"{digits}{check_digits:02d}"):
                return
    pytest.fail("no number was noticed")
