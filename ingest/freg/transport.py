"""One call to Freg: the token, the connection, what may be tried again and what is final."""

from __future__ import annotations

import asyncio
import json
import logging
import math
import re
import ssl
import uuid
from collections.abc import Callable
from types import TracebackType
from typing import Any, TypeVar

import httpx

from foundation.errors import ConfigurationError
from ingest.freg.answers import read_reason
from ingest.freg.failures import AskedToWait, FregRefused, FregUnreachable, UnexpectedAnswer, transport_failure
from ingest.freg.settings import FregSettings
from ingest.freg.token import MaskinportenToken
from ingest.retries import retrying

Answer = TypeVar("Answer")

_SUPPORT_ID = re.compile(r"support\s*id\s*(?:is|:)?\s*:?\s*(?:<[^>]+>\s*)*([0-9A-Za-z-]{6,})", re.IGNORECASE)

_FINAL = {
    400: "the call is wrong: see to the settings, or report it as an error of ours",
    401: "Freg does not accept our token: see to PREG_FREG_SCOPE and to the package that the scope belongs to",
    403: "we have no right to this: see to PREG_FREG_PACKAGE, the scope, and the agreement with Skatteetaten",
    404: "Freg does not have it: see to PREG_FREG_BASE_URL, PREG_FREG_PACKAGE and PREG_FREG_VERSION",
    406: "Freg does not give the answer in that format: see to PREG_FREG_VERSION",
    410: "Freg has no such extract, or no longer: order it again (preg freg extract)",
}

# A person's number may stand in the path of a look-up; httpx would log it.
logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.WARNING)


class Transport:
    """An open connection to Freg; use it as an asynchronous context manager.

    Connections are kept and used again; at most `concurrency` calls run at the same time.
    """

    def __init__(self, settings: FregSettings) -> None:
        self.settings = settings
        self._http = httpx.AsyncClient(
            timeout=settings.timeout_seconds,
            verify=_certificates(settings),
            proxy=settings.proxy,
            trust_env=settings.proxy is None,
            limits=httpx.Limits(
                max_connections=settings.concurrency + 1, max_keepalive_connections=settings.concurrency + 1
            ),
        )
        self._token = MaskinportenToken(settings, self._http)
        self._places = asyncio.Semaphore(settings.concurrency)

    async def __aenter__(self) -> Transport:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def call(
        self,
        method: str,
        path: str,
        read: Callable[[httpx.Response], Answer],
        *,
        shown: str = "",
        params: Any = None,
        content: Any = None,
        headers: dict[str, str] | None = None,
        accept: str = "application/json",
    ) -> Answer:
        """Call a resource and return what `read` makes of its answer: 200, or 304 where a condition was sent.

        read: raises ValueError, KeyError or TypeError for an answer that is not as the contract says; the call is then
        tried again, as for an answer that was cut off. shown: the path for messages, where the real one holds a
        person's number. Raises `FregRefused` for what is final, `FregUnreachable` when every attempt has failed.
        """
        url = self.settings.resource_url + path
        where = f"{method} {shown or path}"
        body = None if content is None else json.dumps(content).encode()
        all_headers = {
            "Accept": accept,
            # One id for all attempts of a call, by which Skatteetaten finds it in its logs.
            "Korrelasjonsid": str(uuid.uuid4()),
            **({"Content-Type": "application/json"} if body else {}),
            **(headers or {}),
        }
        async for attempt in retrying(self.settings):
            with attempt:
                async with self._places:
                    response = await self._send(method, url, where, params, body, all_headers)
                _check(response, where)
                try:
                    answer = read(response)
                except (ValueError, KeyError, TypeError, AttributeError) as error:
                    raise UnexpectedAnswer(
                        f"Freg's answer is cut off, or not as the contract says ({type(error).__name__})",
                        where=where,
                        todo="try again later; if it goes on, hold the answer against Freg's documentation",
                    ) from error
        return answer

    async def _send(
        self, method: str, url: str, where: str, params: Any, body: bytes | None, headers: dict[str, str]
    ) -> httpx.Response:
        token = await self._token.get()
        for last in (False, True):
            try:
                response = await self._http.request(
                    method,
                    url,
                    params=params,
                    content=body,
                    headers={**headers, "Authorization": f"Bearer {token}"},
                )
            except httpx.TransportError as error:
                raise transport_failure("Freg", where, error) from error
            if response.status_code != 401 or last or _is_html(response):
                break
            token = await self._token.get(instead_of=token)
        return response


def _certificates(settings: FregSettings) -> ssl.SSLContext | bool:
    if settings.ca_bundle is None:
        return True
    try:
        return ssl.create_default_context(cafile=str(settings.ca_bundle))
    except ssl.SSLError as error:
        raise ConfigurationError(
            "the file of PREG_FREG_CA_BUNDLE has no certificates",
            where=str(settings.ca_bundle),
            todo="give a file with certificates in PEM",
        ) from error


def _check(response: httpx.Response, where: str) -> None:
    """Raise what a bad answer means."""
    status = response.status_code
    if _is_html(response):
        support_id = _SUPPORT_ID.search(response.text)
        raise FregUnreachable(
            f"the firewall in front of Freg answered in HTML ({status}), support id"
            f" {support_id.group(1) if support_id else 'not given'}",
            where=where,
            todo="if it goes on, tell Skatteetaten the support id and the time",
        )
    if status < 400:
        return
    code, message = read_reason(response)
    if status == 429:
        raise AskedToWait(
            "Freg asks us to call less often (429)",
            where=where,
            todo="try again later, or call with less at the same time (PREG_FREG_CONCURRENCY)",
            seconds=_retry_after(response),
            code=code,
        )
    if status >= 500:
        raise FregUnreachable(
            f"Freg answers {status}{', ' + code if code else ''}: {message}",
            where=where,
            todo="try again later; if it goes on, see Skatteetaten's operational messages",
            code=code,
        )
    raise FregRefused(
        f"Freg refuses ({status}{', ' + code if code else ''}): {message}",
        where=where,
        todo=_FINAL.get(status, "see Freg's documentation of this answer"),
        status=status,
        code=code,
    )


def _is_html(response: httpx.Response) -> bool:
    return "html" in response.headers.get("Content-Type", "") or response.content[:200].lstrip()[:5].lower() in (
        b"<html",
        b"<!doc",
    )


def _retry_after(response: httpx.Response) -> float | None:
    """Freg's Retry-After is in milliseconds."""
    try:
        milliseconds = float(response.headers["Retry-After"])
    except (KeyError, ValueError):
        return None
    return max(0.0, milliseconds / 1000) if math.isfinite(milliseconds) else None
