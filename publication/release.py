"""Releases: published in one rename, made current in one switch of a link, never changed afterwards.

`<data>/releases/<release_id>/` with preg.duckdb, parquet/, report/ and manifest.json; `<data>/releases/current` is a
link to one of them. What is still being written has a name that begins with a dot; nobody reads it. What was done with
which release, by whom and why, is in `publication.acts`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import duckdb

from foundation.database import machine_failures
from foundation.errors import ApprovalNeeded, GateStopped, PregError
from foundation.files import flush_to_disk, sha256_of, write_json
from foundation.settings import Settings
from publication.acts import Act, standing_rollback, utc, write_act
from publication.base import Base, Lineage
from publication.candidate import DATABASE, Candidate
from publication.delivery_overview import overview, published_entry, read_published, write_overview_table
from publication.gate_history import MEASURES, GateRecord, write_gate_history
from publication.overview_files import write_overview_files
from publication.signature import SIGNATURE, sign_manifest, signature_problem
from publication.since_last import Previous
from publication.view_version import current_view_version

MANIFEST = "manifest.json"
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
    def waits(self) -> bool:
        """Whether the check is a warning that waits for a person's name."""
        ...


@dataclass(frozen=True)
class Approval:
    """Who has put a name to a publication, and why."""

    by: str
    why: str = ""


@dataclass(frozen=True)
class Release:
    """A published release: its folder and its manifest."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def release_id(self) -> str:
        """The name of the release."""
        return str(self.manifest["release_id"])

    @property
    def database(self) -> Path:
        """The DuckDB file that analysts query."""
        return self.folder / DATABASE

    def as_base(self) -> Base | None:
        """The release as something to build a candidate upon; None where it does not know which build it came from."""
        lineage = self.manifest.get("lineage")
        files = {file["name"]: file["sha256"] for file in self.manifest["files"]}
        if lineage is None or DATABASE not in files:
            return None
        return Base(
            self.database, self.folder / "parquet", files[DATABASE], Lineage(**lineage), self.manifest["tables"]
        )

    def as_previous(self) -> Previous:
        """The release as the one before, to tell what has changed since."""
        return Previous(self.release_id, str(self.manifest["published_at"]), self.database)

    def check_database(self, settings: Settings) -> None:
        """Raise `PregError` when the database or the signature is not what was published."""
        problem = signature_problem(settings, self.folder / MANIFEST)
        expected = {file["name"]: file["sha256"] for file in self.manifest["files"]}.get(DATABASE)
        if not problem and (not self.database.is_file() or sha256_of(self.database) != expected):
            problem = f"{DATABASE}: changed since publication"
        if problem:
            raise PregError(
                f"the release is not as it was published: {problem}",
                where=str(self.folder),
                todo="go back to another one (preg release rollback), or restore the folder from a copy",
            )

    @contextmanager
    def open(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A read-only connection to the release; any number of readers may have one, whatever a run is doing."""
        connection = duckdb.connect(str(self.database), read_only=True)
        try:
            yield connection
        finally:
            connection.close()


# Writes the report of a release: from its manifest and its database into a folder.
Reporter = Callable[[dict[str, Any], Path, Path], None]


