"""When the feed is read."""

import dagster as dg

from foundation.database import TIME_ZONE
from orchestration.freg.assets import FEED
from orchestration.freg.checks import newest_event_is_recent
from orchestration.freg.reconciliation import RECONCILIATION

read_feed = dg.define_asset_job(
    "read_feed",
    selection=dg.AssetSelection.assets(FEED) | dg.AssetSelection.checks(newest_event_is_recent),
    description="Read Freg's event feed into the landing folder, and see how old the newest published event is.",
)

reconcile_with_freg = dg.define_asset_job(
    "reconcile_with_freg",
    selection=dg.AssetSelection.assets(RECONCILIATION),
    description="Order a fresh extract and compare it with the register that the events have made.",
)

read_feed_schedule = dg.ScheduleDefinition(
    name="feed_every_quarter_of_an_hour",
    job=read_feed,
    cron_schedule="*/15 * * * *",
    execution_timezone=TIME_ZONE,
    description="Every 15 minutes; the sensor on deliveries runs the daily update when something came.",
)
