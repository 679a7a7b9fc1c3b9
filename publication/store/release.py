"""Releases: published in one rename, made current in one switch of a link, never changed afterwards.

`<data>/releases/<release_id>/` (`foundation.release` has the names of its files); `<data>/releases/current` is a link
to one of them. What is still being written has a name that begins with a dot; nobody reads it. What was done with
which release, by whom and why, is in `publication.store.audit_log`.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import duckdb

from foundation.database import machine_failures
from foundation.errors import ApprovalNeeded, GateStopped, PregError
from foundation.files import flush_to_disk, sha256_of, write_json
from foundation.release import (
    DATA_DOCS,
    DATABASE,
    MANIFEST,
    SIGNATURE,
    Approver,
    Check,
    File,
    Manifest,
    Release,
    ReleaseFolder,
)
from foundation.settings import Settings
from foundation.text import printable
from publication.candidate.candidate import Candidate, content_of
from publication.candidate.view_version import current_view_version
from publication.reports.column_lineage import OF_THIS_CODE as LINEAGE_OF_THIS_CODE
from publication.reports.delivery_overview import overview, published_entry, read_published, write_overview_table
from publication.store.audit_log import AuditEntry, audit_entries, rollback_in_effect, utc, write_audit_entry
from publication.store.gate_history import MEASURES, GateRecord, write_gate_history
from publication.store.signature import sign_manifest, signature_problem

CURRENT = "current"
FORMAT_VERSION = 1


class CheckResultLike(Protocol):
    """What a release keeps of a check (see `quality.result.CheckResult`)."""

    name: str
    passed: bool
    failures: int
    why: str
    todo: str

    @property
    def blocks(self) -> bool:
        """Whether the check stops the publication."""
        ...

    @property
    def awaits_approval(self) -> bool:
        """Whether the check is a warning that needs a person's approval before publication."""
        ...


@dataclass(frozen=True)
class Approval:
    """Who approved a publication, and why."""

    by: str
    why: str = ""


# Writes the report of a release: from its manifest and its database into a folder.
Reporter = Callable[[Manifest, Path, Path], None]


# Scans a release a last time, all its files, before anybody sees it; raises what stops it.
Scan = Callable[[Path], None]


def publish(
    settings: Settings,
    candidate: Candidate,
    results: Sequence[Any],
    rules: dict[str, str],
    write_report: Reporter,
    now: dt.datetime | None = None,
    *,
    approval: Approval | None = None,
    outside_window: str = "",
    made_by: dict[str, str | None] | None = None,
    scan: Scan | None = None,
) -> Release:
    """Publish a candidate that has passed.

    outside_window: why it is published outside its window. made_by: see `publication.candidate.provenance`. Raises
    `GateStopped` for a candidate without results or with one that blocks, and `ApprovalNeeded` without an approval
    where a warning needs one, or where a release was rolled back since.
    """
    refuse_unchecked(settings, results, approval)
    releases = settings.releases_dir
    releases.mkdir(parents=True, exist_ok=True)
    remove_unfinished(settings)
    newest = newest_release(settings)
    now = _after(newest, now or dt.datetime.now(dt.UTC))
    before = current_release(settings)
    content = content_of(candidate.tables)
    release_id = f"{now:%Y%m%dT%H%M%SZ}-{content[:8]}"
    partial = ReleaseFolder(releases / f".{release_id}.partial")
    with machine_failures(str(partial.folder)):
        partial.folder.mkdir()
        shutil.copy2(candidate.database, partial.database)
        shutil.copytree(candidate.parquet, partial.parquet)
        shutil.copyfile(LINEAGE_OF_THIS_CODE, partial.column_lineage)
        manifest = Manifest(
            format_version=FORMAT_VERSION,
            release_id=release_id,
            published_at=utc(now),
            approver=None if approval is None else Approver(name=approval.by, why=approval.why),
            outside_window=outside_window,
            made_by=made_by or {},
            views_version=current_view_version(),
            candidate_made_at=candidate.made_at,
            rules=rules,
            sequence_number=candidate.sequence_number,
            newest_event_at=candidate.newest_event_at,
            lineage=candidate.lineage,
            inputs=candidate.inputs,
            tables=candidate.tables,
            since_last=candidate.since_last,
            content_hash=content,
            checks=[Check.model_validate(result.as_json()) for result in results],
            files=[],
        )
        gate_tables = write_gate_history(
            partial,
            manifest,
            GateRecord(results, candidate.measures),
            None if newest is None else newest.database,
        )
        published = [
            published_entry(
                settings, manifest, None if before is None else before.manifest, _persons_changed(partial.database)
            ),
            *read_published(None if newest is None else newest.database),
        ]
        entries = overview(settings, published, now)
        overview_table = write_overview_table(partial, entries)
        manifest = manifest.changed(since_last=candidate.since_last | gate_tables | overview_table)
        write_report(manifest, partial.database, partial.report)
        # Slow to import, and only needed here.
        from publication.reports.overview_files import write_overview_files

        write_overview_files(entries, partial.report, now)
        if candidate.data_docs.is_dir():
            shutil.copytree(candidate.data_docs, partial.report / DATA_DOCS)
        entry = AuditEntry(
            utc(now),
            "published" if approval is None else "promoted",
            release_id,
            "automatic" if approval is None else approval.by,
            outside_window if approval is None else approval.why,
            "" if before is None else before.release_id,
        )
        return finish_release(settings, partial, manifest, scan, lambda: write_audit_entry(settings, entry))


