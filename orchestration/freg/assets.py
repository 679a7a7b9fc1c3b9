"""The feed, read into the landing folder. It writes no warehouse, so it never waits for a run that does."""

import dagster as dg

from foundation.settings import Settings
from ingest.freg.feed_reader import Pulled, pull_feed
from ingest.freg.settings import FregSettings
from orchestration.resources import failures_for_people
from quality.owners import LOADING, team

FEED = dg.AssetKey(["landing", "freg_feed"])


@dg.asset(
    key=FEED,
    group_name="landing",
    owners=[team(LOADING)],
    kinds={"python"},
    description="Deliveries of Freg's event feed in the landing folder, read on from where the last reading ended.",
)
def freg_feed(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """Read the feed to its end."""
    with failures_for_people():
        pulled = pull_feed(
            Settings(),
            FregSettings.load(),
            lambda so_far: context.log.info(f"{so_far.deliveries[-1]}: {so_far.events} events so far"),
        )
    return dg.MaterializeResult(metadata=_metadata(pulled))


def _metadata(pulled: Pulled) -> dict[str, dg.MetadataValue]:
    return {
        "sequence from": dg.MetadataValue.int(pulled.sequence_from),
        "sequence to": dg.MetadataValue.int(pulled.sequence_to),
        "events": dg.MetadataValue.int(pulled.events),
        "documents": dg.MetadataValue.int(pulled.documents),
        "deliveries": dg.MetadataValue.json(pulled.deliveries),
        "seconds": dg.MetadataValue.float(round(pulled.seconds, 2)),
    }