# Looks at a release a last time, at all its files, before anybody sees it; raises what stops it.
LastLook = Callable[[Path], None]


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
    last_look: LastLook | None = None,
) -> Release:
    """Publish a candidate that has passed.

    outside_window: why it is published outside its window. made_by: see `publication.provenance`. Raises `GateStopped`
    for a candidate without results or with one that blocks, and `ApprovalNeeded` without an approval where a warning
    waits for one, or where a release was rolled back since.
    """
    _refuse_unchecked(settings, results, approval)
    releases = settings.releases_dir
    releases.mkdir(parents=True, exist_ok=True)
    remove_unfinished(settings)
    newest = newest_release(settings)
    now = _after(newest, now or dt.datetime.now(dt.UTC))
    before = current_release(settings)
    content = content_of(candidate)
    release_id = f"{now:%Y%m%dT%H%M%SZ}-{content[:8]}"
    partial = releases / f".{release_id}.partial"
    with machine_failures(str(partial)):
        partial.mkdir()
        shutil.copy2(candidate.database, partial / DATABASE)
        shutil.copytree(candidate.folder / "parquet", partial / "parquet")
        manifest: dict[str, Any] = {
            "format_version": FORMAT_VERSION,
            "release_id": release_id,
            "published_at": utc(now),
            "approver": None if approval is None else {"name": approval.by, "why": approval.why},
            "outside_window": outside_window,
            "made_by": made_by or {},
            "views_version": current_view_version(),
            "candidate_made_at": candidate.made_at,
            "rules": rules,
            "sequence_number": candidate.sequence_number,
            "newest_event_at": candidate.newest_event_at,
            "lineage": candidate.lineage,
            "inputs": candidate.inputs,
            "tables": candidate.tables,
            "since_last": candidate.since_last,
            "content_hash": content,
            "checks": [asdict(result) for result in results],
        }
        manifest["since_last"] = candidate.since_last | write_gate_history(
            partial / DATABASE,
            partial / "parquet",
            manifest,
            GateRecord(results, candidate.folder / "gate_measures.parquet"),
            None if newest is None else newest.database,
        )
        published = [
            published_entry(
                settings, manifest, None if before is None else before.manifest, _persons_changed(partial / DATABASE)
            ),
            *read_published(None if newest is None else newest.database),
        ]
        entries = overview(settings, published, now)
        manifest["since_last"] |= write_overview_table(partial / DATABASE, partial / "parquet", entries)
        write_report(manifest, partial / DATABASE, partial / "report")
        write_overview_files(entries, partial / "report", now)
        if (candidate.folder / "data_docs").is_dir():
            shutil.copytree(candidate.folder / "data_docs", partial / "report" / "data_docs")
        manifest["files"] = _describe_files(partial)
        write_json(partial / MANIFEST, manifest)
        sign_manifest(settings, partial / MANIFEST)
        if last_look is not None:
            last_look(partial)
        _flush(partial)
        partial.rename(releases / release_id)
        _switch_current(releases, release_id)
        flush_to_disk(releases)
        write_act(
            settings,
            Act(
                utc(now),
                "published" if approval is None else "promoted",
                release_id,
                "automatic" if approval is None else approval.by,
                outside_window if approval is None else approval.why,
                "" if before is None else before.release_id,
            ),
        )
    return Release(releases / release_id, manifest)


def content_of(candidate: Candidate) -> str:
    """The hash of a candidate's content: that of the release that is published from it."""
    return hashlib.sha256(json.dumps(candidate.tables, sort_keys=True).encode()).hexdigest()


def _persons_changed(database: Path) -> int | None:
    """The persons whose record or present address is otherwise than in the release before, as the gate has counted."""
    with duckdb.connect(str(database), read_only=True) as connection:
        row = connection.execute(
            f"select max(value) from {MEASURES} where measure = 'changed_persons'"
            f" and release_id = (select max(release_id) from {MEASURES})"
        ).fetchone()
    return None if row is None or row[0] is None else int(row[0])


def make_current(
    settings: Settings, release: Release, act: Literal["promoted", "rolled back"], approval: Approval
) -> None:
    """Make a release that is there already the current one. Only for who holds the writer's lock.

    Raises `PregError` when its files are not as they were published; the current release stands then.
    """
    problems = verify_release(release, settings)
    if problems:
        raise PregError(
            "the release is not as it was published:\n" + "\n".join(f"  {problem}" for problem in problems),
            where=str(release.folder),
            todo="choose another one (preg release list), or restore the folder from a copy",
        )
    before = current_release(settings)
    write_act(
        settings,
        Act(
            utc(dt.datetime.now(dt.UTC)),
            act,
            release.release_id,
            approval.by,
            approval.why,
            "" if before is None else before.release_id,
        ),
    )
    with machine_failures(str(settings.releases_dir)):
        _switch_current(settings.releases_dir, release.release_id)
        flush_to_disk(settings.releases_dir)


