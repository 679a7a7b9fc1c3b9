"""One call to Persontjenesten: the token of HelseID and its proofs, what may be tried again and what is final."""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, TypeVar

import httpx

from foundation.errors import ConfigurationError
from ingest.persontjenesten.dpop import Signer
from ingest.persontjenesten.failures import (
    PersontjenestenRefused,
    PersontjenestenUnreachable,
    TokenRefused,
    transport_failure,
)
from ingest.persontjenesten.settings import PersontjenestenSettings
from ingest.retries import retrying

Answer = TypeVar("Answer")

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

# A token with less than this left is not used for another call.
_MARGIN_SECONDS = 10

_FINAL = {
    400: "the call is wrong: see to the settings, or report it as an error of ours",
    401: "the token is not accepted: see to PREG_PERSONTJENESTEN_SCOPE and to the client's registration at HelseID",
    403: "we have no right to this: see to PREG_PERSONTJENESTEN_LEGAL_BASIS, the scope, and the agreement",
    404: "it is not there: see to PREG_PERSONTJENESTEN_BASE_URL",
}

# An id or a number may stand in the path of a look-up; httpx would log it.
logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.WARNING)


class Transport:
    """An open connection; use it as an asynchronous context manager. At most `concurrency` calls at the same time."""

    def __init__(self, settings: PersontjenestenSettings) -> None:
        self.settings = settings
        self._signer = Signer(settings)
        self._http = httpx.AsyncClient(
            timeout=settings.timeout_seconds,
            verify=_certificates(settings),
            proxy=settings.proxy,
            trust_env=settings.proxy is None,
        )
        self._places = asyncio.Semaphore(settings.concurrency)
        self._token_lock = asyncio.Lock()
        self._token = ""
        self._expires = 0.0
        # The last nonce of each server: the token endpoint's and the interface's.
        self._nonces: dict[str, str] = {}

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
        read: Callable[[Any], Answer],
        *,
        shown: str = "",
        params: Any = None,
        content: Any = None,
    ) -> Answer:
        """Call a resource and return what `read` makes of its JSON.

        read: raises ValueError, KeyError or TypeError for an answer that is not as the contract says; the call is then
        tried again. shown: the path for messages, where the real one holds an id. Raises `PersontjenestenRefused` for
        what is final, `PersontjenestenUnreachable` when every attempt has failed.
        """
        where = f"{method} {shown or path}"
        async for attempt in retrying(self.settings):
            with attempt:
                async with self._places:
                    response = await self._send(method, path, where, params, content)
                _check("Persontjenesten", response, where)
                try:
                    answer = read(response.json())
                except (ValueError, KeyError, TypeError, AttributeError) as error:
                    raise PersontjenestenUnreachable(
                        f"the answer is cut off, or not as the contract says ({type(error).__name__})",
                        where=where,
                        todo="try again later; if it goes on, hold the answer against the interface's documentation",
                    ) from error
        return answer

    async def _send(self, method: str, path: str, where: str, params: Any, content: Any) -> httpx.Response:
        url = self.settings.resource_url + path
        token = await self._get_token(instead_of=None)
        for last in (False, False, True):
            response = await self._signed_request("Persontjenesten", method, url, where, token, params, content)
            if response.status_code != 401 or last:
                break
            if _asks_for_nonce(response):
                # The nonce has come with the answer; the token is good.
                continue
            token = await self._get_token(instead_of=token)
        return response

    async def _signed_request(
        self, whom: str, method: str, url: str, where: str, token: str, params: Any, content: Any, data: Any = None
    ) -> httpx.Response:
        proof = self._signer.proof(method, url, token=token, nonce=self._nonces.get(whom, ""))
        try:
            response = await self._http.request(
                method,
                url,
                params=params,
                json=content,
                data=data,
                headers={"DPoP": proof, **({"Authorization": f"DPoP {token}"} if token else {})},
            )
        except httpx.TransportError as error:
            raise transport_failure(whom, where, error) from error
        if "DPoP-Nonce" in response.headers:
            self._nonces[whom] = response.headers["DPoP-Nonce"]
        return response

    async def _get_token(self, *, instead_of: str | None) -> str:
        """The token. Many calls may ask at once; one fetches, the others wait for it."""
        if self._is_usable(instead_of):
            return self._token
        async with self._token_lock:
            if not self._is_usable(instead_of):
                async for attempt in retrying(self.settings):
                    with attempt:
                        await self._fetch_token()
            return self._token

    def _is_usable(self, instead_of: str | None) -> bool:
        return bool(self._token) and self._token != instead_of and time.monotonic() < self._expires - _MARGIN_SECONDS

    async def _fetch_token(self) -> None:
        settings = self.settings
        asked_at = time.monotonic()
        for _ in range(2):
            response = await self._signed_request(
                "HelseID",
                "POST",
                settings.token_url,
                settings.token_url,
                "",
                None,
                None,
                {
                    "grant_type": "client_credentials",
                    "client_id": settings.client_id,
                    "scope": settings.scope,
                    "client_assertion_type": _ASSERTION_TYPE,
                    "client_assertion": self._signer.assertion(),
                },
            )
            if response.status_code != 400 or "use_dpop_nonce" not in response.text:
                break
        if response.status_code == 429 or response.status_code >= 500:
            _check("HelseID", response, settings.token_url)
        try:
            answer = response.json()
            if response.status_code != 200:
                raise TokenRefused(
                    f"HelseID gives no token ({response.status_code}):"
                    f" {answer.get('error_description') or answer.get('error') or 'no reason given'}",
                    where=settings.token_url,
                    todo="see to PREG_PERSONTJENESTEN_CLIENT_ID, _SCOPE, _KEY_ID, and to the key's registration",
                )
            if str(answer["token_type"]).lower() != "dpop":
                raise TokenRefused(
                    f"HelseID gives a token of type {answer['token_type']}, not one that is bound to our key",
                    where=settings.token_url,
                    todo="have the client set up for DPoP at HelseID",
                )
            self._token = str(answer["access_token"])
            self._expires = asked_at + float(answer["expires_in"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise PersontjenestenUnreachable(
                f"HelseID's answer ({response.status_code}) is not a token answer",
                where=settings.token_url,
                todo="see to PREG_PERSONTJENESTEN_TOKEN_URL, and to what stands between us and it",
            ) from error


def _certificates(settings: PersontjenestenSettings) -> ssl.SSLContext | bool:
    if settings.ca_bundle is None:
        return True
    try:
        return ssl.create_default_context(cafile=str(settings.ca_bundle))
    except ssl.SSLError as error:
        raise ConfigurationError(
            "the file of PREG_PERSONTJENESTEN_CA_BUNDLE has no certificates",
            where=str(settings.ca_bundle),
            todo="give a file with certificates in PEM",
        ) from error


def _check(whom: str, response: httpx.Response, where: str) -> None:
    """Raise what a bad answer means."""
    status = response.status_code
    if status == 429:
        raise PersontjenestenUnreachable(
            f"{whom} asks us to call less often (429)",
            where=where,
            todo="try again later, or call with less at the same time (PREG_PERSONTJENESTEN_CONCURRENCY)",
            seconds=_retry_after(response),
        )
    if status >= 500 or (status < 400 and "html" in response.headers.get("Content-Type", "")):
        raise PersontjenestenUnreachable(
            f"{whom} answers {status}{'' if status >= 500 else ' in HTML: something stands in between'}",
            where=where,
            todo="try again later; if it goes on, see Norsk helsenett's operational messages",
        )
    if status == 401 and _asks_for_nonce(response):
        raise PersontjenestenUnreachable(
            f"{whom} asks for a proof with a newer nonce, again and again",
            where=where,
            todo="try again later; if it goes on, see whether something between us changes or drops headers",
        )
    if status >= 400:
        raise PersontjenestenRefused(
            f"{whom} refuses ({status}): {_reason(response)}",
            where=where,
            todo=_FINAL.get(status, "see the interface's documentation of this answer"),
            status=status,
        )


def _asks_for_nonce(response: httpx.Response) -> bool:
    return "use_dpop_nonce" in response.headers.get("WWW-Authenticate", "")


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds, as HTTP has it."""
    try:
        return max(0.0, float(response.headers["Retry-After"]))
    except (KeyError, ValueError):
        return None


def _reason(response: httpx.Response) -> str:
    """The title of a problem document; its detail may name a person."""
    try:
        return str(response.json().get("title") or "no reason given")
    except (ValueError, AttributeError):
        return "no reason given"
