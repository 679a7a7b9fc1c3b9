"""The guard between Dagster's web server and the pages that an operator has open in the same browser.

Dagster's open version has no log-in: anyone who can send it a request can start a run. A browser sends requests for any
page that is open in it, also to 127.0.0.1; it says in their headers which page asks. So only a page of this server is
answered, under a name of this server, and what changes something is never a form or a link.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
# Listening on every address of the machine is no name that a browser would use.
_EVERY_ADDRESS = ("0.0.0.0", "::", "")  # noqa: S104
_READING = ("GET", "HEAD")
_SCHEMES = ("http", "https")


def guarded(app: ASGIApp, host: str, further_hosts: Sequence[str] = ()) -> ASGIApp:
    """`app`, answering only under the name `host`, the loopback names and `further_hosts`, and only to its own pages.

    A foreign Host is refused with 400, a foreign page with 403, GraphQL by GET with 405, and a POST that a form could
    send with 415.
    """
    listening = () if host in _EVERY_ADDRESS else (f"[{host}]" if ":" in host else host,)
    names = {name.lower() for name in (*_LOOPBACK, *listening, *further_hosts)}
    return TrustedHostMiddleware(_OwnPagesOnly(app), allowed_hosts=sorted(names), www_redirect=False)


class _OwnPagesOnly:
    """The checks of a request whose Host is one of ours."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        refusal = _refusal(scope, Headers(scope=scope))
        if refusal is not None:
            # To a websocket this answers the handshake: it is never opened.
            await refusal(scope, receive, send)
            return

        async def send_unframed(message: Message) -> None:
            if message["type"] == "http.response.start":
                # Nor may a foreign page show ours in a frame, for the operator to click on.
                message = {**message, "headers": [*message["headers"], (b"x-frame-options", b"DENY")]}
            await send(message)

        await self._app(scope, receive, send_unframed)


def _refusal(scope: Scope, headers: Headers) -> PlainTextResponse | None:
    if not _is_from_own_page(scope, headers):
        return PlainTextResponse("Only pages of this server may ask it.\n", status_code=403)
    if scope["type"] == "websocket":
        return None
    if scope["path"].rstrip("/") == "/graphql" and scope["method"] != "POST":
        return PlainTextResponse("GraphQL is asked by POST.\n", status_code=405, headers={"allow": "POST"})
    # A form of any page can send text, urlencoded and multipart; JSON only who is allowed to. The first part of the
    # header counts: Dagster would take `text/plain; application/json` for JSON, and parameters of the address for a
    # body that is not JSON.
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if scope["method"] not in _READING and media_type != "application/json":
        return PlainTextResponse("A request that changes something is JSON.\n", status_code=415)
    return None


def _is_from_own_page(scope: Scope, headers: Headers) -> bool:
    """Whether a page of this server asks, a person by a link or the address bar, or a program that is no browser."""
    origins = headers.getlist("origin")
    if origins:
        origin = urlsplit(origins[0])
        if len(origins) > 1 or origin.scheme not in _SCHEMES or origin.netloc.lower() != headers["host"].lower():
            return False
    elif scope["type"] == "websocket":
        # Browsers name the page of every websocket.
        return False
    site = headers.get("sec-fetch-site", "none")
    if site in ("none", "same-origin"):
        return True
    return (
        scope["type"] == "http"
        and scope["method"] in _READING
        and headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest") == "document"
    )