def current_release(settings: Settings) -> Release | None:
    """The release that `current` points to; None when nothing has been published."""
    link = settings.releases_dir / CURRENT
    if not link.is_symlink():
        return None
    return read_release(link.resolve())


def list_releases(settings: Settings) -> list[Release]:
    """Every published release, oldest first."""
    if not settings.releases_dir.is_dir():
        return []
    folders = sorted(
        folder
        for folder in settings.releases_dir.iterdir()
        if folder.is_dir() and not folder.is_symlink() and not folder.name.startswith(".")
    )
    return [read_release(folder) for folder in folders]


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
    """The release in a folder. Raises `PregError` when its manifest cannot be read."""
    try:
        return Release(folder, json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise PregError(
            f"the release's manifest cannot be read: {error}",
            where=str(folder / MANIFEST),
            todo="restore the release folder from a copy, or publish again: preg run",
        ) from error


def verify_release(release: Release, settings: Settings | None = None) -> list[str]:
    """What is wrong with the files of a release, against the checksums of its manifest; empty when nothing is.

    With settings that have a public key, the signature of the manifest too.
    """
    problems = []
    if settings is not None and (problem := signature_problem(settings, release.folder / MANIFEST)):
        problems.append(problem)
    for file in release.manifest["files"]:
        path = release.folder / file["name"]
        if not path.is_file():
            problems.append(f"{file['name']}: missing")
        elif sha256_of(path) != file["sha256"]:
            problems.append(f"{file['name']}: changed since publication")
    expected = {MANIFEST, SIGNATURE, *(file["name"] for file in release.manifest["files"])}
    found = {path.relative_to(release.folder).as_posix() for path in release.folder.rglob("*") if path.is_file()}
    problems += [f"{name}: was not published" for name in sorted(found - expected)]
    return problems


def remove_unfinished(settings: Settings) -> None:
    """Remove what a publication left that was killed before its rename. Only for who holds the writer's lock."""
    if not settings.releases_dir.is_dir():
        return
    for entry in settings.releases_dir.iterdir():
        if entry.name.startswith("."):
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()


def _refuse_unchecked(settings: Settings, results: Sequence[CheckResultLike], approval: Approval | None) -> None:
    if not results:
        raise GateStopped("the candidate has not been checked", todo="run the gate first: preg run")
    fired = [result.name for result in results if result.blocks]
    if fired:
        raise GateStopped(f"blocking checks have fired: {', '.join(fired)}", todo="mend the cause and run again")
    if approval is not None:
        return
    waiting = [
        f"  {result.name}: {result.failures} ({result.why}; {result.todo})" for result in results if result.waits
    ]
    if waiting:
        raise ApprovalNeeded(
            "the candidate waits for a person's name: warnings stand\n" + "\n".join(waiting),
            todo='look at them, then publish it: preg release promote --approver NAME --why "REASON"',
        )
    rollback = standing_rollback(settings)
    if rollback is not None:
        raise ApprovalNeeded(
            f"the candidate waits for a person's name: {rollback.by} rolled back to {rollback.release_id} at"
            f" {rollback.at} ({rollback.why}), and nothing has been promoted since",
            todo='when the cause is mended, publish it: preg release promote --approver NAME --why "REASON"',
        )


def _after(newest: Release | None, now: dt.datetime) -> dt.datetime:
    """Now, or where the clock has jumped back, a second after the newest release: the order of releases is kept."""
    now = now.astimezone(dt.UTC).replace(microsecond=0)
    if newest is None:
        return now
    last = dt.datetime.fromisoformat(str(newest.manifest["published_at"]))
    return now if now > last else last + dt.timedelta(seconds=1)


def _flush(folder: Path) -> None:
    for path in [*sorted(folder.rglob("*")), folder]:
        flush_to_disk(path)


def _describe_files(folder: Path) -> list[dict[str, Any]]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [
        {"name": path.relative_to(folder).as_posix(), "bytes": path.stat().st_size, "sha256": sha256_of(path)}
        for path in files
    ]


def _switch_current(releases: Path, release_id: str) -> None:
    temporary = releases / f".{CURRENT}.partial"
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(release_id)
    temporary.replace(releases / CURRENT)
