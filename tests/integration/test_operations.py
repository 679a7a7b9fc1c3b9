"""Running PREG: the log, the metrics, the alerts, the doctor, backup and restore."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import threading
import time
from collections import namedtuple
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import duckdb
import pytest
from prometheus_client.parser import text_string_to_metric_families

from cli.main import run
from foundation.errors import GateStopped, PregError
from foundation.settings import Settings
from foundation.writer_lock import writer_lock
from operations.alerts import Alert, send_alert
from operations.backup import back_up, restore
from operations.doctor import Finding, examine
from operations.log import open_log
from operations.metrics import metrics_text
from operations.recorder import Recorder, last_run, record_file
from operations.run_profile import write_profile
from orchestration.progress import listener
from publication.candidate.candidate import candidate_folder
from publication.store.audit_log import audit_entries
from publication.store.release import Approval, current_release, list_releases, make_current, verify_release
from publication.store.withdrawal import withdraw
from tests.conftest import SAMPLE
from tests.support.running import preg

pytestmark = pytest.mark.xdist_group("built sample")


def _lines(settings: Settings) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (settings.logs_dir / "preg.log").read_text(encoding="utf-8").splitlines()]


def test_a_run_logs_its_steps_and_no_person(built_sample: Path) -> None:
    settings = Settings(data_dir=built_sample)
    events = [line["event"] for line in _lines(settings)]
    assert events[0] == "run began"
    assert {"step ended", "run ended"} <= set(events)
    with duckdb.connect(str(settings.warehouse), read_only=True) as warehouse:
        persons = warehouse.execute("select number from marts.person_number").fetchall()
        names = warehouse.execute("select distinct sn from marts.preg_person where length(sn) > 5").fetchall()
    for file in (settings.logs_dir / "preg.log", settings.data_dir / "metrics" / "preg.prom"):
        text = file.read_text(encoding="utf-8")
        assert not [number for (number,) in persons if number in text], file
        assert not [name for (name,) in names if name in text], file


def test_what_looks_like_a_number_is_taken_out(settings: Settings) -> None:
    open_log(settings).info("reported", what="of 01810450092, and 5 more", of=["01810450092"], hash="ab01810450092cd")
    (line,) = _lines(settings)
    assert line["what"] == "of [number], and 5 more"
    assert line["of"] == ["[number]"]
    assert line["hash"] == "ab01810450092cd"


def test_a_run_that_fails_is_recorded(settings: Settings) -> None:
    recorder = Recorder(settings, listener())
    recorder.begin("build")
    recorder.failed(GateStopped("two checks fired", todo="mend"))
    record = last_run(settings)
    assert record is not None
    assert (record.outcome, record.error) == ("stopped", "two checks fired")
    assert list(record.steps) == ["build"]
    assert _lines(settings)[-1]["what"] == "two checks fired"


def test_metrics_tell_of_release_run_gate_and_lag(built_sample: Path) -> None:
    now = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
    text = metrics_text(Settings(data_dir=built_sample), now)
    values = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    release = current_release(Settings(data_dir=built_sample))
    assert release is not None
    newest = dt.datetime.fromisoformat(release.manifest.newest_event_at or "")
    assert values["preg_lag_seconds",] == (now - newest).total_seconds()
    assert values["preg_table_rows", "preg_person"] == release.manifest.tables["preg_person"].rows
    assert values["preg_run_outcome", "published"] == 1
    assert values["preg_run_step_seconds", "load"] > 0
    assert values["preg_quarantined_records", "freg"] == 0
    assert values["preg_gate_checks", "protection", "passed"] > 0
    assert values["preg_publication_held",] == 0


@pytest.fixture
def webhook() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A webhook's address, and what it received."""
    reported: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            reported.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hook", reported
    server.shutdown()


