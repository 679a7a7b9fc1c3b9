"""A release on disk: the names of its files, its manifest, and how it is opened.

What every package reads of a release is here; publishing, verifying and withdrawing releases is `publication`'s.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import duckdb
from pydantic import BaseModel, ConfigDict, Field, ValidationError

MANIFEST = "manifest.json"
SIGNATURE = "manifest.json.sig"
DATABASE = "preg.duckdb"
PARQUET = "parquet"
REPORT = "report"
COLUMN_LINEAGE = "column_lineage.csv"
REPORT_PAGE = "index.html"
DATA_DOCS = "data_docs"


@dataclass(frozen=True)
class ReleaseFolder:
    """The files of a release, also of one that is being made, of a candidate and of the release of a profile."""

    folder: Path

    @property
    def manifest_file(self) -> Path:
        """The manifest: see `Manifest`."""
        return self.folder / MANIFEST

    @property
    def database(self) -> Path:
        """The DuckDB file that analysts query."""
        return self.folder / DATABASE

    @property
    def parquet(self) -> Path:
        """The folder of Parquet files, one per table."""
        return self.folder / PARQUET

    def parquet_file(self, table: str) -> Path:
        """The Parquet file of a table."""
        return self.parquet / f"{table}.parquet"

    @property
    def column_lineage(self) -> Path:
        """Where each column's values come from; not in releases from before it was kept."""
        return self.folder / COLUMN_LINEAGE

    @property
    def report(self) -> Path:
        """The folder of pages."""
        return self.folder / REPORT

    @property
    def report_page(self) -> Path:
        """The page that is opened first."""
        return self.report / REPORT_PAGE


@dataclass(frozen=True)
class CandidateFolder(ReleaseFolder):
    """The files of a candidate: those of a release, and what the build and the gate add to them."""

    @property
    def description(self) -> Path:
        """What the candidate was made from; the manifest of a release is made from it."""
        return self.folder / "candidate.json"

    @property
    def check_results(self) -> Path:
        """The results of the gate's checks."""
        return self.folder / "check_results.json"

    @property
    def check_seconds(self) -> Path:
        """How long each group of checks took: group → seconds."""
        return self.folder / "check_seconds.json"

    @property
    def measures(self) -> Path:
        """The measures that drift is seen by."""
        return self.folder / "gate_measures.parquet"

    @property
    def data_docs(self) -> Path:
        """The folder of Great Expectations' Data Docs."""
        return self.folder / DATA_DOCS


class _Part(BaseModel):
    """A part of a manifest. A member that this version does not know is kept: another version may have written it."""

    model_config = ConfigDict(frozen=True, extra="allow")

    def as_json(self) -> dict[str, Any]:
        """The members that were given, in the order in which the file has them."""
        return self.model_dump(exclude_unset=True, by_alias=True)


class Approver(_Part):
    """Who approved a publication, and why."""

    name: str
    why: str


class Lineage(_Part):
    """The state of a build: the name of its series of builds, and the last document that it has."""

    name: str
    last_document_number: int


class Input(_Part):
    """A delivery that a release was made from.

    created_at, extracted_at: ISO 8601. manifest_sha256: of the delivery's own manifest. sequence_from, sequence_to:
    Freg's sequence numbers; None for a source without.
    """

    source: str
    delivery_id: str
    kind: str
    created_at: str
    sequence_from: int | None = None
    sequence_to: int | None = None
    extracted_at: str | None = None
    manifest_sha256: str
    rows_delivered: int
    rows_loaded: int
    rows_quarantined: int


class TableContent(_Part):
    """What a table holds: the number of its rows, and their content hash."""

    rows: int
    content_hash: str


class Recurrence(_Part):
    """Of the failures of a check: how many are new since the release before, unresolved (`standing`), or resolved.

    The names of the members are those of the stored manifest.
    """

    new: int
    standing: int
    mended: int


class Check(_Part):
    """The result of a check: the members of `quality.result.CheckResult`, under their stored names."""

    name: str
    kind: str
    about: str
    severity: str
    passed: bool
    failures: int
    why: str
    todo: str
    sample: list[str] = []
    ran: bool = True
    owner: str = ""
    needs_approval: bool = Field(default=False, alias="holds")
    rows: str = ""
    since_last: Recurrence | None = None


class File(_Part):
    """A file of a release: its path in the folder, its size in bytes, its SHA-256 in hexadecimal."""

    name: str
    bytes: int
    sha256: str


class Manifest(_Part):
    """What a release is, who approved it and what it was made from: `manifest.json`, its members in the file's order.

    published_at, candidate_made_at, newest_event_at: ISO 8601 in UTC; the last is when Freg registered the newest
    document. approver: None where no person approved it. outside_window: why it was published outside its window.
    made_by: what `publication` knows of the code and the engine. rules: what besides the deliveries decides the
    content. sequence_number: Freg's last. lineage: the build that it was copied from; None where nothing can be built
    upon it. tables: what follows from the deliveries alone. since_last: tables that depend on the releases before, too.
    content_hash: of `tables`. cleaned_from: the release that it is a cleaned copy of; blank for any other.

    Members without which a release cannot be shown, compared or made current again have no default.
    """

    format_version: int = 1
    release_id: str
    published_at: str
    approver: Approver | None = None
    outside_window: str = ""
    made_by: dict[str, str | None] = {}
    views_version: str = ""
    candidate_made_at: str = ""
    rules: dict[str, str] = {}
    sequence_number: int | None
    newest_event_at: str | None = None
    lineage: Lineage | None = None
    inputs: list[Input]
    tables: dict[str, TableContent]
    since_last: dict[str, TableContent] = {}
    content_hash: str
    checks: list[Check]
    files: list[File]
    cleaned_from: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """The manifest in the text of a file. Raises `ValueError` (or `RecursionError`) when it is none."""
        content = json.loads(text)
        try:
            return cls.model_validate(content)
        except ValidationError as error:
            raise ValueError("it is not the manifest of a release") from error

    def changed(self, **members: Any) -> Self:
        """A copy with other members."""
        return self.model_copy(update=members)

    def sha256_of(self, name: str) -> str | None:
        """The checksum of a file of the release; None where it has no such file."""
        return next((file.sha256 for file in self.files if file.name == name), None)


@dataclass(frozen=True)
class Release(ReleaseFolder):
    """A published release: its folder and its manifest."""

    manifest: Manifest

    @property
    def release_id(self) -> str:
        """The name of the release."""
        return self.manifest.release_id

    @contextmanager
    def open(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A read-only connection to the release; any number of readers may have one, also during a run."""
        connection = duckdb.connect(str(self.database), read_only=True)
        try:
            yield connection
        finally:
            connection.close()
