"""How long releases are kept: the newest ones, and the last of each month for a year; the rest are withdrawn.

The current release is always kept, and so is the one before it, which a rollback goes to.
"""

from __future__ import annotations

from foundation.settings import Settings
from publication.store.release import current_release, list_releases
from publication.store.withdrawal import Withdrawal, withdraw

_MONTHS = 13
WHY = "older than PREG_KEEP_RELEASES keeps"


def beyond_retention(settings: Settings) -> list[str]:
    """The releases that are older than the policy keeps, oldest first."""
    if not settings.keep_releases:
        return []
    ids = [release.release_id for release in list_releases(settings)]
    current = current_release(settings)
    kept = set(ids[-max(2, settings.keep_releases) :])
    if current is not None:
        place = ids.index(current.release_id)
        kept.update(ids[max(0, place - 1) : place + 1])
    # A later one of the same month takes the place of an earlier one; names begin with the time, YYYYMM first.
    last_of_month = {release_id[:6]: release_id for release_id in ids}
    kept.update(last_of_month[month] for month in sorted(last_of_month)[-_MONTHS:])
    return [release_id for release_id in ids if release_id not in kept]


def prune(settings: Settings) -> list[Withdrawal]:
    """Withdraw what is beyond retention. The caller must hold the writer's lock."""
    return withdraw(settings, beyond_retention(settings), WHY, by="automatic")
