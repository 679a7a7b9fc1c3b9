"""Alerts: a message to a webhook when a run fails, when the gate stops a publication, and when readers lag behind.

`PREG_ALERT_WEBHOOK` takes a JSON object by POST: `text` (what chat systems show), `kind`, `what`, `where`, `todo`,
`at`. No personal data: what an error says of a person is a keyed hash.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Literal

from foundation.settings import Settings
from foundation.text import printable
from operations.log import mask_numbers, open_log
from publication.store.audit_log import utc

_SECONDS = 10.0
_LINES, _LINE = 50, 500
# What chat systems read as a call to everybody, or as marks of their own: <!channel>, @channel.
_MARKS = str.maketrans({"<": "‹", ">": "›", "@": "＠"})


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
    # Slow to import, and rarely needed.
    import httpx

    # Numbers of persons go first: what is made harmless may look otherwise.
    masked = mask_numbers(None, "", asdict(alert))
    shown = {name: _harmless(str(masked[name])) for name in ("what", "where", "todo")}
    body = {
        "text": f"PREG, {alert.kind}: {shown['what']}" + (f"\nto do: {shown['todo']}" if shown["todo"] else ""),
        "kind": alert.kind,
        **shown,
        "at": utc(dt.datetime.now(dt.UTC)),
    }
    try:
        httpx.post(settings.alert_webhook.get_secret_value(), json=body, timeout=_SECONDS).raise_for_status()
    except httpx.HTTPError as error:
        # The address may hold a token: only the kind of error is reported.
        open_log(settings).warning("alert not sent", kind=alert.kind, error=type(error).__name__)
        return False
    return True


def _harmless(text: str) -> str:
    """Text that may quote a delivery: nothing in it acts, in a terminal or as a chat system's own marks."""
    lines = text.splitlines()[:_LINES]
    return "\n".join(printable(line, _LINE).translate(_MARKS) for line in lines)
