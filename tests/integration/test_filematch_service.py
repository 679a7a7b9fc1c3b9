"""`/filematch`: a client's file comes, is washed, and goes; nobody else's, nothing half, no stack trace."""

from __future__ import annotations

import csv
import io
import json
import multiprocessing
import os
import signal
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from foundation.errors import PregError
from foundation.settings import Settings
from publication.access import access_profile
from serving.access.access_log import entries_about
from serving.filematch.jobs import Jobs, look_after_jobs, wash_next
from serving.settings import WashSettings
from serving.store import read_store
from tests.support.serving import Served

pytestmark = pytest.mark.xdist_group("built sample")


def _numbers(served: Served, most: int = 3) -> list[str]:
    return [
        row["nin"]
        for row in served.reader().rows("select nin from preg_person order by nin limit :most", {"most": most})
    ]


def _register(numbers: list[str]) -> bytes:
    return "\n".join(["fnr;kommentar", *(f"{number};æ" for number in numbers)]).encode()


def _sent(served: Served, content: bytes, profile: str = "helseforetak", query: str = "") -> dict[str, Any]:
    answer = served.post(f"/filematch{query}", content, profile)
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"/filematch/{answer.json()['JobId']}"
    return dict(answer.json())


def _wash(served: Served) -> None:
    while wash_next(served.settings, WashSettings()):
        pass


def test_a_file_is_uploaded_washed_fetched_and_deleted(mine: Served) -> None:
    numbers = _numbers(mine)
    sent = _sent(mine, _register(numbers))
    place = f"/filematch/{sent['JobId']}"
    assert sent["State"] == "waiting"
    assert mine.get(f"{place}/result").status_code == 409
    _wash(mine)
    assert mine.get(place).json()["State"] == "done"
    result = mine.get(f"{place}/result")
    assert result.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(result.text), delimiter=";"))
    assert [(row["preg_nin"], row["preg_status"], row["kommentar"]) for row in rows] == [
        (number, "exact_number", "æ") for number in numbers
    ]
    report = mine.get(f"{place}/report")
    assert report.json()["statuses"]["exact_number"] == 3
    assert result.headers["preg-release"] == report.headers["preg-release"] == report.json()["release_id"]
    assert numbers[0] not in report.text
    told = [entry for entry in entries_about(mine.settings, [numbers[0]]) if entry.interface == "filematch"]
    assert [(entry.client, entry.operation) for entry in told] == [("of-helseforetak", "wash")]
    for file in (mine.settings.serving_dir / "filematch").rglob("*"):
        assert file.stat().st_mode & 0o077 == 0, file
    assert mine.http.delete(place, auth=mine.by()).status_code == 204
    assert mine.get(place).status_code == 404
    assert Jobs(mine.settings, WashSettings()).all() == []


def test_nobody_sees_anothers_file_or_one_without_a_password(mine: Served) -> None:
    place = f"/filematch/{_sent(mine, _register(_numbers(mine)))['JobId']}"
    _wash(mine)
    for path in (place, f"{place}/result", f"{place}/report", "/filematch/" + "0" * 32, "/filematch/..%2f..%2fx"):
        assert mine.get(path, "apotek").status_code == 404
        assert mine.http.get(path).status_code in (401, 404)
    assert mine.http.delete(place, auth=mine.by("apotek")).status_code == 404
    assert mine.http.post("/filematch", content=b"fnr\n1\n").status_code == 401
    assert mine.get(place).status_code == 200
    assert mine.http.delete(place, auth=mine.by()).status_code == 204


def test_a_file_that_cannot_be_washed_says_why(mine: Served) -> None:
    for content, query, told in (
        (b"a;b\n1;2\n", "", "neither a number nor a name"),
        (b"", "", "is empty"),
        (b"PAR1xxxx", "", "broken"),
        (b"a;b\n1;2\n", "?column=number%3Dc", "no column is called c"),
    ):
        place = f"/filematch/{_sent(mine, content, query=query)['JobId']}"
        _wash(mine)
        state = mine.get(place).json()
        assert state["State"] == "failed"
        assert told in state["Detail"]
        assert state["Todo"]
        problem = mine.get(f"{place}/result")
        assert (problem.status_code, told in problem.json()["detail"]) == (409, True)
        mine.http.delete(place, auth=mine.by())
    assert mine.post("/filematch?column=shoe%3Dx", b"fnr\n1\n").status_code == 422
    said = _sent(mine, f"Pasient\n{_numbers(mine)[0]}\n".encode(), query="?column=number%3DPasient")
    _wash(mine)
    assert mine.get(f"/filematch/{said['JobId']}/report").json()["statuses"]["exact_number"] == 1
    mine.http.delete(f"/filematch/{said['JobId']}", auth=mine.by())


