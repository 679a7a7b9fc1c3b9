"""Look-up: a person, the addresses, the children, and what has changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from foundation.database import OSLO
from foundation.errors import PregError
from ingest.contracts.numbers import is_help_number
from serving.services.records import Record, blank_person, fields_of
from serving.store.read_store import Reader


class Refused(PregError):
    """A question that is not answered: it is asked wrongly, or the client's profile may not ask it."""


class NotForProfile(Refused):
    """A question that the client's profile may not ask."""


class TooMany(Refused):
    """An answer of more than may be asked for at once."""


@dataclass(frozen=True)
class State:
    """What PREG showed of a person for a time. shown_from, shown_to: ISO 8601, UTC; shown_to is blank of what it shows
    now. event: Freg's name of what made it so; None in a full delivery, or where the profile does not receive it."""

    shown_from: str
    shown_to: str | None
    event: str | None
    is_present: bool
    record: Record


# The most numbers of one question, and the most persons of one answer about changes.
MOST_NUMBERS = 100
MOST_CHANGES = 10_000
_MOST_STATES = 500

_PERSON = ", ".join(field.column for field in (*fields_of("Person"), *fields_of("Store")))
_ADDRESS = ", ".join(field.column for field in fields_of("Address"))

_BY_NUMBER = f"select {_PERSON} from preg_person where nin = :nin"
# Present ones first: they are kept in their order (`serving.store.build`), which a key finds them in.
_ADDRESSES = f"select {_ADDRESS} from preg_address where nin = :nin"
_RETIRED = "select nin, new_nin, reg_status, date_status from preg_person_retired where nin = :nin"

# What PREG showed at the end of a day of the person whom a number leads to (release_views/as_of.sql has the same rule
# for analysts); where two numbers were one person's, the one that is asked for comes first.
_STATE_ON = """
    select nin, sequence_number, is_present
    from preg_state
    where
        person_nin = coalesce((select nin from person_number where number = :nin), :nin)
        and shown_from < :day_ends
        and (shown_to is null or shown_to >= :day_ends)
    order by nin = :nin desc, nin
    limit 1
"""
# A number of which no day of its end is told was replaced by the day on which its successor was first shown.
_REPLACED_ON = """coalesce(
    retired.date_status,
    (select oslo_day(min(state.shown_from)) from release.preg_state as state where state.nin = retired.new_nin)
)"""
_RETIRED_ON = f"""
    select nin, new_nin, reg_status, date_status
    from preg_person_retired as retired
    where nin = :nin and {_REPLACED_ON} <= :day
"""
_EARLIER = f"select {_PERSON} from preg_person_earlier where nin = :nin and sequence_number = :sequence_number"
_ADDRESSES_EARLIER = (
    f"select {_ADDRESS} from preg_address_earlier where nin = :nin and sequence_number = :sequence_number"
)

# What PREG has shown of the person, newest first.
_STATES = """
    select nin, sequence_number, shown_from, shown_to, event, is_present
    from preg_state
    where person_nin = :nin
    order by sequence_number desc
    limit :most
"""

_NUMBERS = "select number, kind, status from person_number where nin = :nin order by status, number desc"

_CHILDREN = """
    select child.nin
    from preg_person as child
    where
        child.mothers_nin = coalesce((select nin from person_number where number = :nin), :nin)
        or child.fathers_nin = coalesce((select nin from person_number where number = :nin), :nin)
    order by child.date_of_birth, child.nin
"""

_IDENTITY_CHANGES = f"""
    select new_nin as nin, nin as old_nin, date_status
    from (select retired.*, {_REPLACED_ON} as replaced_on from preg_person_retired as retired)
    where replaced_on between :begins and :ends
    order by replaced_on, nin
    limit :most
"""

_CHANGED = """
    select distinct nin
    from preg_state
    where is_present and shown_from >= :begins and shown_from < :ends
    order by nin
    limit :most
"""


def find_person(reader: Reader, number: str, on: dt.date | None = None) -> Record | None:
    """The person whom a number leads to, with addresses; None where nobody the profile may know of has or had it.

    A retired number gives a row of its own, with `new_nin` and nothing else but its status; so does a common help
    number that is linked to an official number. on: as PREG showed it at the end of that day in Oslo. Raises
    `NotForProfile` for a day when the profile has no history, `Refused` for a day and a common help number.
    """
    found = find_in_release(reader, number, on)
    if found is None and reader.help_numbers is not None and is_help_number(number):
        if on is not None and on < today():
            raise Refused("a person with a common help number is shown as now only", todo="ask without a day")
        found = reader.help_numbers.find_record(reader, number)
    return found


def find_in_release(reader: Reader, number: str, on: dt.date | None = None) -> Record | None:
    """As `find_person`, of the persons of the release alone."""
    if on is not None and on < today():
        return _find_on(reader, number, on)
    found = reader.row(_BY_NUMBER, {"nin": number})
    if found is not None:
        found["addresses"] = reader.rows(_ADDRESSES, {"nin": number})
        return found
    retired = reader.row(_RETIRED, {"nin": number})
    return None if retired is None else blank_person(**retired)


