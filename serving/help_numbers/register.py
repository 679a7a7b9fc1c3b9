"""The register of help numbers: `<data>/serving/help_numbers.sqlite`.

Who has a number, what was changed by whom, and which calls have been answered already, in one transaction each. It is
on the disk before a call is answered (WAL, synchronous=FULL): neither a kill nor a power cut takes away what a client
was told. The SQL is standard, but for the pragmas and the triggers (docs/decisions/0044).
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from foundation.database import machine_failures
from foundation.errors import PregError
from foundation.settings import Settings
from serving.help_numbers.numbers import draw_number
from serving.help_numbers.person import HelpPerson, MistakenRegister, help_person
from serving.spelling import words_of
from serving.store.read_store import NothingServed

FORMAT = 1

# Seconds that a change waits for another process's.
_WAITS = 30
# Seconds after which it looks again. SQLite by itself waits longer each time, up to 0.1 s, while who has just written
# writes again: one of a hundred changes took two seconds.
_LOOKS = 0.001
# A number that is drawn has been issued before as often as the series is full: of one that is nine tenths full, this
# many are all taken once in 10^13 times.
_MOST_DRAWN = 300

_SCHEMA = (
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
    # The words that a person is found by: of a part of the name, of the street, of the place; and how a name sounds.
    """
    create table if not exists help_word (
        number varchar(11) not null references help_person (number),
        part varchar(10) not null,
        word text not null,
        sound text not null,
        date_of_birth varchar(10),
        primary key (number, part, word)
    )
    """,
    "create index if not exists help_word_by_word on help_word (word)",
    "create index if not exists help_word_by_sound on help_word (sound, date_of_birth)",
    # before_change, after_change: the row of help_person, JSON; blank before the first.
    """
    create table if not exists help_number_change (
        change_id integer primary key,
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
    # What has happened has happened. (Another database withholds the right to update and delete.)
    *(
        f"create trigger if not exists {table}_{action} before {action} on {table}"
        " begin select raise(abort, 'it is only appended to'); end"
        for table in ("help_number_change", "help_number_key")
        for action in ("update", "delete")
    ),
    # A number that was issued is never another person's.
    "create trigger if not exists help_person_delete before delete on help_person"
    " begin select raise(abort, 'a number that was issued stays'); end",
)

# Part of a name, or of an address → where its words come from.
_WORDS = {
    "given": "given_name",
    "middle": "middle_name",
    "family": "family_name",
    "street": "street",
    "place": "postal_place",
}
_NAMES = ("given", "middle", "family")


class RegisterBusy(NothingServed):
    """Another process has had the register too long: nothing was changed."""


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
        self._file = settings.help_numbers_file
        self._of_thread = threading.local()
        # The threads of a process wait here, in turn; only processes wait for each other in SQLite.
        self._writing = threading.Lock()
        with machine_failures(str(self._file)):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._writer = self._connect()
            self._file.chmod(0o600)
            self._use_wal()
            # From here on it is `_begin` that waits. Until here SQLite does: the first statement on a register whose
            # process was killed waits for whoever is putting its log in order.
            self._writer.execute("pragma busy_timeout = 0")
        with self._transaction() as connection:
            for statement in _SCHEMA:
                connection.execute(statement)
            if connection.execute("select count(*) from register_format").fetchone()[0] == 0:
                connection.execute("insert into register_format values (?)", [FORMAT])
            ((found,),) = connection.execute("select max(format) from register_format").fetchall()
        if found != FORMAT:
            raise MistakenRegister(
                f"the register of help numbers has format {found}, this version reads {FORMAT}",
                where=str(self._file),
                todo="serve it with the version that wrote it, or a later one",
            )

    def find(self, number: str) -> HelpPerson | None:
        """The person of a number; None where it is not issued."""
        return _find(self._reader(), number)

    def linked_to(self, official: Sequence[str]) -> list[HelpPerson]:
        """The persons whose help number is linked to one of some official numbers, by number."""
        places = ", ".join("?" * len(official))
        query = f"select * from help_person where linked_to in ({places}) order by number"
        return [help_person(dict(row)) for row in self._reader().execute(query, list(official))]

    def history(self, number: str) -> list[Change]:
        """What happened to a number, oldest first."""
        rows = self._reader().execute("select * from help_number_change where number = ? order by change_id", [number])
        return [_change(row) for row in rows]

    def answered(self, client: str, key: str) -> tuple[str, Change] | None:
        """The hash of the content that a client has sent with a key before, and what was done; None for a new key."""
        return _answered(self._reader(), client, key)

    def born_and_sounding(self, born: str, sounds: Sequence[str]) -> list[HelpPerson]:
        """The active persons born on a day of whose names a word sounds like one of some."""
        return _born_and_sounding(self._reader(), born, sounds)

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
        return [help_person(dict(row)) for row in self._reader().execute(query, [*values, most])]

    @contextmanager
    def changing(self) -> Iterator[Transaction]:
        """A transaction: all of it is on the disk when it ends, or nothing. Raises `RegisterBusy`, `MachineFailure`."""
        with self._transaction() as connection:
            yield Transaction(connection)

    def close(self) -> None:
        """The process ends. Connections of threads go with their threads."""
        with self._writing:
            self._writer.close()

    def _reader(self) -> sqlite3.Connection:
        found: sqlite3.Connection | None = getattr(self._of_thread, "connection", None)
        if found is None:
            found = self._of_thread.connection = self._connect()
            found.execute("pragma query_only = on")
        return found

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._file, timeout=_WAITS, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        connection.execute("pragma synchronous = full")
        connection.execute("pragma foreign_keys = on")
        return connection

    def _use_wal(self) -> None:
        """Keep changes in a log of their own; processes that begin together on a new file do it one after another."""
        ends = time.monotonic() + _WAITS
        while True:
            try:
                self._writer.execute("pragma journal_mode = wal")
                return
            except sqlite3.OperationalError as error:
                # SQLite does not wait by itself here.
                if not _is_busy(error) or time.monotonic() > ends:
                    raise
                time.sleep(0.05)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._writing, machine_failures(str(self._file)):
            self._begin()
            try:
                yield self._writer
                self._writer.execute("commit")
            except BaseException:
                # After a failure of the disk SQLite may have gone back by itself.
                with suppress(sqlite3.OperationalError):
                    self._writer.execute("rollback")
                raise

    def _begin(self) -> None:
        """Begin a transaction, in turn with other processes. Raises `RegisterBusy`."""
        ends = time.monotonic() + _WAITS
        while True:
            try:
                self._writer.execute("begin immediate")
                return
            except sqlite3.OperationalError as error:
                if not _is_busy(error):
                    raise
                if time.monotonic() > ends:
                    raise RegisterBusy(
                        "the register of help numbers is busy", todo="ask again, with the same Idempotency-Key"
                    ) from error
                time.sleep(_LOOKS)


