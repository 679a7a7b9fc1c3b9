"""The landing folder: which deliveries are there, and whether each is whole.

`<landing>/<source>/<delivery_id>/` with the files as received and `manifest.json`. A folder without a manifest is
not a delivery (yet). A delivery never changes after its manifest is there.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from foundation.errors import DeliveryRefused, PregError
from foundation.text import printable
from ingest.compressed import DamagedFileError, open_regular
from ingest.contracts.sources import SOURCES
from ingest.limits import Limits
from ingest.scan import FileScan, ScanStoppedError, scan, why_stopped, wrong_checksum

MANIFEST = "manifest.json"

# Names come from the sender and become paths of ours: nothing in them means anything to a file system, to DuckDB's
# globs, to a terminal or to SQL.
SAFE_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$"
NAMES_ARE = "names are letters, digits, '.', '_' and '-', at most 128 of them, a letter or digit first"

_LARGEST_MANIFEST = 16 << 20
_MOST_FILES = 10_000
_LARGEST_NUMBER = (1 << 63) - 1
_MOST_PROBLEMS = 5
_YEARS = range(1900, 2200)


def _plausible(day: Any) -> Any:
    if day.year not in _YEARS:
        raise ValueError(f"a year from {_YEARS.start} to {_YEARS.stop - 1} is expected")
    return day


_Count = Annotated[int, Field(ge=0, le=_LARGEST_NUMBER)]


class DeliveredFile(BaseModel):
    """A file of a delivery as the sender describes it; `rows` counts records, a CSV header not counted."""

    model_config = ConfigDict(extra="ignore")

    name: str = Field(pattern=SAFE_NAME)
    rows: _Count
    bytes: _Count
    sha256: str = Field(pattern=r"^[0-9a-fA-F]{64}$")


class Manifest(BaseModel):
    """`manifest.json` of a delivery, format version 1."""

    model_config = ConfigDict(extra="ignore")

    format_version: Literal[1]
    source: str
    delivery_id: str = Field(pattern=SAFE_NAME)
    kind: Literal["full", "change"]
    schema_version: str = Field(pattern=r"^[A-Za-z0-9._+-]{1,64}$")
    created_at: Annotated[dt.datetime, AfterValidator(_plausible)]
    sequence_from: _Count | None = None
    sequence_to: _Count | None = None
    extracted_at: Annotated[dt.date, AfterValidator(_plausible)] | None = None
    files: list[DeliveredFile] = Field(max_length=_MOST_FILES)

    @model_validator(mode="after")
    def _positions_fit_source(self) -> Manifest:
        if self.source in ("freg", "persontjenesten") and self.sequence_to is None:
            raise ValueError(f"sequence_to is required for source {self.source}")
        if self.source == "matrikkel" and self.extracted_at is None:
            raise ValueError("extracted_at is required for source matrikkel")
        if (
            self.sequence_from is not None
            and self.sequence_to is not None
            and self.sequence_from > self.sequence_to + 1
        ):
            raise ValueError(f"sequence_from {self.sequence_from} is after sequence_to {self.sequence_to}")
        names = [file.name for file in self.files]
        if len(names) != len(set(names)) or MANIFEST in names:
            raise ValueError("a file is listed twice, or is the manifest")
        if self.rows > _LARGEST_NUMBER:
            raise ValueError("the rows of all files together are more than can be counted")
        return self

    @property
    def rows(self) -> int:
        """Records delivered, all files together."""
        return sum(file.rows for file in self.files)

    @property
    def made_at(self) -> dt.datetime:
        """When the delivery was made; a time without a zone is UTC."""
        zoned = self.created_at.tzinfo is not None
        return self.created_at if zoned else self.created_at.replace(tzinfo=dt.UTC)

    @property
    def position(self) -> int:
        """The position of the delivery among those of its source: its last sequence number, or its date as a number."""
        if self.sequence_to is not None:
            return self.sequence_to
        return self.extracted_at.toordinal() if self.extracted_at else 0


@dataclass(frozen=True)
class Delivery:
    """A delivery that exists: its folder, its manifest, and the manifest's own SHA-256."""

    folder: Path
    manifest: Manifest
    manifest_sha256: str

    @property
    def key(self) -> tuple[str, str]:
        """Source and delivery id, by which a delivery is loaded once."""
        return self.manifest.source, self.manifest.delivery_id

    def path(self, file: DeliveredFile) -> Path:
        """Where a file of the delivery is."""
        return self.folder / file.name

    def refused(self, what: str, *, todo: str, file: str = MANIFEST) -> DeliveryRefused:
        """An error about this delivery."""
        source, delivery_id = self.key
        return DeliveryRefused(what, where=str(self.folder / file), todo=todo, source=source, delivery_id=delivery_id)


