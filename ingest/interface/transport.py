"""One call to a source: its token, its connection, what may be tried again and what is final."""

from __future__ import annotations

import asyncio
import logging
import math
import re
import ssl
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from types import TracebackType
from typing import Any, TypeVar

import httpx

from foundation.errors import ConfigurationError
from foundation.text import printable
from ingest.interface.failures import (
    CertificateRefused,
    Refused,
    ServiceError,
    TokenRefused,
    UnexpectedAnswer,
    Unreachable,
)
from ingest.interface.retries import retrying
from ingest.interface.settings import ConnectionSettings
from ingest.interface.token import KeptToken, Token

Answer = TypeVar("Answer")

# What reading an answer raises when the answer is not as the contract says.
_NOT_AS_THE_CONTRACT = (ValueError, KeyError, TypeError, AttributeError)

# What to do about an answer that is final, whichever service gives it.
_REFUSALS = {400: "the call is wrong: see to the settings, or report it as an error of ours"}

_SUPPORT_ID = re.compile(r"support\s*id\s*(?:is|:)?\s*:?\s*(?:<[^>]+>\s*)*([0-9A-Za-z-]{6,})", re.IGNORECASE)

# A person's number or id may be in the path of a look-up; httpx would log it.
logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.WARNING)


class Transport(ABC):
    """An open connection to a service; use it as an asynchronous context manager.

    Connections are kept and used again; at most `concurrency` calls run at the same time. A subclass says how the
    service is asked for a token, what a call carries in addition to it, and how its refusals are read.
    """

    # What one unit of the service's Retry-After is: a second in HTTP.
    retry_after_unit_seconds = 1.0

    # The type of the tokens that we can use, as the issuer names it.
    token_type = "bearer"  # noqa: S105

    def __init__(self, settings: ConnectionSettings) -> None:
        self.settings = settings
        self.service = settings.service
        connections = settings.concurrency + 1
        self._http = httpx.AsyncClient(
            timeout=settings.timeout_seconds,
            verify=_certificates(settings),
            proxy=settings.proxy,
            trust_env=settings.proxy is None,
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
        )
        self._token = KeptToken(self._fetch_token)
        self._places = asyncio.Semaphore(settings.concurrency)

    async def __aenter__(self) -> Transport:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    @abstractmethod
    def grant(self) -> dict[str, str]:
        """The form that the token endpoint takes; signed anew for each call."""

    @abstractmethod
    def reason(self, response: httpx.Response) -> tuple[str, str]:
        """The service's own code and message of an error; nothing of a person."""

    def call_headers(self) -> dict[str, str]:
        """Headers that all attempts of a call share."""
        return {}

    def credentials(self, _recipient: str, _method: str, _url: str, token: str) -> dict[str, str]:
        """Headers by which a request shows who we are; without a token for the token endpoint."""
        return {"Authorization": f"Bearer {token}"} if token else {}

    def needs_new_proof(self, _recipient: str, _response: httpx.Response) -> bool:
        """Whether the answer only asks for the same request with credentials made again."""
        return False

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
    ) -> Answer:
        """Call a resource and return what `read` makes of its answer: 200, or 304 where a condition was sent.

        read: raises ValueError, KeyError or TypeError for an answer that is not as the contract says; the call is then
        tried again, as for an answer that was cut off. shown: the path for messages, where the real one names a person.
        content: sent as JSON. Raises `Refused` for what is final, `Unreachable` when every attempt has failed.
        """
        where = f"{method} {shown or path}"
        request = {
            "params": params,
            "json": content,
            "headers": {"Accept": "application/json", **self.call_headers(), **(headers or {})},
        }
        async for attempt in retrying(self.settings):
            with attempt:
                async with self._places:
                    response = await self._send(method, self.settings.resource_url + path, where, request)
                self.check(response, where)
                try:
                    answer = read(response)
                except _NOT_AS_THE_CONTRACT as error:
                    raise UnexpectedAnswer(
                        f"the answer of {self.service.name} is cut off, or not as the contract says"
                        f" ({type(error).__name__})",
                        where=where,
                        todo="try again later; if it goes on, compare the answer with the interface's documentation",
                    ) from error
        return answer

    async def _send(self, method: str, url: str, where: str, request: dict[str, Any]) -> httpx.Response:
        """The answer; a token that is refused is replaced once."""
        name = self.service.name
        token = await self._token.get()
        response = await self._request(name, method, url, where, token, lambda: request)
        if response.status_code == 401 and not self.needs_new_proof(name, response):
            token = await self._token.get(instead_of=token)
            response = await self._request(name, method, url, where, token, lambda: request)
        return response

    async def _request(
        self, recipient: str, method: str, url: str, where: str, token: str, make: Callable[[], dict[str, Any]]
    ) -> httpx.Response:
        """The answer to what `make` makes; made again when only the proof was too old."""
        for _ in range(2):
            request = make()
            headers = {**request.get("headers", {}), **self.credentials(recipient, method, url, token)}
            try:
                response = await self._http.request(method, url, **{**request, "headers": headers})
            except httpx.TransportError as error:
                raise self._transport_failure(recipient, where, error) from error
            if not self.needs_new_proof(recipient, response):
                break
        return response

    async def _fetch_token(self) -> Token:
        async for attempt in retrying(self.settings):
            with attempt:
                token = await self._exchange()
        return token

    async def _exchange(self) -> Token:
        """A signed statement of who we are for a token (RFC 7523)."""
        issuer, url = self.service.issuer, self.settings.token_url
        asked_at = time.monotonic()
        response = await self._request(issuer, "POST", url, url, "", lambda: {"data": self.grant()})
        if response.status_code == 429 or response.status_code >= 500:
            raise Unreachable(
                f"{issuer} answers {response.status_code}",
                where=url,
                todo=f"try again later; if it goes on, see the status page of {issuer}",
                seconds=_retry_after(response, 1.0) if response.status_code == 429 else None,
            )
        try:
            answer = response.json()
            if response.status_code != 200:
                raise TokenRefused(
                    f"{issuer} gives no token ({response.status_code}):"
                    f" {printable(answer.get('error_description') or answer.get('error') or 'no reason given')}",
                    where=url,
                    todo=f"see to {self._variables('client_id', 'scope', 'key_id')}, and to the key's registration",
                )
            if str(answer["token_type"]).lower() != self.token_type:
                raise TokenRefused(
                    f"{issuer} gives a token of type {printable(answer['token_type'])}, not {self.token_type}",
                    where=url,
                    todo=f"have the client set up for tokens of that type at {issuer}",
                )
            return Token(str(answer["access_token"]), asked_at + float(answer["expires_in"]))
        except _NOT_AS_THE_CONTRACT as error:
            raise Unreachable(
                f"the answer of {issuer} ({response.status_code}) is not a token answer",
                where=url,
                todo=f"see to {self._variables('token_url')}, and to what is between us and it",
            ) from error

    def check(self, response: httpx.Response, where: str) -> None:
        """Raise what a bad answer means."""
        status, name = response.status_code, self.service.name
        if _is_html(response):
            support_id = _SUPPORT_ID.search(response.text)
            raise Unreachable(
                f"what is in front of {name}, a firewall or a proxy, answered in HTML ({status}), support id"
                f" {support_id.group(1) if support_id else 'not given'}",
                where=where,
                todo=f"if it goes on, send the operators of {name} the support id and the time",
                seconds=_retry_after(response, self.retry_after_unit_seconds) if status == 429 else None,
            )
        if status == 401 and self.needs_new_proof(name, response):
            raise Unreachable(
                f"{name} asks for a proof with a newer nonce, again and again",
                where=where,
                todo="try again later; if it goes on, see whether something between us changes or drops headers",
            )
        if status < 400:
            return
        code, message = self.reason(response)
        if status == 429:
            raise Unreachable(
                f"{name} asks us to call less often (429)",
                where=where,
                todo=f"try again later, or call with less at the same time ({self._variables('concurrency')})",
                seconds=_retry_after(response, self.retry_after_unit_seconds),
                code=code,
            )
        answered = f"{status}{', ' + code if code else ''}"
        if status >= 500:
            raise Unreachable(
                f"{name} answers {answered}: {message}",
                where=where,
                todo=f"try again later; if it goes on, see {self.service.outage}",
                code=code,
            )
        raise Refused(
            f"{name} refuses ({answered}): {message}",
            where=where,
            todo={**_REFUSALS, **self.service.refusals}.get(status, "see the interface's documentation of this answer"),
            status=status,
            code=code,
        )

    def _transport_failure(self, recipient: str, where: str, error: httpx.TransportError) -> ServiceError:
        """What a failure on the way to `recipient` means: an untrusted certificate is final, all else may pass."""
        cause: BaseException | None = error
        while cause:
            if isinstance(cause, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY_FAILED" in str(cause):
                return CertificateRefused(
                    f"the certificate of {recipient} is not one that we trust",
                    where=where,
                    todo=f"name the file with the right certificates: {self._variables('ca_bundle')}",
                )
            cause = cause.__cause__ or cause.__context__
        return Unreachable(
            f"{recipient} gave no whole answer: {type(error).__name__}",
            where=where,
            todo=f"see to the network and the proxy ({self._variables('proxy')}), and try again later",
        )

    def _variables(self, *names: str) -> str:
        return ", ".join(map(self.settings.variable, names))


def _certificates(settings: ConnectionSettings) -> ssl.SSLContext | bool:
    if settings.ca_bundle is None:
        return True
    try:
        return ssl.create_default_context(cafile=str(settings.ca_bundle))
    except ssl.SSLError as error:
        raise ConfigurationError(
            f"the file of {settings.variable('ca_bundle')} has no certificates",
            where=str(settings.ca_bundle),
            todo="give a file with certificates in PEM",
        ) from error


def _is_html(response: httpx.Response) -> bool:
    return "html" in response.headers.get("Content-Type", "") or response.content[:200].lstrip()[:5].lower() in (
        b"<html",
        b"<!doc",
    )


def _retry_after(response: httpx.Response, unit_seconds: float) -> float | None:
    try:
        seconds = float(response.headers["Retry-After"]) * unit_seconds
    except (KeyError, ValueError):
        return None
    return max(0.0, seconds) if math.isfinite(seconds) else None
