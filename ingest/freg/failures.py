"""What can go wrong between us and Freg, in words for whoever runs the feed."""

from __future__ import annotations

import ssl

import httpx

from foundation.errors import PregError
from ingest.retries import Unreachable


class FregError(PregError):
    """Freg, or the way to it, failed; nothing of this pull was taken over."""


class FregUnreachable(FregError, Unreachable):
    """No usable answer, however often it was tried. The next pull goes on where this one stopped.

    code: Freg's own code of its answer, or empty.
    """

    def __init__(self, what: str, *, where: str = "", todo: str = "", code: str = "") -> None:
        self.code = code
        super().__init__(what, where=where, todo=todo)


class AskedToWait(FregUnreachable):
    """Freg asks for a pause (429). seconds: how long, or None when it does not say."""

    def __init__(self, what: str, *, where: str, todo: str, seconds: float | None, code: str = "") -> None:
        self.seconds = seconds
        super().__init__(what, where=where, todo=todo, code=code)


class FregRefused(FregError):
    """Freg answered no, and would again: 400, 401 with a fresh token, 403, 404, 406, 410.

    status: the HTTP status. code: Freg's own code of its answer (`kode`, `feilkode`, `code`), or empty.
    """

    def __init__(self, what: str, *, where: str, todo: str, status: int, code: str = "") -> None:
        self.status = status
        self.code = code
        super().__init__(what, where=where, todo=todo)


class ImpossibleSelection(FregError):
    """A selection of the register that Freg does not make; it was not asked."""


class CertificateRefused(FregError):
    """The other side's certificate is not one that we trust."""


class TokenRefused(FregError):
    """Maskinporten gives us no token."""


class UnexpectedAnswer(FregUnreachable):
    """An answer that is not as the contract says, or was cut off; another attempt may bring a whole one."""


class FeedGap(FregError):
    """Sequence numbers that the feed does not have. What came before them is delivered."""

    def __init__(self, first: int, last: int, what: str, *, todo: str) -> None:
        self.first = first
        self.last = last
        super().__init__(what, where=f"sequence numbers {first} to {last}", todo=todo)


class FeedBusy(FregError):
    """Another process is reading the feed into this data folder."""


def transport_failure(whom: str, where: str, error: httpx.TransportError) -> FregError:
    """What a failure on the way to `whom` means: a certificate that we do not trust is final, all else may pass."""
    cause: BaseException | None = error
    while cause:
        if isinstance(cause, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY_FAILED" in str(cause):
            return CertificateRefused(
                f"the certificate of {whom} is not one that we trust",
                where=where,
                todo="name the file with the right certificates: PREG_FREG_CA_BUNDLE",
            )
        cause = cause.__cause__ or cause.__context__
    return FregUnreachable(
        f"{whom} gave no whole answer: {type(error).__name__}",
        where=where,
        todo="see to the network and the proxy (PREG_FREG_PROXY), and try again later",
    )