class Transaction:
    """What is read and written between the beginning and the end of one transaction: nobody else writes meanwhile."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def find(self, number: str) -> HelpPerson | None:
        """As `Register.find`."""
        return _find(self._connection, number)

    def answered(self, client: str, key: str) -> tuple[str, Change] | None:
        """As `Register.answered`."""
        return _answered(self._connection, client, key)

    def born_and_sounding(self, born: str, sounds: Sequence[str]) -> list[HelpPerson]:
        """As `Register.born_and_sounding`."""
        return _born_and_sounding(self._connection, born, sounds)

    def free_number(self, series: Sequence[str]) -> str:
        """A number of the series that is nobody's. Raises `SeriesExhausted`."""
        for _ in range(_MOST_DRAWN):
            number = draw_number(series)
            if _find(self._connection, number) is None:
                return number
        raise SeriesExhausted(
            "the series of help numbers are nearly all issued", todo="add a series: PREG_SERVE_HELP_NUMBER_SERIES"
        )

    def write(self, operation: str, before: HelpPerson | None, after: HelpPerson, why: str) -> int:
        """Write how a person is from now on, and that it was changed; the number of the line in the audit trail.

        Raises sqlite3.IntegrityError for a requisition of a number that is issued.
        """
        row = after.stored()
        names = ", ".join(row)
        places = ", ".join(f":{name}" for name in row)
        if before is None:
            self._connection.execute(f"insert into help_person ({names}) values ({places})", row)
        else:
            changed = ", ".join(f"{name} = :{name}" for name in row if name != "number")
            self._connection.execute(f"update help_person set {changed} where number = :number", row)
            self._connection.execute("delete from help_word where number = :number", row)
        self._connection.executemany(
            "insert into help_word (number, part, word, sound, date_of_birth) values (?, ?, ?, ?, ?)", _words(row)
        )
        written = self._connection.execute(
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
        ).fetchone()
        return int(written[0])

    def keep_answer(self, client: str, key: str, content_hash: str, change_id: int) -> None:
        """Remember what was done for a client's key."""
        self._connection.execute(
            "insert into help_number_key (client, idempotency_key, content_hash, change_id) values (?, ?, ?, ?)",
            [client, key, content_hash, change_id],
        )


def _is_busy(error: sqlite3.OperationalError) -> bool:
    return error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _find(connection: sqlite3.Connection, number: str) -> HelpPerson | None:
    row = connection.execute("select * from help_person where number = ?", [number]).fetchone()
    return None if row is None else help_person(dict(row))


def _answered(connection: sqlite3.Connection, client: str, key: str) -> tuple[str, Change] | None:
    row = connection.execute(
        "select answered.content_hash, change.* from help_number_key as answered"
        " inner join help_number_change as change on change.change_id = answered.change_id"
        " where answered.client = ? and answered.idempotency_key = ?",
        [client, key],
    ).fetchone()
    return None if row is None else (row["content_hash"], _change(row))


def _born_and_sounding(connection: sqlite3.Connection, born: str, sounds: Sequence[str]) -> list[HelpPerson]:
    places, names = ", ".join("?" * len(sounds)), ", ".join("?" * len(_NAMES))
    rows = connection.execute(
        "select * from help_person where state = 'active' and number in (select number from help_word"
        f" where date_of_birth = ? and sound in ({places}) and part in ({names})) order by number",
        [born, *sounds, *_NAMES],
    )
    return [help_person(dict(row)) for row in rows]


def _change(row: sqlite3.Row) -> Change:
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
