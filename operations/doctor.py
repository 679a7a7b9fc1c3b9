"""`preg doctor`: is everything as it should be, and if not, what to do. Looks, and changes nothing."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import os
import platform
import shlex
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import pydantic
from filelock import FileLock, Timeout
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from foundation.errors import PregError
from foundation.files import is_ours, open_to_others
from foundation.person_hash import load_key
from foundation.release import Release
from foundation.settings import Settings
from foundation.text import printable
from foundation.writer_lock import describe_holder, restore_marker
from ingest.freg.settings import FregSettings
from ingest.load_ledger import LoadLedger
from operations.metrics import lag_seconds
from operations.recorder import last_run
from publication.access.access_profile import read_access_profiles
from publication.candidate.provenance import DISTRIBUTION
from publication.store.audit_log import rollback_in_effect
from publication.store.release import CURRENT, current_release, list_releases, store_problems, verify_release

State = Literal["ok", "warning", "wrong"]

# A build writes a candidate and a release besides what is there; a publication needs the release once more.
_TIMES_OF_RELEASE = 3
_LEAST_FREE = 1_000_000_000
# From this many hours on, an age is told in days.
_HOURS_SHOWN = 72
_CLOCK_TOLERANCE = dt.timedelta(minutes=5)
_LOOKED_AT = ("duckdb", "dbt-core", "dbt-duckdb", "dagster")


@dataclass(frozen=True)
class Finding:
    """What was looked at, how it is, and what to do where it is not ok."""

    about: str
    state: State
    what: str
    todo: str = ""


def examine(settings: Settings, now: dt.datetime | None = None) -> list[Finding]:
    """Every finding, in the order in which somebody would look."""
    now = now or dt.datetime.now(dt.UTC)
    looks: list[Callable[[], Iterator[Finding]]] = [
        _versions,
        lambda: _folders(settings),
        lambda: _privacy(settings),
        lambda: _configuration(settings),
        lambda: _disk(settings),
        lambda: _lock(settings),
        lambda: _clock(settings, now),
        lambda: _releases(settings, now),
        lambda: _last_run(settings),
        lambda: _landing_as_loaded(settings),
    ]
    findings = []
    for look in looks:
        try:
            findings += list(look())
        except PregError as error:
            findings.append(Finding(error.where or "data", "wrong", error.what, error.todo))
        except OSError as error:
            findings.append(Finding("machine", "wrong", str(error), "see that the data directory can be read"))
    return findings


def _versions() -> Iterator[Finding]:
    """What is installed, compared with what the project says that it needs."""
    asked = SpecifierSet(importlib.metadata.metadata(DISTRIBUTION)["Requires-Python"])
    yield _version("python", platform.python_version(), asked)
    needs = {need.name: need for need in map(Requirement, importlib.metadata.requires(DISTRIBUTION) or [])}
    for name in _LOOKED_AT:
        yield _version(name, importlib.metadata.version(name), needs[name].specifier)


def _version(name: str, found: str, asked: SpecifierSet) -> Finding:
    fits = found in asked
    return Finding(name, "ok" if fits else "wrong", found, "" if fits else f"install {asked}: make install")


def _folders(settings: Settings) -> Iterator[Finding]:
    writable = os.access(settings.data_dir if settings.data_dir.exists() else settings.data_dir.parent, os.W_OK)
    yield Finding(
        "data directory",
        "ok" if writable else "wrong",
        str(settings.data_dir),
        "" if writable else "let the user of the pipeline write there, or set PREG_DATA_DIR",
    )
    there = settings.landing_dir.is_dir() and os.access(settings.landing_dir, os.R_OK)
    yield Finding(
        "landing folder",
        "ok" if there else "warning",
        str(settings.landing_dir),
        "" if there else "make it, or set PREG_LANDING_DIR",
    )


def _privacy(settings: Settings) -> Iterator[Finding]:
    """Whether group or others can read what is the owner's."""
    for about, folder in (("privacy of the data", settings.data_dir), ("privacy of the landing", settings.landing_dir)):
        if not folder.is_dir():
            continue
        found = list(open_to_others(folder))
        if not found:
            yield Finding(about, "ok", "readable by its owner only")
            continue
        # What somebody else owns is not ours to change.
        ours = all(map(is_ours, found))
        command = f"chmod -R go= {shlex.quote(str(folder))}"
        yield Finding(
            about,
            "wrong" if ours else "warning",
            f"others can read {len(found)} files or folders, {found[0]} first",
            command if ours else f"let its owner do: {command}",
        )


def _configuration(settings: Settings) -> Iterator[Finding]:
    try:
        profiles = read_access_profiles(settings)
        key_file = settings.data_dir / "person_hash.key"
        if key_file.is_file() and key_file.stat().st_mode & 0o077:
            yield Finding("key of the person hash", "wrong", "others can read it", f"chmod 600 {key_file}")
        elif key_file.is_file() or settings.person_hash_key is not None:
            load_key(settings)
            yield Finding("key of the person hash", "ok", "readable by its owner only")
        yield Finding("access profiles", "ok", f"{len(profiles)} can be used")
    except (PregError, pydantic.ValidationError) as error:
        yield Finding("configuration", "wrong", str(error).splitlines()[0], "see docs/operations.md")


