"""What counts as a delivery, and the message when something is not one."""

from __future__ import annotations

import json
import os
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


def _manifest_of(tmp_path: Path) -> Path:
    return deliver_documents(tmp_path, "freg", "bad", [LINE]) / "manifest.json"


def _with(**members: Any) -> Any:
    def write(file: Path) -> None:
        file.write_text(json.dumps({**json.loads(file.read_text()), **members}))

    return write


def _with_file(**members: Any) -> Any:
    def write(file: Path) -> None:
        manifest = json.loads(file.read_text())
        manifest["files"][0].update(members)
        file.write_text(json.dumps(manifest))

    return write


def _of(content: bytes) -> Any:
    return lambda file: file.write_bytes(content)


def _in_place_of_it(make: Any) -> Any:
    def replace(file: Path) -> None:
        file.unlink()
        make(file)

    return replace


_FILE = {"name": "persons-1.ndjson", "rows": 0, "bytes": 0, "sha256": "0" * 64}


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_of(b"[" * 100_000), "not JSON"),
        (_of(b'{"a":' * 100_000 + b"1" + b"}" * 100_000), "not JSON"),
        (_of(b'{"sequence_to": ' + b"9" * 5_000 + b"}"), "not JSON"),
        (_of(b'{"sequence_to": NaN}'), "NaN is not a number"),
        (_of(b'{"sequence_to": Infinity}'), "Infinity is not a number"),
        (_of(b"[]"), "manifest"),
        (_of(b"null"), "manifest"),
        (_of(b'"text"'), "manifest"),
        (_of(b""), "not JSON"),
        (_of(b"\xff\xfe{}"), "not JSON"),
        (_of(b"\xef\xbb\xbf{}"), "not JSON"),
        (_of(b" " * (17 << 20)), "larger than 16 MB"),
        (_with(sequence_to=2**63), "sequence_to"),
        (_with(sequence_from=-1), "sequence_from"),
        (_with(sequence_to=1.5), "sequence_to"),
        (_with(created_at="0001-01-01T00:00:00+14:00"), "created_at"),
        (_with(created_at="9999-12-31T23:59:59-14:00"), "created_at"),
        (_with(created_at=1e300), "created_at"),
        (_with(extracted_at="0001-01-01"), "extracted_at"),
        (_with(schema_version="1\u001b[31m"), "schema_version"),
        (_with(files=[{**_FILE, "name": f"persons-{number}.ndjson"} for number in range(10_001)]), "files"),
        (_with(files=[{**_FILE, "rows": 2**62, "name": f"persons-{number}.ndjson"} for number in (1, 2)]), "rows"),
        (_with(files={}), "files"),
        (_with_file(rows=2**63), "rows"),
        (_with_file(bytes=2**64), "bytes"),
        (_with_file(rows=-1), "rows"),
        (_with_file(sha256="x" * 64), "sha256"),
        (_with_file(name="manifest.json"), "listed twice, or is the manifest"),
        *(
            (_with_file(name=name), "letters, digits")
            for name in (
                "persons-*.ndjson",
                "persons-[1].ndjson",
                "persons-?.ndjson",
                "persons 1.ndjson",
                "persons-'1.ndjson",
                'persons-".ndjson',
                "persons-\n.ndjson",
                "persons-\x1b[31m.ndjson",
                "..",
                ".hidden",
                "-rf",
                "a/b",
                "a\\b",
                "persons-1.ndjson\n",
                "p" * 300,
                "",
                "persons-ø.ndjson",
                "persons-{1}.ndjson",
                "~root",
                "%s",
                "\u202e.gz",
            )
        ),
        (_in_place_of_it(os.mkfifo), "cannot be read"),
        (_in_place_of_it(os.mkdir), "cannot be read"),
        (_in_place_of_it(lambda file: file.symlink_to("nowhere")), "cannot be read"),
        (_in_place_of_it(lambda file: file.symlink_to("/etc/hostname")), "cannot be read"),
    ],
)
def test_a_bad_manifest_refuses_its_delivery_and_no_other(tmp_path: Path, spoil: Any, words: str) -> None:
    spoil(_manifest_of(tmp_path))
    deliver_documents(tmp_path, "freg", "good", [LINE])
    inventory = take_inventory(tmp_path)
    assert [delivery.manifest.delivery_id for delivery in inventory.deliveries] == ["good"]
    (refusal,) = inventory.refused
    assert words in refusal.what
    assert refusal.name == "freg/bad"
    assert len(str(refusal)) < 2_000
    assert str(refusal).replace("\n", "").isprintable()


@pytest.mark.parametrize("name", ["d 1", "d*", "d[1]", "d'1", "d\x1b[31m", "d\u202e", "-d", "d" * 200, "dø"])
def test_a_delivery_has_a_name_that_means_nothing_to_anybody(tmp_path: Path, name: str) -> None:
    deliver_documents(tmp_path, "freg", name, [LINE])
    inventory = take_inventory(tmp_path)
    assert inventory.deliveries == []
    (refusal,) = inventory.refused
    assert "letters, digits" in refusal.what
    assert str(refusal).replace("\n", "").isprintable()


@pytest.mark.parametrize("link", ["freg", "freg/d1"])
def test_a_link_in_the_place_of_a_folder_is_refused_by_itself(tmp_path: Path, link: str) -> None:
    landing = tmp_path / "landing"
    deliver_documents(landing, "persontjenesten", "p1", [LINE])
    deliver_documents(tmp_path / "elsewhere", "freg", "d1", [LINE])
    (landing / link).parent.mkdir(exist_ok=True)
    (landing / link).symlink_to(tmp_path / "elsewhere" / link)
    inventory = take_inventory(landing)
    assert [delivery.key for delivery in inventory.deliveries] == [("persontjenesten", "p1")]
    (refusal,) = inventory.refused
    assert "there is a link where a folder should be" in refusal.what
    assert refusal.source == "freg"
