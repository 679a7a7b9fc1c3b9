"""Files are their owner's: with any umask, and with anything there before."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from foundation.files import create_private_files, make_private, open_to_others
from foundation.settings import Settings
from foundation.writer_lock import writer_lock
from operations.doctor import Finding, examine
from tests.conftest import SAMPLE
from tests.support.running import PREG, REPOSITORY


def _run(program: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a program as from a shell in which everybody may read what is made."""
    return subprocess.run(
        program,
        capture_output=True,
        text=True,
        check=False,
        cwd=REPOSITORY,
        env={**os.environ, **environment},
        preexec_fn=lambda: os.umask(0o022),
    )


def _others_may(folder: Path) -> list[str]:
    places = [folder, *folder.rglob("*")]
    return [str(place) for place in places if not place.is_symlink() and place.stat().st_mode & 0o077]


def test_what_a_command_writes_and_finds_is_its_owners(tmp_path: Path) -> None:
    landing, data = tmp_path / "landing", tmp_path / "data"
    shutil.copytree(SAMPLE / "matrikkel", landing / "matrikkel")
    for folder in (data, data / "work", data / "logs", data / "releases"):
        folder.mkdir()
        folder.chmod(0o755)
    (data / "warehouse.duckdb.wal").touch()
    (data / "logs" / "preg.log").touch()
    for place in (landing, *landing.rglob("*"), data / "logs" / "preg.log"):
        place.chmod(0o755)
    loaded = _run([str(PREG), "load", "--landing", str(landing), "--data", str(data)])
    assert loaded.returncode == 0, loaded.stderr
    assert (data / "warehouse.duckdb").is_file()
    assert _others_may(data) == _others_may(landing) == []


def test_the_trace_of_a_crash_is_its_owners_and_nobody_guesses_its_name(tmp_path: Path) -> None:
    crash = "import cli.main as m\ndef app(**_): raise RuntimeError('of [/bold] somebody')\nm.app = app\nm.main()"
    names = set()
    for _ in range(2):
        ended = _run([sys.executable, "-c", crash], PREG_DATA_DIR=str(tmp_path / "data"))
        assert ended.returncode == 1
        assert "Traceback" not in ended.stderr
        (written,) = re.findall(r"where (\S+)", ended.stderr)
        names.add(written)
        trace = Path(written)
        assert trace.parent == tmp_path / "data" / "crashes"
        assert "RuntimeError: of [/bold] somebody" in trace.read_text(encoding="utf-8")
        assert re.fullmatch(r"\d{8}T\d{6}Z-[0-9a-f]{16}\.log", trace.name)
    assert len(names) == 2
    assert _others_may(tmp_path / "data") == []


def test_a_run_tightens_what_is_there_and_follows_no_link(settings: Settings, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (outside / "folder").mkdir(parents=True)
    (outside / "file").touch()
    settings.data_dir.mkdir()
    (settings.data_dir / "report").mkdir()
    (settings.data_dir / "report" / "file").touch()
    (settings.data_dir / "report" / "link").symlink_to(outside / "file")
    (settings.data_dir / "folder").symlink_to(outside / "folder", target_is_directory=True)
    for place in (outside / "folder", outside / "file", settings.data_dir, settings.data_dir / "report"):
        place.chmod(0o755)
    with writer_lock(settings):
        assert _others_may(settings.data_dir / "report") == []
        assert stat.S_IMODE(settings.data_dir.stat().st_mode) == 0o700
        assert stat.S_IMODE(settings.landing_dir.stat().st_mode) == 0o700
    assert [stat.S_IMODE((outside / name).stat().st_mode) for name in ("folder", "file")] == [0o755, 0o755]


def test_a_folder_that_everybody_writes_to_is_left_as_it_is(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "file").touch()
    (shared / "file").chmod(0o644)
    shared.chmod(0o1777)
    make_private(shared)
    assert stat.S_IMODE(shared.stat().st_mode) == 0o1777
    assert stat.S_IMODE((shared / "file").stat().st_mode) == 0o644
    make_private(tmp_path / "nothing")


def _privacy(settings: Settings) -> list[Finding]:
    return [finding for finding in examine(settings) if finding.about.startswith("privacy")]


def test_the_doctor_tells_what_others_can_read_and_how_to_mend_it(settings: Settings) -> None:
    folder = settings.data_dir / "releases" / "it's one"
    folder.mkdir(parents=True)
    make_private(settings.data_dir)
    make_private(settings.landing_dir)
    assert [finding.state for finding in _privacy(settings)] == ["ok", "ok"]
    (folder / "file").touch()
    (folder / "file").chmod(0o640)
    settings.landing_dir.chmod(0o711)
    data, landing = _privacy(settings)
    assert (data.state, landing.state) == ("wrong", "wrong")
    assert "1 files or folders" in data.what
    assert str(folder / "file") in data.what
    for finding in (data, landing):
        assert subprocess.run(["bash", "-c", finding.todo], check=False).returncode == 0
    assert [finding.state for finding in _privacy(settings)] == ["ok", "ok"]
    assert list(open_to_others(settings.data_dir)) == []


@pytest.mark.parametrize("before", [0o000, 0o022, 0o077])
def test_private_files_are_made_whatever_the_umask_was(before: int, tmp_path: Path) -> None:
    kept = os.umask(before)
    try:
        create_private_files()
        (tmp_path / "folder").mkdir()
        (tmp_path / "folder" / "file").touch()
    finally:
        os.umask(kept)
    assert _others_may(tmp_path / "folder") == []
