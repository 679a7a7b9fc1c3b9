"""Loading what is new in the landing folder: each delivery once, whole or not at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field

import duckdb

from foundation.database import machine_failures, session
from foundation.errors import DeliveryRefused, MachineFailure
from foundation.settings import Settings
from ingest.contracts.sources import DOCUMENT_TABLES, SOURCES
from ingest.counts import LoadCounts, Progress, no_progress
from ingest.documents import Requirement, load_documents
from ingest.freg import requirements as freg
from ingest.landing import Delivery, Inventory, take_inventory, verify
from ingest.limits import Limits
from ingest.load_area import LoadFile, load_folder, prepared_files
from ingest.load_attempts import LoadAttempts
from ingest.load_ledger import LoadLedger
from ingest.matrikkel.loader import load_tables
from ingest.persontjenesten import requirements as persontjenesten
from ingest.preg import requirements as preg
from ingest.raw_schema import create_raw_schema
from ingest.refusals import keep_refusals
from ingest.scan import FileScan

_REQUIREMENTS: dict[str, Sequence[Requirement]] = {
    "freg": freg.REQUIREMENTS,
    "persontjenesten": persontjenesten.REQUIREMENTS,
    "preg": preg.REQUIREMENTS,
}

# Called for each delivery about to be loaded. The block is the load, which sees what is raised in it; what it is given
# is called with the bytes read.
Announce = Callable[[Delivery], AbstractContextManager[Progress]]


def no_announcement(_delivery: Delivery) -> AbstractContextManager[Progress]:
    """For callers that show nothing."""
    return nullcontext(no_progress)


@dataclass
class LoadReport:
    """What a load did: the deliveries loaded now with their counts, those that were there, those refused."""

    loaded: list[tuple[Delivery, LoadCounts]] = field(default_factory=list)
    known: list[Delivery] = field(default_factory=list)
    refused: list[DeliveryRefused] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    @property
    def already_loaded(self) -> int:
        """How many deliveries were in the warehouse before."""
        return len(self.known)

    def of(self, source: str) -> LoadReport:
        """What of it concerns one source."""
        return LoadReport(
            [(delivery, counts) for delivery, counts in self.loaded if delivery.manifest.source == source],
            [delivery for delivery in self.known if delivery.manifest.source == source],
            [refusal for refusal in self.refused if refusal.source == source],
        )

    def raise_if_refused(self) -> None:
        """Raise the first refusal; its message counts the others."""
        if not self.refused:
            return
        first = self.refused[0]
        others = len(self.refused) - 1
        if others:
            first.todo += f" ({others} more {'delivery was' if others == 1 else 'deliveries were'} refused)"
        raise first


def load_new(
    settings: Settings,
    sources: Sequence[str] = tuple(SOURCES),
    announce: Announce = no_announcement,
    *,
    made_before: dt.datetime | None = None,
) -> LoadReport:
    """Load the deliveries of `sources` that are not in the warehouse yet, in the order in which they apply.

    made_before: only those that were made before.

    A refused delivery leaves no trace in the warehouse and does not keep others from being loaded; the caller decides
    what it means (`LoadReport.raise_if_refused`, `refused_deliveries`).
    """
    inventory = take_inventory(settings.landing_dir)
    if made_before is not None:
        inventory.deliveries = [each for each in inventory.deliveries if each.manifest.made_at < made_before]
    report = LoadReport(notices=list(inventory.notices))
    report.refused = [
        refusal for refusal in inventory.refused if refusal.source in sources or refusal.source not in SOURCES
    ]
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with loading_session(settings) as connection:
        create_raw_schema(connection)
        _Load(connection, settings, report).run(inventory, sources, announce)
    keep_refusals(settings, sources, report.refused)
    return report


@contextmanager
def loading_session(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """A session on the warehouse that reads no file but those in the load folder and those they link to."""
    folders = (load_folder(settings), settings.landing_dir)
    with session(settings, settings.warehouse, reads_only=folders) as connection:
        yield connection


class _Load:
    """One load: what is there before, and what becomes of each delivery."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, settings: Settings, report: LoadReport) -> None:
        self.connection = connection
        self.settings = settings
        self.report = report
        self.ledger = LoadLedger(settings)
        self.attempts = LoadAttempts(settings)

    def run(self, inventory: Inventory, sources: Sequence[str], announce: Announce) -> None:
        """Load each delivery that is not known, and report what has changed of those that are."""
        known = {
            (source, delivery_id): sha256
            for source, delivery_id, sha256 in self.connection.execute(
                "select source, delivery_id, manifest_sha256 from raw.delivery"
            ).fetchall()
        }
        self.report.notices += self.attempts.notices()
        self.report.notices += self.ledger.notices(sources)
        try:
            for delivery in inventory.deliveries:
                if delivery.manifest.source not in sources:
                    continue
                try:
                    if delivery.key in known:
                        _check_unchanged(delivery, known[delivery.key])
                        self.ledger.add_missing(delivery)
                        self.report.known.append(delivery)
                    else:
                        self._take(delivery, announce)
                except DeliveryRefused as refusal:
                    self.report.refused.append(refusal)
        finally:
            self.ledger.keep()

    def _take(self, delivery: Delivery, announce: Announce) -> None:
        with announce(delivery) as progress, self.attempts.attempt(delivery), _refuse_if_out_of_memory(delivery):
            counts, scans = _load(self.connection, delivery, self.settings, progress)
        self.ledger.add(delivery, scans)
        self.report.loaded.append((delivery, counts))


