"""The register by events compared with a fresh extract, as an asset with a check."""

import dagster as dg

from ingest.freg.reconciliation import reconcile_with_extract
from ingest.freg.settings import FregSettings
from orchestration.resources import WarehouseResource, failures_for_people
from quality.owners import LOADING, team

RECONCILIATION = dg.AssetKey(["quality", "freg_reconciliation"])
_CHECK = "register_has_not_drifted"


@dg.asset(
    key=RECONCILIATION,
    group_name="quality",
    owners=[team(LOADING)],
    kinds={"duckdb"},
    deps=[dg.AssetKey(["raw", "freg"])],
    check_specs=[
        dg.AssetCheckSpec(
            name=_CHECK,
            asset=RECONCILIATION,
            description="Freg's own present documents are those that the events have brought.",
        )
    ],
    description="A fresh extract, compared person by person with the register that the events have made.",
)
def freg_reconciliation(context: dg.AssetExecutionContext, warehouse: WarehouseResource):  # type: ignore[no-untyped-def]
    """Fetch, compare, report each difference by person and element."""
    with failures_for_people():
        found = reconcile_with_extract(warehouse.settings, FregSettings.load(), context.log.info)
    yield dg.MaterializeResult(
        metadata={
            "as of sequence number": found.sequence_number,
            "persons": found.persons,
            "differences": dg.MetadataValue.json(dict(found.differences)),
            "each difference": dg.MetadataValue.path(str(found.file)) if found.file else "none",
        },
        check_results=[
            dg.AssetCheckResult(
                check_name=_CHECK,
                passed=not found.differences,
                severity=dg.AssetCheckSeverity.WARN,
                metadata={"persons": found.differences.total(), "elements": ", ".join(found.differences) or "-"},
            )
        ],
    )
