"""The register of help numbers: `<data>/serving/help_numbers.sqlite`, or PostgreSQL (`PREG_HELP_NUMBER_DATABASE`).

Who has a number, what was changed by whom, and which calls have been answered already, in one transaction each. It is
on the disk before a call is answered: neither a kill nor a power cut takes away what a client was told. The SQL is the
same in both (`database.py`, docs/decisions/0044).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from foundation.errors import PregError
from foundation.settings import Settings
from serving.help_numbers.database import PostgresqlDatabase, RegisterDatabase, Row, SqliteDatabase, Statements
from serving.help_numbers.numbers import draw_number
from serving.help_numbers.person import HelpPerson, MistakenRegister, help_person
from serving.spelling import words_of

FORMAT = 1

# A number that is drawn has been issued before as often as the series is full: of one that is nine tenths full, this
# many are all taken once in 10^13 times.
_MOST_DRAWN = 300

# Part of a name, or of an address → where its words come from.
_WORDS = {
    "given": "given_name",
    "middle": "middle_name",
    "family": "family_name",
    "street": "street",
    "place": "postal_place",
}
_NAMES = ("given", "middle", "family")


def _schema(database: RegisterDatabase) -> list[str]:
    """The statements that make the register where it is not there."""
    return [
        "create table if not exists register_format (format integer not null)",
        """
        create table if not exists help_person (
            number varchar(11) primary key,
            given_name text not null,
            middle_name text not null,
            family_name text not null,
            gender integer,
            date_of_birth varchar(10),
            is_dead integer not null,
            date_of_death varchar(10),
            co_address text not null,
            street text not null,
            postal_code text not null,
            postal_place text not null,
            kommune text not null,
            country text not null,
            marital_status integer,
            birthplace text not null,
            state varchar(10) not null check (state in ('active', 'linked')),
            linked_to varchar(11) not null,
            issued_by text not null,
            issued_at text not null,
            changed_by text not null,
            changed_at text not null,
            check (length(number) = 11 and substr(number, 1, 1) in ('8', '9')),
            check ((state = 'linked') = (linked_to <> ''))
        )
        """,
        "create index if not exists help_person_by_birth on help_person (date_of_birth)",
        "create index if not exists help_person_by_postal_code on help_person (postal_code)",
        "create index if not exists help_person_by_kommune on help_person (kommune)",
        "create index if not exists help_person_by_link on help_person (linked_to)",
        # The words that a person is found by: of a part of the name, of street and place; and how a name sounds.
        f"""
        create table if not exists help_word (
            number varchar(11) not null references help_person (number),
            part varchar(10) not null,
            word text {database.by_bytes} not null,
            sound text {database.by_bytes} not null,
            date_of_birth varchar(10),
            primary key (number, part, word)
        )
        """,
        "create index if not exists help_word_by_word on help_word (word)",
        "create index if not exists help_word_by_sound on help_word (sound, date_of_birth)",
        # before_change, after_change: the row of help_person, JSON; blank before the first.
        f"""
        create table if not exists help_number_change (
            change_id {database.counting_key},
            number varchar(11) not null references help_person (number),
            operation varchar(20) not null,
            before_change text not null,
            after_change text not null,
            client text not null,
            changed_at text not null,
            why text not null
        )
        """,
        "create index if not exists help_number_change_by_number on help_number_change (number)",
        """
        create table if not exists help_number_key (
            client text not null,
            idempotency_key text not null,
            content_hash varchar(64) not null,
            change_id integer not null references help_number_change (change_id),
            primary key (client, idempotency_key)
        )
        """,
        # What has happened has happened, and a number that was issued is never another person's.
        *database.append_only("help_number_change"),
        *database.append_only("help_number_key"),
        *database.kept("help_person"),
    ]


class SeriesExhausted(PregError):
    """Nearly every number of the series is issued."""


@dataclass(frozen=True)
class Change:
    """A line of the audit trail. operation: requisition | change | link | unlink. before: None at the requisition."""

    change_id: int
    number: str
    operation: str
    before: HelpPerson | None
    after: HelpPerson
    client: str
    changed_at: str
    why: str


@dataclass(frozen=True)
class Sought:
    """What is sought in the register.

    words: a word of a name each, with how it sounds and the parts of a name that may have it. begins: words of the
    street and of the place, by their part, each the beginning of one. equal: column → value.
    """

    words: Sequence[tuple[str, str, Sequence[str]]]
    begins: Sequence[tuple[str, str]]
    equal: dict[str, str]


class Register:
    """The register as one process has it: any of its threads reads and writes."""

    def __init__(self, settings: Settings) -> None:
        place = settings.help_number_database
        self._database: RegisterDatabase = (
            SqliteDatabase(settings.help_numbers_file)
            if place is None
            else PostgresqlDatabase(place.get_secret_value())
        )
        with self._database.transaction() as statements:
            for statement in _schema(self._database):
                statements.run(statement)
            if not statements.rows("select format from register_format"):
                statements.run("insert into register_format values (?)", [FORMAT])
            found = max(row["format"] for row in statements.rows("select format from register_format"))
        if found != FORMAT:
            raise MistakenRegister(
                f"the register of help numbers has format {found}, this version reads {FORMAT}",
                where=str(settings.help_numbers_file) if place is None else "PREG_HELP_NUMBER_DATABASE",
                todo="serve it with the version that wrote it, or a later one",
            )

    def find(self, number: str) -> HelpPerson | None:
        """The person of a number; None where it is not issued."""
        return _find(self._database.reading(), number)

    def linked_to(self, official: Sequence[str]) -> list[HelpPerson]:
        """The persons whose help number is linked to one of some official numbers, by number."""
        places = ", ".join("?" * len(official))
        query = f"select * from help_person where linked_to in ({places}) order by number"
        return [help_person(row) for row in self._database.reading().rows(query, list(official))]

    def history(self, number: str) -> list[Change]:
        """What happened to a number, oldest first."""
        query = "select * from help_number_change where number = ? order by change_id"
        rows = self._database.reading().rows(query, [number])
        return [_change(row) for row in rows]

    def answered(self, client: str, key: str) -> tuple[str, Change] | None:
        """The hash of the content that a client has sent with a key before, and what was done; None for a new key."""
        return _answered(self._database.reading(), client, key)

    def born_and_sounding(self, born: str, sounds: Sequence[str]) -> list[HelpPerson]:
        """The active persons born on a day of whose names a word sounds like one of some."""
        return _born_and_sounding(self._database.reading(), born, sounds)

    def search(self, sought: Sought, most: int) -> list[HelpPerson]:
        """The active persons whom all that is sought fits, at most so many."""
        conditions, values = ["person.state = 'active'"], list[Any]()
        having = "person.number in (select number from help_word where "
        for word, sound, parts in sought.words:
            places = ", ".join("?" * len(parts))
            # One letter begins too many names.
            written = "word >= ? and word < ?" if len(word) > 1 else "word = ?"
            conditions.append(f"{having} part in ({places}) and ({written} or sound = ?))")
            values += [*parts, *([word, _after(word)] if len(word) > 1 else [word]), sound]
        for part, word in sought.begins:
            conditions.append(f"{having} part = ? and word >= ? and word < ?)")
            values += [part, word, _after(word)]
        for column, value in sought.equal.items():
            conditions.append(f"person.{column} = ?")
            values.append(value)
        query = f"select * from help_person as person where {' and '.join(conditions)} order by number limit ?"
        return [help_person(row) for row in self._database.reading().rows(query, [*values, most])]

    @contextmanager
    def changing(self) -> Iterator[Transaction]:
        """A transaction: all of it is on the disk when it ends, or nothing. Raises `RegisterBusy`, `MachineFailure`."""
        with self._database.transaction() as statements:
            yield Transaction(statements)

    def close(self) -> None:
        """The process ends."""
        self._database.close()


class Transaction:
    """What is read and written between the beginning and the end of one transaction: nobody else writes meanwhile."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def find(self, number: str) -> HelpPerson | None:
        """As `Register.find`."""
        return _find(self._statements, number)

    def answered(self, client: str, key: str) -> tuple[str, Change] | None:
        """As `Register.answered`."""
        return _answered(self._statements, client, key)

    def born_and_sounding(self, born: str, sounds: Sequence[str]) -> list[HelpPerson]:
        """As `Register.born_and_sounding`."""
        return _born_and_sounding(self._statements, born, sounds)

    def free_number(self, series: Sequence[str]) -> str:
        """A number of the series that is nobody's. Raises `SeriesExhausted`."""
        for _ in range(_MOST_DRAWN):
            number = draw_number(series)
            if _find(self._statements, number) is None:
                return number
        raise SeriesExhausted(
            "the series of help numbers are nearly all issued", todo="add a series: PREG_SERVE_HELP_NUMBER_SERIES"
        )

    def write(self, operation: str, before: HelpPerson | None, after: HelpPerson, why: str) -> int:
        """Write how a person is from now on, and that it was changed; the number of the line in the audit trail.

        Raises the database's own error for a requisition of a number that is issued.
        """
        row = after.stored()
        names = ", ".join(row)
        places = ", ".join(f":{name}" for name in row)
        if before is None:
            self._statements.run(f"insert into help_person ({names}) values ({places})", row)
        else:
            changed = ", ".join(f"{name} = :{name}" for name in row if name != "number")
            self._statements.run(f"update help_person set {changed} where number = :number", row)
            self._statements.run("delete from help_word where number = :number", row)
        self._statements.run_many(
            "insert into help_word (number, part, word, sound, date_of_birth) values (?, ?, ?, ?, ?)", _words(row)
        )
        (written,) = self._statements.rows(
            "insert into help_number_change"
            " (number, operation, before_change, after_change, client, changed_at, why)"
            " values (?, ?, ?, ?, ?, ?, ?) returning change_id",
            [
                after.number,
                operation,
                "" if before is None else json.dumps(before.stored(), ensure_ascii=False),
                json.dumps(row, ensure_ascii=False),
                after.changed_by,
                after.changed_at,
                why,
            ],
        )
        return int(written["change_id"])

    def keep_answer(self, client: str, key: str, content_hash: str, change_id: int) -> None:
        """Remember what was done for a client's key."""
        self._statements.run(
            "insert into help_number_key (client, idempotency_key, content_hash, change_id) values (?, ?, ?, ?)",
            [client, key, content_hash, change_id],
        )


