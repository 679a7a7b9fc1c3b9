"""The register of clients: who may ask, for what, until when; `<data>/serving/clients.sqlite`.

A client is ordered by somebody, approved by somebody else, and may then ask until it is disabled or its time is over.
Its password is kept as an argon2id hash only; it is shown once, when it is made.
"""

from __future__ import annotations

import datetime as dt
import re
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal, get_args

from argon2 import PasswordHasher

from foundation.database import machine_failures
from foundation.errors import PregError
from foundation.settings import Settings
from foundation.text import printable
from publication.access.access_profile import find_access_profile

MemberType = Literal["helseforetak", "fastlege", "apotek", "kommune", "tannlege", "leverandoer", "forvaltning"]
State = Literal["ordered", "active", "disabled"]

# What a client must have accepted before it is approved.
TERMS = (
    "2026-1: only for the purpose that was ordered; no research and no statistics on persons (they have other ways);"
    " no redistribution to others; every look-up is logged and can be seen by the person it is about."
)
# What PREG's terms refuse whatever else is ordered.
_REFUSED_PURPOSES = re.compile(r"\b(forskning|research|videreformidl|redistribut|videresalg|resale)", re.IGNORECASE)

_HASHER = PasswordHasher()
_USER_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,63}")

_SCHEMA = """
    create table if not exists client (
        user_name text primary key,
        organisation text not null,
        organisation_number text not null,
        contact_name text not null,
        contact_email text not null,
        member_type text not null,
        profile text not null,
        purpose text not null,
        state text not null,
        valid_from text not null,
        valid_to text not null,
        terms_accepted text not null,
        ordered_by text not null,
        ordered_at text not null,
        approved_by text not null,
        approved_at text not null,
        disabled_at text not null,
        disabled_why text not null,
        password_hash text not null,
        may_requisition integer not null default 0
    ) strict
"""
# A register that was made before has not the column.
_ADDED = ("may_requisition", "integer not null default 0")


@dataclass(frozen=True)
class Client:
    """A client as the register has it. Days and times are ISO 8601 (UTC); what has not happened is blank.

    may_requisition: whether it may have common help numbers issued, change and link them.
    """

    user_name: str
    organisation: str
    organisation_number: str
    contact_name: str
    contact_email: str
    member_type: str
    profile: str
    purpose: str
    state: str
    valid_from: str
    valid_to: str
    terms_accepted: str = ""
    ordered_by: str = ""
    ordered_at: str = ""
    approved_by: str = ""
    approved_at: str = ""
    disabled_at: str = ""
    disabled_why: str = ""
    password_hash: str = ""
    may_requisition: bool = False

    def may_ask(self, day: dt.date) -> bool:
        """Whether it may ask on a day."""
        return (
            self.state == "active"
            and bool(self.password_hash and self.terms_accepted)
            and self.valid_from <= day.isoformat() <= self.valid_to
        )


def clients_file(settings: Settings) -> Path:
    """Where the register is."""
    return settings.serving_dir / "clients.sqlite"


def order_client(settings: Settings, client: Client, now: dt.datetime) -> Client:
    """Enter what somebody orders; nobody may ask by it yet. Raises `PregError` naming what cannot be ordered."""
    if not _USER_NAME.fullmatch(client.user_name):
        raise PregError(
            f"{printable(client.user_name, 80)} is no user name",
            todo="give 3 to 64 small letters, digits, points, hyphens and underscores; a letter or digit first",
        )
    if client.member_type not in get_args(MemberType):
        raise PregError(
            f"there is no member type {printable(client.member_type, 80)}",
            todo=f"there are: {', '.join(get_args(MemberType))}",
        )
    if not re.fullmatch(r"\d{9}", client.organisation_number):
        raise PregError("an organisation has a number of nine digits", todo="give it with --organisation-number")
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", client.contact_email):
        raise PregError("the contact person has no e-mail address", todo="give it with --contact-email")
    if _REFUSED_PURPOSES.search(client.purpose):
        raise PregError(
            "PREG is not given for research, nor to be given on",
            todo="research has its own way: Folkeregisterloven § 10-2",
        )
    if client.valid_to < client.valid_from:
        raise PregError("the client would end before it begins", todo="give --valid-to a later day")
    find_access_profile(settings, client.profile)
    entered = replace(client, state="ordered", ordered_at=_utc(now))
    with _register(settings) as register:
        if _find(register, client.user_name):
            raise PregError(f"there is a client {client.user_name} already", todo="choose another user name")
        _write(register, entered)
    return entered