def finish_release(
    settings: Settings,
    partial: ReleaseFolder,
    manifest: Manifest,
    scan: Scan | None,
    write_down: Callable[[], None],
) -> Release:
    """Describe, sign and look at a release that is whole in `partial`, and make it current: in one rename, one switch.

    write_down: called before anybody sees it; what is done is written before it is done.
    """
    releases, release_id = settings.releases_dir, manifest.release_id
    manifest = manifest.changed(files=describe_files(partial.folder))
    write_json(partial.manifest_file, manifest.as_json())
    sign_manifest(settings, partial.manifest_file)
    if scan is not None:
        scan(partial.folder)
    _flush(partial.folder)
    write_down()
    partial.folder.rename(releases / release_id)
    _clear_place_of_link(settings)
    _switch_current(releases, release_id)
    flush_to_disk(releases)
    return Release(releases / release_id, manifest)


def next_release_time(settings: Settings, now: dt.datetime) -> dt.datetime:
    """When a release that is made now is published, by its name: after every other."""
    return _after(newest_release(settings), now)


def _persons_changed(database: Path) -> int | None:
    """The persons whose record or present address is otherwise than in the release before, as the gate has counted."""
    with duckdb.connect(str(database), read_only=True) as connection:
        row = connection.execute(
            f"select max(value) from {MEASURES} where measure = 'changed_persons'"
            f" and release_id = (select max(release_id) from {MEASURES})"
        ).fetchone()
    return None if row is None or row[0] is None else int(row[0])


def make_current(
    settings: Settings, release: Release, action: Literal["promoted", "rolled back"], approval: Approval
) -> None:
    """Make a release that is there already the current one. The caller must hold the writer's lock.

    Raises `PregError` when its files are not as they were published; the current release stays current then.
    """
    problems = verify_release(release, settings)
    if problems:
        raise PregError(
            "the release is not as it was published:\n" + "\n".join(f"  {problem}" for problem in problems),
            where=str(release.folder),
            todo="choose another one (preg release list), or restore the folder from a copy",
        )
    before = current_release(settings)
    write_audit_entry(
        settings,
        AuditEntry(
            utc(dt.datetime.now(dt.UTC)),
            action,
            release.release_id,
            approval.by,
            approval.why,
            "" if before is None else before.release_id,
        ),
    )
    with machine_failures(str(settings.releases_dir)):
        _clear_place_of_link(settings)
        _switch_current(settings.releases_dir, release.release_id)
        flush_to_disk(settings.releases_dir)


def current_release(settings: Settings) -> Release | None:
    """The release that `current` points to; None when nothing has been published, or the link leads to no release.

    `store_problems` says why it leads to none.
    """
    link = settings.releases_dir / CURRENT
    if not link.is_symlink() or _link_problem(settings):
        return None
    return read_release(settings.releases_dir / link.readlink().name)


def list_releases(settings: Settings) -> list[Release]:
    """Every published release, oldest first; what cannot be read as one is stepped over (`store_problems`)."""
    return [found for found in map(_read_or_problem, _folders(settings)) if isinstance(found, Release)]


@dataclass(frozen=True)
class StoreProblem:
    """Something in the folder of releases that is no release: its name there, what it is, what to do."""

    name: str
    what: str
    todo: str


def store_problems(settings: Settings) -> list[StoreProblem]:
    """What is wrong with the folder of releases itself; the files of the releases are `verify_release`'s."""
    problems = []
    if (what := _link_problem(settings)) is not None:
        problems.append(StoreProblem(CURRENT, what, "preg doctor --mend, or preg release promote RELEASE"))
    for folder in _folders(settings):
        found = _read_or_problem(folder)
        if isinstance(found, PregError):
            todo = f"restore it from a copy, or remove it: preg release withdraw {folder.name} --why REASON"
            problems.append(StoreProblem(folder.name, found.what, todo))
    return problems


