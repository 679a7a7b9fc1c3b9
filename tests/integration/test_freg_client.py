"""The client against a Freg that behaves as the contract says, over TLS, and against one that does not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from foundation.errors import ConfigurationError
from ingest.contracts.freg import event_contract
from ingest.freg.client import FregClient
from ingest.freg.selection import Selection
from ingest.freg.settings import FregSettings
from ingest.freg.test_server.register import Register, read_register
from ingest.interface.failures import CertificateRefused, Refused, TokenRefused, Unreachable
from ingest.interface.test_server.misbehaviour import Mode
from ingest.interface.test_server.serving import Served
from tests.conftest import SAMPLE
from tests.support.freg import client_settings, serving


@pytest.fixture(scope="module")
def register() -> Register:
    return read_register(SAMPLE)


@pytest.fixture
def running(register: Register, tmp_path: Path) -> Iterator[Served]:
    with serving(register, tmp_path / "keys") as server:
        yield server


def ask(settings: FregSettings, question: Callable[[FregClient], Awaitable[Any]]) -> Any:
    async def answer() -> Any:
        async with FregClient(settings) as client:
            return await question(client)

    return asyncio.run(answer())


def test_a_page_of_the_feed(running: Served, register: Register) -> None:
    page = ask(client_settings(running), lambda client: client.feed_page(5))
    assert [entry.sequence_number for entry in page.entries] == list(range(5, register.last_sequence_number + 1))
    assert page.entries[0] == register.events[4].entry


def test_atom_says_the_same_as_json(running: Served) -> None:
    settings = client_settings(running)
    as_json = ask(settings, lambda client: client.feed_page(1))
    as_atom = ask(settings, lambda client: client.feed_page(1, atom=True))
    assert as_atom.entries == as_json.entries


def test_a_page_that_has_not_changed_is_not_sent_again(running: Served) -> None:
    settings = client_settings(running)
    page = ask(settings, lambda client: client.feed_page(1))
    assert ask(settings, lambda client: client.feed_page(1, etag=page.etag)) is None
    assert ask(settings, lambda client: client.feed_page(2, etag=page.etag)) is not None


def test_documents_come_in_bulk_and_whole(running: Served, register: Register) -> None:
    wanted = list(register.documents)[:120]
    found = ask(client_settings(running), lambda client: client.person_documents(wanted))
    assert list(found) == wanted
    assert running.server.calls["documents"] == 3


def test_event_documents_one_and_many(running: Served, register: Register) -> None:
    entry = register.events[7].entry
    settings = client_settings(running)
    one = ask(settings, lambda client: client.event_document(entry.event_document))
    many = ask(settings, lambda client: client.event_documents([entry.event_document]))
    assert one == many[entry.event_document]
    assert one["hendelsestype"] == entry.event_type


def test_an_event_document_has_what_the_contract_says(running: Served, register: Register) -> None:
    event = next(event for event in register.events if event.entry.event_type == "endringINavn")
    known = {path.path for path in event_contract().paths()}

    def paths(value: Any, path: str) -> set[str]:
        if isinstance(value, dict):
            return {path}.union(*(paths(member, f"{path}.{name}") for name, member in value.items()))
        if isinstance(value, list):
            return {path}.union(*(paths(item, f"{path}[]") for item in value))
        return {path}

    document = ask(client_settings(running), lambda client: client.event_document(event.entry.event_document))
    assert document["egenskapshendelse"][0]["navn"]["fornavn"]
    assert paths(document, "$.hendelse") <= known


def test_a_person_is_found_by_a_former_number(running: Served, register: Register) -> None:
    event = next(event for event in register.events if event.former_numbers)
    found = ask(client_settings(running), lambda client: client.person(event.former_numbers[0]))
    assert event.number in {entry["foedselsEllerDNummer"] for entry in found["identifikasjonsnummer"]}


def test_persons_in_bulk_and_only_the_parts_asked_for(running: Served, register: Register) -> None:
    numbers = [event.number for event in register.events[:3]]
    unknown = "00000000000"
    wanted = [numbers[0], unknown, *numbers[1:]]
    answer = ask(client_settings(running, parts=("navn",), bulk_size=2), lambda client: client.persons(wanted))
    assert list(answer.found) == numbers
    assert all(set(person) <= {"identifikasjonsnummer", "navn"} for person in answer.found.values())
    for number, person in answer.found.items():
        assert number in {entry["foedselsEllerDNummer"] for entry in person["identifikasjonsnummer"]}
    assert answer.refused == {unknown: "Fant ikke personen"}
    assert unknown not in answer.in_words()


def test_an_extract_is_waited_for_and_read_to_its_end(register: Register, tmp_path: Path) -> None:
    with serving(register, tmp_path, batch_size=100, polls_until_ready=2) as running:

        async def extract(client: FregClient) -> list[str]:
            job_id = await client.order_extract(await client.last_sequence_number())
            return [document_id async for batch in client.batches(job_id) for document_id in batch]

        found = ask(client_settings(running), extract)
    assert sorted(found) == sorted(register.current_documents(register.last_sequence_number))


def test_an_extract_of_a_part_holds_numbers_that_become_persons(register: Register, tmp_path: Path) -> None:
    current = [
        json.loads(register.documents[document_id])
        for document_id in register.current_documents(register.last_sequence_number)
    ]

    def is_wanted(person: dict[str, Any]) -> bool:
        now = {name: [each for each in person.get(name, []) if each["erGjeldende"]] for name in ("status", "kjoenn")}
        born = person["foedsel"][-1].get("foedselsdato") or ""
        return (
            any(entry["status"] == "bosatt" for entry in now["status"])
            and any(entry["kjoenn"] == "kvinne" for entry in now["kjoenn"])
            and "1950" <= born[:4] <= "1999"
        )

    with serving(register, tmp_path, batch_size=10) as running:

        async def extract(client: FregClient) -> list[Any]:
            job_id = await client.order_selection(Selection(statuses=["bosatt"], gender="kvinne", born=(1950, 1999)))
            answers = [answer async for answer in client.selected_persons(job_id)]
            assert not any(answer.refused for answer in answers)
            assert len(answers) > 1
            return [person for answer in answers for person in answer.found.values()]

        found = ask(client_settings(running), extract)
    wanted = [person for person in current if is_wanted(person)]
    assert 0 < len(wanted) < len(current)
    assert sorted(map(json.dumps, found)) == sorted(map(json.dumps, wanted))


def test_an_extract_of_a_kommune(running: Served) -> None:
    async def extract(client: FregClient) -> list[Any]:
        job_id = await client.order_selection(Selection(residence="4601"))
        return [person async for answer in client.selected_persons(job_id) for person in answer.found.values()]

    found = ask(client_settings(running), extract)
    assert found
    for person in found:
        assert '"4601"' in json.dumps([entry for entry in person["bostedsadresse"] if entry["erGjeldende"]])


@pytest.mark.parametrize("as_published", [False, True])
def test_an_extract_that_is_gone_is_ordered_again(register: Register, tmp_path: Path, as_published: bool) -> None:
    with serving(register, tmp_path, batch_size=100, errors_as_published=as_published) as running:

        async def extract(client: FregClient) -> None:
            job_id = await client.order_extract(await client.last_sequence_number())
            async for _ in client.batches(job_id):
                running.server.forget_jobs()

        with pytest.raises(Refused) as refused:
            ask(client_settings(running), extract)
    assert (refused.value.status, refused.value.code) == (410, "FREG-005")
    assert "order it again" in refused.value.todo


@pytest.mark.parametrize("mode", [Mode.SERVER_ERROR, Mode.SERVER_ERROR_AS_PUBLISHED])
def test_both_forms_of_an_error_are_read(register: Register, tmp_path: Path, mode: Mode) -> None:
    with (
        serving(register, tmp_path, mode, share=1) as running,
        pytest.raises(Unreachable, match="500, FREG-001: Feil i tjenesten") as failed,
    ):
        ask(client_settings(running, attempts=2), lambda client: client.feed_page(1))
    assert failed.value.code == "FREG-001"


def test_the_feeds_own_form_of_an_error_is_read(running: Served) -> None:
    with pytest.raises(Refused) as refused:
        ask(client_settings(running), lambda client: client.feed_page(0))
    assert (refused.value.status, refused.value.code) == (404, "FREG-008")


def test_a_token_about_to_expire_is_not_used(register: Register, tmp_path: Path) -> None:
    with serving(register, tmp_path, token_seconds=5) as running:

        async def thrice(client: FregClient) -> None:
            for _ in range(3):
                await client.feed_page(1)

        ask(client_settings(running), thrice)
        assert running.server.calls["token"] == 3


def test_calls_side_by_side_share_one_token(running: Served, register: Register) -> None:
    ask(client_settings(running), lambda client: client.person_documents(list(register.documents)))
    assert running.server.calls["documents"] > 5
    assert running.server.calls["token"] == 1


def test_a_token_that_is_refused_is_replaced_once(running: Served) -> None:
    async def refused_in_between(client: FregClient) -> int:
        await client.feed_page(1)
        running.server.tokens.clear()
        page = await client.feed_page(1)
        assert page
        return len(page.entries)

    assert ask(client_settings(running), refused_in_between) > 0
    assert running.server.calls["token"] == 2


def test_a_token_that_is_refused_again_is_final(register: Register, tmp_path: Path) -> None:
    with serving(register, tmp_path) as running:
        running.server.token_seconds = 3600

        async def ask_with_tokens_that_are_never_good(client: FregClient) -> None:
            running.server.tokens = _Forgetful()
            await client.feed_page(1)

        with pytest.raises(Refused) as refused:
            ask(client_settings(running), ask_with_tokens_that_are_never_good)
        assert refused.value.status == 401
        assert running.server.calls["token"] == 2


class _Forgetful(dict[str, float]):
    def get(self, _key: Any, default: Any = None) -> Any:  # type: ignore[override]
        return default


def test_what_is_not_there_is_final_and_hides_the_number(running: Served) -> None:
    number = "01810100000"
    with pytest.raises(Refused) as refused:
        ask(client_settings(running), lambda client: client.person(number))
    assert (refused.value.status, refused.value.code) == (404, "FREG-007")
    assert "Finnes ikke" in str(refused.value)
    assert number not in str(refused.value)
    assert running.server.calls["person"] == 1


def test_the_firewalls_html_is_told_with_its_support_id(register: Register, tmp_path: Path) -> None:
    with serving(register, tmp_path, Mode.HTML, share=1) as running:
        with pytest.raises(Unreachable, match="support id 1234567890123456789"):
            ask(client_settings(running, attempts=3), lambda client: client.feed_page(1))
        assert running.server.calls["feed"] == 3


def test_maskinportens_reason_is_told(running: Served) -> None:
    with pytest.raises(TokenRefused, match="Invalid issuer"):
        ask(client_settings(running, client_id="somebody else"), lambda client: client.feed_page(1))
    assert running.server.calls["token"] == 1


def test_a_certificate_that_is_not_trusted_is_final(running: Served, register: Register, tmp_path: Path) -> None:
    with serving(register, tmp_path / "other") as other:
        settings = client_settings(running, ca_bundle=Path(other.environment["PREG_FREG_CA_BUNDLE"]))
        with pytest.raises(CertificateRefused):
            ask(settings, lambda client: client.feed_page(1))


def test_a_proxy_is_used(running: Served) -> None:
    settings = client_settings(running, proxy="http://127.0.0.1:9", attempts=2)
    with pytest.raises(Unreachable):
        ask(settings, lambda client: client.feed_page(1))
    assert "feed" not in running.server.calls


def test_a_key_that_is_none_is_said_to_be_and_not_shown(running: Served, tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    key.write_text("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n")
    with pytest.raises(ConfigurationError) as refused:
        ask(client_settings(running, key_file=key), lambda client: client.feed_page(1))
    assert "not an RSA key" in str(refused.value)
    assert "c2VjcmV0" not in str(refused.value)


def test_a_bundle_without_certificates_is_said_to_be_none(running: Served, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_text("nothing")
    with pytest.raises(ConfigurationError, match="has no certificates"):
        ask(client_settings(running, ca_bundle=bundle), lambda client: client.feed_page(1))


def test_what_is_not_configured_is_named() -> None:
    with pytest.raises(ConfigurationError, match="PREG_FREG_BASE_URL, PREG_FREG_TOKEN_URL"):
        FregSettings.load()
