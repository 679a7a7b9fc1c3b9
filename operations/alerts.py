"""Alerts: a message to a webhook when a run fails, when the gate stops a publication, and when readers lag behind.

`PREG_ALERT_WEBHOOK` takes a JSON object by POST: `text` (what chat systems show), `kind`, `what`, `where`, `todo`,
`at`. No personal data: what an error says of a person is a keyed hash.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Literal

import httpx

from foundation.settings import Settings
from operations.log import mask_numbers, open_log
from publication.acts import utc

_SECONDS = 10.0


@dataclass(frozen=True)
class Alert:
    """kind: failure (a run failed) | stopped (the gate) | lag (the newest event is old)."""

    kind: Literal["failure", "stopped", "lag"]
    what: str
    where: str = ""
    todo: str = ""


def send_alert(settings: Settings, alert: Alert) -> bool:
    """Send an alert; False without a webhook, or when it could not be reached, which is logged and stops nothing."""
    if settings.alert_webhook is None:
        return False
    body = mask_numbers(
        None,
        "",
        {
            "text": f"PREG, {alert.kind}: {alert.what}" + (f"\nto do: {alert.todo}" if alert.todo else ""),
            **asdict(alert),
            "at": utc(dt.datetime.now(dt.UTC)),
        },
    )
    try:
        httpx.post(settings.alert_webhook.get_secret_value(), json=body, timeout=_SECONDS).raise_for_status()
    except httpx.HTTPError as error:
        # The address may hold a token: only the kind of error is told.
        open_log(settings).warning("alert not sent", kind=alert.kind, error=type(error).__name__)
        return False
    return True
