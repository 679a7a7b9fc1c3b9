"""Calling Persontjenesten: HelseID's token, bound to our key by a proof with each call (DPoP), and the refusals."""

from __future__ import annotations

import httpx

from foundation.text import printable
from ingest.interface.transport import Transport
from ingest.persontjenesten.dpop import Signer
from ingest.persontjenesten.settings import PersontjenestenSettings

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class PersontjenestenTransport(Transport):
    """An open connection to Persontjenesten; see `Transport`."""

    settings: PersontjenestenSettings

    token_type = "dpop"  # noqa: S105

    def __init__(self, settings: PersontjenestenSettings) -> None:
        super().__init__(settings)
        self._signer = Signer(settings)
        # The last nonce of each server: the token endpoint's and the interface's.
        self._nonces: dict[str, str] = {}

    def grant(self) -> dict[str, str]:
        """The client's credentials, with an assertion that can be used once."""
        return {
            "grant_type": "client_credentials",
            "client_id": self.settings.client_id,
            "scope": self.settings.scope,
            "client_assertion_type": _ASSERTION_TYPE,
            "client_assertion": self._signer.assertion(),
        }

    def credentials(self, recipient: str, method: str, url: str, token: str) -> dict[str, str]:
        """A proof that the caller has our key, made for this request, and the token that is bound to the key."""
        proof = self._signer.proof(method, url, token=token, nonce=self._nonces.get(recipient, ""))
        return {"DPoP": proof, **({"Authorization": f"DPoP {token}"} if token else {})}

    def needs_new_proof(self, recipient: str, response: httpx.Response) -> bool:
        """Whether the proof only had an old nonce (RFC 9449, 8 and 9); the new one has come with the answer."""
        if "DPoP-Nonce" in response.headers:
            self._nonces[recipient] = response.headers["DPoP-Nonce"]
        if response.status_code == 401:
            return "use_dpop_nonce" in response.headers.get("WWW-Authenticate", "")
        return recipient == self.service.issuer and response.status_code == 400 and "use_dpop_nonce" in response.text

    def reason(self, response: httpx.Response) -> tuple[str, str]:
        """The title of a problem document; its detail may name a person."""
        try:
            return "", printable(response.json().get("title") or "no reason given")
        except (ValueError, AttributeError):
            return "", "no reason given"