def _find(statements: Statements, number: str) -> HelpPerson | None:
    rows = statements.rows("select * from help_person where number = ?", [number])
    return help_person(rows[0]) if rows else None


def _answered(statements: Statements, client: str, key: str) -> tuple[str, Change] | None:
    rows = statements.rows(
        "select answered.content_hash, change.* from help_number_key as answered"
        " inner join help_number_change as change on change.change_id = answered.change_id"
        " where answered.client = ? and answered.idempotency_key = ?",
        [client, key],
    )
    return (rows[0]["content_hash"], _change(rows[0])) if rows else None


def _born_and_sounding(statements: Statements, born: str, sounds: Sequence[str]) -> list[HelpPerson]:
    places, names = ", ".join("?" * len(sounds)), ", ".join("?" * len(_NAMES))
    rows = statements.rows(
        "select * from help_person where state = 'active' and number in (select number from help_word"
        f" where date_of_birth = ? and sound in ({places}) and part in ({names})) order by number",
        [born, *sounds, *_NAMES],
    )
    return [help_person(row) for row in rows]


def _change(row: Row) -> Change:
    before = row["before_change"]
    return Change(
        row["change_id"],
        row["number"],
        row["operation"],
        help_person(json.loads(before)) if before else None,
        help_person(json.loads(row["after_change"])),
        row["client"],
        row["changed_at"],
        row["why"],
    )


def _words(row: dict[str, Any]) -> list[tuple[str, str, str, str, str | None]]:
    return [
        (row["number"], part, word, sound or word, row["date_of_birth"])
        for part, column in _WORDS.items()
        for word, sound in dict(words_of(row[column])).items()
    ]


def _after(word: str) -> str:
    """The end of the range of words that begin with a word."""
    return f"{word}\U0010ffff"