@dataclass
class Inventory:
    """What a landing folder holds: deliveries in the order in which they apply, and what is in the way."""

    deliveries: list[Delivery] = field(default_factory=list)
    refused: list[DeliveryRefused] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def of(self, source: str) -> list[Delivery]:
        """The deliveries of one source, in the order in which they apply."""
        return [delivery for delivery in self.deliveries if delivery.manifest.source == source]


def no_delivery(landing: Path) -> PregError:
    """The error of who asked for what has been delivered, where nothing has been."""
    return PregError(
        "there is no delivery in the landing folder",
        where=str(landing),
        todo="put deliveries there (docs/deliveries.md), or make some: preg sample --out DIR",
    )


def take_inventory(landing: Path) -> Inventory:
    """Read every manifest below `landing`; one that cannot be read refuses its delivery and no other.

    Raises `DeliveryRefused` when the folder itself is not there.
    """
    if not landing.is_dir():
        raise DeliveryRefused(
            "there is no landing folder",
            where=str(landing),
            todo="give the folder with the deliveries: preg run --landing DIR (or PREG_LANDING_DIR)",
        )
    inventory = Inventory()
    for source_folder in _folders(landing, inventory, landing):
        for folder in _folders(source_folder, inventory, landing):
            _take(folder, source_folder.name, inventory)
    inventory.deliveries.sort(key=_order)
    return inventory


def verify(delivery: Delivery, limits: Limits) -> dict[str, FileScan]:
    """Compare each file with the manifest: there, of the size, with the checksum, with no more in it than it says.

    Returns what each file is, by its name. Raises `DeliveryRefused`.
    """
    files = delivery.manifest.files
    for file in files:
        _check_stored(delivery, file)
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        scans = list(pool.map(partial(_scan, delivery, limits=limits), files))
    return {file.name: scanned for file, scanned in zip(files, scans, strict=True)}


def _check_stored(delivery: Delivery, file: DeliveredFile) -> None:
    try:
        found = os.lstat(delivery.path(file))
    except FileNotFoundError as error:
        raise delivery.refused(
            "a file of the delivery is missing", file=file.name, todo="have the delivery sent again, whole"
        ) from error
    if not stat.S_ISREG(found.st_mode):
        raise delivery.refused(
            f"a file of the delivery is {_form(found.st_mode)}, not a file",
            file=file.name,
            todo="have the delivery sent again, with the files themselves in its folder",
        )
    if found.st_size != file.bytes:
        raise delivery.refused(
            f"wrong size: the manifest says {file.bytes} bytes, the file has {found.st_size}",
            file=file.name,
            todo="the file was not transferred whole: have the delivery sent again",
        )


def _scan(delivery: Delivery, file: DeliveredFile, limits: Limits) -> FileScan:
    path = delivery.path(file)
    is_csv = ".csv" in file.name
    try:
        found = scan(
            path,
            longest_line=limits.largest,
            most_bytes=limits.unpacked(file.bytes),
            # A quoted value of a CSV file may go over several lines: its rows are counted when they are read.
            most_records=None if is_csv else file.rows,
        )
    except (DamagedFileError, ScanStoppedError) as error:
        raise delivery.refused(
            why_stopped(path, file.sha256, error),
            file=file.name,
            todo="have the delivery sent again, whole, with a manifest that describes it",
        ) from error
    except OSError as error:
        raise delivery.refused(
            f"a file of the delivery cannot be read: {printable(error.strerror or error)}",
            file=file.name,
            todo="let the user of the pipeline read it, or have the delivery sent again",
        ) from error
    if found.sha256 != file.sha256.lower():
        raise delivery.refused(
            wrong_checksum(file.sha256, found.sha256),
            file=file.name,
            todo="the file was changed or damaged on its way: have the delivery sent again",
        )
    if not is_csv and found.records != file.rows:
        raise delivery.refused(
            f"wrong row count: the manifest says {file.rows} records, the file has {found.records}",
            file=file.name,
            todo="have the delivery sent again, whole, with a manifest that describes it",
        )
    return found


