"""An access token, kept until shortly before it expires."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple

# A token with less than this left is not used for another call.
_MARGIN_SECONDS = 10


class Token(NamedTuple):
    """A token, and until when it is good (`time.monotonic`)."""

    text: str
    good_until: float


class KeptToken:
    """Gives a token that is valid now. Many calls may ask at once; one fetches, the others wait for it."""

    def __init__(self, fetch: Callable[[], Awaitable[Token]]) -> None:
        self._fetch = fetch
        self._lock = asyncio.Lock()
        self._token = Token("", 0.0)

    async def get(self, *, instead_of: str | None = None) -> str:
        """The token. `instead_of`: one that was refused; it is given again only if it was replaced meanwhile."""
        if not self._is_usable(instead_of):
            async with self._lock:
                if not self._is_usable(instead_of):
                    self._token = await self._fetch()
        return self._token.text

    def keep(self, token: Token) -> None:
        """Use this token until it expires or is refused."""
        self._token = token

    def _is_usable(self, instead_of: str | None) -> bool:
        text, good_until = self._token
        return bool(text) and text != instead_of and time.monotonic() < good_until - _MARGIN_SECONDS
