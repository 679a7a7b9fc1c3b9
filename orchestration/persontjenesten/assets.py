"""Persontjenesten's events, read into the landing folder. It writes no warehouse, so it never waits for a run."""

import dagster as dg

from foundation.settings import Settings
from ingest.persontjenesten.event_reader import pull_events
from ingest.persontjenesten.settings import PersontjenestenSettings
from orchestration.resources import failures_for_people
from quality.owners import LOADING, team

EVENTS = dg.AssetKey(["landing", "persontjenesten_events"])


@dg.asset(
    key=EVENTS,
    group_name="landing",
    owners=[team(LOADING)],
    kinds={"python"},
    description="Deliveries of Persontjenesten's events in the landing folder, read on from where the folder ends.",
)
def persontjenesten_events(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """Read the events to their end."""
    with failures_for_people():
        pulled = pull_events(
            Settings(),
            PersontjenestenSettings.load(),
            lambda so_far: context.log.info(f"{so_far.deliveries[-1]}: {so_far.events} events so far"),
        )
    return dg.MaterializeResult(
        metadata={
            "sequence from": dg.MetadataValue.int(pulled.sequence_from),
            "sequence to": dg.MetadataValue.int(pulled.sequence_to),
            "events": dg.MetadataValue.int(pulled.events),
            "persons": dg.MetadataValue.int(pulled.persons),
            "deliveries": dg.MetadataValue.json(pulled.deliveries),
            "seconds": dg.MetadataValue.float(round(pulled.seconds, 2)),
        }
    )
