"""What counts as a delivery, and what a person is told when something is not one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from foundation.errors import DeliveryRefused
from foundation.settings import Settings
from ingest.landing import take_inventory, verify
from ingest.limits import Limits
from tests.support.deliveries import deliver, deliver_documents
from tests.support.persons import freg_line, freg_person, number

LIMITS = Limits.of(Settings())
LINE = freg_line(1, freg_person(number("1980-05-17", 100)))


def test_a_folder_without_a_manifest_is_not_a_delivery(tmp_path: Path) -> None:
    (tmp_path / "freg" / "unfinished").mkdir(parents=True)
    inventory = take_inventory(tmp_path)
    assert inventory.deliveries == []
    assert inventory.refused == []
    assert "unfinished" in inventory.notices[0]
    assert "manifest.json" in inventory.notices[0]


def test_hidden_folders_are_somebody_elses(tmp_path: Path) -> None:
    (tmp_path / "freg" / ".coming.partial").mkdir(parents=True)
    inventory = take_inventory(tmp_path)
    assert (inventory.deliveries, inventory.refused, inventory.notices) == ([], [], [])


def test_deliveries_apply_in_the_order_of_their_sequence(tmp_path: Path) -> None:
    deliver_documents(tmp_path, "freg", "a-late", [LINE], sequence_to=30, kind="change")
    deliver_documents(tmp_path, "freg", "b-early", [LINE], sequence_to=10)
    deliver_documents(tmp_path, "freg", "c-later", [LINE], sequence_to=30, created_at="2026-01-03T03:00:00Z")
    order = [delivery.manifest.delivery_id for delivery in take_inventory(tmp_path).of("freg")]
    assert order == ["b-early", "a-late", "c-later"]


def test_a_landing_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DeliveryRefused, match="no landing folder"):
        take_inventory(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format_version": 2}, "format_version"),
        ({"kind": "partial"}, "kind"),
        ({"sequence_to": None}, "sequence_to is required"),
        ({"sequence_from": 50, "sequence_to": 10}, "sequence_from 50 is after sequence_to 10"),
        ({"created_at": "yesterday"}, "created_at"),
        ({"delivery_id": "another"}, "the manifest says freg/another, the folder is freg/d1"),
        ({"source": "matrikkel", "extracted_at": "2026-01-01"}, "the manifest says matrikkel/d1"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused_by_name(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    folder = deliver_documents(tmp_path, "freg", "d1", [LINE])
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest.update(change)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (refusal,) = take_inventory(tmp_path).refused
    assert message in refusal.what
    assert str(folder / "manifest.json") == refusal.where
    assert refusal.todo


def test_a_manifest_that_is_not_json_is_refused(tmp_path: Path) -> None:
    folder = deliver_documents(tmp_path, "freg", "d1", [LINE])
    (folder / "manifest.json").write_text('{"format_version": 1,')
    (refusal,) = take_inventory(tmp_path).refused
    assert "not JSON" in refusal.what


def test_an_unknown_source_is_refused(tmp_path: Path) -> None:
    deliver(tmp_path, "skattelister", "d1", {})
    (refusal,) = take_inventory(tmp_path).refused
    assert "unknown source 'skattelister'" in refusal.what
    assert "freg" in refusal.todo


def test_a_file_name_cannot_leave_the_folder(tmp_path: Path) -> None:
    folder = deliver_documents(tmp_path, "freg", "d1", [LINE])
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][0]["name"] = "../../secret.ndjson"
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (refusal,) = take_inventory(tmp_path).refused
    assert "name" in refusal.what


def _verify_after(tmp_path: Path, change: Any) -> DeliveryRefused:
    folder = deliver_documents(tmp_path, "freg", "d1", [LINE])
    (delivery,) = take_inventory(tmp_path).deliveries
    change(folder / "persons-0001.ndjson")
    with pytest.raises(DeliveryRefused) as refused:
        verify(delivery, LIMITS)
    return refused.value


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    refusal = _verify_after(tmp_path, lambda file: file.unlink())
    assert "missing" in refusal.what
    assert refusal.where.endswith("persons-0001.ndjson")


def test_a_file_of_another_size_is_named_with_both_sizes(tmp_path: Path) -> None:
    refusal = _verify_after(tmp_path, lambda file: file.write_bytes(file.read_bytes()[:100]))
    assert "wrong size" in refusal.what
    assert "100" in refusal.what


def test_a_changed_file_is_noticed_by_its_checksum(tmp_path: Path) -> None:
    refusal = _verify_after(tmp_path, lambda file: file.write_bytes(file.read_bytes().replace(b"Kari", b"Mari")))
    assert "wrong checksum" in refusal.what


def test_a_good_delivery_passes(tmp_path: Path) -> None:
    deliver_documents(tmp_path, "freg", "d1", [LINE])
    (delivery,) = take_inventory(tmp_path).deliveries
    verify(delivery, LIMITS)