def test_what_is_too_large_too_much_or_cut_never_becomes_a_job(mine: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREG_WASH_LARGEST_UPLOAD", "2048")
    monkeypatch.setenv("PREG_WASH_MOST_JOBS", "1")
    from starlette.testclient import TestClient

    from serving.app import create_app

    made = create_app(mine.settings, mine.services.serving)
    with TestClient(made.asgi, base_url="https://testserver", raise_server_exceptions=False) as http:
        assert http.post("/filematch", content=b"x" * 5000, auth=mine.by()).status_code == 413
        assert list((mine.settings.serving_dir / "filematch").glob(".*partial")) == []
        first = http.post("/filematch", content=b"fnr\n1\n", auth=mine.by())
        assert first.status_code == 202
        second = http.post("/filematch", content=b"fnr\n1\n", auth=mine.by())
        assert (second.status_code, "here already" in second.json()["detail"]) == (409, True)
        assert http.delete(first.headers["location"], auth=mine.by()).status_code == 204
    jobs = Jobs(mine.settings, WashSettings())
    left = jobs.begin_upload("of-helseforetak", 0)
    (left / "upload").write_bytes(b"fnr\n")
    gone = left.rename(left.with_name(left.name.replace(f".{os.getpid()}.", ".999999999.")))
    assert jobs.all() == []
    jobs.remove_old()
    assert not gone.exists()


def test_what_is_old_or_of_a_withdrawn_release_is_not_given(mine: Served) -> None:
    sent = _sent(mine, _register(_numbers(mine)))
    place = f"/filematch/{sent['JobId']}"
    _wash(mine)
    jobs = Jobs(mine.settings, WashSettings())
    (job,) = jobs.all()
    mine.settings.withdrawn_dir.mkdir()
    record = mine.settings.withdrawn_dir / f"{job.release_id}.json"
    record.write_text("{}", encoding="utf-8")
    try:
        assert mine.get(f"{place}/result").status_code == 409
        jobs.remove_old()
        assert mine.get(place).status_code == 404
    finally:
        record.unlink()
    sent = _sent(mine, _register(_numbers(mine)))
    old = Jobs(mine.settings, WashSettings(keep_hours=1e-9))
    time.sleep(1.1)
    assert old.find("of-helseforetak", sent["JobId"]) is None
    old.remove_old()
    assert mine.get(f"/filematch/{sent['JobId']}").status_code == 404


@pytest.mark.slow
def test_a_wash_that_is_killed_is_washed_again_and_gives_the_same(mine: Served) -> None:
    numbers = _numbers(mine, 500)
    content = _register(numbers * 400)
    results = []
    for kills in (0, 2):
        sent = _sent(mine, content)
        for _ in range(kills):
            process = multiprocessing.get_context("spawn").Process(
                target=wash_next, args=(mine.settings, WashSettings())
            )
            process.start()
            (job,) = Jobs(mine.settings, WashSettings()).all()
            while not (mine.settings.serving_dir / "filematch" / job.job_id / "work").is_dir():
                time.sleep(0.01)
            time.sleep(0.3)
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)
            process.join()
            assert Jobs(mine.settings, WashSettings()).all()[0].state == "running"
        _wash(mine)
        results.append(mine.get(f"/filematch/{sent['JobId']}/result").content)
        assert mine.http.delete(f"/filematch/{sent['JobId']}", auth=mine.by()).status_code == 204
    assert results[0] == results[1]


@pytest.mark.slow
def test_a_wash_that_ends_its_process_each_time_is_given_up(mine: Served) -> None:
    sent = _sent(mine, _register(_numbers(mine)))
    folder = mine.settings.serving_dir / "filematch" / sent["JobId"]
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    (folder / "job.json").write_text(json.dumps(job | {"state": "running", "attempts": 3}), encoding="utf-8")
    _wash(mine)
    assert "ended its process" in mine.get(f"/filematch/{sent['JobId']}").json()["Detail"]
    mine.http.delete(f"/filematch/{sent['JobId']}", auth=mine.by())


def test_a_result_of_before_the_profile_was_changed_is_not_given(mine: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_store, "_SECONDS_BETWEEN_LOOKS", 0.0)
    file = mine.settings.data_dir / "profiles" / "poliklinikk.yml"
    file.parent.mkdir(exist_ok=True)
    wide = (Path(access_profile.__file__).parent / "profiles" / "helseforetak.yml").read_text(encoding="utf-8")
    file.write_text(wide, encoding="utf-8")
    place = f"/filematch/{_sent(mine, _register(_numbers(mine)), 'poliklinikk')['JobId']}"
    _wash(mine)
    assert mine.get(f"{place}/result", "poliklinikk").status_code == 200
    narrow = yaml.safe_load(wide)
    narrow["withheld"].append({"fields": ["Person.MaritalStatus"], "why": "a test"})
    file.write_text(yaml.safe_dump(narrow), encoding="utf-8")
    for path in ("result", "report"):
        refused = mine.get(f"{place}/{path}", "poliklinikk")
        assert (refused.status_code, "profile" in refused.json()["detail"]) == (409, True)
    mine.http.delete(place, auth=mine.by("poliklinikk"))
    file.unlink()


def test_clients_come_in_turn_and_what_arrives_counts(tmp_path: Path) -> None:
    jobs = Jobs(Settings(data_dir=tmp_path), WashSettings(most_jobs=2))
    sent = []
    for client in ("a", "a", "b"):
        folder = jobs.begin_upload(client, 0)
        (folder / "upload").write_bytes(b"x")
        sent.append(jobs.commit(folder, client, "test", "helseforetak", {}))
    with pytest.raises(PregError, match="your files"):
        jobs.begin_upload("a", 0)
    with pytest.raises(PregError, match="your files"):
        jobs.begin_upload("b", 1)
    first = jobs.next()
    assert first is not None
    (jobs.folder / first.job_id / "job.json").write_text(
        json.dumps({**asdict(first), "state": "done", "ended_at": "2026-11-28T12:00:00Z"}), encoding="utf-8"
    )
    second = jobs.next()
    assert second is not None
    # Another client's, though the first had sent two before it.
    assert {first.client, second.client} == {"a", "b"}


def test_what_a_killed_wash_has_spilt_goes(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    spilt = settings.work_dir / "spill" / "wash-work"
    spilt.mkdir(parents=True)
    (spilt / "duckdb_temp_block.tmp").write_bytes(b"of a client's file")
    stopped = threading.Event()
    looking = threading.Thread(target=look_after_jobs, args=(settings, WashSettings(), stopped))
    looking.start()
    ends = time.monotonic() + 20
    while spilt.exists():
        assert time.monotonic() < ends
        time.sleep(0.05)
    stopped.set()
    looking.join()