def _form(mode: int) -> str:
    """What something in a folder is, for a person."""
    forms = (
        (stat.S_ISLNK, "a link"),
        (stat.S_ISDIR, "a folder"),
        (stat.S_ISFIFO, "a pipe"),
        (stat.S_ISSOCK, "a socket"),
    )
    return next((words for is_form, words in forms if is_form(mode)), "a device")


def _folders(parent: Path, inventory: Inventory, landing: Path) -> list[Path]:
    """The folders in a folder; a link in the place of one is refused, for it may lead anywhere."""

    def refuse(entry: Path, what: str, todo: str) -> None:
        source, *rest = entry.relative_to(landing).parts
        inventory.refused.append(
            DeliveryRefused(what, where=str(entry), todo=todo, source=source, delivery_id="/".join(rest))
        )

    folders = []
    try:
        entries = sorted(parent.iterdir())
    except OSError as error:
        if parent == landing:
            raise
        refuse(
            parent, f"the folder cannot be read: {printable(error.strerror)}", "let the user of the pipeline read it"
        )
        return []
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_symlink():
            refuse(entry, "there is a link where a folder should be", "put the folder itself there, or remove the link")
        elif entry.is_dir():
            folders.append(entry)
    return folders


def _take(folder: Path, source: str, inventory: Inventory) -> None:
    if not os.path.lexists(folder / MANIFEST):
        inventory.notices.append(
            f"{printable(folder, 4096)}: no {MANIFEST}, so not a delivery (still being written, or broken off);"
            " left alone"
        )
        return
    try:
        inventory.deliveries.append(_read(folder, source))
    except DeliveryRefused as refusal:
        inventory.refused.append(refusal)


def _read(folder: Path, source: str) -> Delivery:
    file = folder / MANIFEST

    def refusal(what: str, todo: str) -> DeliveryRefused:
        return DeliveryRefused(what, where=str(file), todo=todo, source=source, delivery_id=folder.name)

    if source not in SOURCES:
        raise refusal(
            f"unknown source '{printable(source)}'",
            f"put the delivery below one of: {', '.join(SOURCES)}, or remove it",
        )
    try:
        text = _manifest_text(file)
        content = json.loads(text.decode("utf-8"), parse_constant=_no_number)
    except OSError as error:
        raise refusal(
            f"the manifest cannot be read: {printable(error.strerror or error)}",
            "let the user of the pipeline read it, or have the delivery sent again",
        ) from error
    # What the parser says when it gives up: too deep for it, a number of thousands of digits.
    except (ValueError, RecursionError) as error:
        raise refusal(f"the manifest is not JSON: {printable(error)}", "have the delivery sent again, whole") from error
    try:
        manifest = Manifest.model_validate(content)
    except ValidationError as error:
        raise refusal(
            f"the manifest does not follow format version 1: {_problems(error)}",
            "correct the manifest; see docs/deliveries.md",
        ) from error
    if (manifest.source, manifest.delivery_id) != (source, folder.name):
        raise refusal(
            f"the manifest says {printable(manifest.source)}/{manifest.delivery_id},"
            f" the folder is {source}/{printable(folder.name)}",
            f"put the delivery in the folder that its manifest names; {NAMES_ARE}",
        )
    return Delivery(folder, manifest, hashlib.sha256(text).hexdigest())


def _manifest_text(file: Path) -> bytes:
    with open_regular(file) as stream:
        text = stream.read(_LARGEST_MANIFEST + 1)
    if len(text) > _LARGEST_MANIFEST:
        raise ValueError(f"it is larger than {_LARGEST_MANIFEST >> 20} MB")
    return text


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not a number of JSON")


def _problems(error: ValidationError) -> str:
    """What is wrong with a manifest, its first problems in words."""
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    words = [
        f"{printable('.'.join(str(part) for part in problem['loc']) or 'manifest', 80)}: {_in_words(problem['msg'])}"
        for problem in problems[:_MOST_PROBLEMS]
    ]
    more = len(problems) - _MOST_PROBLEMS
    return "; ".join(words) + (f"; and {more} more" if more > 0 else "")


def _in_words(message: str) -> str:
    return NAMES_ARE if SAFE_NAME in message else printable(message)


def _order(delivery: Delivery) -> tuple[str, int, float, str]:
    manifest = delivery.manifest
    return manifest.source, manifest.position, manifest.made_at.timestamp(), manifest.delivery_id
