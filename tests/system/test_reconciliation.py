"""The register by events, compared with a fresh extract."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from foundation.errors import PregError
from foundation.settings import Settings
from ingest.freg.reconciliation import ONLY_BY_EVENTS, ONLY_IN_EXTRACT, reconcile_with_extract
from ingest.freg.test_server.register import Register, read_register
from tests.conftest import SAMPLE
from tests.support.freg import client_settings, lines_of, place, serving
from tests.support.persons import number
from tests.support.running import preg

pytestmark = pytest.mark.xdist_group("built sample")


@pytest.fixture
def settings(built_sample: Path, tmp_path: Path) -> Settings:
    data = tmp_path / "data"
    shutil.copytree(built_sample, data, symlinks=True)
    return Settings(landing_dir=SAMPLE, data_dir=data)


def test_a_state_that_has_not_drifted_has_no_difference(settings: Settings, tmp_path: Path) -> None:
    register = read_register(SAMPLE)
    with serving(register, tmp_path / "keys") as running:
        result = preg("freg", "reconcile", "--data", settings.data_dir, **running.environment)
    assert result.returncode == 0, result.stderr
    assert f"as of sequence number {register.last_sequence_number}" in result.stdout
    assert "no difference" in result.stdout
    assert not list((settings.data_dir / "freg" / "reconciliation").iterdir())


def _number(line: dict[str, Any]) -> str:
    return str(line["folkeregisterperson"]["identifikasjonsnummer"][0]["foedselsEllerDNummer"])


def test_each_drift_is_found_by_person_and_element(settings: Settings, tmp_path: Path) -> None:
    lines = lines_of(read_register(SAMPLE))
    last = {_number(line): line for line in lines}
    alone = [
        line
        for line in last.values()
        if len(line["folkeregisterperson"]["identifikasjonsnummer"]) == 1
        and line["folkeregisterperson"].get("bostedsadresse")
    ]
    renamed, gone, moved = alone[0], alone[1], alone[2]
    renamed["folkeregisterperson"]["navn"][0]["fornavn"] = "Drevet"
    moved["folkeregisterperson"]["bostedsadresse"] = []
    drifted = Register()
    drifted.add([line for line in lines if line is not gone])
    newcomer = json.loads(json.dumps({**renamed, "dokumentidentifikator": "newcomer"}))
    newcomer["sekvensnummer"] = gone["sekvensnummer"]
    newcomer["folkeregisterperson"]["identifikasjonsnummer"][0]["foedselsEllerDNummer"] = number("1999-01-01", 900)
    drifted.add([newcomer])
    with serving(drifted, tmp_path / "keys") as running:
        found = reconcile_with_extract(settings, client_settings(running))
    assert found.differences == {"navn": 1, "bostedsadresse": 1, ONLY_BY_EVENTS: 1, ONLY_IN_EXTRACT: 1}
    assert found.file
    with found.file.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    by_element = {row["element"]: row for row in rows}
    assert by_element["navn"]["document_by_events"] == renamed["dokumentidentifikator"]
    assert by_element[ONLY_BY_EVENTS]["document_in_extract"] == ""
    assert "Drevet" not in found.file.read_text(encoding="utf-8")
    assert all(len(row["person"]) == 12 for row in rows)


def test_without_a_register_there_is_nothing_to_compare(tmp_path: Path) -> None:
    with serving(read_register(SAMPLE), tmp_path / "keys") as running:
        with pytest.raises(PregError, match="no warehouse yet"):
            reconcile_with_extract(place(tmp_path), client_settings(running))
        assert running.server.calls == {}
