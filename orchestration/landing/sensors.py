"""Seeing new deliveries: asks for a daily update when a delivery appears that no run has been asked for."""

import json
from typing import Any

import dagster as dg

from foundation.errors import PregError
from foundation.settings import Settings
from ingest.landing import take_inventory

MINIMUM_INTERVAL_SECONDS = 60


def new_delivery_sensor(job: Any) -> dg.SensorDefinition:
    """A sensor that runs `job` (an asset job) once for each set of deliveries that has become complete."""

    @dg.sensor(
        job=job,
        name="new_deliveries",
        minimum_interval_seconds=MINIMUM_INTERVAL_SECONDS,
        description="Runs the daily update when a delivery has arrived in the landing folder.",
    )
    def new_deliveries(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        try:
            inventory = take_inventory(Settings().landing_dir)
        except PregError as error:
            return dg.SkipReason(str(error))
        seen = set(json.loads(context.cursor)) if context.cursor else set()
        present = {"/".join(delivery.key) for delivery in inventory.deliveries}
        arrived = sorted(present - seen)
        if not arrived:
            return dg.SkipReason("no new delivery")
        return dg.SensorResult(
            run_requests=[dg.RunRequest(run_key=arrived[-1], tags={"deliveries": ", ".join(arrived)[:255]})],
            cursor=json.dumps(sorted(present)),
        )

    return new_deliveries
