"""The landing folder: which deliveries are there, and whether each is whole.

`<landing>/<source>/<delivery_id>/` with the files as received and `manifest.json`. A folder without a manifest is
not a delivery (yet). A delivery never changes after its manifest is there.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from foundation.errors import DeliveryRefused
from foundation.files import sha256_of

MANIFEST = "manifest.json"
SOURCES = ("freg", "matrikkel", "persontjenesten", "preg")


class DeliveredFile(BaseModel):
    """A file of a delivery as the sender describes it; `rows` counts records, a CSV header not counted."""

    model_config = ConfigDict(extra="ignore")

    name: str = Field(pattern=r"^[^/\\]+$")
    rows: int = Field(ge=0)
    bytes: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-fA-F]{64}$")


class Manifest(BaseModel):
    """`manifest.json` of a delivery, format version 1."""

    model_config = ConfigDict(extra="ignore")

    format_version: Literal[1]
    source: str
    delivery_id: str = Field(min_length=1)
    kind: Literal["full", "change"]
    schema_version: str
    created_at: dt.datetime
    sequence_from: int | None = Field(default=None, ge=0)
    sequence_to: int | None = Field(default=None, ge=0)
    extracted_at: dt.date | None = None
    files: list[DeliveredFile]

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
        if len(names) != len(set(names)):
            raise ValueError("a file is listed twice")
        return self

    @property
    def rows(self) -> int:
        """Records delivered, all files together."""
        return sum(file.rows for file in self.files)

    @property
    def position(self) -> int:
        """Where the delivery stands among those of its source: its last sequence number, or its date as a number."""
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
        """Where a file of the delivery lies."""
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


def take_inventory(landing: Path) -> Inventory:
    """Read every manifest below `landing`. Raises `DeliveryRefused` when the folder itself is not there."""
    if not landing.is_dir():
        raise DeliveryRefused(
            "there is no landing folder",
            where=str(landing),
            todo="give the folder with the deliveries: preg run --landing DIR (or PREG_LANDING_DIR)",
        )
    inventory = Inventory()
    for source_folder in _folders(landing):
        for folder in _folders(source_folder):
            _take(folder, source_folder.name, inventory)
    inventory.deliveries.sort(key=_order)
    return inventory


def verify(delivery: Delivery) -> None:
    """Hold each file against the manifest: there, of the size, with the checksum. Raises `DeliveryRefused`."""
    for file in delivery.manifest.files:
        path = delivery.path(file)
        if not path.is_file():
            raise delivery.refused(
                "a file of the delivery is missing",
                file=file.name,
                todo="have the delivery sent again, whole",
            )
        size = path.stat().st_size
        if size != file.bytes:
            raise delivery.refused(
                f"wrong size: the manifest says {file.bytes} bytes, the file has {size}",
                file=file.name,
                todo="the file was not transferred whole: have the delivery sent again",
            )
        digest = sha256_of(path)
        if digest != file.sha256.lower():
            raise delivery.refused(
                f"wrong checksum: the manifest says sha256 {file.sha256.lower()[:12]}…, the file has {digest[:12]}…",
                file=file.name,
                todo="the file was changed or damaged on its way: have the delivery sent again",
            )


def _folders(parent: Path) -> list[Path]:
    return sorted(entry for entry in parent.iterdir() if entry.is_dir() and not entry.name.startswith("."))


def _take(folder: Path, source: str, inventory: Inventory) -> None:
    file = folder / MANIFEST
    if not file.is_file():
        inventory.notices.append(
            f"{folder}: no {MANIFEST}, so not a delivery (still being written, or broken off); left alone"
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
            f"unknown source '{source}'", f"put the delivery below one of: {', '.join(SOURCES)}, or remove it"
        )
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise refusal(f"the manifest is not JSON: {error}", "have the delivery sent again, whole") from error
    try:
        manifest = Manifest.model_validate(content)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in problem['loc']) or 'manifest'}: {problem['msg']}"
            for problem in error.errors()
        )
        raise refusal(
            f"the manifest does not follow format version 1: {problems}",
            "mend the manifest; see docs/deliveries.md",
        ) from error
    if (manifest.source, manifest.delivery_id) != (source, folder.name):
        raise refusal(
            f"the manifest says {manifest.source}/{manifest.delivery_id}, the folder is {source}/{folder.name}",
            "put the delivery in the folder that its manifest names",
        )
    return Delivery(folder, manifest, sha256_of(file))


def _order(delivery: Delivery) -> tuple[str, int, float, str]:
    manifest = delivery.manifest
    created = manifest.created_at
    if created.tzinfo is None:
        created = created.replace(tzinfo=dt.UTC)
    return manifest.source, manifest.position, created.timestamp(), manifest.delivery_id
