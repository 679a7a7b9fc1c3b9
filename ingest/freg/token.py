"""The access token: a signed grant (RFC 7523) exchanged at Maskinporten, kept until shortly before it expires."""

from __future__ import annotations

import asyncio
import time
import uuid

import httpx
import jwt

from foundation.errors import ConfigurationError
from ingest.freg.failures import FregUnreachable, TokenRefused, transport_failure
from ingest.freg.settings import FregSettings
from ingest.retries import retrying

_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"

# Maskinporten takes no grant that is valid for longer than two minutes.
_GRANT_SECONDS = 100

# A token with less than this left is not used for another call.
_MARGIN_SECONDS = 10


class MaskinportenToken:
    """Gives a token that is valid now. Many calls may ask at once; one fetches, the others wait for it."""

    def __init__(self, settings: FregSettings, http: httpx.AsyncClient) -> None:
        self._settings = settings
        self._http = http
        self._lock = asyncio.Lock()
        self._token = ""
        self._expires = 0.0

    async def get(self, *, instead_of: str | None = None) -> str:
        """The token. `instead_of`: one that Freg has refused; it is given again only if it was replaced meanwhile."""
        if self._is_usable(instead_of):
            return self._token
        async with self._lock:
            if not self._is_usable(instead_of):
                await self._fetch()
            return self._token

    def _is_usable(self, instead_of: str | None) -> bool:
        return bool(self._token) and self._token != instead_of and time.monotonic() < self._expires - _MARGIN_SECONDS

    async def _fetch(self) -> None:
        async for attempt in retrying(self._settings):
            with attempt:
                await self._exchange()

    async def _exchange(self) -> None:
        settings = self._settings
        asked_at = time.monotonic()
        try:
            response = await self._http.post(
                settings.token_url, data={"grant_type": _GRANT, "assertion": self._signed_grant()}
            )
        except httpx.TransportError as error:
            raise transport_failure("Maskinporten", settings.token_url, error) from error
        if response.status_code == 429 or response.status_code >= 500:
            raise FregUnreachable(
                f"Maskinporten answers {response.status_code}",
                where=settings.token_url,
                todo="try again later; if it goes on, see Maskinporten's status page",
            )
        try:
            answer = response.json()
            if response.status_code != 200:
                raise TokenRefused(
                    f"Maskinporten gives no token ({response.status_code}):"
                    f" {answer.get('error_description') or answer.get('error') or 'no reason given'}",
                    where=settings.token_url,
                    todo="see to PREG_FREG_CLIENT_ID, PREG_FREG_SCOPE, PREG_FREG_KEY_ID, and to the key's registration",
                )
            self._token = str(answer["access_token"])
            self._expires = asked_at + float(answer["expires_in"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise FregUnreachable(
                f"Maskinporten's answer ({response.status_code}) is not a token answer",
                where=settings.token_url,
                todo="see to PREG_FREG_TOKEN_URL, and to what stands between us and it",
            ) from error

    def _signed_grant(self) -> str:
        settings = self._settings
        now = int(time.time())
        claims = {
            "aud": settings.audience,
            "iss": settings.client_id,
            "scope": settings.scope,
            "iat": now,
            "exp": now + _GRANT_SECONDS,
            "jti": str(uuid.uuid4()),
        }
        headers = {"kid": settings.key_id} if settings.key_id else None
        try:
            return jwt.encode(claims, settings.private_key(), algorithm="RS256", headers=headers)
        except (ValueError, TypeError, jwt.PyJWTError) as error:
            # The library's message may show a piece of the key.
            raise ConfigurationError(
                "the private key cannot sign: it is not an RSA key in PEM",
                where=str(settings.key_file or "PREG_FREG_KEY"),
                todo="give the key that belongs to the certificate or JWK registered at Maskinporten",
            ) from error