def _check_unchanged(delivery: Delivery, sha256_when_loaded: str) -> None:
    if delivery.manifest_sha256 != sha256_when_loaded:
        raise delivery.refused(
            "the manifest was changed after the delivery was loaded",
            todo="a delivery never changes: restore it, and send the new content as a delivery with its own id",
        )


def _load(
    connection: duckdb.DuckDBPyConnection, delivery: Delivery, settings: Settings, progress: Progress
) -> tuple[LoadCounts, dict[str, FileScan]]:
    limits = Limits.of(settings)
    manifest = delivery.manifest
    _refuse_empty_register(delivery)
    scans = verify(delivery, limits)
    with _transaction(connection, delivery):
        number = _next_number(connection)
        with prepared_files(delivery, scans, settings, limits) as files:
            counts = _load_files(connection, delivery, files, number, limits, progress)
        _reconcile(delivery, counts)
        connection.execute(
            "insert into raw.delivery values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                number,
                manifest.source,
                manifest.delivery_id,
                manifest.kind,
                manifest.schema_version,
                manifest.created_at,
                manifest.position,
                manifest.sequence_from,
                manifest.sequence_to,
                manifest.extracted_at,
                delivery.manifest_sha256,
                manifest.rows,
                counts.loaded,
                counts.quarantined,
                sorted(counts.tables),
            ],
        )
    return counts, scans


def load_again(
    connection: duckdb.DuckDBPyConnection,
    delivery: Delivery,
    delivery_number: int,
    settings: Settings,
    progress: Progress,
) -> LoadCounts:
    """Load a delivery that is in the warehouse once more, in its place, by the contract as it is now.

    Its documents apply in the same order as before. Raises `DeliveryRefused`; what was loaded before then stays.
    """
    limits = Limits.of(settings)
    scans = verify(delivery, limits)
    with _transaction(connection, delivery):
        ((tables,),) = connection.execute(
            "select tables from raw.delivery where delivery_number = ?", [delivery_number]
        ).fetchall()
        for table in (*tables, "quarantine", "unknown_element", "other_form"):
            connection.execute(f"delete from raw.{table} where delivery_number = ?", [delivery_number])
        with prepared_files(delivery, scans, settings, limits) as files:
            counts = _load_files(connection, delivery, files, delivery_number, limits, progress)
        _reconcile(delivery, counts)
        connection.execute(
            "update raw.delivery set rows_loaded = ?, rows_quarantined = ? where delivery_number = ?",
            [counts.loaded, counts.quarantined, delivery_number],
        )
    return counts


@contextmanager
def _transaction(connection: duckdb.DuckDBPyConnection, delivery: Delivery) -> Iterator[None]:
    with machine_failures(str(delivery.folder)):
        connection.execute("begin transaction")
        try:
            yield
            connection.execute("commit")
        except BaseException:
            _roll_back(connection)
            raise


@contextmanager
def _refuse_if_out_of_memory(delivery: Delivery) -> Iterator[None]:
    """A delivery that asks for more memory than a load may take is refused; it is not the machine that gave out."""
    try:
        yield
    except MachineFailure as failure:
        cause = failure.__cause__
        # Where DuckDB has no room to spill to, the disk is full.
        if not isinstance(cause, duckdb.OutOfMemoryException) or "offload" in str(cause):
            raise
        raise delivery.refused(
            "loading the delivery takes more memory than a load may",
            todo="look at its largest documents; if they are as they should be, set PREG_MEMORY_LIMIT higher",
        ) from cause


def _roll_back(connection: duckdb.DuckDBPyConnection) -> None:
    """Undo; a session whose disk gave out may have been rolled back or closed by DuckDB already."""
    try:
        connection.execute("rollback")
    except duckdb.Error:
        return


def _refuse_empty_register(delivery: Delivery) -> None:
    manifest = delivery.manifest
    if manifest.kind == "full" and manifest.rows == 0:
        raise delivery.refused(
            "an empty full delivery: it would replace everything known from this source with nothing",
            todo="have the delivery made again; a day without changes is a delivery of kind 'change'",
        )


def _next_number(connection: duckdb.DuckDBPyConnection) -> int:
    row = connection.execute("select coalesce(max(delivery_number), 0) + 1 from raw.delivery").fetchone()
    return int(row[0]) if row else 1


def _load_files(
    connection: duckdb.DuckDBPyConnection,
    delivery: Delivery,
    files: Sequence[LoadFile],
    number: int,
    limits: Limits,
    progress: Progress,
) -> LoadCounts:
    source = delivery.manifest.source
    if source not in DOCUMENT_TABLES:
        return load_tables(connection, delivery, files, number, limits, progress)
    counts = load_documents(
        connection, delivery, files, number, DOCUMENT_TABLES[source], _REQUIREMENTS.get(source, ()), limits, progress
    )
    if delivery.manifest.rows == 0:
        counts.notices.append("an empty delivery: nothing has changed")
    return counts


def _reconcile(delivery: Delivery, counts: LoadCounts) -> None:
    if counts.loaded + counts.quarantined != delivery.manifest.rows:
        raise delivery.refused(
            f"{delivery.manifest.rows} records were delivered, but {counts.loaded} loaded and "
            f"{counts.quarantined} quarantined",
            todo="this is an error of ours: please report it with the delivery's manifest",
        )