def mend_store(settings: Settings) -> list[str]:
    """Correct what can be: `current` points again to the release that was made current last, or else to the newest.

    The caller must hold the writer's lock. Returns what was done; nothing is removed but a broken link.
    """
    if _link_problem(settings) is None:
        return []
    releases = {release.release_id: release for release in list_releases(settings)}
    made = [
        entry.release_id
        for entry in audit_entries(settings)
        if entry.action != "withdrawn" and entry.release_id in releases
    ]
    chosen = releases.get(made[-1]) if made else newest_release(settings)
    done = [_move_aside(settings, settings.releases_dir / CURRENT)]
    if chosen is not None and verify_release(chosen, settings):
        done.append(f"{chosen.release_id} is not as it was published: nothing is current")
    elif chosen is not None:
        _switch_current(settings.releases_dir, chosen.release_id)
        flush_to_disk(settings.releases_dir)
        done.append(f"current leads to {chosen.release_id}")
    return done


def release_folders(settings: Settings) -> dict[str, Path]:
    """What is in the folder of releases, by name: releases, and what cannot be read as one."""
    return {folder.name: folder for folder in _folders(settings)}


def _folders(settings: Settings) -> list[Path]:
    """What is in the folder of releases, by name."""
    if not settings.releases_dir.is_dir():
        return []
    return sorted(
        entry
        for entry in settings.releases_dir.iterdir()
        if entry.name != CURRENT and not entry.name.startswith(".") and (entry.is_dir() or entry.is_symlink())
    )


def _read_or_problem(folder: Path) -> Release | PregError:
    try:
        return read_release(folder)
    except PregError as problem:
        return problem


def _link_problem(settings: Settings) -> str | None:
    """Why `current` leads to no release; None where it does, or where nothing is there."""
    link = settings.releases_dir / CURRENT
    if not link.is_symlink():
        return "it is no link, but is where the link to the current release should be" if link.exists() else None
    target = link.readlink()
    if target.name in ("", ".", "..") or str(target) != target.name:
        return "the link leads out of the folder of releases"
    if not link.exists():
        return "the link leads nowhere"
    found = _read_or_problem(settings.releases_dir / target.name)
    return f"the link leads to no release: {found.what}" if isinstance(found, PregError) else None


def _clear_place_of_link(settings: Settings) -> None:
    """A folder where the link should be prevents neither publishing nor going back."""
    link = settings.releases_dir / CURRENT
    if not link.is_symlink():
        _move_aside(settings, link)


def _move_aside(settings: Settings, place: Path) -> str:
    """Take away what is where the link should be: a link is removed, anything else keeps its content in `stray/`."""
    if place.is_symlink():
        place.unlink()
        return "the broken link is removed"
    if not place.exists():
        return ""
    settings.stray_dir.mkdir(parents=True, exist_ok=True)
    target = settings.stray_dir / f"{place.name}-{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S%fZ}"
    place.rename(target)
    return f"what was there is in {target}"


def newest_release(settings: Settings) -> Release | None:
    """The release that was published last, current or not."""
    return max(list_releases(settings), key=lambda release: release.release_id, default=None)


def find_release(settings: Settings, release_id: str) -> Release:
    """The release of a name, or of `current`. Raises `PregError` when there is none."""
    found = current_release(settings) if release_id == CURRENT else None
    for release in [] if found else list_releases(settings):
        if release.release_id == release_id:
            found = release
    if found is None:
        raise PregError(
            f"no such release: {release_id}", where=str(settings.releases_dir), todo="preg release list shows them"
        )
    return found


def release_before(settings: Settings, release_id: str = "") -> Release:
    """The release that was published before one (the current one). Raises `PregError` when there is none."""
    current = current_release(settings)
    named = release_id or (current.release_id if current else "")
    earlier = [release for release in list_releases(settings) if release.release_id < named]
    if not earlier:
        raise PregError(
            "there is no earlier release",
            where=str(settings.releases_dir),
            todo="preg release list shows what is there; restore one from a copy (docs/operations.md)",
        )
    return earlier[-1]


def read_release(folder: Path) -> Release:
    """The release in a folder. Raises `PregError` when its manifest cannot be read, or is not that of the folder."""
    todo = "restore the release folder from a copy, or publish again: preg run"
    file = ReleaseFolder(folder).manifest_file
    if folder.is_symlink():
        raise PregError("a link is no release", where=str(folder), todo=todo)
    try:
        manifest = Manifest.parse(file.read_text(encoding="utf-8"))
        if manifest.release_id != folder.name:
            raise ValueError("it is the manifest of another release")
        paths = [Path(each.name) for each in manifest.files]
        if any(path.is_absolute() or ".." in path.parts for path in paths):
            raise ValueError("it names files outside the release")
        dt.datetime.fromisoformat(manifest.published_at)
    except (OSError, ValueError, RecursionError) as error:
        raise PregError(
            f"the release's manifest cannot be read: {printable(str(error), 200)}", where=str(file), todo=todo
        ) from error
    return Release(folder, manifest)


