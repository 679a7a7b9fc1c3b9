"""What is done with common help numbers: requisition, change, link, unlink, look-up, search.

Everything takes the reader of who asks: duplicates are looked for among the persons whom the profile may see, and what
is shown of a person is what the profile receives. Changes are for clients that may requisition.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from foundation.settings import Settings
from ingest.contracts.numbers import is_help_number
from serving.access.clients import Client
from serving.help_numbers.person import (
    ADDRESS,
    LONGEST_TEXT,
    Conflict,
    Details,
    HelpPerson,
    NameSounds,
    checked_details,
    name_sounds,
)
from serving.help_numbers.register import Register, Sought, Transaction
from serving.help_numbers.seen import Seen, Views
from serving.services.look_up import NotForProfile, Refused, TooMany, find_in_release, records_of, today
from serving.services.records import Record
from serving.services.search import MOST_FOUND, Criteria, find_all, name_words, too_many
from serving.settings import ServingSettings
from serving.spelling import words_of
from serving.store.read_store import Reader

# A client's own name of a call: anything that can be seen, and no more of it than can be kept.
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
# The most duplicates that are proposed.
_MOST_PROPOSED = 20

_NOT_ISSUED = "nobody whom your profile may know of has this common help number"


class NotThere(Refused):
    """There is nobody with the number, as far as the profile may know."""


@dataclass(frozen=True)
class Duplicates:
    """Persons who may be the one for whom a number is asked: nothing was issued. persons: PREG's records."""

    persons: list[Record]


@dataclass(frozen=True)
class Linked:
    """The help numbers of one person with an official number."""

    seen: list[Seen]

    @property
    def persons(self) -> list[Record]:
        """Whom it shows, for the log."""
        return [person for each in self.seen for person in each.persons]


@dataclass(frozen=True)
class By:
    """Who changes something: the client, what it sees, its own name of the call (blank: none), and why."""

    client: Client
    reader: Reader
    key: str = ""
    why: str = ""