def find_persons(reader: Reader, numbers: Sequence[str]) -> list[Record]:
    """The persons of several numbers, in their order; who is not found is left out. Raises `TooMany`."""
    if len(numbers) > MOST_NUMBERS:
        raise TooMany(f"{len(numbers)} numbers were asked for at once", todo=f"ask for at most {MOST_NUMBERS}")
    return records_of(reader, numbers)


def states(reader: Reader, nin: str) -> list[State]:
    """What PREG has shown of a person by the present number, newest first, the five hundred newest at most; nothing
    where the profile has no history."""
    found = []
    for row in reader.rows(_STATES, {"nin": nin, "most": _MOST_STATES}):
        record = reader.row(_BY_NUMBER if row["is_present"] else _EARLIER, row)
        if record is not None:
            record["addresses"] = reader.rows(_ADDRESSES if row["is_present"] else _ADDRESSES_EARLIER, row)
            found.append(State(row["shown_from"], row["shown_to"], row["event"], bool(row["is_present"]), record))
    return found


def children(reader: Reader, number: str) -> list[Record]:
    """The persons whose mother or father has or had a number, oldest first."""
    if not receives_parents(reader):
        raise NotForProfile("your profile does not receive whose child somebody is")
    return records_of(reader, numbers_of_children(reader, number))


def receives_parents(reader: Reader) -> bool:
    """Whether the profile receives whose child somebody is."""
    return {"mothers_nin", "fathers_nin"}.isdisjoint(reader.profile.blank_columns("preg_person"))


def numbers_of_children(reader: Reader, number: str) -> list[str]:
    """The numbers of the persons whose mother or father has or had a number, oldest first; none whom the profile does
    not see as a child."""
    return [row["nin"] for row in reader.rows(_CHILDREN, {"nin": number})]


def numbers_of(reader: Reader, nin: str) -> list[Record]:
    """The numbers that lead to a person, with kind and status in Freg's words; the one in use first."""
    return reader.rows(_NUMBERS, {"nin": nin})


def identity_changes(reader: Reader, begins: dt.date, ends: dt.date) -> list[Record]:
    """Numbers that were replaced from `begins` to `ends`, both included: nin (the new one), old_nin, date_status."""
    if not {"old_nin", "new_nin"}.isdisjoint(reader.profile.blank_columns("preg_person")):
        raise NotForProfile("your profile does not receive former numbers")
    given = {"begins": begins.isoformat(), "ends": ends.isoformat(), "most": MOST_CHANGES + 1}
    found = reader.rows(_IDENTITY_CHANGES, given)
    if len(found) > MOST_CHANGES:
        raise TooMany(f"more than {MOST_CHANGES} numbers were replaced", todo="ask for a shorter time")
    return found


def changes(reader: Reader, begins: dt.datetime, ends: dt.datetime) -> list[Record]:
    """The persons, as they are now, whose record began to be as it is from `begins` until before `ends`.

    Moments are Freg's registration: what Freg has registered and no release has yet comes later, under an earlier
    moment. So who asks again and again begins where the release before ended (`Reader.data_until`), not where the clock
    was. Raises `TooMany` for more than `MOST_CHANGES`.
    """
    if not reader.profile.file.history:
        raise NotForProfile("your profile does not receive when records change")
    given = {"begins": _stored(begins), "ends": _stored(ends), "most": MOST_CHANGES + 1}
    numbers = [row["nin"] for row in reader.rows(_CHANGED, given)]
    if len(numbers) > MOST_CHANGES:
        raise TooMany(f"more than {MOST_CHANGES} persons have changed", todo="ask for a shorter time")
    return records_of(reader, numbers)


def records_of(reader: Reader, numbers: Sequence[str]) -> list[Record]:
    """The persons of any number of numbers, in their order, with addresses; who is not found is left out."""
    return [person for number in numbers if (person := find_person(reader, number)) is not None]


def today() -> dt.date:
    """The day in Oslo."""
    return dt.datetime.now(OSLO).date()


def _find_on(reader: Reader, number: str, on: dt.date) -> Record | None:
    if not reader.profile.file.history:
        raise NotForProfile("your profile does not receive what was shown on an earlier day")
    day_ends = dt.datetime.combine(on + dt.timedelta(days=1), dt.time(), OSLO)
    given = {"nin": number, "day": on.isoformat(), "day_ends": _stored(day_ends)}
    state = reader.row(_STATE_ON, given)
    # A number that had a record of its own that day was shown so, whatever has been told of its end since.
    if state is None or state["nin"] != number:
        retired = reader.row(_RETIRED_ON, given)
        if retired is not None:
            return blank_person(**retired)
    if state is None:
        return None
    found = reader.row(_BY_NUMBER if state["is_present"] else _EARLIER, state)
    if found is not None:
        found["addresses"] = reader.rows(_ADDRESSES if state["is_present"] else _ADDRESSES_EARLIER, state)
    return found


def _stored(moment: dt.datetime) -> str:
    """A moment as the store has it; one without a time zone is Oslo's."""
    known = moment if moment.tzinfo is not None else moment.replace(tzinfo=OSLO)
    return known.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
