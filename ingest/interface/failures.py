"""What can go wrong between us and a source, in words for the person who runs the feed."""

from __future__ import annotations

from foundation.errors import PregError


class ServiceError(PregError):
    """A source, or the way to it, failed; nothing of this pull was taken over."""


class Unreachable(ServiceError):
    """No usable answer, however often it was tried. The next pull goes on where this one stopped.

    code: the source's own code of its answer, or empty. seconds: the pause that was asked for, or None.
    """

    def __init__(
        self, what: str, *, where: str = "", todo: str = "", code: str = "", seconds: float | None = None
    ) -> None:
        self.code = code
        self.seconds = seconds
        super().__init__(what, where=where, todo=todo)


class UnexpectedAnswer(Unreachable):
    """An answer that is not as the contract says, or was cut off; another attempt may bring a whole one."""


class Refused(ServiceError):
    """The answer was no, and would be again.

    status: the HTTP status. code: the source's own code of its answer, or empty.
    """

    def __init__(self, what: str, *, where: str, todo: str, status: int, code: str = "") -> None:
        self.status = status
        self.code = code
        super().__init__(what, where=where, todo=todo)


class CertificateRefused(ServiceError):
    """The other side's certificate is not one that we trust."""


class TokenRefused(ServiceError):
    """The issuer gives us no token."""


class FeedBusy(ServiceError):
    """Another process is reading the source's events into this data folder."""