class HelpNumbers:
    """The common help numbers as one process serves them."""

    def __init__(self, settings: Settings, serving: ServingSettings) -> None:
        self.register = Register(settings)
        self._views = Views()
        self._series = tuple(series for series in serving.help_number_series.split(",") if series)

    def requisition(self, by: By, details: Details, *, none_of_these: bool) -> Seen | Duplicates:
        """A new number for a person, or those who may be the same person already.

        none_of_these: the client has looked at the proposed duplicates, and the person is none of them. A call that is
        repeated with its key gets the same number. Raises `Refused`, `Conflict`, `NotForProfile`, `RegisterBusy`.
        """
        _refuse_by(by)
        if not self._series:
            raise Refused(
                "this server issues no common help numbers: no series is set",
                todo="set PREG_SERVE_HELP_NUMBER_SERIES to the series that were allotted",
            )
        if not by.key:
            raise Refused(
                "the call has no Idempotency-Key", todo="give each requisition one of its own; repeat it as is"
            )
        details = checked_details(details, today())
        _refuse_blind(by.reader)
        content = _hash("requisition", "", details, none_of_these)
        if (before := self._repeated(self.register.answered(by.client.user_name, by.key), content)) is not None:
            return self._shown(by.reader, before)
        sounds = name_sounds(details.given_name, details.middle_name, details.family_name)
        born = details.date_of_birth
        proposed: list[Record] = []
        if not none_of_these and born is not None:
            proposed = _released_duplicates(by.reader, details, born, sounds)
        with self.register.changing() as transaction:
            # Another process may have answered the same call, or issued a number for the same person, meanwhile.
            before = self._repeated(transaction.answered(by.client.user_name, by.key), content)
            if before is not None:
                return self._shown(by.reader, before)
            if not none_of_these and born is not None:
                alike = transaction.born_and_sounding(born.isoformat(), sorted(sounds.everything))
                proposed += self._alike(by.reader, alike, sounds)
            if proposed:
                return Duplicates(proposed[:_MOST_PROPOSED])
            now, client = _now(), by.client.user_name
            number = transaction.free_number(self._series)
            person = HelpPerson(number, details, "active", "", client, now, client, now)
            self._write(transaction, by, content, "requisition", None, person)
        return self._shown(by.reader, person)

    def change(self, by: By, number: str, details: Details) -> Seen:
        """Register other details of a person: all of them are replaced. Raises as `requisition`, and `NotThere`."""
        _refuse_by(by)
        details = checked_details(details, today())

        def changed(person: HelpPerson) -> HelpPerson:
            if person.state == "linked":
                raise Conflict(
                    "the number is linked to an official number: what is registered of the person is Folkeregisteret's",
                    todo="unlink it first, if they are two persons",
                )
            return replace(person, details=details)

        return self._change(by, number, "change", _hash("change", number, details), changed)

    def link(self, by: By, number: str, official: str) -> Seen:
        """Say that the person of a help number is the one with an official number, by any that he or she has or had.

        Of the two the official one is kept: it alone is shown from then on. The address of the help number goes out of
        the register (not out of its audit trail): the person's may be protected. Raises as `change`.
        """
        _refuse_by(by)
        if is_help_number(official):
            raise Refused(
                "a common help number is linked to an official number", todo="give a foedselsnummer or a D-number"
            )

        def linked(person: HelpPerson) -> HelpPerson:
            if person.state == "linked":
                raise Conflict("the number is linked already", todo="unlink it first, if the link is wrong")
            found = find_in_release(by.reader, official)
            if found is None:
                raise NotThere(
                    "nobody whom your profile may know of has the official number",
                    todo="look at the number; somebody registered today is here tomorrow",
                )
            kept = str(found["new_nin"] or found["nin"])
            no_address: dict[str, Any] = dict.fromkeys(ADDRESS, "")
            details = replace(person.details, **no_address)
            return replace(person, details=details, state="linked", linked_to=kept)

        return self._change(by, number, "link", _hash("link", number, official), linked)

    def unlink(self, by: By, number: str) -> Seen:
        """Undo a link: two persons after all. The address stays blank until it is given anew. Raises as `change`."""
        _refuse_by(by)

        def unlinked(person: HelpPerson) -> HelpPerson:
            if person.state != "linked":
                raise Conflict("the number is not linked", todo="nothing has to be undone")
            return replace(person, state="active", linked_to="")

        return self._change(by, number, "unlink", _hash("unlink", number), unlinked)

    def find(self, reader: Reader, number: str) -> Seen | None:
        """A person by help number; None where the profile may know of none."""
        person = self.register.find(number)
        return None if person is None else self._views.see(reader, self._present(reader, person))

    def linked_to(self, reader: Reader, official: str) -> Linked:
        """The help numbers of the person with an official number, as far as the profile may know of them."""
        person = find_in_release(reader, official)
        if person is None:
            return Linked([])
        present = str(person["new_nin"] or person["nin"])
        numbers = reader.rows("select number from person_number where nin = :nin", {"nin": present})
        official_numbers = sorted({present, *(row["number"] for row in numbers)})
        seen = [
            self._views.see(reader, self._present(reader, person))
            for person in self.register.linked_to(official_numbers)
        ]
        return Linked([each for each in seen if each is not None])

    def find_record(self, reader: Reader, number: str) -> Record | None:
        """PREG's record of a person by help number."""
        found = self.find(reader, number)
        return None if found is None else found.record

    def official_number(self, reader: Reader, number: str) -> str | None:
        """The official number that a help number is linked to, as far as the profile may know."""
        found = self.find(reader, number) if is_help_number(number) else None
        return None if found is None else found.record["new_nin"]

    def search(self, reader: Reader, criteria: Criteria) -> list[str]:
        """The numbers of the persons whom every criterion fits, by name: words as written, begun, or as they sound.

        What the profile may ask is refused by the search of the release, which comes first. Raises `TooMany`.
        """
        words = [(word, sound or word, parts) for parts, word, sound in name_words(criteria)]
        begins = [
            (part, word)
            for part, text in (("street", criteria.street), ("place", criteria.place))
            for word, _ in words_of(text)
        ]
        equal = {
            "date_of_birth": criteria.born.isoformat() if criteria.born else "",
            "postal_code": criteria.postal_code,
            "kommune": criteria.kommune,
        }
        sought = Sought(words, begins, {column: value for column, value in equal.items() if value})
        persons = self.register.search(sought, MOST_FOUND + 1)
        if len(persons) > MOST_FOUND:
            raise too_many()
        return self._views.fitting(reader, persons, criteria)

    def close(self) -> None:
        """The process ends."""
        self.register.close()

    def _change(
        self, by: By, number: str, operation: str, content: str, changed: Callable[[HelpPerson], HelpPerson]
    ) -> Seen:
        with self.register.changing() as transaction:
            repeated = transaction.answered(by.client.user_name, by.key) if by.key else None
            if (before := self._repeated(repeated, content)) is not None:
                return self._shown(by.reader, before)
            person = transaction.find(number)
            # Who may not know of the number may not change it.
            if person is None or self._views.see(by.reader, person) is None:
                raise NotThere(_NOT_ISSUED)
            after = replace(changed(person), changed_by=by.client.user_name, changed_at=_now())
            shown = self._shown(by.reader, after)
            self._write(transaction, by, content, operation, person, after)
        return shown

    def _write(
        self,
        transaction: Transaction,
        by: By,
        content: str,
        operation: str,
        before: HelpPerson | None,
        after: HelpPerson,
    ) -> None:
        change = transaction.write(operation, before, after, by.why)
        if by.key:
            transaction.keep_answer(by.client.user_name, by.key, content, change)

    def _repeated(self, answered: Any, content: str) -> HelpPerson | None:
        """How a call that is repeated left the person; None for a new call. Raises `Conflict` for another content."""
        if answered is None:
            return None
        known, change = answered
        if known != content:
            raise Conflict(
                "the Idempotency-Key has been used for something else", todo="give each call a key of its own"
            )
        after: HelpPerson = change.after
        return after

    def _alike(self, reader: Reader, persons: list[HelpPerson], sounds: NameSounds) -> list[Record]:
        seen = [self._views.see(reader, person) for person in persons]
        return [each.record for each in seen if each is not None and _sounds_of(each.record).is_alike(sounds)]

    def _shown(self, reader: Reader, person: HelpPerson) -> Seen:
        seen = self._views.see(reader, self._present(reader, person))
        if seen is None:
            raise NotForProfile("your profile does not receive which numbers belong together")
        return seen

    def _present(self, reader: Reader, person: HelpPerson) -> HelpPerson:
        """A linked person by the number that he or she goes by in this release: it may have changed since."""
        if person.state != "linked":
            return person
        row = reader.row("select nin from person_number where number = :number", {"number": person.linked_to})
        return person if row is None else replace(person, linked_to=row["nin"])


