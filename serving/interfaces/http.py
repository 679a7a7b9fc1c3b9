"""What every interface does with HTTP: bounds of the body, letting the caller in, asking where it may wait."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

import anyio.to_thread
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from serving.access.entry import Caller, NotLetIn
from serving.calls import Question, Services
from serving.store.read_store import Reader

Answer = TypeVar("Answer")


_LONGEST_USER_NAME = 64
_LONGEST_PASSWORD = 128


class TooLarge(Exception):
    """A request with more bytes than are taken."""


class TooSlow(Exception):
    """A request that did not arrive in time, or was cut."""


async def body_of(request: Request, services: Services) -> bytes:
    """The body of a request. Raises `TooLarge` and `TooSlow`."""
    most = services.serving.largest_request
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(services.serving.request_seconds):
            while True:
                message = await request.receive()
                if message["type"] == "http.disconnect":
                    raise TooSlow
                part = message.get("body", b"")
                size += len(part)
                if size > most:
                    raise TooLarge
                parts.append(part)
                if not message.get("more_body", False):
                    return b"".join(parts)
    except TimeoutError as error:
        raise TooSlow from error


async def let_in(services: Services, user_name: str, password: str, peer: str) -> Caller:
    """The caller of a user name and password. Raises `NotLetIn`."""
    # No client has such: nothing of them is hashed, or kept among those that failed.
    if len(user_name) > _LONGEST_USER_NAME or len(password) > _LONGEST_PASSWORD:
        raise NotLetIn("credentials")
    if (caller := services.entry.let_in_verified(user_name, password, peer)) is not None:
        return caller
    # A hash of a password takes as long as it is meant to: others are answered meanwhile, and who guesses takes no more
    # than these threads.
    return await anyio.to_thread.run_sync(
        services.entry.let_in, user_name, password, peer, limiter=services.password_checks
    )


async def let_in_by_header(services: Services, request: Request) -> Caller:
    """The caller of HTTP's basic authentication. Raises `NotLetIn`."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    try:
        user_name, _, password = base64.b64decode(given, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        user_name = password = ""
    if scheme.lower() != "basic" or not user_name:
        raise NotLetIn("no_credentials")
    return await let_in(services, user_name, password, peer_of(request))


async def ask(
    services: Services, caller: Caller, question: Question, asked: Callable[[Reader], Answer], *, is_quick: bool = False
) -> tuple[Answer, Reader]:
    """The answer to a question, and what it was read from. is_quick: it takes well below a millisecond."""

    def answered() -> tuple[Answer, Reader]:
        # A thread has readers of its own.
        reader = services.reader(caller)
        return services.answer(caller, reader, question, asked), reader

    return answered() if is_quick else await run_in_threadpool(answered)


async def write(written: Callable[[], Answer], *, is_quick: bool) -> Answer:
    """An answer in its interface's form: of one that may have thousands of persons while others are answered, too."""
    return written() if is_quick else await run_in_threadpool(written)


def told_of(reader: Reader) -> dict[str, str]:
    """The headers of an answer: the release it comes from, and until when what happened is in it."""
    return {"Preg-Release": reader.release_id, "Preg-Data-Until": reader.data_until}


def is_from_elsewhere(request: Request) -> bool:
    """Whether another site's page has a browser ask, with the password that the browser has for this one.

    What is changed or looked up so would be the user's in the log. Programs send neither of the headers.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host", "")


def peer_of(request: Request) -> str:
    """Where a request comes from, as far as the connection tells."""
    return request.client.host if request.client else ""


def status_of(refused: NotLetIn) -> int:
    """The HTTP status of a call that is not let in."""
    return {"locked": 429, "too_often": 429, "profile": 503}.get(refused.reason, 401)


def headers_of(refused: NotLetIn) -> dict[str, str]:
    """What a client that is not let in is told besides: how to authenticate, or when to come again."""
    if status_of(refused) == 401:
        return {"WWW-Authenticate": 'Basic realm="PREG", charset="UTF-8"'}
    return {"Retry-After": str(max(1, round(refused.retry_after)))}
