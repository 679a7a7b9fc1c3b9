"""Calling Freg: a signed grant (RFC 7523) exchanged at Maskinporten for a token, and how Freg refuses."""

from __future__ import annotations

import time
import uuid

import httpx
import jwt

from ingest.freg.answers import read_reason
from ingest.freg.settings import FregSettings
from ingest.interface.transport import Transport

_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"

# Maskinporten takes no grant that is valid for longer than two minutes.
_GRANT_SECONDS = 100


class FregTransport(Transport):
    """An open connection to Freg; see `Transport`."""

    settings: FregSettings

    # Freg's Retry-After is in milliseconds.
    retry_after_unit_seconds = 0.001

    def grant(self) -> dict[str, str]:
        """A grant that is valid for a minute or two."""
        settings = self.settings
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
            assertion = jwt.encode(claims, settings.private_key(), algorithm="RS256", headers=headers)
        except (ValueError, TypeError, jwt.PyJWTError) as error:
            # The library's message may show a piece of the key.
            raise settings.bad_key("it is not an RSA key in PEM") from error
        return {"grant_type": _GRANT, "assertion": assertion}

    def call_headers(self) -> dict[str, str]:
        """One id for all attempts of a call, by which Skatteetaten finds it in its logs."""
        return {"Korrelasjonsid": str(uuid.uuid4())}

    def reason(self, response: httpx.Response) -> tuple[str, str]:
        """Freg's code and message."""
        return read_reason(response)
