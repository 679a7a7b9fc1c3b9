"""When Persontjenesten's events are read."""

import dagster as dg

from foundation.database import TIME_ZONE
from orchestration.persontjenesten.assets import EVENTS

read_persontjenesten = dg.define_asset_job(
    "read_persontjenesten",
    selection=dg.AssetSelection.assets(EVENTS),
    description="Read Persontjenesten's events into the landing folder.",
)

read_persontjenesten_schedule = dg.ScheduleDefinition(
    name="persontjenesten_every_hour",
    job=read_persontjenesten,
    cron_schedule="7 * * * *",
    execution_timezone=TIME_ZONE,
    description="Every hour; the sensor on deliveries runs the daily update when something came.",
)
