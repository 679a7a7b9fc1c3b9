"""A person with a help number as a profile may see him or her: PREG's record, by the very queries of the release.

The person is put into tables of the release's own shape, alone, and looked up through the profile's views over them
(`publication/access/profile_queries.py`). So what a profile does not receive, and what a linked number shows, is said
in one place; a field that the queries do not know is not there at all.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from foundation.database import OSLO
from publication.access.profile_queries import profile_queries
from serving.help_numbers.person import HelpPerson
from serving.services.look_up import find_in_release
from serving.services.records import Record
from serving.services.search import Criteria, asked_of_profile
from serving.spelling import has_words
from serving.store.build import PLACE, SEEN
from serving.store.read_store import Reader, as_json

_FILLED = ("preg_person", "preg_address", "preg_person_retired")
# What the address of a person is who has told it: the one of the residence.
_ADDRESS_TYPE = "bostedsadresse"
# PREG's codes of RegStatus. Of who lives PREG's code is not public: blank.
_DEAD, _NUMBER_ENDED = 5, 6
# What is registered and PREG's record does not have: it tells what this field of PREG does.
_BIRTHPLACE_FOLLOWS = "citizenship"


@dataclass(frozen=True)
class Seen:
    """A person as a profile sees him or her.

    record: PREG's record; of a linked number with `new_nin` alone. is_dead, date_of_death, birthplace: as far as the
    profile receives them. issued_at, changed_at: ISO 8601 (UTC).
    """

    record: Record
    state: str
    is_dead: bool | None
    birthplace: str | None
    issued_at: str
    changed_at: str

    @property
    def persons(self) -> list[Record]:
        """Whom it shows, for the log."""
        linked = self.record["new_nin"]
        return [self.record, *([{"nin": linked}] if linked else [])]


class Views:
    """The profiles' views over tables of the release's shape, a set per thread and profile."""

    def __init__(self) -> None:
        self._of_thread = threading.local()

    def see(self, reader: Reader, person: HelpPerson) -> Seen | None:
        """What a profile sees of a person; None where it may not know of the number."""
        record = find_in_release(self._with(reader, [person]), person.number)
        if record is None:
            return None
        blank = reader.profile.blank_conditions()
        shown = person.state == "active"
        return Seen(
            record,
            person.state,
            person.details.is_dead if shown and "reg_status" not in blank else None,
            (person.details.birthplace or None) if shown and _BIRTHPLACE_FOLLOWS not in blank else None,
            person.issued_at,
            person.changed_at,
        )

    def fitting(self, reader: Reader, persons: Sequence[HelpPerson], criteria: Criteria) -> list[str]:
        """The numbers of those persons whom the criteria fit by what the profile sees of them, by name."""
        condition, values = asked_of_profile(criteria)
        rows = self._with(reader, persons).rows(
            "select person.nin from json_each(:candidates) as candidate"
            " inner join preg_person as person on person.nin = candidate.value"
            f" where {condition} order by person.sn, person.given_name, person.nin",
            values | {"candidates": as_json([person.number for person in persons])},
        )
        return [row["nin"] for row in rows]

    def _with(self, reader: Reader, persons: Sequence[HelpPerson]) -> Reader:
        """A reader of some persons alone."""
        views = self._views(reader)
        connection = views.connection
        for table in _FILLED:
            connection.execute(f"delete from release.{table}")
        for person in persons:
            for table, row in _rows(person):
                names, places = ", ".join(row), ", ".join(f":{name}" for name in row)
                connection.execute(f"insert into release.{table} ({names}) values ({places})", row)
        return views

    def _views(self, reader: Reader) -> Reader:
        kept: dict[str, tuple[sqlite3.Connection, Reader]] = self._of_thread.__dict__.setdefault("views", {})
        store, views = kept.get(reader.profile.name, (None, None))
        # Of another release, or of a profile that was read again, they may be others.
        if views is None or store is not reader.connection or views.profile is not reader.profile:
            views = _empty_views(reader)
            kept[reader.profile.name] = (reader.connection, views)
        return views


def _empty_views(reader: Reader) -> Reader:
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    connection.execute("attach ':memory:' as release")
    columns = {}
    for table in SEEN:
        described = reader.rows(f"pragma release.table_info({table})", {})
        columns[table] = {row["name"]: row["type"] for row in described if row["name"] != PLACE}
        defined = ", ".join(f"{name} {kind}" for name, kind in columns[table].items())
        connection.execute(f"create table release.{table} ({defined})")
    queries = profile_queries(reader.profile, columns, [_ADDRESS_TYPE])
    for table in _FILLED:
        # A table that the profile does not receive is there, and empty.
        query = queries.get(table, f"select * from release.{table} where 1 = 0")
        connection.execute(f"create temp view {table} as {query}")
    connection.create_function("has_words", 2, has_words, deterministic=True)
    return Reader(connection, reader.release_id, reader.data_until, reader.profile)


def _rows(person: HelpPerson) -> list[tuple[str, dict[str, Any]]]:
    """The rows that a person has in the tables of the release; a blank text is NULL there."""
    details = person.details
    if person.state == "linked":
        linked_on = dt.datetime.fromisoformat(person.changed_at).astimezone(OSLO).date()
        ended = {"reg_status": _NUMBER_ENDED, "date_status": linked_on.isoformat()}
        return [("preg_person_retired", {"nin": person.number, "new_nin": person.linked_to, **ended})]
    own = {
        "given_name": details.given_name,
        "middle_name": details.middle_name,
        "sn": details.family_name,
        "gender": details.gender,
        "date_of_birth": details.date_of_birth and details.date_of_birth.isoformat(),
        "reg_status": _DEAD if details.is_dead else None,
        "date_status": details.date_of_death and details.date_of_death.isoformat(),
        "marital_status": details.marital_status,
    }
    address = {
        "co_address": details.co_address,
        "postal_address": details.street,
        "postal_code": details.postal_code,
        "postal_place": details.postal_place,
        "st": details.kommune,
        "country": details.country,
    }
    rows = [("preg_person", {"nin": person.number, **_known(own)})]
    if known := _known(address):
        is_present = {"current_address": 1, "address_type": _ADDRESS_TYPE}
        rows.append(("preg_address", {"nin": person.number, **is_present, **known}))
    return rows


def _known(values: dict[str, Any]) -> dict[str, Any]:
    return {name: each for name, each in values.items() if each not in (None, "")}