def check_database(release: Release, settings: Settings) -> None:
    """Raise `PregError` when the database or the signature is not what was published."""
    problem = signature_problem(settings, release.manifest_file)
    expected = release.manifest.sha256_of(DATABASE)
    if not problem and (not release.database.is_file() or sha256_of(release.database) != expected):
        problem = f"{DATABASE}: changed since publication"
    if problem:
        raise PregError(
            f"the release is not as it was published: {problem}",
            where=str(release.folder),
            todo="go back to another one (preg release rollback), or restore the folder from a copy",
        )


def verify_release(release: Release, settings: Settings | None = None) -> list[str]:
    """What is wrong with the files of a release, against the checksums of its manifest; empty when nothing is.

    With settings that have a public key, the signature of the manifest too.
    """
    problems = []
    if settings is not None and (problem := signature_problem(settings, release.manifest_file)):
        problems.append(problem)
    return problems + verify_files(release.folder, release.manifest.files)


def verify_files(folder: Path, files: Sequence[File]) -> list[str]:
    """What is wrong with the files of a folder, against the `files` of its manifest; empty when nothing is."""
    problems = []
    for file in files:
        path = folder / file.name
        if not path.is_file():
            problems.append(f"{file.name}: missing")
        elif sha256_of(path) != file.sha256:
            problems.append(f"{file.name}: changed since publication")
    expected = {MANIFEST, SIGNATURE, *(file.name for file in files)}
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    problems += [f"{name}: was not published" for name in sorted(found - expected)]
    return problems


def describe_files(folder: Path) -> list[File]:
    """Every file of a folder, as a manifest has them."""
    return [
        File(name=path.relative_to(folder).as_posix(), bytes=path.stat().st_size, sha256=sha256_of(path))
        for path in sorted(path for path in folder.rglob("*") if path.is_file())
    ]


def remove_unfinished(settings: Settings) -> None:
    """Remove what a publication or a withdrawal left that was killed. The caller must hold the writer's lock."""
    if not settings.releases_dir.is_dir():
        return
    for entry in settings.releases_dir.iterdir():
        if entry.name.startswith("."):
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()


def refuse_unchecked(settings: Settings, results: Sequence[CheckResultLike], approval: Approval | None) -> None:
    """Raise `GateStopped` for a candidate without results or with one that blocks, and `ApprovalNeeded` without an
    approval where a warning needs one, or where a release was rolled back since."""
    if not results:
        raise GateStopped("the candidate has not been checked", todo="run the gate first: preg run")
    fired = [result.name for result in results if result.blocks]
    if fired:
        raise GateStopped(f"blocking checks have fired: {', '.join(fired)}", todo="correct the cause and run again")
    if approval is not None:
        return
    waiting = [
        f"  {result.name}: {result.failures} ({result.why}; {result.todo})"
        for result in results
        if result.awaits_approval
    ]
    if waiting:
        raise ApprovalNeeded(
            "the candidate waits for approval: warnings need it\n" + "\n".join(waiting),
            todo='look at them, then publish it: preg release promote --approver NAME --why "REASON"',
        )
    rollback = rollback_in_effect(settings)
    if rollback is not None:
        raise ApprovalNeeded(
            f"the candidate waits for approval: {rollback.by} rolled back to {rollback.release_id} at"
            f" {rollback.at} ({rollback.why}), and nothing has been promoted since",
            todo='when the cause is corrected, publish it: preg release promote --approver NAME --why "REASON"',
        )


def _after(newest: Release | None, now: dt.datetime) -> dt.datetime:
    """Now, or where the clock has jumped back, a second after the newest release: the order of releases is kept."""
    now = now.astimezone(dt.UTC).replace(microsecond=0)
    if newest is None:
        return now
    last = dt.datetime.fromisoformat(newest.manifest.published_at)
    return now if now > last else last + dt.timedelta(seconds=1)


def _flush(folder: Path) -> None:
    for path in [*sorted(folder.rglob("*")), folder]:
        flush_to_disk(path)


def _switch_current(releases: Path, release_id: str) -> None:
    temporary = releases / f".{CURRENT}.partial"
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(release_id)
    temporary.replace(releases / CURRENT)