def test_the_webhook_is_told_of_a_failed_run(tmp_path: Path, webhook: tuple[str, list[dict[str, Any]]]) -> None:
    address, reported = webhook
    (tmp_path / "landing").mkdir()
    result = preg("run", "--landing", tmp_path / "landing", "--data", tmp_path / "data", PREG_ALERT_WEBHOOK=address)
    assert result.returncode == 1
    (alert,) = reported
    assert alert["kind"] == "failure"
    assert "there is no delivery" in alert["text"]
    assert alert["todo"]


def test_an_alert_names_no_person_and_a_webhook_that_is_away_stops_nothing(
    settings: Settings, webhook: tuple[str, list[dict[str, Any]]]
) -> None:
    address, reported = webhook
    assert send_alert(Settings(data_dir=settings.data_dir, alert_webhook=address), Alert("failure", "of 01810450092"))
    assert reported[0]["what"] == "of [number]"
    for before in ("\u00a0", "\u200b", "\x1b", "x" * 490):
        assert send_alert(
            Settings(data_dir=settings.data_dir, alert_webhook=address), Alert("failure", f"of{before} 01810450092")
        )
        assert "0181045" not in json.dumps(reported[-1])
    hostile = Alert("stopped", "delivery <!channel> \x1b[2J @all\nsecond line", todo="<http://example.invalid|look>")
    assert send_alert(Settings(data_dir=settings.data_dir, alert_webhook=address), hostile)
    assert reported[-1]["what"] == "delivery ‹!channel› \\x1b[2J ＠all\nsecond line"
    assert not set("<>@\x1b") & set(reported[-1]["text"] + reported[-1]["todo"])
    away = Settings(data_dir=settings.data_dir, alert_webhook="http://127.0.0.1:9/secret-token")
    assert not send_alert(away, Alert("failure", "any"))
    assert "secret-token" not in (settings.logs_dir / "preg.log").read_text(encoding="utf-8")
    assert not send_alert(settings, Alert("failure", "any"))


def _found(settings: Settings, about: str) -> Finding:
    (finding,) = [finding for finding in examine(settings) if finding.about == about]
    return finding


def test_the_doctor_finds_nothing_wrong_with_a_good_directory(sample_copy: Settings) -> None:
    assert [finding for finding in examine(sample_copy) if finding.state == "wrong"] == []
    assert _found(sample_copy, "current release").state == "ok"


def test_the_doctor_sees_what_is_wrong_and_says_what_to_do(
    sample_copy: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = current_release(sample_copy)
    assert release is not None
    usage = namedtuple("usage", "total used free")
    with monkeypatch.context() as full:
        full.setattr(shutil, "disk_usage", lambda _: usage(10, 9, 1))
        assert _found(sample_copy, "disk").state == "wrong"
    (sample_copy.data_dir / "person_hash.key").chmod(0o644)
    assert _found(sample_copy, "key of the person hash").state == "wrong"
    past = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    assert [each.state for each in examine(sample_copy, past) if each.about == "clock"] == ["wrong"]
    make_current(sample_copy, release, "rolled back", Approval("Ola", "wrong names"))
    assert "Ola rolled back" in _found(sample_copy, "publication").what
    (release.folder / "report" / "index.html").write_text("other", encoding="utf-8")
    broken = _found(sample_copy, "current release")
    assert (broken.state, broken.what) == ("wrong", "report/index.html: changed since publication")
    assert broken.todo
    shutil.rmtree(release.folder)
    assert _found(sample_copy, "current release").what == "the link leads nowhere"


@pytest.mark.parametrize(("outcome", "state"), [("failed", "wrong"), ("stopped", "warning"), ("published", "ok")])
def test_the_doctor_tells_a_run_that_failed_from_one_that_the_gate_stopped(
    sample_copy: Settings, outcome: str, state: str
) -> None:
    file = record_file(sample_copy)
    record = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**record, "outcome": outcome}), encoding="utf-8")
    assert _found(sample_copy, "last run").state == state


