"""What a run reports about a load: the deliveries as they begin, and what a person should know when they have ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from zoneinfo import ZoneInfo

from foundation.database import TIME_ZONE
from foundation.errors import DeliveryRefused
from foundation.settings import Settings
from foundation.text import printable
from ingest.counts import Progress, in_words
from ingest.deliveries import Announce, LoadReport, load_new
from ingest.landing import Delivery
from orchestration.progress import listener

_PATHS_SHOWN = 20
_loaded_before: ContextVar[LoadReport | None] = ContextVar("loaded_before", default=None)


def load_before_the_job(settings: Settings) -> LoadReport:
    """Load what is new of every source, and report it: whether there is anything to build depends on it."""
    return _reported(load_new(settings, announce=announcing("load")))


@contextmanager
def loaded_before(report: LoadReport) -> Iterator[None]:
    """Within the block the raw assets show this report and load nothing themselves."""
    token = _loaded_before.set(report)
    try:
        yield
    finally:
        _loaded_before.reset(token)


def load_for_asset(settings: Settings, source: str) -> LoadReport:
    """What a source's asset shows: what was loaded before the job, or what it loads and reports now."""
    before = _loaded_before.get()
    if before is not None:
        return before.of(source)
    return _reported(load_new(settings, [source], announcing("load")))


def load_up_to(settings: Settings, last: dt.date) -> LoadReport:
    """Load what is new of every source up to the end of a day in Oslo, and report it."""
    end = dt.datetime.combine(last + dt.timedelta(days=1), dt.time.min, ZoneInfo(TIME_ZONE))
    return _reported(load_new(settings, announce=announcing("load"), made_before=end))


def announcing(what: str) -> Announce:
    """Report to the listener each delivery of which `what` is done: that it begins, how far it is, a refusal."""

    @contextmanager
    def announce(delivery: Delivery) -> Iterator[Progress]:
        listener().begin(f"{what} {'/'.join(delivery.key)} ({delivery.manifest.rows:,} records)")
        try:
            yield listener().advance
        except DeliveryRefused:
            listener().end(failed=True)
            raise

    return announce


def _reported(report: LoadReport) -> LoadReport:
    listener().end()
    for notice in notices(report):
        listener().note(notice)
    return report


def notices(report: LoadReport) -> list[str]:
    """What a person should know of a load though it stopped nothing, and what was refused."""
    messages = list(report.notices)
    for delivery, counts in report.loaded:
        name = "/".join(delivery.key)
        messages += [f"{name}: {printable(notice)}" for notice in counts.notices]
        if counts.quarantined:
            messages.append(
                f"{name}: {counts.quarantined:,} of {delivery.manifest.rows:,} records do not fit and are in quarantine"
                f" (raw.quarantine says why): {in_words(counts.rejections, delivery.manifest.rows)}"
            )
        if counts.unknown_elements:
            shown = list(counts.unknown_elements.items())[:_PATHS_SHOWN]
            more = len(counts.unknown_elements) - len(shown)
            paths = ", ".join(f"{printable(path)} ({count})" for path, count in shown)
            messages.append(
                f"{name}: elements that the contract does not know were kept: {paths}"
                + (f" and {more} more" if more else "")
            )
    messages += [f"{refusal.name} is refused: {refusal.what}" for refusal in report.refused]
    return messages
