"""The release that a command asks."""

from __future__ import annotations

from foundation.errors import PregError
from foundation.release import Release
from foundation.settings import Settings
from publication.store.release import check_database, current_release


def current(settings: Settings) -> Release:
    """The current release, its database as published. Raises `PregError` when it is not so, or when there is none."""
    release = current_release(settings)
    if release is None:
        raise PregError(
            "nothing has been published yet", where=str(settings.releases_dir), todo="publish a release: preg run"
        )
    check_database(release, settings)
    return release
