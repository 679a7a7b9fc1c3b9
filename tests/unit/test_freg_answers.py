"""Freg's answers, and how long a client waits for the next one."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tenacity import RetryCallState

from ingest.freg.answers import read_batch, read_documents, read_feed_page, read_job_id, read_number
from ingest.freg.failures import AskedToWait, FregError, FregUnreachable
from ingest.freg.settings import FregSettings
from ingest.freg.transport import _check
from ingest.retries import retrying

ENTRY = {
    "sekvensnummer": 1,
    "hendelse": {
        "folkeregisteridentifikator": "01810150110",
        "hendelsetype": "endringINavn",
        "hendelsesdokument": "h",
        "persondokument": "p",
        "ajourholdstidspunkt": "2017-06-20T09:26:03.689+02:00",
    },
}


def test_a_page_is_ascending_whatever_the_order_it_came_in() -> None:
    page = read_feed_page(httpx.Response(200, json=[{**ENTRY, "sekvensnummer": 2}, ENTRY], headers={"ETag": '"x"'}))
    assert page
    assert [entry.sequence_number for entry in page.entries] == [1, 2]
    assert page.etag == '"x"'


@pytest.mark.parametrize("missing", ["hendelsetype", "persondokument", "ajourholdstidspunkt"])
def test_an_entry_without_what_we_need_is_not_taken(missing: str) -> None:
    event = {name: value for name, value in ENTRY["hendelse"].items() if name != missing}  # type: ignore[attr-defined]
    with pytest.raises((KeyError, ValueError)):
        read_feed_page(httpx.Response(200, json=[{"sekvensnummer": 1, "hendelse": event}]))


def test_entities_of_an_atom_feed_are_not_followed() -> None:
    evil = '<!DOCTYPE feed [<!ENTITY x SYSTEM "file:///etc/passwd">]><feed><entry>&x;</entry></feed>'
    with pytest.raises(ValueError, match="EntitiesForbidden"):
        read_feed_page(httpx.Response(200, text=evil, headers={"Content-Type": "application/atom+xml"}))


@pytest.mark.parametrize(
    ("answer", "documents"),
    [
        ({"oppslag": [{"dokumentidentifikator": "a", "folkeregisterperson": {"navn": []}}]}, {"a": {"navn": []}}),
        ([{"dokumentidentifikator": "a", "folkeregisterperson": {}}], {"a": {}}),
        ({"oppslag": [{"dokumentidentifikator": "a", "feil": "finnes ikke"}]}, {}),
    ],
)
def test_documents_of_a_bulk_look_up(answer: Any, documents: dict[str, Any]) -> None:
    assert read_documents(httpx.Response(200, json=answer)) == documents


def test_an_extract_ends_with_an_empty_object() -> None:
    assert read_job_id(httpx.Response(200, json={"jobbId": "j"})) == "j"
    assert read_batch(httpx.Response(200, json={"dokumentidentifikator": ["a", "b"]})) == ("a", "b")
    assert read_batch(httpx.Response(200, json={})) == ()
    with pytest.raises(KeyError):
        read_batch(httpx.Response(200, json={"noe": "annet"}))
    assert read_number(httpx.Response(200, json=17)) == 17


def _waits(failure: FregError) -> float:
    policy = retrying(FregSettings(longest_wait_seconds=2))
    state = RetryCallState(policy, None, (), {})  # type: ignore[arg-type]
    state.set_exception((type(failure), failure, None))
    return float(policy.wait(state))  # type: ignore[operator]


def test_a_client_waits_as_long_as_freg_asks_in_milliseconds() -> None:
    with pytest.raises(AskedToWait) as asked:
        _check(httpx.Response(429, headers={"Retry-After": "5000"}), "GET x")
    assert asked.value.seconds == 5
    assert 5 <= _waits(asked.value) <= 6


def test_a_client_waits_by_chance_when_freg_does_not_say() -> None:
    with pytest.raises(AskedToWait) as asked:
        _check(httpx.Response(429), "GET x")
    assert 0 <= _waits(asked.value) <= 2
    assert 0 <= _waits(FregUnreachable("x")) <= 2


@pytest.mark.parametrize(
    ("status", "says"), [(400, "the call is wrong"), (403, "no right"), (404, "does not have"), (406, "format")]
)
def test_a_final_answer_says_why_and_what_to_do(status: int, says: str) -> None:
    with pytest.raises(FregError, match=r"FREG-009\): Ikke lov") as refused:
        _check(httpx.Response(status, json={"kode": "FREG-009", "melding": "Ikke lov"}), "GET x")
    assert says in refused.value.todo
    assert not isinstance(refused.value, FregUnreachable)
