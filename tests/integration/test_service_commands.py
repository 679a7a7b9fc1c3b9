"""`preg client` and `preg access-log`: from an order to a password, and who has looked a person up."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from foundation.settings import Settings
from publication.store.release import current_release
from serving.access.access_log import AccessLog, access_log_dir
from serving.access.entry import Entry
from serving.settings import ServingSettings
from tests.support.running import preg

pytestmark = pytest.mark.xdist_group("built sample")

ORDER = (
    *("client", "order", "sykehus-a", "--organisation", "Sykehus A", "--organisation-number", "999999999"),
    *("--contact-name", "Kari Nordmann", "--contact-email", "kari@example.no", "--member-type", "helseforetak"),
    *("--profile", "helseforetak", "--purpose", "patient administration"),
)


def _run(settings: Settings, *arguments: str, fails: bool = False) -> str:
    """What a command prints; of one that fails, its error."""
    result = preg(*arguments, "--data", settings.data_dir)
    assert (result.returncode != 0) == fails, result.stdout + result.stderr
    return result.stderr if fails else result.stdout


def _password(output: str) -> str:
    (line,) = [line for line in output.splitlines() if line.startswith("password")]
    return line.split()[1]


def test_a_client_is_ordered_approved_rotated_and_disabled(settings: Settings) -> None:
    assert "Somebody else approves it" in _run(settings, *ORDER)
    assert "--terms-accepted" in _run(settings, "client", "approve", "sykehus-a", "--by", "B", fails=True)
    first = _password(_run(settings, "client", "approve", "sykehus-a", "--by", "B", "--terms-accepted"))
    door = Entry(settings, ServingSettings())
    assert door.let_in("sykehus-a", first, "here").profile.name == "helseforetak"
    second = _password(_run(settings, "client", "rotate", "sykehus-a"))
    assert door.let_in("sykehus-a", second, "here").client.purpose == "patient administration"
    listed = json.loads(_run(settings, "client", "list", "--format", "json"))
    assert [(row["user_name"], row["state"]) for row in listed] == [("sykehus-a", "active")]
    assert "password" not in json.dumps(listed)
    _run(settings, "client", "disable", "sykehus-a", "--why", "the contract has ended")
    listed = json.loads(_run(settings, "client", "list", "--format", "json"))
    assert listed[0]["state"] == "disabled"
    assert "no redistribution" in preg("client", "terms").stdout
    assert "there is no client nobody" in _run(settings, "client", "rotate", "nobody", fails=True)


def test_a_person_is_told_who_has_looked_him_up_by_any_number(built_sample: Path, tmp_path: Path) -> None:
    (tmp_path / "releases").symlink_to(built_sample / "releases")
    settings = Settings(data_dir=tmp_path)
    release = current_release(settings)
    assert release is not None
    with release.open() as connection:
        old, nin = connection.execute(
            "select number, nin from person_number where number <> nin order by number limit 1"
        ).fetchall()[0]
    log = AccessLog(settings)
    for client, number in (("a", old), ("b", nin), ("c", "08889499150")):
        log.write(
            client=client,
            interface="rest",
            operation="person",
            numbers=[number],
            outcome="shown",
            purpose="care",
            release_id=release.release_id,
        )
    log.close()
    for number in (old, nin):
        about = ("access-log", "about", number, "--why", "insight", "--format", "json")
        told = json.loads(_run(settings, *about))
        assert [row["client"] for row in told] == ["a", "b"]
        assert number not in json.dumps(told)
    looked = (settings.audit_log_dir / "look_ups.jsonl").read_text(encoding="utf-8")
    assert len(looked.splitlines()) == 2
    assert nin not in looked
    assert "a look-up has a reason" in _run(settings, "access-log", "about", nin, fails=True)
    assert "3 lines" in _run(settings, "access-log", "verify")


def test_a_log_that_was_changed_is_told_with_its_line(settings: Settings) -> None:
    log = AccessLog(settings)
    for _ in range(2):
        log.write(
            client="a",
            interface="rest",
            operation="person",
            numbers=[],
            outcome="shown",
            purpose="care",
            release_id="r",
        )
    log.close()
    file = access_log_dir(settings) / log.segment
    file.write_bytes(file.read_bytes().replace(b"care", b"fun!"))
    assert f"{log.segment}, line 1" in _run(settings, "access-log", "verify", fails=True)
    shutil.rmtree(access_log_dir(settings))
    assert "0 lines" in _run(settings, "access-log", "verify")
