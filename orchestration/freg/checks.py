"""How old the newest event is that a reader of the current release can see."""

import datetime as dt

import dagster as dg

from foundation.settings import Settings
from ingest.freg.settings import FregSettings
from publication.store.release import current_release


@dg.asset_check(
    asset="release",
    name="newest_event_is_recent",
    description=(
        "The newest event built into the current release is younger than PREG_FREG_FRESHNESS_HOURS. If it fires: see"
        " whether the feed is read, deliveries are loaded and the gate lets releases through."
    ),
)
def newest_event_is_recent() -> dg.AssetCheckResult:
    """Compare the release's newest event with the clock."""
    release = current_release(Settings())
    newest = release.manifest.newest_event_at if release else None
    if not newest:
        return dg.AssetCheckResult(
            passed=False,
            severity=dg.AssetCheckSeverity.WARN,
            description="there is no release with events of Freg",
        )
    age = dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(newest)
    hours = round(age.total_seconds() / 3600, 2)
    return dg.AssetCheckResult(
        passed=hours <= FregSettings().freshness_hours,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"newest event": newest, "hours old": hours, "release": release.release_id if release else "-"},
    )
