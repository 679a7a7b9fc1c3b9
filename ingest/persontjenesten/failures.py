"""What can go wrong between us and Persontjenesten, in words for whoever runs the feed."""

from __future__ import annotations

import ssl

import httpx

from foundation.errors import PregError
from ingest.retries import Unreachable


class PersontjenestenError(PregError):
    """Persontjenesten, or the way to it, failed; nothing of this pull was taken over."""


class PersontjenestenUnreachable(PersontjenestenError, Unreachable):
    """No usable answer, however often it was tried. seconds: the pause that was asked for, if any."""

    def __init__(self, what: str, *, where: str, todo: str, seconds: float | None = None) -> None:
        self.seconds = seconds
        super().__init__(what, where=where, todo=todo)


class PersontjenestenRefused(PersontjenestenError):
    """The answer was no, and would be again. status: the HTTP status."""

    def __init__(self, what: str, *, where: str, todo: str, status: int) -> None:
        self.status = status
        super().__init__(what, where=where, todo=todo)


class TokenRefused(PersontjenestenError):
    """HelseID gives us no token."""


class FeedBusy(PersontjenestenError):
    """Another process is reading the events into this data folder."""


def transport_failure(whom: str, where: str, error: httpx.TransportError) -> PersontjenestenError:
    """What a failure on the way to `whom` means: a certificate that we do not trust is final, all else may pass."""
    cause: BaseException | None = error
    while cause:
        if isinstance(cause, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY_FAILED" in str(cause):
            return PersontjenestenError(
                f"the certificate of {whom} is not one that we trust",
                where=where,
                todo="name the file with the right certificates: PREG_PERSONTJENESTEN_CA_BUNDLE",
            )
        cause = cause.__cause__ or cause.__context__
    return PersontjenestenUnreachable(
        f"{whom} gave no whole answer: {type(error).__name__}",
        where=where,
        todo="see to the network and the proxy (PREG_PERSONTJENESTEN_PROXY), and try again later",
    )
