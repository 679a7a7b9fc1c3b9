"""The days of the deliveries as Dagster's partitions: which day has come, and a span of days loaded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import dagster as dg
import duckdb

from foundation.database import TIME_ZONE
from foundation.settings import Settings
from ingest.landing import take_inventory

DAY = dg.AssetKey(["raw", "day"])
# So many past reports of days are read to see what is new: those of years.
_MOST_TOLD = 5000


@dataclass
class Day:
    """What was delivered on a day: records loaded and quarantined, and the deliveries that are not loaded."""

    deliveries: int = 0
    loaded: int = 0
    quarantined: int = 0
    missing: list[str] = field(default_factory=list)

    @property
    def metadata(self) -> dict[str, int]:
        """The day as Dagster shows it."""
        return {
            "deliveries": self.deliveries,
            "records loaded": self.loaded,
            "records quarantined": self.quarantined,
        }


def days_of_deliveries(settings: Settings) -> dg.DailyPartitionsDefinition:
    """A partition for each day in Oslo, from PREG_FIRST_DAY to today."""
    return dg.DailyPartitionsDefinition(str(settings.first_day), timezone=TIME_ZONE, end_offset=1)


def delivered_days(settings: Settings, connection: duckdb.DuckDBPyConnection) -> dict[str, Day]:
    """The days (YYYY-MM-DD) with a delivery in the landing folder, each with what the warehouse has of it."""
    loaded = {
        (source, delivery_id): (rows, quarantined)
        for source, delivery_id, rows, quarantined in connection.execute(
            "select source, delivery_id, rows_loaded, rows_quarantined from raw.delivery"
        ).fetchall()
    }
    days: dict[str, Day] = {}
    for delivery in take_inventory(settings.landing_dir).deliveries:
        made = delivery.manifest.made_at.astimezone(ZoneInfo(TIME_ZONE))
        day = days.setdefault(str(made.date()), Day())
        day.deliveries += 1
        rows, quarantined = loaded.get(delivery.key, (0, 0))
        day.loaded += rows
        day.quarantined += quarantined
        if delivery.key not in loaded:
            day.missing.append("/".join(delivery.key))
    return days


def new_days(
    settings: Settings, days: dict[str, Day], instance: dg.DagsterInstance
) -> Iterator[dg.AssetMaterialization]:
    """Tell Dagster of each day that is whole in the warehouse, where it knows nothing of it or something else."""
    told: dict[str | None, dict[str, object]] = {}
    for event in instance.fetch_materializations(dg.AssetRecordsFilter(DAY), limit=_MOST_TOLD).records:
        # The newest comes first.
        if event.partition_key not in told and event.asset_materialization is not None:
            metadata = event.asset_materialization.metadata
            told[event.partition_key] = {name: entry.value for name, entry in metadata.items()}
    partitions = set(days_of_deliveries(settings).get_partition_keys())
    for key, day in sorted(days.items()):
        if key in partitions and not day.missing and told.get(key) != day.metadata:
            yield dg.AssetMaterialization(DAY, partition=key, metadata=day.metadata)
