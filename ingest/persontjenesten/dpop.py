"""Signing for HelseID: the client assertion (RFC 7523) and the proof of possession of each call (DPoP, RFC 9449)."""

from __future__ import annotations

import base64
import hashlib
import json
import time
import uuid
from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from ingest.persontjenesten.settings import PersontjenestenSettings

# HelseID takes no assertion that is valid for longer than a minute.
_ASSERTION_SECONDS = 60


class Signer:
    """Signs with our private key: RSA (PS256) or P-256 (ES256). Raises `ConfigurationError` for another key."""

    def __init__(self, settings: PersontjenestenSettings) -> None:
        self._settings = settings
        try:
            key = load_pem_private_key(settings.private_key().encode(), password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            # The library's message may show a piece of the key.
            raise settings.bad_key("it is not a private key in PEM") from error
        if isinstance(key, rsa.RSAPrivateKey):
            self._algorithm = "PS256"
            public = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
        elif isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
            self._algorithm = "ES256"
            public = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
        else:
            raise settings.bad_key("HelseID takes RSA keys and keys of the curve P-256")
        self._key = key
        self._public = {name: public[name] for name in ("kty", "crv", "x", "y", "n", "e") if name in public}

    def assertion(self) -> str:
        """Who we are, for the token endpoint; each can be used once."""
        now = int(time.time())
        settings = self._settings
        return self._signed(
            {
                "iss": settings.client_id,
                "sub": settings.client_id,
                "aud": settings.audience,
                "iat": now,
                "nbf": now,
                "exp": now + _ASSERTION_SECONDS,
                "jti": str(uuid.uuid4()),
            },
            {"typ": "client-authentication+jwt", **({"kid": settings.key_id} if settings.key_id else {})},
        )

    def proof(self, method: str, url: str, *, token: str = "", nonce: str = "") -> str:
        """The proof that the caller has our key. url: without query. nonce: the last one that the server gave."""
        claims: dict[str, Any] = {"jti": str(uuid.uuid4()), "htm": method, "htu": url, "iat": int(time.time())}
        if token:
            claims["ath"] = thumbprint_of(token)
        if nonce:
            claims["nonce"] = nonce
        return self._signed(claims, {"typ": "dpop+jwt", "jwk": self._public})

    def _signed(self, claims: dict[str, Any], headers: dict[str, Any]) -> str:
        return jwt.encode(claims, self._key, algorithm=self._algorithm, headers=headers)


def thumbprint_of(text: str) -> str:
    """SHA-256 in base64url without padding, as DPoP names a token."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode("ascii")).digest()).rstrip(b"=").decode()


def thumbprint_of_key(jwk: dict[str, Any]) -> str:
    """The key's thumbprint (RFC 7638), by which a token is bound to it."""
    members = {"RSA": ("e", "kty", "n"), "EC": ("crv", "kty", "x", "y")}[jwk["kty"]]
    return thumbprint_of(json.dumps({name: jwk[name] for name in members}, separators=(",", ":"), sort_keys=True))
