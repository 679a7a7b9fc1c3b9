"""How often, and with what pauses, a call to a source is tried again."""

from __future__ import annotations

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from ingest.interface.failures import Unreachable
from ingest.interface.settings import ConnectionSettings


def retrying(settings: ConnectionSettings) -> AsyncRetrying:
    """Try again what raises `Unreachable`, with growing, random pauses; the last failure is raised as it is."""
    backoff = wait_random_exponential(multiplier=0.25, max=settings.longest_wait_seconds)

    def pause(state: RetryCallState) -> float:
        failure = state.outcome.exception() if state.outcome else None
        if isinstance(failure, Unreachable) and failure.seconds is not None:
            # A little more than asked, by chance: those who were told to wait together shall not come back together.
            return failure.seconds + min(1.0, backoff(state))
        return backoff(state)

    return AsyncRetrying(
        retry=retry_if_exception_type(Unreachable),
        stop=stop_after_attempt(settings.attempts),
        wait=pause,
        reraise=True,
    )
