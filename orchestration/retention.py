"""Retention of what Dagster keeps: runs with their events."""

from __future__ import annotations

import datetime as dt

from foundation.settings import Settings
from operations.retention import vacuum_sqlite
from orchestration.run import prepare_dagster_home


def forget_old_runs(settings: Settings, now: dt.datetime | None = None) -> int:
    """Delete runs that were begun more than `keep_days` ago, with their events; returns how many. Files of SQLite are
    written again, so that what was deleted is gone from them."""
    if not settings.dagster_home.is_dir():
        return 0
    prepare_dagster_home(settings)
    import dagster as dg

    before = (now or dt.datetime.now(dt.UTC)) - dt.timedelta(days=settings.keep_days)
    with dg.DagsterInstance.get() as instance:
        old = instance.get_run_records(dg.RunsFilter(created_before=before))
        for record in old:
            instance.delete_run(record.dagster_run.run_id)
    vacuum_sqlite(settings.dagster_home)
    return len(old)
