"""Fixtures for every test: a data directory of one's own, and one that holds a built release."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import hypothesis
import pytest

from foundation.settings import Settings
from publication.store.release import current_release
from tests.support.running import preg_run

if TYPE_CHECKING:
    from tests.support.serving import Served

# How long a single example takes depends on the machine; timings belong in benchmarks.
hypothesis.settings.register_profile("preg", deadline=None)
hypothesis.settings.load_profile("preg")

# pytest-xdist has a width of 80 for its own lines: what is tested is as wide as where nobody looks on.
os.environ.pop("COLUMNS", None)

SAMPLE = Path(__file__).parent.parent / "data" / "sample" / "landing"


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests give their settings; a developer's environment does not."""
    for name in ("PREG_LANDING_DIR", "PREG_DATA_DIR", "PREG_DBT_PROJECT_DIR", "PREG_MEMORY_LIMIT", "PREG_THREADS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an empty data directory."""
    (tmp_path / "landing").mkdir()
    return Settings(landing_dir=tmp_path / "landing", data_dir=tmp_path / "data")


@dataclass(frozen=True)
class SampleRun:
    """The main job, run on the small sample: its data directory, and what it printed."""

    data: Path
    output: str


@pytest.fixture(scope="session")
def sample_run(tmp_path_factory: pytest.TempPathFactory) -> SampleRun:
    """The main job on the small sample, run once for all tests."""
    data = tmp_path_factory.mktemp("built")
    result = preg_run(SAMPLE, data)
    assert result.returncode == 0, result.stdout + result.stderr
    return SampleRun(data, result.stdout)


@pytest.fixture(scope="session")
def built_sample(sample_run: SampleRun) -> Path:
    """A data directory with a published release of the small sample. Never changed: copy it to change something."""
    return sample_run.data


@pytest.fixture
def sample_copy(built_sample: Path, tmp_path: Path) -> Iterator[Settings]:
    """A copy of the built sample that a test may change."""
    data = tmp_path / "data"
    shutil.copytree(built_sample, data, symlinks=True)
    yield Settings(landing_dir=SAMPLE, data_dir=data)
    shutil.rmtree(data, ignore_errors=True)


@pytest.fixture(scope="session")
def served(built_sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The services over the built sample, in this process."""
    # Only tests of the services need what they are made of.
    from tests.support.serving import serve

    data = tmp_path_factory.mktemp("served")
    (data / "releases").symlink_to(built_sample / "releases")
    found = serve(Settings(data_dir=data))
    with found.http:
        yield found


@pytest.fixture(scope="module")
def mine(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The services over the built sample, with clients and a register of help numbers of a module's own."""
    from tests.support.serving import serve_again

    found = serve_again(served, tmp_path_factory.mktemp("mine"))
    with found.http:
        yield found


@pytest.fixture(scope="session")
def database(served: Served) -> Iterator[duckdb.DuckDBPyConnection]:
    """The release that is served, as analysts ask it."""
    release = current_release(served.settings)
    assert release is not None
    with release.open() as connection:
        yield connection
