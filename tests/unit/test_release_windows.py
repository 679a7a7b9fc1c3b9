"""Publication windows: 21:00 on weekdays and 19:00 on Sundays, by the clock in Oslo, in summer and in winter."""

from __future__ import annotations

import datetime as dt
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publication.store.release_windows import OSLO, is_in_window, windows_after

MOMENTS = st.datetimes(dt.datetime(2024, 1, 1), dt.datetime(2035, 1, 1), timezones=st.just(dt.UTC))


def _utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-11-25T12:00", "2026-11-25T20:00"),  # a Wednesday, winter: UTC + 1
        ("2026-07-01T12:00", "2026-07-01T19:00"),  # a Wednesday, summer: UTC + 2
        ("2026-11-27T20:00", "2026-11-29T18:00"),  # Friday's has opened: Sunday's is next, none on Saturday
        ("2026-03-28T12:00", "2026-03-29T17:00"),  # the Sunday on which summer time begins
        ("2026-10-24T12:00", "2026-10-25T18:00"),  # the Sunday on which it ends
    ],
)
def test_the_next_window(moment: str, opens: str) -> None:
    assert next(windows_after(_utc(moment))) == _utc(opens)


@given(MOMENTS)
def test_windows_are_in_order_and_of_the_right_hour(moment: dt.datetime) -> None:
    before = moment
    for opens in islice(windows_after(moment), 8):
        assert opens > before
        local = opens.astimezone(OSLO)
        assert local.weekday() != 5
        assert (local.hour, local.minute) == ((19, 0) if local.weekday() == 6 else (21, 0))
        before = opens


@given(MOMENTS, st.integers(1, 600))
def test_a_window_is_open_from_its_hour_for_as_long_as_it_is(moment: dt.datetime, minutes: int) -> None:
    opens = next(windows_after(moment))
    length = dt.timedelta(minutes=minutes)
    assert is_in_window(opens, minutes)
    assert is_in_window(opens + length, minutes)
    assert not is_in_window(opens - dt.timedelta(seconds=1), min(minutes, 60))
    assert not is_in_window(opens + length + dt.timedelta(seconds=1), minutes)
