"""What every client of an interface does with tokens that are refused, and with pauses that are asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import httpx
import pytest

from ingest.freg.settings import FregSettings
from ingest.freg.transport import FregTransport
from ingest.interface.failures import TokenRefused, Unreachable

TOKEN_URL = "https://issuer.test/token"
Respond = Callable[[httpx.Request], httpx.Response]


class _Transport(FregTransport):
    """Freg's, without a key and without a network."""

    def __init__(self, respond: Respond) -> None:
        super().__init__(FregSettings(base_url="https://freg.test", token_url=TOKEN_URL, attempts=1))
        self._http = httpx.AsyncClient(transport=httpx.MockTransport(respond))

    def grant(self) -> dict[str, str]:
        return {"assertion": "signed"}


def _ask(respond: Respond) -> Any:
    async def ask() -> Any:
        async with _Transport(respond) as transport:
            return await transport.call("GET", "x", lambda response: response.json())

    return asyncio.run(ask())


def _tokens(answers: Sequence[httpx.Response]) -> tuple[Respond, list[str]]:
    """Answers to calls, by the token that each came with; a token is given for each question for one."""
    given: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        if str(request.url) == TOKEN_URL:
            given.append(f"token-{len(given)}")
            return httpx.Response(200, json={"access_token": given[-1], "token_type": "Bearer", "expires_in": 120})
        return answers[int(request.headers["Authorization"].rpartition("-")[2])]

    return respond, given


@pytest.mark.parametrize(
    "refusal",
    [
        httpx.Response(401, json={"kode": "FREG-002", "melding": "x"}),
        httpx.Response(401, html="<html>sign in</html>"),
    ],
)
def test_a_token_that_is_refused_is_replaced_once_in_whatever_form(refusal: httpx.Response) -> None:
    respond, given = _tokens([refusal, httpx.Response(200, json=1)])
    assert _ask(respond) == 1
    assert given == ["token-0", "token-1"]


def _issuer(answer: httpx.Response) -> Respond:
    return lambda _request: answer


@pytest.mark.parametrize(("status", "seconds"), [(429, 7), (503, None)])
def test_an_issuer_is_waited_for_only_when_it_asks_for_fewer_calls(status: int, seconds: float | None) -> None:
    """A server that is down may ask for a day; the feed is not held as long."""
    with pytest.raises(Unreachable) as failed:
        _ask(_issuer(httpx.Response(status, headers={"Retry-After": "7"})))
    assert failed.value.seconds == seconds


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"access_token": "x", "token_type": "DPoP", "expires_in": 1}, "of type DPoP, not bearer"),
        ({"error": "invalid_grant", "error_description": "\x1b[2Jno"}, r"\\x1b\[2Jno"),
    ],
)
def test_a_token_that_cannot_be_used_is_said_to_be(answer: dict[str, Any], says: str) -> None:
    with pytest.raises(TokenRefused, match=says):
        _ask(_issuer(httpx.Response(400 if "error" in answer else 200, json=answer)))


@pytest.mark.parametrize("answer", [{"access_token": "x", "expires_in": 1}, {"token_type": "Bearer"}, []])
def test_a_token_answer_that_is_none_may_pass(answer: Any) -> None:
    with pytest.raises(Unreachable, match="is not a token answer"):
        _ask(_issuer(httpx.Response(200, json=answer)))
