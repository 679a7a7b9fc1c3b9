"""The feed, read into deliveries: everything once, no matter what the server does and when the reader dies."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest

from foundation.errors import MachineFailure
from ingest.freg.extract import extract_register
from ingest.freg.failures import FeedGap
from ingest.freg.feed_pointer import accept_gap, read_pointer
from ingest.freg.feed_reader import pull_feed
from ingest.freg.test_server.register import Register, read_register
from ingest.interface.failures import FeedBusy, ServiceError
from ingest.interface.feed_lock import feed_lock
from ingest.interface.test_server.misbehaviour import Mode
from tests.conftest import SAMPLE
from tests.support.freg import client_settings, delivered_lines, lines_of, place, serving


@pytest.fixture(scope="module")
def register() -> Register:
    return read_register(SAMPLE)


@pytest.mark.parametrize("atom", [False, True])
def test_the_whole_feed_is_delivered_once(register: Register, tmp_path: Path, atom: bool) -> None:
    settings = place(tmp_path)
    with serving(register, tmp_path / "keys") as running:
        first = pull_feed(settings, client_settings(running), atom=atom)
        again = pull_feed(settings, client_settings(running), atom=atom)
    assert (first.events, first.sequence_to) == (len(register.events), register.last_sequence_number)
    assert again.events == 0
    assert delivered_lines(settings.landing_dir) == lines_of(register)


@pytest.mark.parametrize("mode", Mode)
def test_a_server_that_misbehaves_changes_nothing(register: Register, tmp_path: Path, mode: Mode) -> None:
    settings = place(tmp_path)
    with serving(register, tmp_path / "keys", mode, share=0.5) as running:
        pull_feed(settings, client_settings(running))
        assert running.server.misbehaviour.happened[mode] > 0
    assert delivered_lines(settings.landing_dir) == lines_of(register)


def test_a_server_that_misbehaves_in_every_way_changes_nothing(register: Register, tmp_path: Path) -> None:
    settings = place(tmp_path)
    with serving(register, tmp_path / "keys", *Mode, share=0.4) as running:
        pull_feed(settings, client_settings(running, bulk_size=10, attempts=40))
        assert len(running.server.misbehaviour.happened) > len(Mode) / 2
    assert delivered_lines(settings.landing_dir) == lines_of(register)


def test_many_events_make_many_deliveries(register: Register, tmp_path: Path) -> None:
    many = Register()
    line = lines_of(register)[0]
    many.add(
        [{**line, "sekvensnummer": number, "dokumentidentifikator": f"d{number % 7}"} for number in range(1, 2501)]
    )
    settings = place(tmp_path)
    with serving(many, tmp_path / "keys") as running:
        pulled = pull_feed(settings, client_settings(running, events_in_delivery=1000))
    assert (pulled.events, pulled.sequence_to, len(pulled.deliveries)) == (2500, 2500, 3)
    # A document that several events point to is fetched once a delivery.
    assert pulled.documents == 21
    assert [line["sekvensnummer"] for line in delivered_lines(settings.landing_dir)] == list(range(1, 2501))


def test_new_events_are_read_on_from_the_pointer(register: Register, tmp_path: Path) -> None:
    lines = lines_of(register)
    growing = Register()
    growing.add(lines[:200])
    settings = place(tmp_path)
    with serving(growing, tmp_path / "keys") as running:
        pull_feed(settings, client_settings(running))
        growing.add(lines[200:])
        pulled = pull_feed(settings, client_settings(running))
    assert (pulled.sequence_from, pulled.sequence_to) == (201, len(lines))
    assert delivered_lines(settings.landing_dir) == lines


def test_a_gap_is_never_passed_in_silence(register: Register, tmp_path: Path) -> None:
    settings = place(tmp_path)
    with serving(register, tmp_path / "keys") as running:
        running.server.misbehaviour.never = {100, 101, 103}
        freg = client_settings(running, gap_rereads=1)
        with pytest.raises(FeedGap, match="2 sequence numbers are missing") as gap:
            pull_feed(settings, freg)
        assert (gap.value.first, gap.value.last) == (100, 101)
        assert "preg freg accept-gap 100 101" in gap.value.todo
        assert [line["sekvensnummer"] for line in delivered_lines(settings.landing_dir)] == list(range(1, 100))

        accept_gap(settings, 100, 101)
        with pytest.raises(FeedGap) as gap:
            pull_feed(settings, freg)
        assert (gap.value.first, gap.value.last) == (103, 103)
        accept_gap(settings, 103, 103)
        pull_feed(settings, freg)
    missing = {100, 101, 103}
    assert delivered_lines(settings.landing_dir) == [
        line for line in lines_of(register) if line["sekvensnummer"] not in missing
    ]


def test_a_reader_that_died_before_it_moved_the_pointer_repeats_nothing(register: Register, tmp_path: Path) -> None:
    settings = place(tmp_path)
    with serving(register, tmp_path / "keys") as running:
        pull_feed(settings, client_settings(running))
        (settings.data_dir / "freg" / "feed.json").unlink()
        assert pull_feed(settings, client_settings(running)).events == 0
    assert delivered_lines(settings.landing_dir) == lines_of(register)


def test_a_pull_that_fails_leaves_no_trace(register: Register, tmp_path: Path) -> None:
    settings = place(tmp_path)
    with serving(register, tmp_path / "keys") as running:
        running.server.register = Register(events=register.events)  # no documents
        with pytest.raises(ServiceError, match="does not give"):
            pull_feed(settings, client_settings(running, attempts=2))
    assert not list((settings.landing_dir / "freg").iterdir())
    assert read_pointer(settings).next == 1


def test_a_disk_that_is_full_is_a_message_and_the_next_pull_works(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = place(tmp_path)

    def full(_path: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with serving(register, tmp_path / "keys") as running:
        with monkeypatch.context() as patched:
            patched.setattr("ingest.landing_writer.flush_to_disk", full)
            with pytest.raises(MachineFailure, match="No space left"):
                pull_feed(settings, client_settings(running))
        assert not list((settings.landing_dir / "freg").iterdir())
        pull_feed(settings, client_settings(running))
    assert delivered_lines(settings.landing_dir) == lines_of(register)


def test_one_reader_at_a_time(register: Register, tmp_path: Path) -> None:
    settings = place(tmp_path)
    with serving(register, tmp_path / "keys") as running, feed_lock(settings, "freg"), pytest.raises(FeedBusy):
        pull_feed(settings, client_settings(running))


def test_an_extract_is_a_full_delivery_and_the_feed_goes_on_after_it(register: Register, tmp_path: Path) -> None:
    lines = lines_of(register)
    growing = Register()
    growing.add(lines[:320])
    settings = place(tmp_path)
    with serving(growing, tmp_path / "keys", Mode.SERVER_ERROR, Mode.CUT, batch_size=90) as running:
        extracted = extract_register(settings, client_settings(running))
        growing.add(lines[320:])
        pulled = pull_feed(settings, client_settings(running))
    assert (pulled.sequence_from, pulled.sequence_to) == (321, len(lines))
    (folder,) = [path for path in (settings.landing_dir / "freg").iterdir() if path.name == extracted.delivery_id]
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["kind"], manifest["sequence_to"]) == ("full", 320)
    documents = [
        line["dokumentidentifikator"]
        for line in delivered_lines(settings.landing_dir)
        if line["hendelsetype"] is None and line["sekvensnummer"] == 320
    ]
    assert sorted(documents) == sorted(growing.current_documents(320))