def _released_duplicates(reader: Reader, details: Details, born: dt.date, sounds: NameSounds) -> list[Record]:
    """The persons of the release, born on the same day, whose name sounds alike, as far as the profile sees them."""
    words = {word for word, _ in words_of(f"{details.given_name} {details.middle_name} {details.family_name}")}
    try:
        numbers = {number for word in sorted(words) for number in find_all(reader, Criteria(name=word, born=born))}
    except TooMany as error:
        raise TooMany(
            "too many persons have the day of birth and such a name: they cannot be proposed as duplicates",
            todo="search for the person; if there is none, say that it is none of them",
        ) from error
    return [person for person in records_of(reader, sorted(numbers)) if _sounds_of(person).is_alike(sounds)]


def _sounds_of(record: Record) -> NameSounds:
    return name_sounds(record["given_name"], record["middle_name"], record["sn"])


def _refuse_by(by: By) -> None:
    """Raise `NotForProfile` for a client that may change nothing, `Refused` for what it says of the call."""
    if not by.client.may_requisition:
        raise NotForProfile(
            "this client may not have common help numbers issued or changed",
            todo="order one that may: preg client order --may-requisition",
        )
    if by.key and not _KEY.fullmatch(by.key):
        raise Refused("the Idempotency-Key cannot be kept", todo="give 1 to 200 letters, digits and signs, no blanks")
    if len(by.why) > LONGEST_TEXT:
        raise Refused("the reason is too long", todo=f"give at most {LONGEST_TEXT} letters")


def _refuse_blind(reader: Reader) -> None:
    """Raise `NotForProfile` for a profile that duplicates cannot be shown to: it would issue them."""
    if {"given_name", "middle_name", "sn", "date_of_birth"} & set(reader.profile.blank_conditions()):
        raise NotForProfile("your profile does not receive names and days of birth, which duplicates are known by")


def _hash(operation: str, number: str, *content: Details | str | bool) -> str:
    """A hash of what a call asks for: two calls with the same are the same call."""
    parts = [asdict(each) if isinstance(each, Details) else each for each in content]
    text = json.dumps([operation, number, *parts], sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _now() -> str:
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
