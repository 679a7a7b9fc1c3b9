"""What a run tells of a load: the deliveries as they begin, and what a person should know when they have ended."""

from __future__ import annotations

from foundation.text import printable
from ingest.counts import Progress, in_words
from ingest.deliveries import LoadReport
from ingest.landing import Delivery
from orchestration.progress import listener

_PATHS_SHOWN = 20


def announce(delivery: Delivery) -> Progress:
    """Tell who listens that a delivery is being loaded; returns what is told of the bytes read."""
    source, delivery_id = delivery.key
    listener().begin(f"load {source}/{delivery_id} ({delivery.manifest.rows:,} records)")
    return listener().advance


def notices(report: LoadReport) -> list[str]:
    """What a person should know of a load though it stopped nothing, and what was refused."""
    told = list(report.notices)
    for delivery, counts in report.loaded:
        name = "/".join(delivery.key)
        told += [f"{name}: {printable(notice)}" for notice in counts.notices]
        if counts.quarantined:
            told.append(
                f"{name}: {counts.quarantined:,} of {delivery.manifest.rows:,} records do not fit and are in quarantine"
                f" (raw.quarantine says why): {in_words(counts.misfits, delivery.manifest.rows)}"
            )
        if counts.unknown_elements:
            shown = list(counts.unknown_elements.items())[:_PATHS_SHOWN]
            more = len(counts.unknown_elements) - len(shown)
            paths = ", ".join(f"{printable(path)} ({count})" for path, count in shown)
            told.append(
                f"{name}: elements that the contract does not know were kept: {paths}"
                + (f" and {more} more" if more else "")
            )
    told += [f"{refusal.name} is refused: {refusal.what}" for refusal in report.refused]
    return told
