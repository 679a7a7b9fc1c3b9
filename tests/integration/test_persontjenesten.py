"""Persontjenesten's client and event reader, against the test server: HelseID with DPoP, bulk look-ups, deliveries."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from filelock import FileLock

from foundation.errors import ConfigurationError
from foundation.settings import Settings
from ingest.compressed import open_stream
from ingest.contracts.persontjenesten import LEGAL_BASIS_ONLY
from ingest.contracts.tables import rows
from ingest.deliveries import load_new
from ingest.interface.failures import (
    FeedBusy,
    Refused,
    TokenRefused,
    Unreachable,
)
from ingest.interface.test_server.misbehaviour import Misbehaviour, Mode
from ingest.interface.test_server.serving import Served
from ingest.interface.token import Token
from ingest.landing import take_inventory
from ingest.persontjenesten.client import PersontjenestenClient
from ingest.persontjenesten.event_reader import next_sequence_number, pull_events
from ingest.persontjenesten.settings import PersontjenestenSettings
from ingest.persontjenesten.test_server.register import Register, read_register
from ingest.persontjenesten.test_server.serving import served
from tests.conftest import SAMPLE
from tests.support.freg import place

Found = TypeVar("Found")


@pytest.fixture(scope="module")
def register() -> Register:
    return read_register(SAMPLE)


@pytest.fixture(scope="module")
def running(register: Register, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(register, tmp_path_factory.mktemp("persontjenesten")) as server:
        yield server


def client_settings(running: Served, **given: Any) -> PersontjenestenSettings:
    environment = {
        name.removeprefix("PREG_PERSONTJENESTEN_").lower(): value for name, value in running.environment.items()
    }
    return PersontjenestenSettings.load(**{**environment, "longest_wait_seconds": 0.02, "attempts": 20, **given})


def ask(running: Served, question: Callable[[PersontjenestenClient], Awaitable[Found]], **given: Any) -> Found:
    async def asked() -> Found:
        async with PersontjenestenClient(client_settings(running, **given)) as client:
            return await question(client)

    return asyncio.run(asked())


def delivered(settings: Settings) -> list[dict[str, Any]]:
    lines = []
    for delivery in take_inventory(settings.landing_dir).of("persontjenesten"):
        for file in delivery.manifest.files:
            with open_stream(delivery.path(file)) as stream:
                lines += [json.loads(line) for line in stream]
    return lines


def test_the_server_has_the_published_operations(running: Served) -> None:
    served_paths = {
        (method, mount.path + route.path)
        for mount in running.server.application().routes
        for route in getattr(mount, "routes", None) or []
        for method in route.methods - {"HEAD"}
    }
    published = {(row["method"], row["path"]) for row in rows("persontjenesten_paths")}
    assert published == served_paths


def test_events_and_persons(running: Served, register: Register) -> None:
    latest = ask(running, lambda client: client.latest_event())
    assert latest.sequence_number == register.events[-1].sequence_number
    page = ask(running, lambda client: client.events(5))
    assert [event.sequence_number for event in page] == [
        event.sequence_number for event in register.events if event.sequence_number >= 5
    ]
    wanted = [event.person_id for event in page[:250]]
    persons = ask(running, lambda client: client.persons(wanted))
    assert persons == {person_id: register.persons[person_id] for person_id in wanted}


def test_a_person_by_id_and_by_number(running: Served, register: Register) -> None:
    person = next(iter(register.persons.values()))
    number = person["norwegianIdentificationNumber"][0]["identificationNumber"]
    assert ask(running, lambda client: client.person(person["id"])) == person
    assert ask(running, lambda client: client.person_by_number(number)) == person
    assert ask(running, lambda client: client.persons_by_number([number, "00000000000"])) == {person["id"]: person}


def test_without_a_legal_basis_less_is_given(running: Served, register: Register) -> None:
    person = next(each for each in register.persons.values() if "familyRelation" in each)
    found = ask(running, lambda client: client.person(person["id"]), legal_basis=False)
    assert set(person) - set(found) == set(person) & set(LEGAL_BASIS_ONLY)


def test_only_the_parts_asked_for_and_no_history(running: Served, register: Register) -> None:
    person = next(each for each in register.persons.values() if any(not name["isValid"] for name in each["name"]))
    found = ask(running, lambda client: client.person(person["id"]), information_parts=("Name",), include_history=False)
    assert set(found) == {"id", "sequenceNumber", "norwegianIdentificationNumber", "name"}
    assert all(name["isValid"] for name in found["name"])


@pytest.mark.parametrize("key_type", ["RSA", "EC"])
def test_both_kinds_of_keys_are_taken(register: Register, tmp_path: Path, key_type: str) -> None:
    with served(register, tmp_path, key_type=key_type) as running:
        assert ask(running, lambda client: client.latest_event())
        # One token for all, for all calls at the same time.
        ids = list(register.persons)
        assert len(ask(running, lambda client: client.persons(ids), bulk_size=10)) == len(ids)
        assert running.server.calls["token"] <= 4


def test_a_token_is_bound_to_the_key(register: Register, tmp_path: Path) -> None:
    """A token that somebody else has got hold of is worth nothing: the proof is made by another key."""
    with served(register, tmp_path) as running:
        ask(running, lambda client: client.latest_event())
        token, (until, _) = next(iter(running.server.tokens.items()))
        running.server.tokens[token] = (until, "another key")

        async def with_stolen_token() -> Any:
            async with PersontjenestenClient(client_settings(running)) as client:
                client._transport._token.keep(Token(token, until))
                return await client.latest_event()

        # The token is refused, and replaced by one of our own.
        assert asyncio.run(with_stolen_token())
        assert len(running.server.tokens) == 2


def test_what_is_final_says_so_and_hides_the_id(running: Served) -> None:
    with pytest.raises(Refused) as refused:
        ask(running, lambda client: client.person("somebody"))
    assert refused.value.status == 404
    assert "somebody" not in str(refused.value)


def test_helseids_reason_is_told(running: Served) -> None:
    with pytest.raises(TokenRefused, match="the scope is not this client's"):
        ask(running, lambda client: client.latest_event(), scope="another")


def test_a_key_that_is_none_is_said_to_be_and_not_shown(running: Served, tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    key.write_text("-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----\n")
    with pytest.raises(ConfigurationError, match="cannot sign") as wrong:
        ask(running, lambda client: client.latest_event(), key_file=key)
    assert "secret" not in str(wrong.value)


def test_what_is_not_configured_is_named() -> None:
    with pytest.raises(ConfigurationError, match="not configured") as missing:
        PersontjenestenSettings.load(key=None, key_file=None)
    assert "PREG_PERSONTJENESTEN_BASE_URL" in missing.value.todo


def test_a_person_who_is_not_given_is_never_left_out_in_silence(running: Served, register: Register) -> None:
    known = next(iter(register.persons))
    with pytest.raises(Unreachable, match="1 of 2 persons are not given"):
        ask(running, lambda client: client.persons([known, "gone"]), attempts=2)


@pytest.mark.parametrize(
    "mode",
    [
        Mode.TOO_MANY,
        Mode.TOO_MANY_SILENT,
        Mode.SERVER_ERROR,
        Mode.BAD_GATEWAY,
        Mode.HTML,
        Mode.CUT,
        Mode.HALF_JSON,
        Mode.EXPIRED_TOKEN,
        Mode.MISSING_DOCUMENTS,
    ],
)
def test_a_server_that_misbehaves_changes_nothing(register: Register, tmp_path: Path, mode: Mode) -> None:
    misbehaviour = Misbehaviour({mode}, 0.4)
    with served(register, tmp_path, misbehaviour) as running:
        settings = place(tmp_path)
        pulled = pull_events(settings, client_settings(running, bulk_size=25))
    assert misbehaviour.happened[mode] > 0
    assert pulled.persons == len(register.persons)
    assert sorted(delivered(settings), key=lambda each: each["id"]) == sorted(
        register.persons.values(), key=lambda each: each["id"]
    )


def test_events_are_read_on_from_where_the_landing_folder_ends(register: Register, tmp_path: Path) -> None:
    mine = Register(dict(register.persons), list(register.events))
    settings = place(tmp_path)
    with served(mine, tmp_path) as running:
        first = pull_events(settings, client_settings(running))
        assert first.events == len(register.events)
        assert pull_events(settings, client_settings(running)).events == 0
        person = {**next(iter(mine.persons.values())), "sequenceNumber": first.sequence_to + 3}
        mine.take(person)
        again = pull_events(settings, client_settings(running))
    assert (again.sequence_from, again.sequence_to, again.persons) == (first.sequence_to + 3, first.sequence_to + 3, 1)
    assert next_sequence_number(settings) == first.sequence_to + 4
    assert delivered(settings)[-1] == person


def test_what_was_read_is_loaded_whole(running: Served, register: Register, tmp_path: Path) -> None:
    settings = place(tmp_path)
    pull_events(settings, client_settings(running))
    ((_, counts),) = load_new(settings).loaded
    assert (counts.loaded, counts.quarantined) == (len(register.persons), 0)


def test_a_pull_that_fails_leaves_no_trace(register: Register, tmp_path: Path) -> None:
    settings = place(tmp_path)
    with (
        served(register, tmp_path, Misbehaviour({Mode.SERVER_ERROR}, 0.9)) as running,
        pytest.raises(Unreachable),
    ):
        pull_events(settings, client_settings(running, attempts=2))
    assert list((settings.landing_dir / "persontjenesten").glob("*")) == []


def test_one_reader_at_a_time(running: Served, tmp_path: Path) -> None:
    settings = place(tmp_path)
    lock = settings.data_dir / "persontjenesten" / ".feed.lock"
    lock.parent.mkdir(parents=True)
    with FileLock(str(lock)), pytest.raises(FeedBusy, match="another process"):
        pull_events(settings, client_settings(running))


def test_every_part_that_can_be_asked_for_is_an_element(register: Register) -> None:
    """InformationPart's values are the elements of a Person, in capitals."""
    parts = {row["value"] for row in rows("persontjenesten_enums") if row["enum"] == "InformationPart"}
    elements = {row["property"] for row in rows("persontjenesten_fields") if row["schema"] == "Person"}
    assert {part[0].lower() + part[1:] for part in parts} == elements - {"id", "sequenceNumber"}
    assert {name for person in register.persons.values() for name in person} <= elements
