"""How often, and with what pauses, a call is tried again."""

from __future__ import annotations

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from ingest.freg.failures import FregUnreachable
from ingest.freg.settings import FregSettings


class AskedToWait(FregUnreachable):
    """Freg asks for a pause (429). seconds: how long, or None when it does not say."""

    def __init__(self, what: str, *, where: str, todo: str, seconds: float | None) -> None:
        self.seconds = seconds
        super().__init__(what, where=where, todo=todo)


def retrying(settings: FregSettings) -> AsyncRetrying:
    """Try again what raises `FregUnreachable`, with growing, random pauses; the last failure is raised as it is."""
    backoff = wait_random_exponential(multiplier=0.25, max=settings.longest_wait_seconds)

    def pause(state: RetryCallState) -> float:
        failure = state.outcome.exception() if state.outcome else None
        if isinstance(failure, AskedToWait) and failure.seconds is not None:
            # A little more than asked, by chance: those who were told to wait together shall not come back together.
            return failure.seconds + min(1.0, backoff(state))
        return backoff(state)

    return AsyncRetrying(
        retry=retry_if_exception_type(FregUnreachable),
        stop=stop_after_attempt(settings.attempts),
        wait=pause,
        reraise=True,
    )
