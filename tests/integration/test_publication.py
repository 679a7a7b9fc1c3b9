"""Publication: whole or not at all, never without checks, never changed afterwards."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from foundation.errors import BuildFailed, GateStopped, PregError
from foundation.files import write_json
from foundation.release import Check, File, Input, Manifest, TableContent
from foundation.settings import Settings
from foundation.writer_lock import writer_lock
from publication.candidate.candidate import build_candidate, candidate_folder, read_candidate
from publication.candidate.fingerprint import code_hash, is_up_to_date
from publication.candidate.tables import RELEASE_TABLES
from publication.store.release import (
    current_release,
    list_releases,
    publish,
    read_release,
    remove_unfinished,
    verify_release,
)
from publication.store.withdrawal import list_withdrawals, older_than_current, withdraw
from quality.result import CheckResult, Severity
from tests.support.releases import small_release

pytestmark = pytest.mark.xdist_group("built sample")


def _check(passed: bool = True, severity: Severity = Severity.BLOCK) -> CheckResult:
    return CheckResult("a_check", "expectation", "preg_person", severity, passed, 0 if passed else 7, "why", "todo")


def _no_report(manifest: Manifest, database: Path, folder: Path) -> None:
    folder.mkdir()


def _publish(settings: Settings, results: list[CheckResult], now: dt.datetime | None = None) -> Any:
    return publish(settings, read_candidate(settings), results, {}, _no_report, now)


def test_a_candidate_without_checks_is_not_published(sample_copy: Settings) -> None:
    before = current_release(sample_copy)
    with pytest.raises(GateStopped, match="has not been checked"):
        _publish(sample_copy, [])
    assert current_release(sample_copy) == before


def test_a_candidate_that_a_check_blocks_is_not_published(sample_copy: Settings) -> None:
    before = len(list_releases(sample_copy))
    with pytest.raises(GateStopped, match="a_check"):
        _publish(sample_copy, [_check(), _check(passed=False)])
    assert len(list_releases(sample_copy)) == before


def test_a_warning_does_not_stop_publication(sample_copy: Settings) -> None:
    release = _publish(sample_copy, [_check(passed=False, severity=Severity.WARN)])
    assert current_release(sample_copy).release_id == release.release_id  # type: ignore[union-attr]


def test_a_new_release_is_current_and_the_old_one_stands(sample_copy: Settings) -> None:
    (old,) = list_releases(sample_copy)
    new = _publish(sample_copy, [_check()], dt.datetime(2030, 1, 1, tzinfo=dt.UTC))
    assert [release.release_id for release in list_releases(sample_copy)] == [old.release_id, new.release_id]
    assert (sample_copy.releases_dir / "current").resolve() == new.folder.resolve()
    assert verify_release(old) == []


def test_a_publication_that_breaks_off_leaves_nothing_visible(sample_copy: Settings) -> None:
    before = current_release(sample_copy)

    def broken(manifest: Manifest, database: Path, folder: Path) -> None:
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        publish(sample_copy, read_candidate(sample_copy), [_check()], {}, broken)
    assert len(list_releases(sample_copy)) == 1
    assert current_release(sample_copy) == before
    remove_unfinished(sample_copy)
    assert not [entry for entry in sample_copy.releases_dir.iterdir() if entry.name.startswith(".")]


def test_a_release_says_what_it_is_made_of(built_sample: Path) -> None:
    release = read_release((built_sample / "releases" / "current").resolve())
    manifest = release.manifest
    assert [input_.source for input_ in manifest.inputs] == ["freg"] * 3 + [
        "matrikkel",
        "persontjenesten",
        "preg",
    ]
    assert manifest.sequence_number == max(input_.sequence_to or 0 for input_ in manifest.inputs[:3])
    assert set(manifest.tables) == set(RELEASE_TABLES)
    # What can hardly be true of a person, and is, stays a warning.
    assert {check.kind for check in manifest.checks if not check.passed} == {"plausibility"}
    with release.open() as connection:
        for table, facts in manifest.tables.items():
            assert connection.execute(f"select count(*) from {table}").fetchall() == [(facts.rows,)]


def test_parquet_holds_the_same_rows(built_sample: Path) -> None:
    folder = built_sample / "releases" / "current"
    with duckdb.connect(str(folder / "preg.duckdb"), read_only=True) as connection:
        for table in RELEASE_TABLES:
            file = folder / "parquet" / f"{table}.parquet"
            difference = connection.execute(
                f"select count(*) from ((select * from {table} except all select * from '{file}')"
                f" union all (select * from '{file}' except all select * from {table}))"
            ).fetchall()
            assert difference == [(0,)], table


def test_every_column_of_a_release_is_described(built_sample: Path) -> None:
    with duckdb.connect(str(built_sample / "releases" / "current" / "preg.duckdb"), read_only=True) as connection:
        bare = connection.execute(
            "select table_name, column_name from duckdb_columns()"
            " where database_name = current_database() and not internal and comment is null"
        ).fetchall()
    assert bare == []


def test_models_that_are_not_of_one_build_make_no_candidate(sample_copy: Settings) -> None:
    with duckdb.connect(str(sample_copy.warehouse)) as connection:
        connection.execute("update build.progress set is_whole = false")
    with pytest.raises(BuildFailed, match="not of one build"):
        build_candidate(sample_copy)


def test_a_release_that_was_changed_is_not_built_upon(sample_copy: Settings) -> None:
    release = current_release(sample_copy)
    assert release
    with duckdb.connect(str(release.database)) as connection:
        connection.execute("delete from preg_person")
    assert build_candidate(sample_copy, release).tables == release.manifest.tables


def test_a_changed_file_is_noticed(sample_copy: Settings) -> None:
    release = current_release(sample_copy)
    assert release
    with (release.folder / "parquet" / "preg_person.parquet").open("ab") as stream:
        stream.write(b"x")
    assert verify_release(release) == ["parquet/preg_person.parquet: changed since publication"]


def test_readers_are_not_in_the_way_of_a_writer(sample_copy: Settings) -> None:
    release = current_release(sample_copy)
    assert release
    with release.open() as reader, writer_lock(sample_copy):
        build_candidate(sample_copy)
        _publish(sample_copy, [_check()])
        assert reader.execute("select count(*) > 0 from preg_person").fetchall() == [(True,)]


def test_a_candidate_needs_built_models(settings: Settings) -> None:
    with pytest.raises(BuildFailed, match=r"not built: .*preg_person"):
        build_candidate(settings)


def test_a_release_is_up_to_date_until_a_delivery_or_the_code_changes(sample_copy: Settings) -> None:
    release = current_release(sample_copy)
    assert release
    deliveries = [(each.source, each.delivery_id, each.manifest_sha256) for each in release.manifest.inputs]
    assert is_up_to_date(sample_copy, release, deliveries)
    assert is_up_to_date(sample_copy, release, deliveries[:1])
    assert not is_up_to_date(sample_copy, release, [*deliveries, ("freg", "new", "0")])
    assert not is_up_to_date(sample_copy, release, [(*deliveries[0][:2], "changed")])
    assert not is_up_to_date(sample_copy, None, deliveries)
    other_rule = sample_copy.model_copy(update={"household_protection": "none"})
    assert not is_up_to_date(other_rule, release, deliveries)
    rules = {**release.manifest.rules, "code_hash": "of another version"}
    other_code = replace(release, manifest=release.manifest.changed(rules=rules))
    assert not is_up_to_date(sample_copy, other_code, deliveries)
    assert code_hash(sample_copy.dbt_project_dir) == code_hash(sample_copy.dbt_project_dir)


@pytest.mark.parametrize("kind", ["py", "sql", "csv", "yml", "html", "css", "js"])
def test_a_changed_file_of_any_kind_that_a_release_is_made_of_is_another_version(tmp_path: Path, kind: str) -> None:
    hashes = []
    for version, content in enumerate(("one", "another")):
        project = tmp_path / str(version) / "project"
        project.mkdir(parents=True)
        (project / f"file.{kind}").write_text(content, encoding="utf-8")
        hashes.append(code_hash(project))
    assert hashes[0] != hashes[1]


def test_the_manifest_is_json_that_others_can_read(built_sample: Path, tmp_path: Path) -> None:
    file = built_sample / "releases" / "current" / "manifest.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    assert content["format_version"] == 1
    assert content["published_at"].endswith("Z")
    # Every member but that of a cleaned copy, in this order; and so within its parts.
    assert list(content) == [name for name in Manifest.model_fields if name != "cleaned_from"]
    for part, read in (
        (Input, content["inputs"]),
        (TableContent, [*content["tables"].values(), *content["since_last"].values()]),
        (Check, content["checks"]),
        (File, content["files"]),
    ):
        assert all(list(each) == [field.alias or name for name, field in part.model_fields.items()] for each in read), (
            part
        )
    write_json(tmp_path / "again.json", Manifest.parse(file.read_text(encoding="utf-8")).as_json())
    assert (tmp_path / "again.json").read_bytes() == file.read_bytes()


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        (lambda content: content.pop("content_hash"), "it is not the manifest of a release"),
        (lambda content: content["files"][0].pop("sha256"), "it is not the manifest of a release"),
        (lambda content: content.update(release_id="other"), "it is the manifest of another release"),
        (lambda content: content["files"][0].update(name="../preg.duckdb"), "it names files outside the release"),
        (lambda content: content.update(published_at="yesterday"), "Invalid isoformat string"),
    ],
)
def test_a_damaged_manifest_is_refused(settings: Settings, damage: Callable[[dict[str, Any]], Any], what: str) -> None:
    folder = small_release(settings, "20260105T030000Z-aaaaaaaa", "create table preg_person (nin varchar)")
    content = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    read_release(folder)
    damage(content)
    write_json(folder / "manifest.json", content)
    with pytest.raises(PregError, match=f"the release's manifest cannot be read: {what}"):
        read_release(folder)


def test_what_another_version_wrote_into_a_manifest_is_kept(settings: Settings) -> None:
    folder = small_release(settings, "20260105T030000Z-aaaaaaaa", "create table preg_person (nin varchar)")
    content = json.loads((folder / "manifest.json").read_text(encoding="utf-8")) | {"shoe_size": 44}
    write_json(folder / "manifest.json", content)
    assert read_release(folder).manifest.as_json() == content


def test_a_withdrawn_release_leaves_a_record_and_nothing_else(sample_copy: Settings) -> None:
    (old,) = list_releases(sample_copy)
    new = _publish(sample_copy, [_check()], dt.datetime(2030, 1, 1, tzinfo=dt.UTC))
    assert older_than_current(sample_copy) == [old.release_id]
    (record,) = withdraw(sample_copy, [old.release_id], "protection", now=dt.datetime(2030, 1, 2, tzinfo=dt.UTC))
    assert not old.folder.exists()
    assert sorted(entry.name for entry in sample_copy.releases_dir.iterdir()) == sorted([new.release_id, "current"])
    assert list_withdrawals(sample_copy) == [record]
    assert record.published_at == old.manifest.published_at
    assert (record.withdrawn_at, record.why) == ("2030-01-02T00:00:00Z", "protection")
    assert current_release(sample_copy).release_id == new.release_id  # type: ignore[union-attr]


def test_the_current_release_is_withdrawn_only_when_asked_for(sample_copy: Settings) -> None:
    (release,) = list_releases(sample_copy)
    with pytest.raises(PregError, match="is the current release"):
        withdraw(sample_copy, [release.release_id], "a reason")
    assert release.folder.exists()
    assert list_withdrawals(sample_copy) == []
    withdraw(sample_copy, [release.release_id], "a reason", even_current=True)
    assert current_release(sample_copy) is None
    assert list_releases(sample_copy) == []
    assert not candidate_folder(sample_copy).folder.exists()
    assert not is_up_to_date(sample_copy, current_release(sample_copy), [])


def test_one_release_that_is_not_there_withdraws_none(sample_copy: Settings) -> None:
    (release,) = list_releases(sample_copy)
    with pytest.raises(PregError, match="no such release: nothing"):
        withdraw(sample_copy, [release.release_id, "nothing"], "a reason", even_current=True)
    assert release.folder.exists()
