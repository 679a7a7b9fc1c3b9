"""Reading the store: what one profile may see of one release, and which release is served now.

A request asks `CurrentStore.store` once and answers from what it was given: no answer mixes two releases, and the one
that was served before stays open as long as a request has it.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from foundation.database import OSLO
from foundation.errors import PregError
from foundation.settings import Settings
from publication.access.access_profile import AccessProfile, narrowed, read_access_profiles
from publication.access.profile_queries import profile_queries
from publication.store.release import CURRENT
from serving.spelling import closeness, has_words
from serving.store.build import PLACE, SEEN, is_whole, store_file

if TYPE_CHECKING:
    from serving.services.search import Criteria

Made = TypeVar("Made")

# Pages of the store that are read through the operating system's memory, bytes.
_MAPPED = 1 << 30
_SECONDS_BETWEEN_LOOKS = 1.0


class NothingServed(PregError):
    """No release is published whose store is there: nothing can be answered now."""


class TakesTooLong(PregError):
    """A question that was given up: it would have kept others waiting."""


# Until when the question of a thread may take, by `time.monotonic`.
_OF_QUESTION = threading.local()
# SQLite's steps between two looks at the clock: well below a millisecond.
_STEPS = 10_000


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Let what is read in the block, by this thread, take so long at most. Raises `TakesTooLong`."""
    _OF_QUESTION.until = time.monotonic() + seconds
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        raise TakesTooLong(
            "the question takes too long", todo="narrow it: give more of the name, the day of birth or a kommune"
        ) from error
    finally:
        _OF_QUESTION.until = math.inf


def _is_late() -> bool:
    return time.monotonic() > getattr(_OF_QUESTION, "until", math.inf)


class HelpNumberPersons(Protocol):
    """Persons with a common help number, as the profile of a reader may see them."""

    def find_record(self, reader: Reader, number: str) -> dict[str, Any] | None:
        """PREG's record of the person of a number; None where the profile may know of none."""

    def search(self, reader: Reader, criteria: Criteria) -> list[str]:
        """The numbers of the persons whom every criterion fits."""

    def official_number(self, reader: Reader, number: str) -> str | None:
        """The official number that a help number is linked to, as far as the profile may know."""


@dataclass(frozen=True)
class Reader:
    """What a profile may see of a release: queries of the tables' own names see it, blank where it may not.

    The tables as they are stand in the schema `release`: the search looks for candidates there, and every condition is
    asked again of what the profile sees.
    """

    connection: sqlite3.Connection
    release_id: str
    # The newest registration by Freg of which the release has the record: ISO 8601, UTC.
    data_until: str
    profile: AccessProfile
    # Persons who are in no release; None where only the release is asked.
    help_numbers: HelpNumberPersons | None = None

    def rows(self, query: str, given: dict[str, Any]) -> list[dict[str, Any]]:
        """The rows of a query, each by column name."""
        cursor = self.connection.execute(query, given)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def row(self, query: str, given: dict[str, Any]) -> dict[str, Any] | None:
        """The first row of a query; None without one."""
        cursor = self.connection.execute(query, given)
        found = cursor.fetchone()
        if found is None:
            return None
        return {column[0]: each for column, each in zip(cursor.description, found, strict=True)}


def kept_by_release(make: Callable[[Reader], Made]) -> Callable[[Reader], Made]:
    """A function of what a release has for everybody, that is asked once for each of the last two releases.

    The reader is not kept: the store of a release that is withdrawn goes.
    """
    kept: dict[str, Made] = {}

    def made(reader: Reader) -> Made:
        found = kept.get(reader.release_id)
        if found is None:
            found = make(reader)
            for release_id in list(kept)[:-1]:
                kept.pop(release_id, None)
            kept[reader.release_id] = found
        return found

    return made


def oslo_day(moment: str | None) -> str | None:
    """The day in Oslo of a moment as the store has it: SQLite's `oslo_day`."""
    return None if moment is None else dt.datetime.fromisoformat(moment).astimezone(OSLO).date().isoformat()