def approve_client(settings: Settings, user_name: str, by: str, now: dt.datetime, *, terms_accepted: bool) -> str:
    """Let a client ask: its password, which is shown once. Another person approves than ordered."""
    with _register(settings) as register:
        client = _known(register, user_name)
        if client.state == "active":
            raise PregError(f"{user_name} is approved already", todo="a new password: preg client rotate")
        if not terms_accepted:
            raise PregError(
                "the client has not accepted the terms", todo=f"when it has, say --terms-accepted. They are: {TERMS}"
            )
        if by == client.ordered_by:
            raise PregError("a client is approved by somebody else than ordered it", todo="let another person approve")
        password, hashed = _new_password()
        _write(
            register,
            replace(
                client,
                state="active",
                approved_by=by,
                approved_at=_utc(now),
                terms_accepted=TERMS.partition(":")[0],
                disabled_at="",
                disabled_why="",
                password_hash=hashed,
            ),
        )
    return password


def disable_client(settings: Settings, user_name: str, why: str, now: dt.datetime) -> None:
    """Let a client ask no more; its password is gone."""
    with _register(settings) as register:
        client = _known(register, user_name)
        _write(register, replace(client, state="disabled", disabled_at=_utc(now), disabled_why=why, password_hash=""))


def rotate_password(settings: Settings, user_name: str) -> str:
    """A new password of a client, shown once; the one before is no longer taken."""
    with _register(settings) as register:
        client = _known(register, user_name)
        if client.state != "active":
            raise PregError(f"{user_name} is {client.state}", todo="approve it: preg client approve")
        password, hashed = _new_password()
        _write(register, replace(client, password_hash=hashed))
    return password


def list_clients(settings: Settings) -> list[Client]:
    """Every client, by user name."""
    with _register(settings) as register:
        return [_client(row) for row in register.execute("select * from client order by user_name")]


class Clients:
    """The register as a server reads it: what changes in it counts from the next request on."""

    def __init__(self, settings: Settings) -> None:
        with _register(settings):
            pass
        self._connection = sqlite3.connect(
            f"{clients_file(settings).resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False
        )
        self._connection.row_factory = sqlite3.Row
        self._version = -1
        self._found: dict[str, Client] = {}

    def find(self, user_name: str) -> Client | None:
        """The client of a user name; None when there is none."""
        (version,) = self._connection.execute("pragma data_version").fetchone()
        if version != self._version:
            self._found = {
                client.user_name: client for client in map(_client, self._connection.execute("select * from client"))
            }
            self._version = version
        return self._found.get(user_name)


@contextmanager
def _register(settings: Settings) -> Iterator[sqlite3.Connection]:
    file = clients_file(settings)
    with machine_failures(str(file)):
        file.parent.mkdir(parents=True, exist_ok=True)
        register = sqlite3.connect(file, timeout=30, isolation_level=None)
        try:
            register.row_factory = sqlite3.Row
            register.execute("begin immediate")
            register.execute(_SCHEMA)
            if _ADDED[0] not in {row["name"] for row in register.execute("pragma table_info(client)")}:
                register.execute(f"alter table client add column {' '.join(_ADDED)}")
            yield register
            register.execute("commit")
        finally:
            register.close()
        file.chmod(0o600)


def _known(register: sqlite3.Connection, user_name: str) -> Client:
    client = _find(register, user_name)
    if client is None:
        raise PregError(f"there is no client {printable(user_name, 80)}", todo="preg client list shows them")
    return client


def _find(register: sqlite3.Connection, user_name: str) -> Client | None:
    row = register.execute("select * from client where user_name = ?", [user_name]).fetchone()
    return None if row is None else _client(row)


def _client(row: sqlite3.Row) -> Client:
    values = dict(zip(row.keys(), row, strict=True))
    return Client(**{**values, "may_requisition": bool(values["may_requisition"])})


def _write(register: sqlite3.Connection, client: Client) -> None:
    values = asdict(client)
    names = ", ".join(values)
    places = ", ".join(f":{name}" for name in values)
    register.execute(f"insert or replace into client ({names}) values ({places})", values)


def _new_password() -> tuple[str, str]:
    """A password of 160 random bits and its argon2id hash."""
    password = secrets.token_urlsafe(20)
    return password, _HASHER.hash(password)


def _utc(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
