"""Who may ask the services: the register of clients, the door, the log of look-ups."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from foundation.errors import MachineFailure, PregError
from foundation.person_hash import load_key, person_hash
from foundation.settings import Settings
from serving.access.access_log import AccessLog, access_log_dir, entries_about, verify
from serving.access.clients import (
    approve_client,
    clients_file,
    disable_client,
    list_clients,
    order_client,
    rotate_password,
)
from serving.access.entry import Entry, NotLetIn
from serving.settings import ServingSettings
from tests.support.serving import new_client, user_name

NOW = dt.datetime(2026, 11, 28, 12, tzinfo=dt.UTC)
NAME = user_name("apotek")
HERE = "192.0.2.1"


def _approved(settings: Settings) -> str:
    order_client(settings, new_client("apotek"), NOW)
    return approve_client(settings, NAME, "B", NOW, terms_accepted=True)


def test_a_client_is_ordered_by_one_and_approved_by_another(settings: Settings) -> None:
    order_client(settings, new_client("apotek"), NOW)
    with pytest.raises(PregError, match="terms"):
        approve_client(settings, NAME, "B", NOW, terms_accepted=False)
    with pytest.raises(PregError, match="somebody else"):
        approve_client(settings, NAME, "A", NOW, terms_accepted=True)
    password = approve_client(settings, NAME, "B", NOW, terms_accepted=True)
    (client,) = list_clients(settings)
    assert (client.state, client.approved_by, client.approved_at) == ("active", "B", "2026-11-28T12:00:00Z")
    assert client.password_hash.startswith("$argon2id$")
    for file in settings.serving_dir.glob("clients.sqlite*"):
        assert password.encode() not in file.read_bytes()
    assert clients_file(settings).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"user_name": "Å B"}, "no user name"),
        ({"member_type": "bank"}, "member type"),
        ({"organisation_number": "123"}, "nine digits"),
        ({"contact_email": "kari"}, "e-mail"),
        ({"purpose": "forskning på adresser"}, "research"),
        ({"purpose": "to redistribute"}, "given on"),
        ({"valid_to": "2020-01-01"}, "before it begins"),
        ({"profile": "everything"}, "is no profile"),
    ],
)
def test_what_cannot_be_ordered_is_told(settings: Settings, given: dict[str, str], told: str) -> None:
    with pytest.raises(PregError, match=told):
        order_client(settings, new_client(**{"profile": "apotek", **given}), NOW)
    order_client(settings, new_client("apotek"), NOW)
    with pytest.raises(PregError, match="already"):
        order_client(settings, new_client("apotek"), NOW)


def test_only_a_client_with_its_password_is_let_in(settings: Settings) -> None:
    password = _approved(settings)
    door = Entry(settings, ServingSettings())
    assert door.let_in_verified(NAME, password, HERE) is None
    caller = door.let_in(NAME, password, HERE)
    assert (caller.client.user_name, caller.profile.name) == (NAME, "apotek")
    assert door.let_in_verified(NAME, password, HERE) == caller
    assert door.let_in_verified(NAME, "wrong", HERE) is None
    refused = set()
    for name, tried in ((NAME, "wrong"), ("nobody", password), (NAME, ""), ("", "")):
        with pytest.raises(NotLetIn) as raised:
            door.let_in(name, tried, HERE)
        refused.add((raised.value.reason, str(raised.value)))
    assert len(refused) == 1


def test_what_changes_in_the_register_counts_from_the_next_call_on(settings: Settings) -> None:
    password = _approved(settings)
    door = Entry(settings, ServingSettings())
    door.let_in(NAME, password, HERE)
    rotated = rotate_password(settings, NAME)
    with pytest.raises(NotLetIn):
        door.let_in(NAME, password, HERE)
    door.let_in(NAME, rotated, HERE)
    disable_client(settings, NAME, "the contract has ended", NOW)
    with pytest.raises(NotLetIn):
        door.let_in(NAME, rotated, HERE)
    with pytest.raises(PregError, match="disabled"):
        rotate_password(settings, NAME)


def test_a_client_asks_within_its_time(settings: Settings) -> None:
    order_client(settings, new_client("apotek", valid_from="2026-11-01", valid_to="2026-11-30"), NOW)
    password = approve_client(settings, NAME, "B", NOW, terms_accepted=True)
    door = Entry(settings, ServingSettings())
    for day, may in ((dt.date(2026, 10, 31), False), (dt.date(2026, 11, 30), True), (dt.date(2026, 12, 1), False)):
        if may:
            door.let_in(NAME, password, HERE, day)
        else:
            with pytest.raises(NotLetIn):
                door.let_in(NAME, password, HERE, day)


@pytest.mark.parametrize("name", [NAME, "nobody"])
def test_a_name_is_locked_after_wrong_passwords_whether_it_exists_or_not(settings: Settings, name: str) -> None:
    password = _approved(settings)
    now = 1000.0
    door = Entry(settings, ServingSettings(failures_until_locked=3, lock_minutes=1), lambda: now)
    reasons = []
    for _ in range(4):
        with pytest.raises(NotLetIn) as raised:
            door.let_in(name, "wrong", HERE)
        reasons.append(raised.value.reason)
    assert reasons == ["credentials", "credentials", "credentials", "locked"]
    with pytest.raises(NotLetIn) as raised:
        door.let_in(name, password, HERE)
    assert (raised.value.reason, raised.value.retry_after) == ("locked", 60)
    # Who guesses from elsewhere does not lock the client out.
    door.let_in(NAME, password, "192.0.2.2")
    now += 61
    door.let_in(NAME, password, HERE)


def test_a_client_that_asks_too_often_is_told_when_to_come_again(settings: Settings) -> None:
    password = _approved(settings)
    now = 1000.0
    door = Entry(settings, ServingSettings(requests_per_second=2, burst=3), lambda: now)
    for _ in range(3):
        door.let_in(NAME, password, HERE)
    with pytest.raises(NotLetIn) as raised:
        door.let_in(NAME, password, HERE)
    assert (raised.value.reason, raised.value.retry_after) == ("too_often", 0.5)
    now += 0.5
    door.let_in(NAME, password, HERE)


PERSON = "01815700143"


def _written(settings: Settings, lines: int = 3) -> Path:
    log = AccessLog(settings)
    for line in range(lines):
        log.write(
            client=f"c{line}",
            interface="rest",
            operation="person",
            numbers=[PERSON],
            outcome="shown",
            purpose="care",
            release_id="r",
        )
    log.close()
    return access_log_dir(settings) / log.segment


def test_the_log_names_a_person_by_keyed_hash_and_tells_who_asked(settings: Settings) -> None:
    file = _written(settings)
    assert PERSON not in file.read_text(encoding="ascii")
    assert verify(settings) == (3, [])
    assert [entry.client for entry in entries_about(settings, [PERSON])] == ["c0", "c1", "c2"]
    assert list(entries_about(settings, ["08889499150"])) == []
    assert person_hash(PERSON, load_key(settings)) in file.read_text(encoding="ascii")
    assert file.stat().st_mode & 0o077 == 0


def test_a_line_that_the_disk_has_no_room_for_is_not_there_and_nobody_is_answered(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = AccessLog(settings)

    def write() -> None:
        log.write(
            client="c",
            interface="rest",
            operation="person",
            numbers=[],
            outcome="shown",
            purpose="care",
            release_id="r",
        )

    write()
    with monkeypatch.context() as full:
        real = os.write
        full.setattr(os, "write", lambda file, line: real(file, line[:50]))
        with pytest.raises(MachineFailure):
            write()
    write()
    log.close()
    assert verify(settings) == (2, [])


def test_threads_that_write_side_by_side_make_one_chain(settings: Settings) -> None:
    log = AccessLog(settings)

    def write(client: int) -> None:
        for _ in range(200):
            log.write(
                client=f"c{client}",
                interface="rest",
                operation="search",
                numbers=[PERSON] * 20,
                outcome="shown",
                purpose="care",
                release_id="r",
            )

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    log.close()
    assert verify(settings) == (1600, [])


@hypothesis_settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_byte_of_the_log_is_changed_unseen(settings: Settings, data: st.DataObject) -> None:
    if not access_log_dir(settings).exists():
        _written(settings)
    files = sorted(access_log_dir(settings).glob("*.jsonl"))
    file = data.draw(st.sampled_from(files))
    kept = file.read_bytes()
    place = data.draw(st.integers(0, len(kept) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != kept[place]))
    file.write_bytes(kept[:place] + bytes([other]) + kept[place + 1 :])
    assert verify(settings)[1]
    file.write_bytes(kept)


def test_a_line_a_tail_or_a_segment_that_is_gone_is_noticed(settings: Settings) -> None:
    file = _written(settings)
    lines = file.read_bytes().splitlines(keepends=True)
    for left in (lines[1:], lines[:1] + lines[2:], lines[:2]):
        file.write_bytes(b"".join(left))
        assert verify(settings)[1]
    file.unlink()
    assert "not there" in verify(settings)[1][0].what


def test_the_segment_of_a_process_that_was_killed_is_closed_by_the_next(settings: Settings) -> None:
    code = (
        "import sys, os\nfrom pathlib import Path\nfrom foundation.settings import Settings\n"
        "from tests.unit.test_service_clients import AccessLog, PERSON\n"
        "log = AccessLog(Settings(data_dir=Path(sys.argv[1])))\n"
        "for line in range(5):\n"
        "    log.write(client='c', interface='rest', operation='person', numbers=[PERSON], outcome='shown',"
        " purpose='care', release_id='r')\n"
        "print(log.segment, flush=True)\nsys.stdin.read()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(settings.data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    segment = process.stdout.readline().strip()
    # While it lives its segment is open, and as it should be.
    assert verify(settings) == (5, [])
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    _written(settings)
    assert verify(settings) == (8, [])
    file = access_log_dir(settings) / segment
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:3]))
    assert "ended with line 5" in verify(settings)[1][0].what
