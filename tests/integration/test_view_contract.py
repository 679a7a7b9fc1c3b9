"""The views that clients read: the contract, the version that goes with a change, the clients that read them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from foundation.release import Manifest, Release, TableContent
from foundation.settings import Settings
from publication.access.client_profile import read_profiles
from publication.candidate.view_contract import columns_of, contract
from publication.candidate.view_version import current_view_version, view_versions
from publication.store.release import current_release
from quality.last_release import ALIAS
from quality.view_contract import check_view_contract

pytestmark = pytest.mark.xdist_group("built sample")


def test_the_release_has_the_columns_of_the_contract(built_sample: Path) -> None:
    release = current_release(Settings(data_dir=built_sample))
    assert release is not None
    assert columns_of(release) == contract(), "make contract, and a line in publication/candidate/view_versions.csv"
    assert release.manifest.views_version == current_view_version()


def test_versions_go_up_and_days_forward() -> None:
    versions = [tuple(int(part) for part in each.version.split(".")) for each in view_versions()]
    assert all(earlier < later for earlier, later in itertools.pairwise(versions))
    days = [each.published_on for each in view_versions()]
    assert days == sorted(days)


def test_every_field_that_a_client_reads_is_in_the_contract() -> None:
    columns = {(table, column) for table, column, _ in contract()}
    for profile in read_profiles(Settings(data_dir=Path("nowhere"))):
        for field in profile.fields:
            entity, column = field.split(".")
            assert ("preg_address" if entity == "Address" else "preg_person", column) in columns, (profile.name, field)


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """A last release of one table, and a candidate of the same."""
    with duckdb.connect() as connection:
        for name in (ALIAS, "candidate"):
            connection.execute(f"attach ':memory:' as {name}")
            connection.execute(f"create table {name}.preg_person (nin varchar, sn varchar, gender integer)")
        yield connection


def _broken(warehouse: duckdb.DuckDBPyConnection, change: str, version: str) -> list[str]:
    warehouse.execute(f"alter table candidate.preg_person {change}")
    manifest = Manifest(
        release_id="r",
        published_at="2026-01-05T03:00:00Z",
        views_version="1.1.0",
        sequence_number=None,
        inputs=[],
        tables={"preg_person": TableContent(rows=0, content_hash="")},
        content_hash="",
        checks=[],
        files=[],
    )
    last = Release(Path("nowhere"), manifest)
    return check_view_contract(warehouse, "candidate", last, version).sample


@pytest.mark.parametrize(
    ("change", "version", "broken"),
    [
        ("drop column sn", "1.1.0", ["preg_person.sn: VARCHAR → gone"]),
        ("drop column sn", "1.2.0", ["preg_person.sn: VARCHAR → gone"]),
        ("drop column sn", "2.0.0", []),
        ("alter column gender type varchar", "1.2.0", ["preg_person.gender: INTEGER → VARCHAR"]),
        ("add column shoe varchar", "1.1.0", ["preg_person.shoe: new"]),
        ("add column shoe varchar", "1.2.0", []),
    ],
)
def test_a_change_needs_its_version(
    warehouse: duckdb.DuckDBPyConnection, change: str, version: str, broken: list[str]
) -> None:
    assert _broken(warehouse, change, version) == broken


def test_the_first_release_has_nothing_to_keep(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert check_view_contract(warehouse, "candidate", None, "1.0.0").passed
