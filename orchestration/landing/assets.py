"""The raw assets: one per source, each loads what is new in the landing folder."""

import time

import dagster as dg

from foundation.database import session
from ingest.contracts.sources import SOURCES
from ingest.deliveries import LoadReport
from orchestration.freg.assets import FEED
from orchestration.landing.loading import load_for_asset, notices
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
        for notice in notices(report):
            context.log.info(notice)
        for refusal in report.refused:
            context.log.warning(str(refusal))
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
def delivery_register(warehouse: WarehouseResource) -> dg.MaterializeResult:
    """Count what the loads of all sources have recorded."""
    with failures_for_people(), session(warehouse.settings, warehouse.settings.warehouse) as connection:
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
