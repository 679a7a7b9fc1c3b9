"""What Dagster loads: `preg dev` and `preg dagster` start its services with it."""

from __future__ import annotations

import dagster as dg

from foundation.files import create_private_files
from foundation.settings import Settings
from orchestration.dbt.assets import warehouse_models
from orchestration.dbt.project import dbt_project, dbt_resource
from orchestration.freg.assets import freg_feed
from orchestration.freg.checks import newest_event_is_recent
from orchestration.freg.jobs import read_feed, read_feed_schedule, reconcile_with_freg
from orchestration.freg.reconciliation import freg_reconciliation
from orchestration.jobs import daily_update, full_run, publication, schedules
from orchestration.landing.assets import day_of_deliveries, delivery_register, raw_assets
from orchestration.landing.sensors import new_delivery_sensor
from orchestration.persontjenesten.assets import persontjenesten_events
from orchestration.persontjenesten.jobs import read_persontjenesten, read_persontjenesten_schedule
from orchestration.release.alerts import tell_of_failures, tell_of_lag
from orchestration.release.assets import candidate, gate, release
from orchestration.resources import WarehouseResource

# Dagster's servers, its daemon and the processes of its runs load this: what they write is their owner's.
create_private_files()

_settings = Settings()

defs = dg.Definitions(
    assets=[
        freg_feed,
        freg_reconciliation,
        persontjenesten_events,
        *raw_assets,
        delivery_register,
        day_of_deliveries(_settings),
        warehouse_models(dbt_project(_settings)),
        candidate,
        release,
    ],
    asset_checks=[gate, newest_event_is_recent],
    jobs=[full_run, daily_update, publication, read_feed, reconcile_with_freg, read_persontjenesten],
    schedules=[*schedules, read_feed_schedule, read_persontjenesten_schedule],
    sensors=[new_delivery_sensor(daily_update), tell_of_failures, tell_of_lag],
    # None of them is configured by a run. Assets hand each other no values: Dagster's own manager of them, which a run
    # could point at any folder, is not there.
    resources={
        "warehouse": WarehouseResource(),
        "dbt": dbt_resource(_settings),
        "io_manager": dg.mem_io_manager,
    },
    # DuckDB has one writing process: the steps of a run share it.
    executor=dg.in_process_executor,
)
