"""What the test servers have in common: tokens, misbehaviour, and the count of what was asked."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import Any

import jwt
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from ingest.interface.test_server.misbehaviour import Misbehaviour, Mode

CLIENT_ID = "preg-test"

Handler = Callable[[Request], Awaitable[Response]]


class TestServer(ABC):
    """The state of a running test server: how it misbehaves, what it was asked, who it knows by which key.

    public_key: of the client, PEM. token_seconds: how long a token is good.
    """

    __test__ = False

    # The issuer's name.
    audience: str

    def __init__(self, public_key: str, misbehaviour: Misbehaviour, token_seconds: int) -> None:
        self.public_key = public_key
        self.misbehaviour = misbehaviour
        self.token_seconds = token_seconds
        self.calls: dict[str, int] = {}
        self._used: set[str] = set()

    @abstractmethod
    def application(self) -> Starlette:
        """The ASGI application."""

    @abstractmethod
    def expire_tokens(self, request: Request) -> None:
        """Let what the client has got so far be no longer good."""

    @abstractmethod
    def refusal(self, mode: Mode | None) -> Response | None:
        """The answer of a server that misbehaves, if this way of misbehaving has one."""

    @abstractmethod
    def denied(self, request: Request) -> Response | None:
        """The answer to a call whose token is not good; None when it is."""

    def guarded(self, handler: Handler) -> Handler:
        """A resource behind its token, with the misbehaviour of the hour."""

        async def guarded(request: Request) -> Response:
            self.count(handler.__name__)
            mode = self.misbehaviour.for_call()
            if mode is Mode.EXPIRED_TOKEN:
                self.expire_tokens(request)
            refusal = self.refusal(mode)
            if refusal:
                return refusal
            if mode is Mode.SLOW:
                await asyncio.sleep(0.2)
            return self.denied(request) or _shortened(await handler(request), mode)

        return guarded

    def count(self, name: str) -> None:
        """Note that something was asked."""
        self.calls[name] = self.calls.get(name, 0) + 1

    def statement(self, text: str, algorithms: list[str], longest_seconds: int, *claimed: str) -> dict[str, Any] | str:
        """The claims of what the client has signed, each good once; else why it is not good.

        claimed: what it must claim in addition to times and id.
        """
        try:
            claims: dict[str, Any] = jwt.decode(
                text,
                self.public_key,
                algorithms=algorithms,
                audience=self.audience,
                issuer=CLIENT_ID,
                options={"require": ["exp", "iat", "jti", *claimed]},
            )
        except jwt.PyJWTError as error:
            return str(error)
        if claims["jti"] in self._used or claims["exp"] - claims["iat"] > longest_seconds:
            return "it is used, or valid for too long"
        self._used.add(claims["jti"])
        return claims


def _shortened(response: Response, mode: Mode | None) -> Response:
    """The answer as it arrives: whole, cut in the middle, or half as long as it should be."""
    body = bytes(response.body)
    if response.status_code != 200 or len(body) < 4 or mode not in (Mode.CUT, Mode.HALF_JSON):
        return response
    half = body[: len(body) // 2]
    if mode is Mode.HALF_JSON:
        return Response(half, media_type=response.headers["content-type"])

    async def breaks_off():  # type: ignore[no-untyped-def]
        yield half

    # The promised length is not reached: the server ends the connection.
    return StreamingResponse(
        breaks_off(), headers={"Content-Length": str(len(body))}, media_type=response.headers["content-type"]
    )
