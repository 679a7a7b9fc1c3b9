"""Releases: published in one rename, made current in one switch of a link, never changed afterwards.

`<data>/releases/<release_id>/` with preg.duckdb, parquet/, report/ and manifest.json; `<data>/releases/current` is a
link to one of them. What is still being written has a name that begins with a dot; nobody reads it.
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
from typing import Any, Protocol

import duckdb

from foundation.database import machine_failures
from foundation.errors import GateStopped, PregError
from foundation.files import flush_to_disk, sha256_of, write_json
from foundation.settings import Settings
from publication.base import Base, Lineage
from publication.candidate import DATABASE, Candidate
from publication.since_last import Previous

MANIFEST = "manifest.json"
CURRENT = "current"
FORMAT_VERSION = 1


class CheckResultLike(Protocol):
    """What a release keeps of a check (see `quality.result.CheckResult`)."""

    name: str
    passed: bool

    @property
    def blocks(self) -> bool:
        """Whether the check stops the publication."""
        ...


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


def publish(
    settings: Settings,
    candidate: Candidate,
    results: Sequence[Any],
    rules: dict[str, str],
    write_report: Reporter,
    now: dt.datetime | None = None,
) -> Release:
    """Publish a candidate that has passed. Raises `GateStopped` for one without results or with one that blocks."""
    _refuse_unchecked(results)
    now = now or dt.datetime.now(dt.UTC)
    releases = settings.releases_dir
    releases.mkdir(parents=True, exist_ok=True)
    remove_unfinished(settings)
    content = hashlib.sha256(json.dumps(candidate.tables, sort_keys=True).encode()).hexdigest()
    release_id = f"{now:%Y%m%dT%H%M%SZ}-{content[:8]}"
    partial = releases / f".{release_id}.partial"
    with machine_failures(str(partial)):
        partial.mkdir()
        shutil.copy2(candidate.database, partial / DATABASE)
        shutil.copytree(candidate.folder / "parquet", partial / "parquet")
        manifest = {
            "format_version": FORMAT_VERSION,
            "release_id": release_id,
            "published_at": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
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
        write_report(manifest, partial / DATABASE, partial / "report")
        manifest["files"] = _describe_files(partial)
        write_json(partial / MANIFEST, manifest)
        flush_to_disk(partial)
        partial.rename(releases / release_id)
        _switch_current(releases, release_id)
        flush_to_disk(releases)
    return Release(releases / release_id, manifest)


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


def verify_release(release: Release) -> list[str]:
    """What is wrong with the files of a release, against the checksums of its manifest; empty when nothing is."""
    problems = []
    for file in release.manifest["files"]:
        path = release.folder / file["name"]
        if not path.is_file():
            problems.append(f"{file['name']}: missing")
        elif sha256_of(path) != file["sha256"]:
            problems.append(f"{file['name']}: changed since publication")
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


def _refuse_unchecked(results: Sequence[CheckResultLike]) -> None:
    if not results:
        raise GateStopped("the candidate has not been checked", todo="run the gate first: preg run")
    fired = [result.name for result in results if result.blocks]
    if fired:
        raise GateStopped(f"blocking checks have fired: {', '.join(fired)}", todo="mend the cause and run again")


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