class ReadStore:
    """The store of one release, opened. Each thread has connections of its own, one per profile."""

    def __init__(self, file: Path, help_numbers: HelpNumberPersons | None = None) -> None:
        self._help_numbers = help_numbers
        # Never changed: no lock is taken, no other file looked for.
        self._place = f"{file.resolve().as_uri()}?mode=ro&immutable=1"
        self._of_thread = threading.local()
        with closing(self._open()) as connection:
            self.release_id, self.data_until = connection.execute(
                "select release_id, data_until from release.release"
            ).fetchone()
            self._columns = {
                table: {
                    name: kind
                    for _, name, kind, *_ in connection.execute(f"pragma release.table_info({table})")
                    if name != PLACE
                }
                for table in SEEN
            }
            self._address_types = [
                name for (name,) in connection.execute("select address_type from release.address_type")
            ]

    def reader(self, profile: AccessProfile) -> Reader:
        """What a profile may see."""
        readers: dict[str, Reader] = self._of_thread.__dict__.setdefault("readers", {})
        found = readers.get(profile.name)
        # A profile that was read again may be another one.
        if found is None or found.profile is not profile:
            found = readers[profile.name] = Reader(
                self._connect(profile), self.release_id, self.data_until, profile, self._help_numbers
            )
        return found

    def _connect(self, profile: AccessProfile) -> sqlite3.Connection:
        connection = self._open()
        queries = profile_queries(profile, self._columns, self._address_types)
        for table in SEEN:
            # A table that the profile does not receive is there, and empty.
            query = queries.get(table, f"select * from release.{table} where 1 = 0")
            connection.execute(f"create temp view {table} as {query}")
        connection.create_function("has_words", 2, has_words, deterministic=True)
        connection.create_function("oslo_day", 1, oslo_day, deterministic=True)
        connection.create_function("closeness", 2, closeness, deterministic=True)
        connection.execute("pragma query_only = on")
        connection.set_progress_handler(_is_late, _STEPS)
        return connection

    def _open(self) -> sqlite3.Connection:
        # Every thread asks its own connections; the last may be closed by another one.
        connection = sqlite3.connect("file::memory:", uri=True, check_same_thread=False, cached_statements=256)
        connection.execute("attach ? as release", [self._place])
        connection.execute(f"pragma release.mmap_size = {_MAPPED}")
        # Every thread has connections: what is mapped is shared, a cache of pages is not.
        connection.execute("pragma release.cache_size = -256")
        return connection


class Profiles:
    """The access profiles: read again, within a second, when one of the installation's own has changed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._seen: list[tuple[str, int]] | None = None
        self._found: dict[str, AccessProfile] = {}
        self._looked = -math.inf
        self._narrowed: dict[tuple[str, str], tuple[AccessProfile, AccessProfile, AccessProfile]] = {}

    def narrowed(self, profile: AccessProfile, name: str) -> AccessProfile | None:
        """What both a profile and the one of a name receive; None where there is none of the name. Raises as `find`."""
        other = self.find(name)
        if other is None:
            return None
        known = self._narrowed.get((profile.name, name))
        if known is None or known[0] is not profile or known[1] is not other:
            known = self._narrowed[profile.name, name] = (profile, other, narrowed(profile, other))
        return known[2]

    def find(self, name: str) -> AccessProfile | None:
        """The profile of a name. Raises `ConfigurationError` when a file cannot be used: then nobody sees anything."""
        if time.monotonic() - self._looked > _SECONDS_BETWEEN_LOOKS:
            self._looked = -math.inf
            seen = [(file.name, file.stat().st_mtime_ns) for file in self._files()]
            if seen != self._seen:
                self._found = {profile.name: profile for profile in read_access_profiles(self._settings)}
                self._seen = seen
            self._looked = time.monotonic()
        return self._found.get(name)

    def _files(self) -> Iterator[Path]:
        yield from sorted((self._settings.data_dir / "profiles").glob("*.yml"))


class CurrentStore:
    """The store of the release that is current, found again at each request.

    help_numbers: persons who are in no release, and are looked up as well.
    """

    def __init__(self, settings: Settings, help_numbers: HelpNumberPersons | None = None) -> None:
        self._settings = settings
        self._help_numbers = help_numbers
        self._lock = threading.Lock()
        self._store: ReadStore | None = None
        self._link = str(settings.releases_dir / CURRENT)

    def store(self) -> ReadStore:
        """The store to answer from now.

        While the store of a new release is being made, the release before it is served, unless it was withdrawn.
        Raises `NothingServed`.
        """
        release_id = self._current()
        store = self._store
        if store is not None and store.release_id == release_id:
            return store
        with self._lock:
            if release_id is not None and (self._store is None or self._store.release_id != release_id):
                file = store_file(self._settings, release_id)
                if is_whole(file):
                    with suppress(sqlite3.Error, FileNotFoundError):
                        self._store = ReadStore(file, self._help_numbers)
            if release_id is None or (self._store is not None and not self._is_there(self._store.release_id)):
                self._store = None
            if self._store is None:
                raise NothingServed(
                    "no release can be served now", todo="publish one (preg run); preg serve makes its store"
                )
            return self._store

    def release_id(self) -> str:
        """The release that is current by its link; empty when there is none."""
        return self._current() or ""

    def _current(self) -> str | None:
        try:
            return os.path.basename(os.readlink(self._link))  # noqa: PTH115, PTH119  asked at each call: pathlib takes longer
        except OSError:
            return None

    def _is_there(self, release_id: str) -> bool:
        return (self._settings.releases_dir / release_id).is_dir()


def as_json(values: Sequence[Any]) -> str:
    """Values as the text that SQLite's json_each reads."""
    return json.dumps(values, separators=(",", ":"))