def test_the_doctor_tells_the_age_of_the_newest_event_in_hours_and_then_in_days(sample_copy: Settings) -> None:
    release = current_release(sample_copy)
    assert release is not None
    newest = dt.datetime.fromisoformat(str(release.manifest.newest_event_at))
    for later, said in ((dt.timedelta(hours=30), "30 hours"), (dt.timedelta(days=40), "40 days")):
        (lag,) = [finding for finding in examine(sample_copy, newest + later) if finding.about == "lag"]
        assert said in lag.what


def test_the_doctor_sees_who_holds_the_lock_and_takes_nothing(sample_copy: Settings) -> None:
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with writer_lock(sample_copy):
            held.set()
            done.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(30)
    result = preg("doctor", "--data", sample_copy.data_dir, "--landing", SAMPLE)
    done.set()
    thread.join()
    assert "held by process" in result.stdout
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_doctors_command_ends_with_one_when_something_is_wrong(sample_copy: Settings) -> None:
    (sample_copy.data_dir / "person_hash.key").chmod(0o644)
    result = preg("doctor", "--data", sample_copy.data_dir, "--landing", SAMPLE)
    assert result.returncode == 1
    assert "chmod 600" in result.stdout
    assert "key of the person hash" in result.stderr


def test_a_backup_is_restored_as_it_was(sample_copy: Settings, tmp_path: Path) -> None:
    release = current_release(sample_copy)
    assert release is not None
    make_current(sample_copy, release, "promoted", Approval("Kari", "test"))
    first = back_up(sample_copy, tmp_path / "backup")
    assert first.files == first.copied > 0
    assert back_up(sample_copy, tmp_path / "backup").copied == 0
    empty = Settings(landing_dir=tmp_path / "landing", data_dir=tmp_path / "again")
    restore(empty, tmp_path / "backup")
    there = current_release(empty)
    assert there is not None
    assert there.manifest == release.manifest
    assert verify_release(there) == []
    assert audit_entries(empty) == audit_entries(sample_copy)
    result = preg("run", "--landing", empty.landing_dir, "--data", empty.data_dir)
    assert "Nothing new" in result.stdout, result.stderr


def test_a_backup_forgets_what_was_withdrawn(sample_copy: Settings, tmp_path: Path) -> None:
    release = current_release(sample_copy)
    assert release is not None
    back_up(sample_copy, tmp_path / "backup")
    withdraw(sample_copy, [release.release_id], "test", even_current=True)
    back_up(sample_copy, tmp_path / "backup")
    empty = Settings(landing_dir=tmp_path / "landing", data_dir=tmp_path / "again")
    restore(empty, tmp_path / "backup")
    assert list_releases(empty) == []
    assert current_release(empty) is None


def test_a_backup_that_is_not_whole_is_not_restored(sample_copy: Settings, tmp_path: Path) -> None:
    back_up(sample_copy, tmp_path / "backup")
    (file,) = (tmp_path / "backup" / "data" / "releases").glob("*/preg.duckdb")
    file.write_bytes(b"other")
    empty = Settings(landing_dir=tmp_path / "landing", data_dir=tmp_path / "again")
    with pytest.raises(PregError, match="the backup is not whole: 1 files"):
        restore(empty, tmp_path / "backup")
    assert not empty.releases_dir.exists()
    with pytest.raises(PregError, match="there is something already"):
        restore(sample_copy, tmp_path / "backup")
    with pytest.raises(PregError, match="description cannot be read"):
        restore(empty, tmp_path / "nowhere")


def test_a_step_is_told_how_long_it_took_the_last_time(settings: Settings) -> None:
    reported: list[tuple[str, float]] = []

    class Listening:
        def begin(self, step: str) -> None:
            self.step = step

        def end(self, *, failed: bool = False) -> None: ...

        def expect(self, seconds: float) -> None:
            reported.append((self.step, seconds))

        def advance(self, done: int, total: int) -> None: ...

        def note(self, text: str) -> None: ...

    first = Recorder(settings, Listening())
    first.begin("load freg/20260102T030000Z-full (1,000,200 records)")
    first.begin("build and test the models (everything: nothing has been built yet)")
    first.ended("published", "one")
    Recorder(settings, Listening()).ended("nothing new", "one")
    assert reported == []
    later = Recorder(settings, Listening())
    # A load of a few says nothing of a load of many.
    later.begin("load freg/20260103T030000Z-change (3 records)")
    later.begin("build and test the models (3 new documents)")
    took = list(first.record.steps.values())[-1]
    assert reported == [("build and test the models (3 new documents)", took)]


