"""The deliveries that the last load refused: kept so that a run can end with them, and the next begin with them."""

from __future__ import annotations

import json
from collections.abc import Sequence

from foundation.errors import DeliveryRefused
from foundation.files import write_json
from foundation.settings import Settings
from ingest.contracts.sources import SOURCES

_FILE = "refused_deliveries.json"


def refused_deliveries(settings: Settings) -> list[DeliveryRefused]:
    """What the last load of each source refused."""
    try:
        entries = json.loads((settings.data_dir / _FILE).read_text(encoding="utf-8"))
        return [DeliveryRefused(**entry) for entry in entries]
    except (OSError, ValueError, TypeError):
        return []


def keep_refusals(settings: Settings, sources: Sequence[str], refused: Sequence[DeliveryRefused]) -> None:
    """Keep what a load of `sources` refused, in place of what was known of them; of no known source, of all."""
    now = {refusal.name for refusal in refused}
    others = [
        known
        for known in refused_deliveries(settings)
        if known.source not in sources and known.source in SOURCES and known.name not in now
    ]
    write_json(
        settings.data_dir / _FILE,
        [
            {
                "what": refusal.what,
                "where": refusal.where,
                "todo": refusal.todo,
                "source": refusal.source,
                "delivery_id": refusal.delivery_id,
            }
            for refusal in (*others, *refused)
        ],
    )