def _disk(settings: Settings) -> Iterator[Finding]:
    place = settings.data_dir if settings.data_dir.exists() else settings.data_dir.parent
    free = shutil.disk_usage(place).free
    current = current_release(settings)
    size = sum(file.bytes for file in current.manifest.files) if current else 0
    needed = max(_LEAST_FREE, _TIMES_OF_RELEASE * size)
    state: State = "ok" if free >= needed else "wrong"
    yield Finding(
        "disk",
        state,
        f"{free / 1e9:.1f} GB free, a run needs {needed / 1e9:.1f} GB",
        "" if state == "ok" else "free space, or keep fewer releases: PREG_KEEP_RELEASES, preg release prune",
    )


def _lock(settings: Settings) -> Iterator[Finding]:
    if restore_marker(settings).exists():
        yield Finding("restore", "wrong", "cut off: not everything is there", "preg restore --from BACKUP finishes it")
    file = settings.data_dir / ".writer.lock"
    if not file.exists():
        yield Finding("writer's lock", "ok", "free")
        return
    lock = FileLock(str(file))
    try:
        lock.acquire(timeout=0)
        lock.release()
        yield Finding("writer's lock", "ok", "free")
    except Timeout:
        yield Finding(
            "writer's lock", "warning", f"held by {describe_holder(settings)}", "wait until that run has ended"
        )


def _clock(settings: Settings, now: dt.datetime) -> Iterator[Finding]:
    newest = [dt.datetime.fromisoformat(release.manifest.published_at) for release in list_releases(settings)]
    ahead = [moment for moment in newest if moment > now + _CLOCK_TOLERANCE]
    yield Finding(
        "clock",
        "wrong" if ahead else "ok",
        f"{now:%Y-%m-%dT%H:%M:%SZ}" + (f", but a release is of {max(ahead):%Y-%m-%dT%H:%M:%SZ}" if ahead else ""),
        "set the clock (NTP): releases are in the order of their times" if ahead else "",
    )


def _releases(settings: Settings, now: dt.datetime) -> Iterator[Finding]:
    problems = store_problems(settings)
    for problem in problems:
        about = "current release" if problem.name == CURRENT else f"releases/{printable(problem.name)}"
        yield Finding(about, "wrong", problem.what, problem.todo)
    current = current_release(settings)
    if current is None:
        if any(problem.name == CURRENT for problem in problems):
            return
        yield Finding("current release", "warning", "nothing has been published", "publish a release: preg run")
        return
    yield _whole(settings, current)
    rollback = rollback_in_effect(settings)
    if rollback is not None:
        yield Finding(
            "publication",
            "warning",
            f"held since {rollback.by} rolled back at {rollback.at}: {rollback.why}",
            "when the cause is corrected: preg release promote",
        )
    lag = lag_seconds(current.manifest.newest_event_at, now)
    if lag is not None:
        late = lag > FregSettings().freshness_hours * 3600
        yield Finding(
            "lag",
            "warning" if late else "ok",
            f"the newest event is {_age(lag)} old",
            "see that deliveries arrive, are loaded and pass the gate" if late else "",
        )


def _age(seconds: float) -> str:
    """An age as a person says it: in hours of the first days, then in days."""
    hours = seconds / 3600
    return f"{hours:.0f} hours" if hours < _HOURS_SHOWN else f"{hours / 24:,.0f} days"


def _whole(settings: Settings, current: Release) -> Finding:
    problems = verify_release(current, settings)
    if problems:
        todo = "preg release rollback, or restore the folder from a copy"
        return Finding("current release", "wrong", "; ".join(problems[:3]), todo)
    return Finding("current release", "ok", f"{current.release_id}, as it was published")


def _last_run(settings: Settings) -> Iterator[Finding]:
    record = last_run(settings)
    if record is None:
        return
    when = dt.datetime.fromtimestamp(record.began, dt.UTC)
    # The gate that stops a publication does its work: a person looks. A run that failed did not come so far.
    states: dict[str, State] = {"failed": "wrong", "stopped": "warning"}
    state = states.get(record.outcome, "ok")
    what = f"{record.outcome}, began {when:%Y-%m-%dT%H:%M:%SZ}"
    todo = "" if state == "ok" else f"{settings.logs_dir / 'preg.log'}, preg gate show"
    yield Finding("last run", state, what, todo)


def _landing_as_loaded(settings: Settings) -> Iterator[Finding]:
    """Whether the landing folder still holds what was loaded, every file read."""
    ledger = LoadLedger(settings)
    if not ledger.sources():
        return
    about = "loaded deliveries"
    notices = ledger.notices(thorough=True)
    for notice in notices:
        yield Finding(about, "wrong", notice, "restore the delivery as it was sent, from a copy or from its sender")
    if not notices:
        yield Finding(about, "ok", "all are in the landing folder as they were loaded")
