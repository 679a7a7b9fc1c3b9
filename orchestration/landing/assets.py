"""The raw assets: one per source, each loads what is new in the landing folder."""

import datetime as dt
import time
import warnings

import dagster as dg

from foundation.database import session
from foundation.settings import Settings
from ingest.contracts.sources import SOURCES
from ingest.deliveries import LoadReport
from orchestration.freg.assets import FEED
from orchestration.landing.days import DAY, Day, days_of_deliveries, delivered_days, new_days
from orchestration.landing.loading import load_for_asset, load_up_to, notices
from orchestration.persontjenesten.assets import EVENTS
from orchestration.resources import WarehouseResource, failures_for_people
from quality.owners import LOADING, team

GROUP = "raw"
ACCEPTED = "deliveries_accepted"


# What brings a source's deliveries into the landing folder.
_READ_BY = {"freg": [FEED], "persontjenesten": [EVENTS]}


def _raw_asset(source: str) -> dg.AssetsDefinition:
    @dg.asset(
        key=["raw", source],
        group_name=GROUP,
        kinds={"duckdb"},
        owners=[team(LOADING)],
        description=SOURCES[source].description,
        deps=_READ_BY.get(source, []),
        check_specs=[
            dg.AssetCheckSpec(
                ACCEPTED,
                asset=["raw", source],
                description="No delivery of this source is refused. What was loaded is built and published without it.",
            )
        ],
    )
    def load(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> dg.MaterializeResult:
        started = time.monotonic()
        with failures_for_people():
            report = load_for_asset(warehouse.settings, source)
        _log(context, report)
        return dg.MaterializeResult(
            metadata=_metadata(report, time.monotonic() - started),
            check_results=[
                dg.AssetCheckResult(
                    check_name=ACCEPTED,
                    passed=not report.refused,
                    severity=dg.AssetCheckSeverity.ERROR,
                    metadata={refusal.name: str(refusal) for refusal in report.refused},
                )
            ],
        )

    return load


def _log(context: dg.AssetExecutionContext, report: LoadReport) -> None:
    for notice in notices(report):
        context.log.info(notice)
    for refusal in report.refused:
        context.log.warning(str(refusal))


def _metadata(report: LoadReport, seconds: float) -> dict[str, dg.MetadataValue]:
    rows = [
        dg.TableRecord(
            {
                "delivery": delivery.manifest.delivery_id,
                "kind": delivery.manifest.kind,
                "sequence from": delivery.manifest.sequence_from or 0,
                "sequence to": delivery.manifest.sequence_to or 0,
                "delivered": delivery.manifest.rows,
                "loaded": counts.loaded,
                "persons": counts.persons,
                "quarantined": counts.quarantined,
                "unknown elements": len(counts.unknown_elements),
            }
        )
        for delivery, counts in report.loaded
    ]
    metadata: dict[str, dg.MetadataValue] = {
        "deliveries loaded": dg.MetadataValue.int(len(report.loaded)),
        "already loaded": dg.MetadataValue.int(report.already_loaded),
        "records loaded": dg.MetadataValue.int(sum(counts.loaded for _, counts in report.loaded)),
        "persons": dg.MetadataValue.int(sum(counts.persons for _, counts in report.loaded)),
        "records quarantined": dg.MetadataValue.int(sum(counts.quarantined for _, counts in report.loaded)),
        "seconds": dg.MetadataValue.float(round(seconds, 2)),
    }
    metadata["deliveries refused"] = dg.MetadataValue.int(len(report.refused))
    if rows:
        metadata["deliveries"] = dg.MetadataValue.table(rows)
    return metadata


raw_assets = [_raw_asset(source) for source in SOURCES]


@dg.asset(
    key=["raw", "delivery"],
    group_name=GROUP,
    kinds={"duckdb"},
    owners=[team(LOADING)],
    deps=[asset.key for asset in raw_assets],
    description="What was delivered, loaded and quarantined, delivery by delivery (raw.delivery, raw.quarantine).",
)
def delivery_register(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> dg.MaterializeResult:
    """Count what the loads of all sources have recorded, and tell which days have come since."""
    with failures_for_people(), session(warehouse.settings, warehouse.settings.warehouse) as connection:
        for day in new_days(warehouse.settings, delivered_days(warehouse.settings, connection), context.instance):
            context.log_event(day)
        ((deliveries, delivered, quarantined),) = connection.execute(
            "select count(*), coalesce(sum(rows_delivered), 0), coalesce(sum(rows_quarantined), 0) from raw.delivery"
        ).fetchall()
    return dg.MaterializeResult(
        metadata={
            "deliveries": dg.MetadataValue.int(int(deliveries)),
            "records delivered": dg.MetadataValue.int(int(delivered)),
            "records quarantined": dg.MetadataValue.int(int(quarantined)),
        }
    )


def day_of_deliveries(settings: Settings) -> dg.AssetsDefinition:
    """The asset with a partition a day: what was delivered then, and a way to load a span of days."""
    # What may change of backfill policies is which runs a span makes; one run a day would load the same.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)
        return dg.asset(
            key=DAY,
            partitions_def=days_of_deliveries(settings),
            # Deliveries apply in order, and DuckDB has one writer: one run loads a span, day after day.
            backfill_policy=dg.BackfillPolicy.single_run(),
            group_name=GROUP,
            kinds={"duckdb"},
            owners=[team(LOADING)],
            description=(
                "What was delivered on a day (Oslo), by every source. A day turns green when all that has come of it is"
                " loaded, by whatever run, and is told again when more comes; what is refused, the check of its source"
                " tells. Materialize a span of days to load what is new up to its last day, in the order in which it"
                " applies; what is loaded stays as it is, and models and releases are left to the jobs. Asked for"
                " so, a day without deliveries turns green too, with none."
            ),
        )(_load_days)


def _load_days(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> None:
    keys = context.partition_keys
    with failures_for_people():
        report = load_up_to(warehouse.settings, dt.date.fromisoformat(max(keys)))
        with session(warehouse.settings, warehouse.settings.warehouse) as connection:
            days = delivered_days(warehouse.settings, connection)
    _log(context, report)
    missing = {name for key in keys if key in days for name in days[key].missing}
    missing |= {refusal.name for refusal in report.refused}
    if missing:
        # A run that fails leaves no day there: those that have come are told one by one.
        for day in new_days(warehouse.settings, days, context.instance):
            context.log_event(day)
        raise dg.Failure(
            f"Not loaded: {', '.join(sorted(missing))}",
            metadata={refusal.name: str(refusal) for refusal in report.refused},
            allow_retries=False,
        )
    for key in keys:
        context.add_asset_metadata(days.get(key, Day()).metadata, partition_key=key)
