"""Metrics in Prometheus' text format: what a dashboard and an alert need to know of a data directory.

Written to `<data>/metrics/preg.prom` after every run, for the node exporter's textfile collector, and printed by
`preg metrics`. Taken from the current release's manifest and the record of the last run; no personal data.
"""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from foundation.settings import Settings
from operations.recorder import kind_of_step, last_run
from publication.store.audit_log import rollback_in_effect
from publication.store.release import current_release, list_releases


def metrics_text(settings: Settings, now: dt.datetime | None = None) -> str:
    """The metrics as they are now."""
    now = now or dt.datetime.now(dt.UTC)
    registry = CollectorRegistry()
    _of_last_run(settings, registry)
    _of_release(settings, registry, now)
    return generate_latest(registry).decode()


def write_metrics(settings: Settings) -> Path:
    """Write the metrics where a collector finds them, whole or not at all."""
    file = settings.data_dir / "metrics" / "preg.prom"
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    temporary.write_text(metrics_text(settings), encoding="utf-8")
    temporary.replace(file)
    return file


def lag_seconds(newest_event_at: str | None, now: dt.datetime) -> float | None:
    """Seconds since Freg registered the newest event that readers can see; None without one."""
    if newest_event_at is None:
        return None
    return (now - dt.datetime.fromisoformat(newest_event_at)).total_seconds()


def _of_last_run(settings: Settings, registry: CollectorRegistry) -> None:
    record = last_run(settings)
    if record is None:
        return
    Gauge("preg_run_started_timestamp_seconds", "When the last run began.", registry=registry).set(record.began)
    Gauge("preg_run_seconds", "How long the last run took.", registry=registry).set(record.seconds)
    outcome = Gauge("preg_run_outcome", "What came of the last run: 1 for the outcome.", ["outcome"], registry=registry)
    outcome.labels(record.outcome).set(1)
    steps = Gauge("preg_run_step_seconds", "How long each step of the last run took.", ["step"], registry=registry)
    seconds: dict[str, float] = {}
    for step, took in record.steps.items():
        seconds[kind_of_step(step)] = seconds.get(kind_of_step(step), 0.0) + took
    for kind, took in seconds.items():
        steps.labels(kind).set(took)


def _of_release(settings: Settings, registry: CollectorRegistry, now: dt.datetime) -> None:
    Gauge("preg_releases", "Releases that are kept.", registry=registry).set(len(list_releases(settings)))
    Gauge("preg_publication_held", "1 while a rollback is in effect.", registry=registry).set(
        rollback_in_effect(settings) is not None
    )
    release = current_release(settings)
    if release is None:
        return
    manifest = release.manifest
    info = Gauge("preg_release_info", "The current release.", ["release", "views_version"], registry=registry)
    info.labels(release.release_id, manifest.views_version).set(1)
    published = dt.datetime.fromisoformat(manifest.published_at).timestamp()
    Gauge("preg_release_published_timestamp_seconds", "When it was published.", registry=registry).set(published)
    Gauge("preg_freg_sequence_number", "Freg's last number in it.", registry=registry).set(
        manifest.sequence_number or 0
    )
    lag = lag_seconds(manifest.newest_event_at, now)
    if lag is not None:
        Gauge("preg_lag_seconds", "Age of the newest event in it.", registry=registry).set(lag)
    rows = Gauge("preg_table_rows", "Rows by table.", ["table"], registry=registry)
    for table, facts in manifest.tables.items():
        rows.labels(table).set(facts.rows)
    deliveries = Gauge("preg_deliveries", "Deliveries in it, by source.", ["source"], registry=registry)
    quarantined = Gauge("preg_quarantined_records", "Records in quarantine, by source.", ["source"], registry=registry)
    for source in sorted({entry.source for entry in manifest.inputs}):
        of_source = [entry for entry in manifest.inputs if entry.source == source]
        deliveries.labels(source).set(len(of_source))
        quarantined.labels(source).set(sum(entry.rows_quarantined for entry in of_source))
    checks = Gauge("preg_gate_checks", "Checks by kind and result.", ["kind", "result"], registry=registry)
    for (kind, passed), count in Counter((check.kind, check.passed) for check in manifest.checks).items():
        checks.labels(kind, "passed" if passed else "fired").set(count)
