"""A backup never empties itself, repairs itself, and writes nothing outside the folders that it is given."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from foundation.errors import PregError
from foundation.files import sha256_of, write_json
from foundation.settings import Settings
from foundation.writer_lock import restore_marker, writer_lock
from operations.backup import back_up, restore
from operations.doctor import examine
from publication.store.release import current_release, list_releases
from tests.support.releases import small_release
from tests.support.running import preg

FIRST, SECOND = "20260104T030000Z-aaaaaaaa", "20260105T030000Z-bbbbbbbb"


@pytest.fixture
def full(settings: Settings) -> Settings:
    """Deliveries of two sources, two releases, and what people did."""
    for source, count in (("freg", 12), ("matrikkel", 2)):
        for number in range(count):
            folder = settings.landing_dir / source / f"2026010{number}T030000Z-full"
            folder.mkdir(parents=True)
            (folder / "manifest.json").write_text(f"{source} {number}", encoding="utf-8")
            (folder / "persons.ndjson").write_text(f"{source} {number} persons", encoding="utf-8")
    for release_id in (FIRST, SECOND):
        small_release(settings, release_id, "create table preg_person as select '17858012345' as nin")
        profile = settings.data_dir / "profile_releases" / "fastlege" / release_id
        profile.mkdir(parents=True)
        (profile / "manifest.json").write_text(release_id, encoding="utf-8")
        (profile / "preg.duckdb").write_text(release_id, encoding="utf-8")
    (settings.data_dir / "signoff.csv").write_text("pair\n", encoding="utf-8")
    return settings


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "backup"


@pytest.fixture
def empty(tmp_path: Path) -> Settings:
    return Settings(landing_dir=tmp_path / "again" / "landing", data_dir=tmp_path / "again" / "data")


def _content(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and not file.is_symlink()
    }


def _without_landing(settings: Settings) -> None:
    shutil.rmtree(settings.landing_dir)


def _with_an_empty_landing(settings: Settings) -> None:
    _without_landing(settings)
    settings.landing_dir.mkdir()


def _without_a_source(settings: Settings) -> None:
    shutil.rmtree(settings.landing_dir / "matrikkel")


def _without_releases(settings: Settings) -> None:
    shutil.rmtree(settings.releases_dir)


def _without_data(settings: Settings) -> None:
    shutil.rmtree(settings.data_dir)


def _without_sign_offs(settings: Settings) -> None:
    (settings.data_dir / "signoff.csv").unlink()


def _without_some_deliveries(settings: Settings) -> None:
    for folder in sorted((settings.landing_dir / "freg").iterdir())[:4]:
        shutil.rmtree(folder)


LOSSES = [
    _without_landing,
    _with_an_empty_landing,
    _without_a_source,
    _without_releases,
    _without_data,
    _without_sign_offs,
    _without_some_deliveries,
]


@pytest.mark.parametrize("lose", LOSSES, ids=lambda lose: lose.__name__.strip("_"))
def test_a_backup_of_what_is_not_there_is_refused_and_changes_nothing(
    full: Settings, out: Path, lose: Callable[[Settings], None]
) -> None:
    back_up(full, out)
    before = _content(out)
    lose(full)
    with pytest.raises(PregError) as refused:
        back_up(full, out)
    assert refused.value.todo
    assert _content(out) == before


def test_what_is_meant_to_be_gone_stays_in_the_backup_and_is_told_once_accepted(
    full: Settings, out: Path, empty: Settings
) -> None:
    back_up(full, out)
    _without_some_deliveries(full)
    report = back_up(full, out, although_gone=True)
    assert len(report.gone) == 8
    # It is known from then on, and still reported.
    assert back_up(full, out).gone == report.gone
    restore(empty, out)
    assert len(list(empty.landing_dir.glob("freg/*/persons.ndjson"))) == 12


def test_a_delivery_that_is_gone_stays_in_the_backup_and_is_told(full: Settings, out: Path, tmp_path: Path) -> None:
    back_up(full, out)
    shutil.rmtree(full.landing_dir / "freg" / "20260100T030000Z-full")
    result = preg("backup", "--out", out, "--landing", full.landing_dir, "--data", full.data_dir)
    assert result.returncode == 0, result.stderr
    assert "2 files are gone from landing and data; the backup keeps them" in result.stdout
    assert (out / "landing" / "freg" / "20260100T030000Z-full" / "manifest.json").is_file()
    _with_an_empty_landing(full)
    refused = preg("backup", "--out", out, "--landing", full.landing_dir, "--data", full.data_dir)
    assert refused.returncode == 1
    assert "are gone from landing and data, all of landing/freg, landing/matrikkel" in refused.stderr
    assert (out / "landing" / "freg" / "20260101T030000Z-full" / "manifest.json").is_file()


def _withdraw(settings: Settings, release_id: str) -> None:
    write_json(_made(settings.withdrawn_dir) / f"{release_id}.json", {"release_id": release_id})
    shutil.rmtree(settings.releases_dir / release_id)


def _made(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder


def test_only_what_was_withdrawn_is_removed_with_the_releases_of_its_profiles(
    full: Settings, out: Path, empty: Settings
) -> None:
    back_up(full, out)
    # What a backup that was cut off has left besides.
    (out / "data" / "releases" / FIRST / "left.parquet").write_text("left", encoding="utf-8")
    _withdraw(full, FIRST)
    report = back_up(full, out)
    assert report.removed == 4
    assert [name for name in _content(out) if FIRST in name] == [f"data/withdrawn/{FIRST}.json"]
    # A release that is gone without a record is not.
    shutil.rmtree(full.releases_dir / SECOND)
    (full.releases_dir / "current").unlink()
    back_up(full, out, although_gone=True)
    restore(empty, out)
    assert [release.release_id for release in list_releases(empty)] == [SECOND]


def test_a_profile_that_gives_less_is_backed_up_as_it_is(full: Settings, out: Path) -> None:
    back_up(full, out)
    (full.data_dir / "profile_releases" / "fastlege" / SECOND / "preg.duckdb").unlink()
    assert back_up(full, out).gone == []
    assert not (out / "data" / "profile_releases" / "fastlege" / SECOND / "preg.duckdb").exists()


def test_a_flipped_byte_in_the_backup_is_repaired(full: Settings, out: Path, empty: Settings) -> None:
    back_up(full, out)
    flipped = out / "data" / "releases" / SECOND / "preg.duckdb"
    content = bytearray(flipped.read_bytes())
    content[100] ^= 1
    flipped.write_bytes(content)
    assert back_up(full, out).copied == 1
    assert sha256_of(flipped) == sha256_of(full.releases_dir / SECOND / "preg.duckdb")
    assert restore(empty, out).copied > 0
    assert current_release(empty) is not None


def test_what_has_changed_that_never_changes_does_not_replace_the_good_copy(full: Settings, out: Path) -> None:
    back_up(full, out)
    manifest = "landing/freg/20260100T030000Z-full/manifest.json"
    (full.landing_dir / manifest.removeprefix("landing/")).write_text("other", encoding="utf-8")
    report = back_up(full, out)
    assert report.changed == [manifest]
    assert (out / manifest).read_text(encoding="utf-8") == "freg 0"
    result = preg("backup", "--out", out, "--landing", full.landing_dir, "--data", full.data_dir)
    assert result.returncode == 1
    assert "files that never change have changed since" in result.stderr
    # What people write does change.
    (full.data_dir / "signoff.csv").write_text("pair\nmore\n", encoding="utf-8")
    assert back_up(full, out).copied == 1


def test_a_file_that_nobody_has_whole_is_told(full: Settings, out: Path) -> None:
    back_up(full, out)
    name = "landing/freg/20260100T030000Z-full/manifest.json"
    (full.landing_dir / name.removeprefix("landing/")).unlink()
    (out / name).write_text("other", encoding="utf-8")
    assert back_up(full, out).lost == [name]


ESCAPES = [
    "landing/../../escaped",
    "data/releases/../../../escaped",
    "/tmp/escaped",  # noqa: S108
    "../escaped",
    "landing//escaped",
    "landing/./escaped",
    "landing/.hidden",
    "data/warehouse.duckdb",
    "data/dagster/dagster.yaml",
    "data/.restoring.json",
    "elsewhere/escaped",
    "landing",
    "landing/a\nb",
    "landing/a\x1b[2J",
    "landing/a\\b",
    "",
]


def _change_index(out: Path, change: Callable[[dict[str, Any]], None]) -> None:
    index = json.loads((out / "backup.json").read_text(encoding="utf-8"))
    change(index)
    write_json(out / "backup.json", index)


@pytest.mark.parametrize("name", ESCAPES)
def test_a_name_that_leads_out_of_the_folders_is_refused(
    full: Settings, out: Path, empty: Settings, tmp_path: Path, name: str
) -> None:
    back_up(full, out)
    (tmp_path / "escaped").write_text("here before", encoding="utf-8")
    digest = sha256_of(tmp_path / "escaped")
    before = _content(tmp_path)
    _change_index(out, lambda index: index["files"].update({name: digest}))
    with pytest.raises(PregError, match="description cannot be read"):
        restore(empty, out)
    with pytest.raises(PregError, match="description cannot be read"):
        back_up(full, out)
    after = _content(tmp_path)
    assert {key: after[key] for key in before if key != "backup/backup.json"} == {
        key: content for key, content in before.items() if key != "backup/backup.json"
    }
    assert not empty.data_dir.exists()


@pytest.mark.parametrize("current", ["../../../etc", "/etc", "20990101T000000Z-cccccccc", ".", ""])
def test_the_current_release_is_one_of_the_backup(full: Settings, out: Path, empty: Settings, current: str) -> None:
    back_up(full, out)
    _change_index(out, lambda index: index.update(current=current))
    with pytest.raises(PregError, match="description cannot be read"):
        restore(empty, out)


def test_no_link_is_followed_out_of_a_backup(full: Settings, out: Path, empty: Settings, tmp_path: Path) -> None:
    back_up(full, out)
    elsewhere = tmp_path / "elsewhere"
    (out / "landing" / "freg").rename(elsewhere)
    (out / "landing" / "freg").symlink_to(elsewhere, target_is_directory=True)
    for attempt in (lambda: restore(empty, out), lambda: back_up(full, out)):
        with pytest.raises(PregError, match="leads through a link"):
            attempt()
    assert not empty.landing_dir.exists()
    # Nor where it is restored to.
    (out / "landing" / "freg").unlink()
    elsewhere.rename(out / "landing" / "freg")
    empty.data_dir.mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (empty.data_dir / "profile_releases").symlink_to(tmp_path / "outside", target_is_directory=True)
    with pytest.raises(PregError, match="leads through a link"):
        restore(empty, out)
    assert not list((tmp_path / "outside").iterdir())


def test_a_restore_that_was_cut_off_is_not_run_upon_and_can_be_finished(
    full: Settings, out: Path, empty: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    back_up(full, out)
    copied = 0
    real = shutil.copyfileobj

    def killed_after_a_while(*given: Any) -> None:
        nonlocal copied
        copied += 1
        if copied > 10:
            raise KeyboardInterrupt
        real(*given)

    with monkeypatch.context() as cut:
        cut.setattr(shutil, "copyfileobj", killed_after_a_while)
        with pytest.raises(KeyboardInterrupt):
            restore(empty, out)
    assert restore_marker(empty).is_file()
    assert [finding.state for finding in examine(empty) if finding.about == "restore"] == ["wrong"]
    assert current_release(empty) is None
    for command in ("run", "load"):
        refused = preg(command, "--landing", empty.landing_dir, "--data", empty.data_dir)
        assert refused.returncode == 1
        assert "a restore was cut off here" in refused.stderr
        assert "preg restore --from" in refused.stderr
    # Another backup does not mix with it.
    other = tmp_path / "other"
    back_up(full, other)
    _change_index(other, lambda index: index.update(made_at="2020-01-01T00:00:00Z"))
    with pytest.raises(PregError, match="of another backup"):
        restore(empty, other)
    finished = preg("restore", "--from", out, "--landing", empty.landing_dir, "--data", empty.data_dir)
    assert finished.returncode == 0, finished.stderr
    assert not restore_marker(empty).exists()
    assert _content(empty.landing_dir) == _content(full.landing_dir)
    assert _content(empty.releases_dir) == _content(full.releases_dir)
    with writer_lock(empty):
        assert current_release(empty) is not None


def test_a_backup_and_what_is_restored_from_it_are_their_owners(full: Settings, out: Path, empty: Settings) -> None:
    for place in (full.data_dir, *full.data_dir.rglob("*"), full.landing_dir, *full.landing_dir.rglob("*")):
        if not place.is_symlink():
            place.chmod(0o755)
    out.mkdir()
    out.chmod(0o755)
    back_up(full, out)
    restore(empty, out)
    for folder in (out, empty.data_dir, empty.landing_dir):
        for place in (folder, *folder.rglob("*")):
            if not place.is_symlink():
                mode = stat.S_IMODE(place.stat().st_mode)
                assert mode == (0o700 if place.is_dir() else 0o600), place


def test_a_backup_is_not_among_what_it_is_of(full: Settings) -> None:
    for out in (full.landing_dir / "backup", full.releases_dir, full.releases_dir / "backup"):
        with pytest.raises(PregError, match="a backup is not among what it is of"):
            back_up(full, out)


def test_what_the_services_have_been_told_comes_back(full: Settings, out: Path, empty: Settings) -> None:
    serving = full.serving_dir
    (serving / "access_log").mkdir(parents=True)
    (serving / "access_log" / "segments.jsonl").write_text('{"began":"a.jsonl"}\n', encoding="utf-8")
    # A line is being written, and a segment has begun that the index does not know yet.
    (serving / "access_log" / "a.jsonl").write_text('{"whole":1}\n{"ha', encoding="utf-8")
    (serving / "access_log" / "b.jsonl").write_text("{}\n", encoding="utf-8")
    (serving / "stores" / FIRST).mkdir(parents=True)
    (serving / "stores" / FIRST / "store.sqlite").write_text("made again", encoding="utf-8")
    register = sqlite3.connect(full.help_numbers_file)
    register.execute("pragma journal_mode = wal")
    register.execute("create table issued (number text)")
    register.execute("insert into issued values ('89000000001')")
    register.commit()
    # It is still open, and what was written is in its log only.
    back_up(full, out)
    register.close()
    empty.serving_dir.mkdir(parents=True)
    left = empty.help_numbers_file.with_name("help_numbers.sqlite-wal")
    left.touch()
    with pytest.raises(PregError, match="something already"):
        restore(empty, out)
    left.unlink()
    restore(empty, out)
    assert _content(empty.serving_dir / "access_log") == {
        "a.jsonl": b'{"whole":1}\n',
        "segments.jsonl": b'{"began":"a.jsonl"}\n',
    }
    with closing(sqlite3.connect(empty.help_numbers_file)) as again:
        assert again.execute("select number from issued").fetchall() == [("89000000001",)]
    assert not (empty.serving_dir / "stores").exists()
