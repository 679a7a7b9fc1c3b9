"""A running test server, and the lines of the deliveries that a client has written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from foundation.settings import Settings
from ingest.compressed import open_stream
from ingest.freg.settings import FregSettings
from ingest.freg.test_server.register import Register
from ingest.freg.test_server.serving import served
from ingest.interface.test_server.misbehaviour import Misbehaviour, Mode
from ingest.interface.test_server.serving import Served
from ingest.landing import take_inventory


@contextmanager
def serving(register: Register, folder: Path, *modes: Mode, share: float = 0.3, **behaviour: Any) -> Iterator[Served]:
    """Serve a register that misbehaves in the given ways."""
    with served(register, folder, Misbehaviour(set(modes), share), **behaviour) as running:
        yield running


def client_settings(running: Served, **given: Any) -> FregSettings:
    """Settings of a client of a running server that loses no time with waiting."""
    environment = {name.removeprefix("PREG_FREG_").lower(): value for name, value in running.environment.items()}
    quick = {"longest_wait_seconds": 0.02, "attempts": 20, "gap_rereads": 20, "bulk_size": 50}
    return FregSettings.load(**{**environment, **quick, **given})


def place(folder: Path) -> Settings:
    """Settings of a data folder of its own."""
    return Settings(landing_dir=folder / "landing", data_dir=folder / "data")


def delivered_lines(landing: Path) -> list[dict[str, Any]]:
    """The lines of all Freg deliveries, by sequence number and document."""
    lines = []
    for delivery in take_inventory(landing).of("freg"):
        for file in delivery.manifest.files:
            with open_stream(delivery.path(file)) as stream:
                found = [json.loads(line) for line in stream]
            assert len(found) == file.rows
            lines += found
    return sorted(lines, key=lambda line: (line["sekvensnummer"], line["dokumentidentifikator"]))


def lines_of(register: Register) -> list[dict[str, Any]]:
    """The lines that a client must have written when it has read all of a register's feed."""
    return [
        {
            "sekvensnummer": event.entry.sequence_number,
            "dokumentidentifikator": event.entry.person_document,
            "hendelsetype": event.entry.event_type,
            "ajourholdstidspunkt": event.entry.registered_at,
            "folkeregisterperson": json.loads(register.documents[event.entry.person_document]),
        }
        for event in register.events
    ]
