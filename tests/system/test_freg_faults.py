"""The feed reader, killed at any moment; and the register by extract, compared with the register by events."""

from __future__ import annotations

import json
import os
import random
import subprocess
import time
from pathlib import Path

import pytest

from ingest.freg.test_server.register import Register, read_register
from ingest.interface.test_server.misbehaviour import Mode
from tests.conftest import SAMPLE
from tests.support.freg import delivered_lines, lines_of, place, serving
from tests.support.running import PREG, preg, preg_run

pytestmark = pytest.mark.slow

KILLS = 12

# What the release holds of earlier states of a person, and of when a state began.
HISTORY = {"preg_state", "preg_person_earlier", "preg_address_earlier", "preg_change_log"}


def test_a_reader_killed_at_any_moment_loses_and_repeats_nothing(tmp_path: Path) -> None:
    documents = lines_of(read_register(SAMPLE))
    register = Register()
    register.add(
        [
            {**documents[number % len(documents)], "sekvensnummer": number, "dokumentidentifikator": f"d{number}"}
            for number in range(1, 8001)
        ]
    )
    settings = place(tmp_path)
    chance = random.Random(4)
    with serving(register, tmp_path / "keys", Mode.SLOW, Mode.SERVER_ERROR, share=0.3) as running:
        environment = {
            **os.environ,
            **running.environment,
            "PREG_FREG_EVENTS_IN_DELIVERY": "1000",
            "PREG_FREG_BULK_SIZE": "100",
            "PREG_FREG_LONGEST_WAIT_SECONDS": "0.1",
        }
        command = [PREG, "freg", "feed", "--landing", settings.landing_dir, "--data", settings.data_dir]
        ended = 0
        for _ in range(KILLS):
            process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(0.5 + chance.random())
            ended += process.poll() is not None
            process.kill()
            process.wait()
        assert ended < KILLS, "no reader was killed while it read"
        result = preg("freg", "feed", "--landing", settings.landing_dir, "--data", settings.data_dir, **environment)
        assert result.returncode == 0, result.stderr
    assert delivered_lines(settings.landing_dir) == lines_of(register)
    assert not [path for path in (settings.landing_dir / "freg").iterdir() if path.name.startswith(".")]


def test_an_extract_builds_the_same_register_as_all_events(tmp_path: Path) -> None:
    register = read_register(SAMPLE)
    by_events, by_extract = place(tmp_path / "events"), place(tmp_path / "extract")
    with serving(register, tmp_path / "keys") as running:
        environment = running.environment
        for command, settings in (("feed", by_events), ("extract", by_extract)):
            result = preg(
                "freg", command, "--landing", settings.landing_dir, "--data", settings.data_dir, **environment
            )
            assert result.returncode == 0, result.stderr
    hashes = []
    for settings in (by_events, by_extract):
        result = preg_run(settings.landing_dir, settings.data_dir)
        assert result.returncode == 0, result.stdout + result.stderr
        manifest = json.loads((settings.data_dir / "releases" / "current" / "manifest.json").read_text())
        hashes.append({name: table["content_hash"] for name, table in manifest["tables"].items()})
    # An extract holds each person's last document, so what was true before it can come from the events only.
    shown_now = hashes[0].keys() - HISTORY
    assert {name: hashes[0][name] for name in shown_now} == {name: hashes[1][name] for name in shown_now}
