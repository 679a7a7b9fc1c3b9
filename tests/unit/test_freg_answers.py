"""Freg's answers, and how long a client waits for the next one."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tenacity import RetryCallState

from ingest.freg.answers import (
    LookedUp,
    read_document,
    read_document_batch,
    read_documents,
    read_feed_page,
    read_job_id,
    read_number,
    read_number_batch,
    read_persons,
    read_reason,
)
from ingest.freg.failures import ImpossibleSelection
from ingest.freg.selection import Selection
from ingest.freg.settings import FregSettings
from ingest.freg.transport import FregTransport
from ingest.interface.failures import Refused, ServiceError, Unreachable
from ingest.interface.retries import retrying

KARI, OLA = "01810150110", "02810150119"
NOT_FOUND = {"feilmelding": {"feilmelding": "Fant ikke personen"}}

# What the transport takes for an answer that is not as the contract says.
NOT_AS_THE_CONTRACT = (ValueError, KeyError, TypeError, AttributeError)

_NAMES = (
    *("oppslag", "foedselsEllerDNummer", "dokumentidentifikator", "folkeregisterperson", "hendelse", "sekvensnummer"),
    *("hendelsetype", "persondokument", "ajourholdstidspunkt", "jobbId", "kode", "melding", "feilkode", "feilmelding"),
    *("code", "message", "annet"),
)
_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12),
    lambda children: (
        st.lists(children, max_size=4)
        | st.dictionaries(
            st.sampled_from(_NAMES),
            children,
            max_size=5,
        )
    ),
    max_leaves=12,
)

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
        ({"dokumenter": [{"dokumentidentifikator": "a", "folkeregisterperson": {}}], "antall": 1}, {"a": {}}),
        (
            {"feil": [], "oppslag": [{"dokumentidentifikator": "a", "skjemaversjon": "1", "hendelse": {"x": 1}}]},
            {"a": {"x": 1}},
        ),
    ],
)
def test_documents_of_a_bulk_look_up(answer: Any, documents: dict[str, Any]) -> None:
    assert read_documents(httpx.Response(200, json=answer)).found == documents


def test_a_document_with_a_message_is_told_apart_from_one_that_is_not_mentioned() -> None:
    answer = {"oppslag": [{"dokumentidentifikator": "a", **NOT_FOUND}]}
    assert read_documents(httpx.Response(200, json=answer)) == LookedUp({}, {"a": "Fant ikke personen"})


@pytest.mark.parametrize(
    "answer",
    [
        {
            "oppslag": [
                {"foedselsEllerDNummer": KARI, "folkeregisterperson": {"navn": []}},
                {"foedselsEllerDNummer": OLA, **NOT_FOUND},
            ]
        },
        # In another order than asked for, each with its number.
        [
            {"foedselsEllerDNummer": OLA, **NOT_FOUND},
            {"foedselsEllerDNummer": KARI, "folkeregisterperson": {"navn": []}},
        ],
        # Without numbers, in the order asked for; a bare person.
        {"personer": [{"navn": []}, NOT_FOUND]},
    ],
)
def test_each_number_is_paired_with_its_person_or_its_message(answer: Any) -> None:
    looked_up = read_persons(httpx.Response(200, json=answer), [KARI, OLA])
    assert looked_up == LookedUp({KARI: {"navn": []}}, {OLA: "Fant ikke personen"})
    assert looked_up.in_words() == "1 of 2 have no document: Fant ikke personen (1)"
    assert OLA not in repr(looked_up) + looked_up.in_words()


@pytest.mark.parametrize(
    "items",
    [
        [{"foedselsEllerDNummer": KARI, "folkeregisterperson": {}}],  # a number is missing
        [{"foedselsEllerDNummer": KARI, "folkeregisterperson": {}}, {"navn": []}],  # one without its number
        [{"folkeregisterperson": {}}],  # whose?
        [{"foedselsEllerDNummer": number, "folkeregisterperson": {}} for number in (KARI, OLA, "x")],
    ],
)
def test_a_number_is_never_lost_and_never_given_another_person(items: list[Any]) -> None:
    with pytest.raises(ValueError, match="persons"):
        read_persons(httpx.Response(200, json={"oppslag": items}), [KARI, OLA])


@pytest.mark.parametrize(
    "read",
    [
        read_document,
        read_document_batch,
        read_documents,
        read_feed_page,
        read_job_id,
        read_number,
        read_number_batch,
        lambda response: read_persons(response, [KARI]),
    ],
)
@given(content=_json.map(orjson.dumps) | st.binary(max_size=60))
@example(content=b"1e999")
@example(content=b"[" * 100_000)
@example(content=b'[{"sekvensnummer": 1e300, "hendelse": {}}]')
def test_an_answer_is_read_or_is_not_as_the_contract_says(
    read: Callable[[httpx.Response], Any], content: bytes
) -> None:
    with contextlib.suppress(NOT_AS_THE_CONTRACT):
        read(httpx.Response(200, content=content))


@given(content=st.binary(max_size=60))
@example(content=b"<feed>")
@example(content=b'<?xml version="1.0" encoding="none-such"?><feed/>')
def test_an_atom_page_is_read_or_is_not_as_the_contract_says(content: bytes) -> None:
    with contextlib.suppress(NOT_AS_THE_CONTRACT):
        read_feed_page(httpx.Response(200, content=content, headers={"Content-Type": "application/atom+xml"}))


def test_an_extract_ends_with_an_empty_object() -> None:
    assert read_job_id(httpx.Response(200, json={"jobbId": "j"})) == "j"
    assert read_document_batch(httpx.Response(200, json={"dokumentidentifikator": ["a", "b"]})) == ("a", "b")
    assert read_number_batch(httpx.Response(200, json={"foedselsEllerDNummer": [KARI, OLA]})) == (KARI, OLA)
    assert read_document_batch(httpx.Response(200, json={})) == ()
    for answer in ({"noe": "annet"}, {"foedselsEllerDNummer": [KARI]}, {"dokumentidentifikator": []}, []):
        with pytest.raises(NOT_AS_THE_CONTRACT):
            read_document_batch(httpx.Response(200, json=answer))
    assert read_number(httpx.Response(200, json=17)) == 17


def _check(response: httpx.Response, where: str) -> None:
    FregTransport(FregSettings()).check(response, where)


def _waits(failure: ServiceError) -> float:
    policy = retrying(FregSettings(longest_wait_seconds=2))
    state = RetryCallState(policy, None, (), {})  # type: ignore[arg-type]
    state.set_exception((type(failure), failure, None))
    return float(policy.wait(state))  # type: ignore[operator]


def test_a_client_waits_as_long_as_freg_asks_in_milliseconds() -> None:
    with pytest.raises(Unreachable) as asked:
        _check(httpx.Response(429, headers={"Retry-After": "5000"}), "GET x")
    assert asked.value.seconds == 5
    assert 5 <= _waits(asked.value) <= 6


def test_a_client_waits_by_chance_when_freg_does_not_say() -> None:
    with pytest.raises(Unreachable) as asked:
        _check(httpx.Response(429), "GET x")
    assert 0 <= _waits(asked.value) <= 2
    assert 0 <= _waits(Unreachable("x")) <= 2


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (400, "the call is wrong"),
        (403, "no right"),
        (404, "does not have"),
        (406, "format"),
        (410, "order it again"),
    ],
)
@pytest.mark.parametrize(
    "answer",
    [
        {"kode": "FREG-009", "melding": "Ikke lov"},
        {
            "feilkode": "FREG-009",
            "feilmelding": "Ikke lov",
            "httpStatus": 400,
            "alvorlighetsgrad": "FEIL",
            "tilleggsinformasjon": "",
        },
        {"code": "FREG-009", "message": "Ikke lov", "httpStatus": 404, "feilreferanse": "3f1c"},
    ],
)
def test_a_final_answer_says_why_and_what_to_do(status: int, says: str, answer: dict[str, Any]) -> None:
    with pytest.raises(ServiceError, match=r"FREG-009\): Ikke lov") as refused:
        _check(httpx.Response(status, json=answer), "GET x")
    assert says in refused.value.todo
    assert isinstance(refused.value, Refused)
    assert (refused.value.status, refused.value.code) == (status, "FREG-009")


@pytest.mark.parametrize("status", [429, 500])
def test_the_code_of_an_answer_that_may_pass_is_kept_too(status: int) -> None:
    with pytest.raises(Unreachable) as failed:
        _check(httpx.Response(status, json={"feilkode": "FREG-003", "feilmelding": "Vent"}), "GET x")
    assert failed.value.code == "FREG-003"


@pytest.mark.parametrize("number", [KARI, "018101 50110", "018101-50110"])
def test_an_errors_text_has_no_number_and_no_document(number: str) -> None:
    for form in (("kode", "melding"), ("feilkode", "feilmelding"), ("code", "message")):
        answer = dict(zip(form, (f"F{number}", f"{number} er ugyldig: {{'fornavn': 'Kari'}}"), strict=True))
        with pytest.raises(ServiceError, match="er ugyldig") as failed:
            _check(httpx.Response(400, json={**answer, "tilleggsinformasjon": number}), "GET x")
        assert number not in str(failed.value)
        assert "Kari" not in str(failed.value)


@given(_json.map(orjson.dumps) | st.binary(max_size=60))
@example(b"[" * 100_000)
def test_a_reason_is_read_from_any_answer(content: bytes) -> None:
    code, message = read_reason(httpx.Response(400, content=content))
    assert len(code) <= 41
    assert message


@pytest.mark.parametrize("asked", ["soon", "inf", "nan", ""])
def test_a_pause_that_is_none_is_not_waited_for(asked: str) -> None:
    with pytest.raises(Unreachable) as failed:
        _check(httpx.Response(429, headers={"Retry-After": asked}), "GET x")
    assert failed.value.seconds is None


def test_a_selection_is_told_as_the_interface_has_it() -> None:
    selection = Selection(statuses=["bosatt"], residence="0301", born=(1950, None), died=(None, 2020), gender="kvinne")
    assert selection.body() == {
        "personstatustyper": ["bosatt"],
        "kommunenummer": {"bostedskommunenummer": "0301"},
        "foedselsaarFraOgMed": 1950,
        "doedsaarTilOgMed": 2020,
        "kjoenn": "kvinne",
    }


@pytest.mark.parametrize("given_", [{"residence": "0301", "stay": "4601"}, {}, {"born": (1990, 1980)}])
def test_a_selection_that_freg_does_not_make_is_refused_before_it_is_asked(given_: dict[str, Any]) -> None:
    with pytest.raises(ImpossibleSelection) as refused:
        Selection(**given_)
    assert refused.value.todo
