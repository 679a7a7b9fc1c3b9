"""One person in a release, and the log of who has looked."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import stat
from pathlib import Path
from typing import Any

import pytest

from foundation.errors import PregError
from foundation.person_hash import load_key, person_hash
from foundation.release import Release
from foundation.settings import Settings
from publication.reports.one_person import one_person
from publication.store.look_ups import LookUp, look_up_log, write_look_up
from publication.store.release import current_release
from tests.support.running import preg

pytestmark = pytest.mark.xdist_group("built sample")


@pytest.fixture
def release(built_sample: Path) -> Release:
    found = current_release(Settings(data_dir=built_sample))
    assert found is not None
    return found


def _ask(release: Release, query: str) -> list[tuple[Any, ...]]:
    with release.open() as connection:
        return connection.execute(query).fetchall()


def _nin(release: Release, where: str) -> str:
    ((nin,),) = _ask(release, f"select min(nin) from preg_person where {where}")
    return str(nin)


def test_a_person_is_found_by_every_number_ever(release: Release) -> None:
    old, nin = _ask(release, "select number, nin from person_number where number <> nin order by number limit 1")[0]
    assert one_person(release, old) == one_person(release, nin)
    assert {row["number"] for row in one_person(release, nin).numbers} >= {old, nin}
    with pytest.raises(PregError, match="nobody in this release"):
        one_person(release, "00000000000")


def test_a_field_that_differs_has_both_values_and_the_others_are_equal(release: Release) -> None:
    pair = "pair = 'preg_persontjenesten' and entity = 'Person' and field = 'sn' and left_value is not null"
    nin, left, right, kind = _ask(
        release,
        "select nin, left_value, right_value, difference_kind from field_comparison_differences"
        f" where {pair} and right_value is not null order by nin limit 1",
    )[0]
    beside = {row["field"]: row for row in one_person(release, nin).beside}
    name = beside["Person.Sn"]
    assert (name["preg_value"], name["persontjenesten_value"], name["difference"]) == (left, right, kind)
    others = [row for row in beside.values() if row["difference"] is None and row["persontjenesten_value"] is not None]
    assert others
    assert all(row["preg_value"] == row["persontjenesten_value"] for row in others)
    # Persontjenesten has no coordinates: nothing is shown for them.
    assert all(beside[f"Address.{axis}"]["persontjenesten_value"] is None for axis in ("XCoord", "YCoord"))


def test_of_who_is_not_in_persontjenesten_no_value_of_it_is_shown(release: Release) -> None:
    ((nin,),) = _ask(
        release,
        "select min(nin) from field_comparison_differences"
        " where pair = 'preg_persontjenesten' and field = 'nin' and difference_kind = 'only_left'",
    )
    beside = one_person(release, nin).beside
    assert beside
    assert all(row["persontjenesten_value"] is None for row in beside)


def test_family_and_words_are_shown(release: Release) -> None:
    found = one_person(release, _nin(release, "spouse_nin in (select nin from preg_person) and reg_status = 1"))
    assert (found.record["reg_status_no"], found.record["reg_status_en"]) == ("Bosatt", "Resident")
    assert "spouse" in {row["relation"] for row in found.family}


def test_the_look_up_is_logged_before_anything_is_shown(release: Release, sample_copy: Settings) -> None:
    nin = _nin(release, "reg_status = 1")
    refused = preg("person", nin, "--data", sample_copy.data_dir)
    assert refused.returncode != 0
    assert "reason" in refused.stderr
    shown = preg("person", "-", "--why", "case 4711", "--format", "json", "--data", sample_copy.data_dir, typed=nin)
    assert shown.returncode == 0, shown.stderr
    assert json.loads(shown.stdout)["nin"] == nin
    log = look_up_log(sample_copy)
    (entry,) = [json.loads(line) for line in log.read_text(encoding="ascii").splitlines()]
    assert entry["about"] == person_hash(nin, load_key(sample_copy))
    assert (entry["what"], entry["why"], entry["release_id"]) == ("person", "case 4711", release.release_id)
    assert nin not in log.read_text(encoding="ascii")
    # By whichever number the person is asked for, and whoever the environment says is asking.
    old, now = _ask(release, "select number, nin from person_number where number <> nin order by number limit 1")[0]
    assert (
        preg("person", old, "--why", "w", "--data", sample_copy.data_dir, LOGNAME="kari", USER="kari").returncode == 0
    )
    entry = json.loads(log.read_text(encoding="ascii").splitlines()[-1])
    assert entry["about"] == person_hash(now, load_key(sample_copy))
    assert entry["by"] == pwd.getpwuid(os.getuid()).pw_name != "kari"
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    # Where it cannot be written down, nothing is shown.
    shutil.rmtree(log.parent)
    log.parent.write_text("no folder", encoding="utf-8")
    unlogged = preg("person", nin, "--why", "case 4711", "--data", sample_copy.data_dir)
    assert unlogged.returncode != 0
    assert nin not in unlogged.stdout


@pytest.mark.parametrize("number", ["", "123", "1785801234x", "' or 1=1 --", "１７８５８０１２３４５"])
def test_what_is_no_number_is_refused_and_not_repeated(number: str, sample_copy: Settings) -> None:
    asked = preg("person", "--why", "case 4711", "--data", sample_copy.data_dir, "--", number)
    assert asked.returncode != 0
    assert "no person's number" in asked.stderr
    assert not look_up_log(sample_copy).exists()


def test_lines_of_the_log_stand_by_themselves(settings: Settings) -> None:
    for why in ("one\nline", "two \x1b[31m"):
        write_look_up(settings, LookUp("2026-01-05T03:00:00Z", "rows", "check", "candidate", "kari", why))
    lines = look_up_log(settings).read_text(encoding="ascii").splitlines()
    assert [json.loads(line)["why"] for line in lines] == ["one\nline", "two \x1b[31m"]