def test_a_profile_says_where_the_time_went(settings: Settings) -> None:
    recorder = Recorder(settings, listener())
    recorder.begin("build and test the models (everything: nothing has been built yet)")
    recorder.begin("check the candidate")
    recorder.ended("published", "one")
    target = settings.work_dir / "dbt"
    target.mkdir(parents=True)
    results = [
        {"unique_id": "model.preg.quick", "execution_time": 0.5},
        {"unique_id": "test.preg.slow.abc", "execution_time": 2.0},
    ]
    (target / "run_results.json").write_text(json.dumps({"results": results}), encoding="utf-8")
    candidate = candidate_folder(settings)
    candidate.folder.mkdir(parents=True)
    candidate.check_seconds.write_text(json.dumps({"drift": 1.5}), encoding="utf-8")
    written = write_profile(settings, target)
    assert written is not None
    profile, file = written
    assert [(node.kind, node.name) for node in profile.nodes] == [("test", "slow"), ("model", "quick")]
    assert profile.checks == {"drift": 1.5}
    assert 0 < profile.starting < time.monotonic()
    assert sum(profile.steps.values()) <= profile.seconds
    assert json.loads(file.read_text(encoding="utf-8"))["outcome"] == "published"
    # For a run that built nothing, the results of the one before are not shown.
    Recorder(settings, listener(), waited=1.5).ended("nothing new", "one")
    later = write_profile(settings, target)
    assert later is not None
    assert (later[0].nodes, later[0].checks, later[0].waiting) == ([], {}, 1.5)


def test_no_profile_is_told_of_a_run_that_was_interrupted_or_is_anothers(settings: Settings) -> None:
    assert write_profile(settings, settings.work_dir) is None
    recorder = Recorder(settings, listener())
    recorder.begin("build")
    assert write_profile(settings, settings.work_dir) is None
    recorder.ended("published", "one")
    assert write_profile(settings, settings.work_dir) is not None
    record = json.loads(record_file(settings).read_text(encoding="utf-8"))
    record_file(settings).write_text(json.dumps(record | {"process": record["process"] + 1}), encoding="utf-8")
    assert write_profile(settings, settings.work_dir) is None


@pytest.mark.parametrize("content", ["[1]", "{}", '{"began": 1, "of a later version": 2}', "no json"])
def test_a_record_of_another_version_stops_no_run(content: str, settings: Settings) -> None:
    record_file(settings).parent.mkdir(parents=True, exist_ok=True)
    record_file(settings).write_text(content, encoding="utf-8")
    Recorder(settings, listener()).ended("nothing new", "one")
    record = last_run(settings)
    assert record is not None
    assert record.outcome == "nothing new"


def test_a_step_that_failed_says_nothing_of_how_long_it_takes(settings: Settings) -> None:
    recorder = Recorder(settings, listener())
    recorder.begin("build")
    recorder.failed(GateStopped("one check fired", todo="mend"))
    assert recorder.record.usual == {}


@pytest.mark.parametrize("error", [OSError("disk full"), KeyError("results"), ValueError("no JSON")])
def test_a_profile_that_cannot_be_written_hides_no_error_of_the_run(
    error: Exception, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object) -> None:
        raise GateStopped("two checks fired", todo="mend")

    def failing(*_: object) -> None:
        raise error

    monkeypatch.setattr("orchestration.run.run", stopped)
    monkeypatch.setattr("operations.run_profile.write_profile", failing)
    with pytest.raises(GateStopped, match="two checks fired"):
        run(landing=settings.landing_dir, data=settings.data_dir, profiled=True)
