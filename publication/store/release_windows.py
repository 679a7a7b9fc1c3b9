"""When releases are published: at 21:00 on weekdays and at 19:00 on Sundays, by the clock in Oslo.

A window opens at that time and stays open for `PREG_WINDOW_MINUTES`. There is none on Saturdays.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from foundation.database import TIME_ZONE

OSLO = ZoneInfo(TIME_ZONE)

# Python's number of the weekday (Monday is 0) → when the window opens.
_OPENS = {**dict.fromkeys(range(5), dt.time(21, 0)), 6: dt.time(19, 0)}


def windows_after(moment: dt.datetime) -> Iterator[dt.datetime]:
    """When the windows open, from the first that opens after `moment` on, without end; with Oslo's time zone."""
    day = moment.astimezone(OSLO).date()
    while True:
        if day.weekday() in _OPENS:
            opens = dt.datetime.combine(day, _OPENS[day.weekday()], OSLO)
            if opens > moment:
                yield opens
        day += dt.timedelta(days=1)


def is_in_window(moment: dt.datetime, minutes: int) -> bool:
    """Whether a window that opened at most `minutes` ago is open at `moment`."""
    return next(windows_after(moment - dt.timedelta(minutes=minutes) - dt.timedelta(microseconds=1))) <= moment
