"""Alerts to the webhook, from Dagster: a run failed, or readers lag."""

import datetime as dt

import dagster as dg

from foundation.settings import Settings
from ingest.freg.settings import FregSettings
from operations.alerts import Alert, send_alert
from operations.metrics import lag_seconds
from publication.store.release import current_release


@dg.run_failure_sensor(
    name="tell_of_failures",
    description="Posts to PREG_ALERT_WEBHOOK when a run has failed: which, and the message for people.",
    monitor_all_code_locations=False,
)
def tell_of_failures(context: dg.RunFailureSensorContext) -> None:
    """Send the messages of the steps that failed."""
    messages = [
        event.step_failure_data.user_failure_data.description or ""
        for event in context.get_step_failure_events()
        if event.step_failure_data.user_failure_data is not None
    ]
    what = "\n".join(message for message in messages if message) or "see the run in the Dagster UI"
    send_alert(
        Settings(), Alert("failure", f"{context.dagster_run.job_name} failed: {what}", context.dagster_run.run_id)
    )


@dg.sensor(
    name="tell_of_lag",
    minimum_interval_seconds=900,
    description="Posts to PREG_ALERT_WEBHOOK when the newest event that readers see is older than it may be.",
)
def tell_of_lag(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """Send an alert once for each newest event that has grown too old."""
    release = current_release(Settings())
    newest = release.manifest.newest_event_at if release else None
    lag = lag_seconds(newest, dt.datetime.now(dt.UTC))
    hours = FregSettings().freshness_hours
    if lag is None or lag <= hours * 3600:
        return dg.SkipReason("readers are up to date")
    if context.cursor == newest:
        return dg.SkipReason("reported before")
    sent = send_alert(
        Settings(),
        Alert(
            "lag",
            f"the newest event that readers see is {lag / 3600:.0f} hours old",
            todo="see that deliveries arrive, are loaded and pass the gate: preg doctor",
        ),
    )
    if not sent:
        return dg.SkipReason("readers lag, and nobody could be alerted: PREG_ALERT_WEBHOOK")
    context.update_cursor(str(newest))
    return dg.SkipReason("reported")
