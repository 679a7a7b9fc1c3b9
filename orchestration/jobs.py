"""The jobs and when they run."""

from __future__ import annotations

import dagster as dg

from foundation.database import TIME_ZONE
from orchestration.freg.assets import FEED
from orchestration.freg.checks import newest_event_is_recent
from orchestration.freg.reconciliation import RECONCILIATION
from orchestration.landing.days import DAY
from orchestration.persontjenesten.assets import EVENTS
from orchestration.release.assets import CANDIDATE, gate

# The days of the deliveries are loaded by a span of them, and told by every other load.
_ALL = dg.AssetSelection.all() - dg.AssetSelection.assets(DAY)
RELEASE = dg.AssetKey("release")
# What asks Freg and Persontjenesten themselves has jobs of its own.
_ASKS_SOURCES = dg.AssetSelection.assets(FEED, RECONCILIATION, EVENTS) | dg.AssetSelection.checks(
    newest_event_is_recent
)
# The gate's checks stand with the tables that they are about, and are of the candidate.
_TO_RELEASE = dg.AssetSelection.assets(CANDIDATE, RELEASE) | dg.AssetSelection.checks(gate)

# The whole way, from the landing folder to a release: what `preg run` executes.
full_run = dg.define_asset_job(
    "full_run",
    selection=_ALL - _ASKS_SOURCES,
    description="Load what is new, build the models, check the candidate, publish a release.",
)

daily_update = dg.define_asset_job(
    "daily_update",
    selection=_ALL - _ASKS_SOURCES - _TO_RELEASE,
    description="Load what is new and build the models; nothing is published.",
)

publication = dg.define_asset_job(
    "publication",
    selection=_TO_RELEASE - _ASKS_SOURCES,
    description="Make a candidate of what is built, check it, publish a release.",
)

schedules = [
    dg.ScheduleDefinition(
        name="daily_update_in_the_morning",
        job=daily_update,
        cron_schedule="0 5 * * *",
        execution_timezone=TIME_ZONE,
        description="Every morning at five.",
    ),
    dg.ScheduleDefinition(
        name="publication_windows",
        job=publication,
        cron_schedule=["0 21 * * 1-5", "0 19 * * 0"],
        execution_timezone=TIME_ZONE,
        description="The publication windows: 21:00 on weekdays, 19:00 on Sundays.",
    ),
]
