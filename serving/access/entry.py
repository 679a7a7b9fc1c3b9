"""The door: every call comes with a user name and a password, and is let in, refused, or told to wait.

Nothing that is answered here tells whether a user name exists: a name that is not there costs as long as one whose
password is wrong, has the same words, and is locked in the same way.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from foundation.database import OSLO
from foundation.errors import ConfigurationError
from foundation.settings import Settings
from publication.access.access_profile import AccessProfile
from serving.access.clients import Client, Clients
from serving.settings import ServingSettings
from serving.store.read_store import Profiles

# How many user names are remembered that failed, and clients whose password was verified.
_MOST_REMEMBERED = 10_000

Reason = Literal["no_credentials", "credentials", "locked", "too_often", "profile"]

_WORDS: dict[Reason, str] = {
    "no_credentials": "the call has no user name and password",
    "credentials": "the user name or the password is wrong, or the client may not ask today",
    "locked": "too many wrong passwords for this user name: it is locked for some minutes",
    "too_often": "the client asks too often",
    "profile": "the client's access profile cannot be used; who runs the service has to mend it",
}


class NotLetIn(Exception):
    """A call that is not let in: reason, and after how many seconds it may be tried again."""

    def __init__(self, reason: Reason, retry_after: float = 0) -> None:
        self.reason: Reason = reason
        self.retry_after = retry_after
        super().__init__(_WORDS[reason])


@dataclass(frozen=True)
class Caller:
    """Who asks: the client and its profile."""

    client: Client
    profile: AccessProfile


class Entry:
    """Lets callers in, by the register of clients. One per process; its counts are the process's own."""

    def __init__(
        self, settings: Settings, serving: ServingSettings, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clients = Clients(settings)
        self._profiles = Profiles(settings)
        self._serving = serving
        self._clock = clock
        self._hasher = PasswordHasher()
        # Of a password that was verified, its keyed hash is kept in memory, so that not every call costs an argon2.
        self._key = secrets.token_bytes(32)
        self._verified: dict[str, tuple[str, bytes]] = {}
        self._nobody = self._hasher.hash(secrets.token_urlsafe(20))
        # User name and address → wrong passwords one after another, and when the last was given.
        self._failures: OrderedDict[tuple[str, str], tuple[int, float]] = OrderedDict()
        # User name → what is left of its burst, and since when.
        self._allowance: dict[str, tuple[float, float]] = {}

    def let_in_verified(self, user_name: str, password: str, peer: str) -> Caller | None:
        """The caller, where the password was verified before: it takes no time. None where `let_in` has to look.

        Raises `NotLetIn` as `let_in` does.
        """
        client = self._clients.find(user_name)
        if client is None or not self._was_verified(client, password):
            return None
        now = self._clock()
        self._refuse_locked((user_name, peer), now)
        return self._admit(client, (user_name, peer), now, dt.datetime.now(OSLO).date())

    def let_in(self, user_name: str, password: str, peer: str, today: dt.date | None = None) -> Caller:
        """The caller of a user name and a password. Raises `NotLetIn`.

        peer: the network address it comes from. A name is locked for an address: who guesses from elsewhere does not
        lock the client itself out.
        """
        now = self._clock()
        tried = (user_name, peer)
        self._refuse_locked(tried, now)
        client = self._clients.find(user_name)
        known = client is not None and self._is_password(client, password)
        if not known or client is None:
            if client is None:
                self._verify(self._nobody, password)
            self._count_failure(tried, now)
            raise NotLetIn("credentials")
        return self._admit(client, tried, now, today or dt.datetime.now(OSLO).date())

    def _admit(self, client: Client, tried: tuple[str, str], now: float, today: dt.date) -> Caller:
        """The caller of a client whose password is right. Raises `NotLetIn`."""
        if not client.may_ask(today):
            self._count_failure(tried, now)
            raise NotLetIn("credentials")
        self._failures.pop(tried, None)
        self._count_call(client.user_name)
        return Caller(client, _usable(lambda: self._profiles.find(client.profile)))

    def narrowed(self, caller: Caller, name: str) -> Caller:
        """A caller who receives no more than the profile of a name does. Raises `NotLetIn`."""
        return replace(caller, profile=_usable(lambda: self._profiles.narrowed(caller.profile, name)))

    def _refuse_locked(self, tried: tuple[str, str], now: float) -> None:
        failures, last = self._failures.get(tried, (0, 0.0))
        left = last + self._serving.lock_minutes * 60 - now
        if failures >= self._serving.failures_until_locked:
            if left > 0:
                raise NotLetIn("locked", left)
            del self._failures[tried]

    def _count_failure(self, tried: tuple[str, str], now: float) -> None:
        failures, _ = self._failures.pop(tried, (0, 0.0))
        self._failures[tried] = (failures + 1, now)
        while len(self._failures) > _MOST_REMEMBERED:
            self._failures.popitem(last=False)

    def _count_call(self, user_name: str) -> None:
        """A token bucket: `burst` at once, `requests_per_second` on the long run."""
        # Now, not when the call came: another may have been counted while its password was looked at.
        now = self._clock()
        left, since = self._allowance.get(user_name, (float(self._serving.burst), now))
        left = min(self._serving.burst, left + max(0.0, now - since) * self._serving.requests_per_second)
        if left < 1:
            self._allowance[user_name] = (left, now)
            raise NotLetIn("too_often", (1 - left) / self._serving.requests_per_second)
        self._allowance[user_name] = (left - 1, now)

    def _is_password(self, client: Client, password: str) -> bool:
        if self._was_verified(client, password):
            return True
        # A client without a password (ordered, disabled) costs as long as one with.
        if not self._verify(client.password_hash or self._nobody, password) or not client.password_hash:
            return False
        self._verified[client.user_name] = (client.password_hash, self._digest(password))
        return True

    def _was_verified(self, client: Client, password: str) -> bool:
        hashed, digest = self._verified.get(client.user_name, ("", b""))
        return hashed == client.password_hash != "" and hmac.compare_digest(digest, self._digest(password))

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    def _digest(self, password: str) -> bytes:
        return hmac.new(self._key, password.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()


def _usable(find: Callable[[], AccessProfile | None]) -> AccessProfile:
    """A profile that can be used. Raises `NotLetIn`: without one nobody sees anything."""
    try:
        profile = find()
    except ConfigurationError as error:
        raise NotLetIn("profile") from error
    if profile is None:
        raise NotLetIn("profile")
    return profile
