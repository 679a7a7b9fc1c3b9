"""What is done with releases: approved, rolled back, promoted, compared, signed, kept; and what is reported of it."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import icalendar
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from defusedxml import ElementTree

from cli.release import promote
from foundation.errors import ApprovalNeeded, ConfigurationError, GateStopped, PregError
from foundation.files import write_json
from foundation.release import SIGNATURE, Approver, Manifest, Release
from foundation.settings import Settings
from ingest.contracts.places import ADDRESS_TABLES, TABLES_WITHOUT_PERSONS, TABLES_WITHOUT_PLACES
from operations.doctor import examine
from orchestration.release.publishing import promote_candidate, publish_candidate, release_of_candidate
from publication.access.access_profile import find_access_profile
from publication.access.profile_release import write_profile_release
from publication.candidate.candidate import read_candidate
from publication.reports.delivery_overview import overview, read_published
from publication.reports.notices import write_notice
from publication.reports.overview_files import write_overview_files
from publication.reports.release_diff import diff_detail, diff_releases
from publication.reports.report import report_writer
from publication.store.audit_log import AuditEntry, audit_entries, rollback_in_effect, write_audit_entry
from publication.store.cleaned_release import publish_cleaned
from publication.store.exposure import Exposure, exposure_of, refuse_exposure
from publication.store.release import (
    Approval,
    check_database,
    current_release,
    find_release,
    list_releases,
    make_current,
    mend_store,
    publish,
    release_before,
    store_problems,
    verify_release,
)
from publication.store.retention import beyond_retention, prune
from publication.store.withdrawal import older_than_current, withdraw
from quality.result import CheckResult, Severity, write_results
from tests.support.file_bytes import rows_that_are_not_shown
from tests.support.running import preg

pytestmark = pytest.mark.xdist_group("built sample")

KARI = Approval("Kari Nordmann", "looked at it")
LATER = dt.datetime(2030, 1, 1, 12, tzinfo=dt.UTC)


def _check(**given: Any) -> CheckResult:
    return CheckResult(
        **{
            "name": "drift_births",
            "kind": "drift",
            "about": "births",
            "severity": Severity.WARN,
            "passed": True,
            "failures": 0,
            "why": "why",
            "todo": "todo",
            "needs_approval": True,
            **given,
        }
    )


def _no_report(manifest: Manifest, database: Path, folder: Path) -> None:
    folder.mkdir()


def _publish(
    settings: Settings, now: dt.datetime = LATER, checks: list[CheckResult] | None = None, **given: Any
) -> Release:
    return publish(settings, read_candidate(settings), checks or [_check()], {}, _no_report, now, **given)


def test_a_warning_that_waits_needs_a_name_and_keeps_it(sample_copy: Settings) -> None:
    before = current_release(sample_copy)
    waiting = [_check(passed=False, failures=3)]
    with pytest.raises(ApprovalNeeded, match="drift_births: 3") as stopped:
        _publish(sample_copy, checks=waiting)
    assert stopped.value.exit_code == 3
    assert current_release(sample_copy) == before
    published = _publish(sample_copy, checks=waiting, approval=KARI)
    assert published.manifest.approver == Approver(name="Kari Nordmann", why="looked at it")
    assert audit_entries(sample_copy)[-1].by == "Kari Nordmann"


def test_a_name_does_not_lift_a_block(sample_copy: Settings) -> None:
    with pytest.raises(GateStopped, match="drift_births"):
        _publish(sample_copy, checks=[_check(passed=False, severity=Severity.BLOCK)], approval=KARI)


def test_after_a_rollback_nothing_is_published_until_somebody_promotes(sample_copy: Settings) -> None:
    old = current_release(sample_copy)
    assert old is not None
    bad = _publish(sample_copy)
    assert release_before(sample_copy).release_id == old.release_id
    make_current(sample_copy, old, "rolled back", Approval("Ola", "wrong names"))
    assert current_release(sample_copy).release_id == old.release_id  # type: ignore[union-attr]
    # The one that was rolled back is newer: what withdraws the older ones leaves it.
    assert older_than_current(sample_copy) == []
    with pytest.raises(ApprovalNeeded, match=r"Ola rolled back .* \(wrong names\)"):
        _publish(sample_copy, LATER + dt.timedelta(days=1))
    make_current(sample_copy, bad, "promoted", KARI)
    assert rollback_in_effect(sample_copy) is None
    _publish(sample_copy, LATER + dt.timedelta(days=1))
    assert [(act.action, act.by) for act in audit_entries(sample_copy)][-3:] == [
        ("rolled back", "Ola"),
        ("promoted", "Kari Nordmann"),
        ("published", "automatic"),
    ]


def test_a_release_that_was_changed_is_not_made_current(sample_copy: Settings) -> None:
    old = current_release(sample_copy)
    assert old is not None
    new = _publish(sample_copy)
    (old.folder / "parquet" / "preg_person.parquet").write_bytes(b"other")
    with pytest.raises(PregError, match=r"preg_person\.parquet: changed since publication"):
        make_current(sample_copy, old, "rolled back", KARI)
    assert current_release(sample_copy).release_id == new.release_id  # type: ignore[union-attr]


def test_a_file_that_was_added_is_seen(sample_copy: Settings) -> None:
    release = current_release(sample_copy)
    assert release is not None
    assert verify_release(release) == []
    (release.folder / "notes.txt").write_text("mine", encoding="utf-8")
    assert verify_release(release) == ["notes.txt: was not published"]


def test_a_database_that_was_changed_is_not_opened(sample_copy: Settings) -> None:
    release = current_release(sample_copy)
    assert release is not None
    check_database(release, sample_copy)
    with duckdb.connect(str(release.database)) as connection:
        connection.execute("update preg_person set sn = 'Other'")
    with pytest.raises(PregError, match=r"preg\.duckdb: changed since publication"):
        check_database(release, sample_copy)


def test_a_clock_that_jumps_back_keeps_the_order_of_releases(sample_copy: Settings) -> None:
    first = _publish(sample_copy, LATER)
    second = _publish(sample_copy, LATER - dt.timedelta(days=400))
    assert first.release_id < second.release_id
    assert [release.release_id for release in list_releases(sample_copy)][-1] == second.release_id


def test_the_scan_of_its_files_stops_a_publication_and_leaves_nothing(sample_copy: Settings) -> None:
    before = list_releases(sample_copy)

    def refuse(folder: Path) -> None:
        raise GateStopped("a file holds what no file may")

    with pytest.raises(GateStopped):
        _publish(sample_copy, scan=refuse)
    assert list_releases(sample_copy) == before


def test_a_persons_number_in_a_page_stops_the_publication(sample_copy: Settings) -> None:
    candidate = read_candidate(sample_copy)
    with duckdb.connect(str(candidate.database), read_only=True) as connection:
        ((nin,),) = connection.execute("select min(nin) from preg_person").fetchall()
    (candidate.folder / "data_docs").mkdir(exist_ok=True)
    (candidate.folder / "data_docs" / "mine.html").write_text(f"<p>\n{nin}</p>", encoding="utf-8")
    before = list_releases(sample_copy)
    with pytest.raises(GateStopped, match=r"a person's number: report/data_docs/mine\.html, line 2") as stopped:
        publish_candidate(sample_copy)
    assert nin not in str(stopped.value)
    assert list_releases(sample_copy) == before
    assert not list(sample_copy.releases_dir.glob(".*partial"))


def _keys() -> tuple[str, str]:
    private = Ed25519PrivateKey.generate()
    return (
        private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
    )


def test_a_signed_release_is_known_by_its_key(sample_copy: Settings) -> None:
    private, public = _keys()
    signing = Settings(data_dir=sample_copy.data_dir, signing_key=private, verify_key=public)
    release = _publish(signing)
    assert verify_release(release, signing) == []
    other = Settings(data_dir=sample_copy.data_dir, verify_key=_keys()[1])
    assert verify_release(release, other) == [f"{SIGNATURE}: does not fit the manifest"]
    manifest = release.folder / "manifest.json"
    manifest.write_text(
        manifest.read_text(encoding="utf-8").replace('"failures": 0', '"failures": 1'), encoding="utf-8"
    )
    with pytest.raises(PregError, match="does not fit the manifest"):
        check_database(find_release(signing, release.release_id), signing)
    (release.folder / SIGNATURE).unlink()
    assert verify_release(release, signing) == [f"{SIGNATURE}: missing, and releases are to be signed here"]


def test_a_key_that_is_none_is_told(sample_copy: Settings) -> None:
    with pytest.raises(ConfigurationError, match="not an Ed25519 key"):
        _publish(Settings(data_dir=sample_copy.data_dir, signing_key="nonsense"))


def test_the_diff_counts_persons_and_fields_and_shows_shapes(sample_copy: Settings) -> None:
    before = current_release(sample_copy)
    assert before is not None
    candidate = read_candidate(sample_copy)
    with duckdb.connect(str(candidate.database)) as connection:
        ((changed, gone),) = connection.execute(
            "select max(nin), min(nin) from preg_person where sn <> 'Ås'"
        ).fetchall()
        connection.execute("update preg_person set sn = 'Ås' where nin = ?", [changed])
        connection.execute("delete from preg_person where nin = ?", [gone])
    description = json.loads((candidate.folder / "candidate.json").read_text(encoding="utf-8"))
    description["tables"]["preg_person"]["content_hash"] = "other"
    (candidate.folder / "candidate.json").write_text(json.dumps(description), encoding="utf-8")
    after = _publish(sample_copy)
    (person,) = diff_releases(before, after).tables
    assert (person.table, person.new, person.gone, person.changed, person.fields) == ("preg_person", 0, 1, 1, {"sn": 1})
    (row,) = diff_detail(before, after, "preg_person", "sn", "key", 10)
    assert row["after"] == "Aa"
    assert changed not in str(row)


def test_retention_keeps_the_newest_the_months_and_what_a_rollback_needs(sample_copy: Settings) -> None:
    (first,) = list_releases(sample_copy)
    made = [_publish(sample_copy, LATER + dt.timedelta(days=day)).release_id for day in (0, 1, 2, 40, 41)]
    few = Settings(data_dir=sample_copy.data_dir, keep_releases=2)
    # Kept: the last of November 2026, of January and of February 2030, and the two newest.
    assert beyond_retention(few) == made[:2]
    make_current(few, find_release(few, made[1]), "rolled back", KARI)
    assert beyond_retention(few) == []
    make_current(few, find_release(few, made[4]), "promoted", KARI)
    assert [record.release_id for record in prune(few)] == made[:2]
    assert [release.release_id for release in list_releases(few)] == [first.release_id, *made[2:]]
    assert beyond_retention(Settings(data_dir=sample_copy.data_dir, keep_releases=0)) == []


def test_the_results_of_the_gate_are_kept_across_releases(sample_copy: Settings) -> None:
    _publish(sample_copy, checks=[_check(passed=False, failures=3)], approval=KARI)
    last = _publish(sample_copy, LATER + dt.timedelta(days=1))
    with last.open() as connection:
        trend = connection.execute(
            "select failures from gate_results where check_name = 'drift_births' order by published_at"
        ).fetchall()
        releases = connection.execute("select count(distinct release_id) from gate_measure").fetchall()
    assert [failures for (failures,) in trend][-2:] == [3, 0]
    assert releases[0][0] >= 2


def test_the_overview_tells_what_was_done_is_planned_and_went_wrong(sample_copy: Settings, tmp_path: Path) -> None:
    old = current_release(sample_copy)
    assert old is not None
    new = _publish(sample_copy)
    make_current(sample_copy, old, "rolled back", Approval("Ola", "wrong names"))
    write_notice(sample_copy, "announcement", "New views", "Kari", LATER + dt.timedelta(days=30))
    write_notice(sample_copy, "incident", "Freg was late", "Kari", LATER - dt.timedelta(days=1))
    entries = overview(sample_copy, read_published(new.database), LATER)
    kinds = [entry.kind for entry in entries]
    assert kinds.count("planned") == 14
    assert {"published", "rolled back", "announcement", "incident"} <= set(kinds)
    published = next(entry for entry in entries if entry.release_id == new.release_id and entry.kind == "published")
    # Twelve o'clock is no window.
    assert (published.in_window, published.sequence_to) == (False, new.manifest.sequence_number)
    write_overview_files(entries, tmp_path, LATER)
    calendar = icalendar.Calendar.from_ical((tmp_path / "publications.ics").read_bytes())
    assert len(calendar.walk("VEVENT")) == len(entries)
    feed = ElementTree.fromstring((tmp_path / "publications.atom").read_bytes())
    titles = [title.text for title in feed.iter("{http://www.w3.org/2005/Atom}title")]
    assert "PREG announcement" in titles
    assert not [title for title in titles if title == "PREG is published"]
    page = (tmp_path / "publications.html").read_text(encoding="utf-8")
    assert "Freg was late" in page
    assert "wrong names" in page


def test_outside_its_window_a_publication_needs_a_reason(sample_copy: Settings) -> None:
    before = current_release(sample_copy)
    kept = Settings(data_dir=sample_copy.data_dir, release_windows=True, window_minutes=1)
    now = dt.datetime.now(dt.UTC)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("orchestration.release.publishing.is_in_window", lambda *_: False)
        with pytest.raises(ApprovalNeeded, match="waits for the publication window that opens at"):
            publish_candidate(kept)
        assert current_release(kept) == before
        now_then = kept.model_copy(update={"publish_now": "a death was registered by mistake"})
        published = publish_candidate(now_then)
    # A reason is no name: nobody has approved anything.
    assert published.manifest.approver is None
    assert published.manifest.outside_window == "a death was registered by mistake"
    assert (audit_entries(kept)[-1].action, audit_entries(kept)[-1].why) == (
        "published",
        "a death was registered by mistake",
    )
    assert dt.datetime.fromisoformat(published.manifest.published_at) >= now.replace(microsecond=0)


def test_a_reason_to_publish_now_lifts_no_rollback_and_no_warning(sample_copy: Settings) -> None:
    old = current_release(sample_copy)
    assert old is not None
    make_current(sample_copy, old, "rolled back", Approval("Ola", "wrong names"))
    hurried = Settings(
        data_dir=sample_copy.data_dir, release_windows=True, window_minutes=1, publish_now="somebody is in a hurry"
    )
    with pytest.raises(ApprovalNeeded, match="Ola rolled back"):
        publish_candidate(hurried)
    make_current(sample_copy, old, "promoted", KARI)
    results = read_candidate(sample_copy).check_results
    write_results([_check(passed=False, failures=3)], results)
    with pytest.raises(ApprovalNeeded, match="drift_births: 3"):
        publish_candidate(hurried)


def test_a_candidate_that_was_changed_while_it_waited_is_not_published(sample_copy: Settings) -> None:
    before = list_releases(sample_copy)
    candidate = read_candidate(sample_copy)
    with duckdb.connect(str(candidate.database)) as connection:
        connection.execute("update preg_person set sn = 'Other' where nin = (select min(nin) from preg_person)")
    with pytest.raises(GateStopped, match="not what the gate has looked at"):
        publish_candidate(sample_copy, KARI)
    candidate.check_results.with_name("checked_files.json").unlink()
    with pytest.raises(GateStopped, match="not what the gate has looked at"):
        publish_candidate(sample_copy, KARI)
    assert list_releases(sample_copy) == before


def test_what_was_rolled_back_is_made_current_and_not_published_again(sample_copy: Settings) -> None:
    newest = current_release(sample_copy)
    assert newest is not None
    assert release_of_candidate(sample_copy) is None
    other = "20200101T000000Z-00000000"
    folder = sample_copy.releases_dir / other
    shutil.copytree(newest.folder, folder)
    manifest = newest.manifest.changed(release_id=other, content_hash="0" * 64)
    write_json(folder / "manifest.json", manifest.as_json())
    make_current(sample_copy, find_release(sample_copy, other), "rolled back", KARI)
    promote(release="", approver="Kari Nordmann", why="it was right", data=sample_copy.data_dir)
    assert current_release(sample_copy) == newest
    assert rollback_in_effect(sample_copy) is None
    assert [release.release_id for release in list_releases(sample_copy)] == [other, newest.release_id]


def test_what_is_published_already_is_not_promoted_again(sample_copy: Settings) -> None:
    before = list_releases(sample_copy)
    with pytest.raises(PregError, match="nothing waits"):
        promote_candidate(sample_copy, KARI)
    assert list_releases(sample_copy) == before


@pytest.fixture
def protected_since(sample_copy: Settings) -> tuple[Settings, str, str]:
    """The sample, in which somebody whom the release shows is protected by now: number and street."""
    current = current_release(sample_copy)
    assert current is not None
    with duckdb.connect(str(current.database), read_only=True) as release:
        nin, street = release.execute(
            "select nin, min(street_name) from preg_address where street_name is not null and current_address"
            " group by nin order by count(*) over (partition by min(street_name)), nin limit 1"
        ).fetchall()[0]
    with duckdb.connect(str(sample_copy.warehouse)) as warehouse:
        warehouse.execute(
            "update intermediate.int_person__protection set grade = 'fortrolig' where is_present and nin = ?", [nin]
        )
    return sample_copy, nin, street


def test_going_back_to_who_is_protected_by_now_is_refused(protected_since: tuple[Settings, str, str]) -> None:
    settings, nin, _ = protected_since
    old = current_release(settings)
    assert old is not None
    newer = _publish(settings)
    back = ("release", "rollback", "--approver", "Ola", "--why", "wrong names", "--data", settings.data_dir)
    refused = preg(*back)
    assert refused.returncode == 1
    assert "1 persons who are hidden today" in refused.stderr
    assert nin not in refused.stderr
    assert current_release(settings).release_id == newer.release_id  # type: ignore[union-attr]
    assert preg(*back, "--confirm-protected", "2").returncode == 1
    assert preg(*back, "--confirm-protected", "1").returncode == 0
    assert current_release(settings).release_id == old.release_id  # type: ignore[union-attr]


def test_a_cleaned_copy_shows_everybody_but_them(protected_since: tuple[Settings, str, str]) -> None:
    settings, nin, _ = protected_since
    old = current_release(settings)
    assert old is not None
    made = preg(
        "release", "clean", old.release_id, "--approver", "Ola", "--why", "wrong names", "--data", settings.data_dir
    )
    assert made.returncode == 0, made.stdout + made.stderr
    cleaned = current_release(settings)
    assert cleaned is not None
    assert cleaned.manifest.cleaned_from == old.release_id
    assert verify_release(cleaned, settings) == []
    assert exposure_of(settings, cleaned) == Exposure(0, 0)
    with cleaned.open() as release:
        rows = release.execute(
            "select street_name, enrichment_method from preg_address where nin = ?", [nin]
        ).fetchall()
        ((persons,),) = release.execute("select count(*) from preg_person").fetchall()
    assert set(rows) == {(None, "hidden")}
    assert persons == old.manifest.tables["preg_person"].rows
    assert rows_that_are_not_shown(cleaned.database) == {}
    assert (audit_entries(settings)[-1].action, audit_entries(settings)[-1].by) == ("promoted", "Ola")


def test_a_cleaned_copy_leaves_them_out_of_tables_that_nobody_has_declared(
    protected_since: tuple[Settings, str, str],
) -> None:
    settings, nin, _ = protected_since
    old = current_release(settings)
    assert old is not None
    with duckdb.connect(str(old.database)) as release:
        release.execute("create table sighting as select nin, street_name from preg_address where current_address")
    cleaned = publish_cleaned(settings, old, KARI, report_writer(settings), lambda _: None)
    with cleaned.open() as release:
        counted = "select count(*) filter (nin = ?) as theirs, count(*) > 100 as has_others from sighting"
        assert release.execute(counted, [nin]).fetchall() == [(0, True)]


def test_a_release_from_before_codes_had_words_is_cleaned_and_received_too(
    protected_since: tuple[Settings, str, str],
) -> None:
    settings, _, _ = protected_since
    old = current_release(settings)
    assert old is not None
    tables = {name: table for name, table in old.manifest.tables.items() if name != "preg_code"}
    with duckdb.connect(str(old.database)) as release:
        release.execute("drop view preg_person_labelled; drop view preg_address_labelled; drop table preg_code")
    old = Release(old.folder, old.manifest.changed(tables=tables))
    received = write_profile_release(settings, old, find_access_profile(settings, "apotek"))
    assert "preg_person" in received.rows
    assert "preg_code" not in received.rows
    cleaned = publish_cleaned(settings, old, KARI, report_writer(settings), lambda _: None)
    with cleaned.open() as release:
        views = {
            name for (name,) in release.execute("select view_name from duckdb_views() where not internal").fetchall()
        }
    assert "residence_move" in views
    assert "preg_person_labelled" not in views


def test_every_table_of_a_release_is_declared_to_tell_places_or_not(built_sample: Path) -> None:
    release = current_release(Settings(data_dir=built_sample))
    assert release is not None
    declared = {*ADDRESS_TABLES, *TABLES_WITHOUT_PLACES, *TABLES_WITHOUT_PERSONS}
    # A cleaned copy checks each row of these: anyone who is hidden is left out.
    by_row = {"preg_change_log", "field_comparison_differences", "enrichment_disagreement", "freg_person_detail"}
    assert set(release.manifest.tables) <= declared | by_row


@pytest.mark.parametrize(
    "missing",
    [
        "drop macro place.keys_of_texts",
        "alter table intermediate.int_address__protected_key rename to int_address__secret",
        "drop table intermediate.int_address__protected_key",
    ],
)
def test_who_is_protected_today_cannot_be_asked_of_another_versions_warehouse(
    missing: str, sample_copy: Settings
) -> None:
    """Nor of one of which a build has failed on the way."""
    current = current_release(sample_copy)
    assert current is not None
    with duckdb.connect(str(sample_copy.warehouse)) as warehouse:
        warehouse.execute(missing)
    with pytest.raises(PregError, match="built by another version"):
        exposure_of(sample_copy, current)


def test_who_is_protected_today_must_be_known(sample_copy: Settings) -> None:
    current = current_release(sample_copy)
    assert current is not None
    sample_copy.warehouse.unlink()
    with pytest.raises(PregError, match="not known who is protected today"):
        refuse_exposure(sample_copy, current, None)


def test_what_is_done_is_written_down_before_it_is_done(sample_copy: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut_off(releases: Path, release_id: str) -> None:
        raise OSError("the power went")

    monkeypatch.setattr("publication.store.release._switch_current", cut_off)
    with pytest.raises(PregError):
        _publish(sample_copy, approval=KARI)
    act = audit_entries(sample_copy)[-1]
    assert (act.action, act.by) == ("promoted", "Kari Nordmann")
    assert act.release_id.startswith("20300101")


def test_profile_releases_are_withdrawn_with_their_release(sample_copy: Settings) -> None:
    old = current_release(sample_copy)
    assert old is not None
    written = write_profile_release(sample_copy, old, find_access_profile(sample_copy, "fastlege"))
    assert written.folder.is_dir()
    _publish(sample_copy)
    withdraw(sample_copy, [old.release_id], "protection granted")
    assert not written.folder.exists()
    assert not list(sample_copy.profile_releases_dir.rglob("*.duckdb"))


BREAKS = {
    "a link to nothing": lambda current: (current.unlink(), current.symlink_to("20200101T000000Z-gone")),
    "a link out of the folder": lambda current: (current.unlink(), current.symlink_to("/etc")),
    "a link further up": lambda current: (current.unlink(), current.symlink_to("../work")),
    "a folder": lambda current: (current.unlink(), current.mkdir(), (current / "file").write_text("kept")),
    "a file": lambda current: (current.unlink(), current.write_text("kept")),
}


@pytest.mark.parametrize("how", list(BREAKS))
def test_a_broken_link_is_named_and_corrected(sample_copy: Settings, how: str) -> None:
    right = current_release(sample_copy)
    assert right is not None
    BREAKS[how](sample_copy.releases_dir / "current")
    assert current_release(sample_copy) is None
    assert [release.release_id for release in list_releases(sample_copy)] == [right.release_id]
    (finding,) = [each for each in examine(sample_copy) if each.about == "current release"]
    assert (finding.state, "doctor --mend" in finding.todo) == ("wrong", True)
    listed = preg("release", "list", "--data", sample_copy.data_dir)
    assert listed.returncode == 0
    assert right.release_id in listed.stdout

    assert mend_store(sample_copy)
    assert current_release(sample_copy) == right
    assert mend_store(sample_copy) == []


@pytest.mark.parametrize("how", list(BREAKS))
def test_a_broken_link_stops_nobody(sample_copy: Settings, how: str) -> None:
    right = current_release(sample_copy)
    assert right is not None
    BREAKS[how](sample_copy.releases_dir / "current")
    make_current(sample_copy, right, "promoted", KARI)
    assert current_release(sample_copy) == right
    BREAKS[how](sample_copy.releases_dir / "current")
    assert current_release(_published_over(sample_copy)) is not None


def _published_over(settings: Settings) -> Settings:
    _publish(settings)
    return settings


def test_what_is_no_release_is_stepped_over_and_can_be_withdrawn(sample_copy: Settings) -> None:
    right = current_release(sample_copy)
    assert right is not None
    unreadable = sample_copy.releases_dir / "20200101T000000Z-00000000"
    unreadable.mkdir()
    (unreadable / "manifest.json").write_text("[" * 100_000, encoding="utf-8")
    stray = sample_copy.releases_dir / "copy of a release"
    shutil.copytree(right.folder, stray)
    (sample_copy.releases_dir / "link").symlink_to(right.folder)

    assert [release.release_id for release in list_releases(sample_copy)] == [right.release_id]
    assert {problem.name for problem in store_problems(sample_copy)} == {unreadable.name, stray.name, "link"}
    newer = _publish(sample_copy)
    make_current(sample_copy, right, "rolled back", KARI)
    make_current(sample_copy, newer, "promoted", KARI)
    withdraw(sample_copy, [unreadable.name, stray.name, "link"], "nobody knows what they are")
    assert store_problems(sample_copy) == []
    assert right.folder.is_dir()


def test_an_emergency_withdrawal_works_whatever_is_broken(sample_copy: Settings) -> None:
    right = current_release(sample_copy)
    assert right is not None
    (right.folder / "manifest.json").write_text("not a manifest", encoding="utf-8")
    with pytest.raises(PregError, match="is the current release"):
        withdraw(sample_copy, [right.release_id], "an address leaked")
    withdraw(sample_copy, [right.release_id], "an address leaked", even_current=True)
    assert not right.folder.exists()
    assert store_problems(sample_copy) == []


def test_an_act_that_cannot_be_read_still_holds(sample_copy: Settings) -> None:
    old = current_release(sample_copy)
    assert old is not None
    _publish(sample_copy)
    make_current(sample_copy, old, "rolled back", KARI)
    last = max(sample_copy.audit_log_dir.glob("*.json"))
    last.write_text("{", encoding="utf-8")
    rollback = rollback_in_effect(sample_copy)
    assert rollback is not None
    assert rollback.release_id == old.release_id


def test_what_an_older_version_wrote_into_its_audit_log_still_counts(settings: Settings) -> None:
    written = {"at": "2026-01-05T03:00:00Z", "act": "rolled back", "release_id": "20260104T030000Z-aaaaaaaa"}
    written |= {"by": "Ola", "why": "wrong names", "took_the_place_of": "20260105T030000Z-bbbbbbbb"}
    former = settings.data_dir / "acts"
    former.mkdir(parents=True)
    write_json(former / "000000-20260105T030000Z-rolled-back-20260104T030000Z-aaaaaaaa.json", written)
    found = rollback_in_effect(settings)
    assert found is not None
    assert (found.by, found.replaced) == ("Ola", "20260105T030000Z-bbbbbbbb")
    write_audit_entry(settings, AuditEntry("2026-01-06T03:00:00Z", "promoted", "20260105T030000Z-bbbbbbbb", "Kari"))
    assert rollback_in_effect(settings) is None
    # Somebody removes the former folder: what is done next is still the last.
    shutil.rmtree(former)
    write_audit_entry(settings, AuditEntry("2026-01-07T03:00:00Z", "rolled back", "20260104T030000Z-aaaaaaaa", "Ola"))
    assert rollback_in_effect(settings) is not None
