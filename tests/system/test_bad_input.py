"""Bad input, as the main job meets it: a message with what, where and what to do; nothing lost; the next run works."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.conftest import SAMPLE
from tests.support.deliveries import as_lines, deliver, deliver_documents, packed
from tests.support.persons import freg_line, freg_person, number
from tests.support.running import preg, preg_run

pytestmark = pytest.mark.xdist_group("built sample")

NEWCOMER = number("1999-09-09", 400)
LAST = 10_000


@pytest.fixture
def place(built_sample: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Landing folder and data directory with everything of the sample loaded and published."""
    landing, data = tmp_path / "landing", tmp_path / "data"
    shutil.copytree(SAMPLE, landing)
    shutil.copytree(built_sample, data, symlinks=True)
    return landing, data


def _line(sequence: int = LAST) -> dict[str, Any]:
    return freg_line(sequence, freg_person(NEWCOMER, "1999-09-09"), "personErOpprettet")


def _current(data: Path) -> str:
    return (data / "releases" / "current").resolve().name


def _persons(data: Path, where: str = "true") -> int:
    with duckdb.connect(str(data / "releases" / "current" / "preg.duckdb"), read_only=True) as connection:
        return int(connection.execute(f"select count(*) from preg_person where {where}").fetchall()[0][0])


def _assert_message(result: subprocess.CompletedProcess[str], what: str, where: str) -> None:
    assert "Traceback" not in result.stdout + result.stderr
    assert what in result.stderr
    assert where in result.stderr
    assert "to do" in result.stderr


def _truncated(landing: Path) -> None:
    name = "persons-0001.ndjson.zst"
    content = packed(name, as_lines([_line(LAST + step) for step in range(200)]))
    deliver(
        landing, "freg", "bad", {name: content[: len(content) // 2]}, rows={name: 200}, kind="change", sequence_to=LAST
    )


def _missing_file(landing: Path) -> None:
    (
        deliver_documents(landing, "freg", "bad", [_line()], kind="change", sequence_to=LAST) / "persons-0001.ndjson"
    ).unlink()


def _wrong_checksum(landing: Path) -> None:
    file = deliver_documents(landing, "freg", "bad", [_line()], kind="change", sequence_to=LAST) / "persons-0001.ndjson"
    file.write_bytes(file.read_bytes().replace(b"Kari", b"Mari"))


def _wrong_row_count(landing: Path) -> None:
    name = "persons-0001.ndjson"
    deliver(landing, "freg", "bad", {name: as_lines([_line()])}, rows={name: 2}, kind="change", sequence_to=LAST)


def _unknown_source(landing: Path) -> None:
    deliver(landing, "nav", "bad", {})


def _broken_manifest(landing: Path) -> None:
    folder = deliver_documents(landing, "freg", "bad", [_line()], kind="change", sequence_to=LAST)
    (folder / "manifest.json").write_text('{"format_version"')


def _empty_register(landing: Path) -> None:
    deliver_documents(landing, "freg", "bad", [], sequence_to=LAST)


# Each takes a run of the main job: the long suite has them all.
@pytest.mark.parametrize(
    ("spoil", "what", "where"),
    [
        (_truncated, "truncated", "persons-0001.ndjson.zst"),
        pytest.param(_missing_file, "missing", "persons-0001.ndjson", marks=pytest.mark.slow),
        pytest.param(
            _wrong_row_count,
            "the manifest says 2 records, the file has 1",
            "persons-0001.ndjson",
            marks=pytest.mark.slow,
        ),
        pytest.param(_unknown_source, "unknown source 'nav'", "manifest.json", marks=pytest.mark.slow),
        (_broken_manifest, "not JSON", "manifest.json"),
        pytest.param(_empty_register, "would replace everything", "manifest.json", marks=pytest.mark.slow),
    ],
)
def test_a_refused_delivery_is_named_and_the_release_stands(
    place: tuple[Path, Path], spoil: Any, what: str, where: str
) -> None:
    landing, data = place
    before = _current(data)
    spoil(landing)
    result = preg_run(landing, data)
    assert result.returncode == 1
    _assert_message(result, what, where)
    assert _current(data) == before


def test_a_refused_delivery_does_not_stop_the_rest(place: tuple[Path, Path]) -> None:
    """What is good is published, the refusal named; again nothing is published while it is all that is there."""
    landing, data = place
    _wrong_row_count(landing)
    _unknown_source(landing)
    lines = ["{not json", _line(LAST + 1)]
    deliver_documents(landing, "freg", "good", lines, kind="change", sequence_from=LAST + 1, sequence_to=LAST + 1)
    before = _current(data)
    result = preg_run(landing, data)
    assert result.returncode == 1
    assert "1 of 2 records do not fit and are in quarantine" in result.stdout
    _assert_message(result, "was published without 2 refused deliveries", "freg/bad")
    assert "nav/bad: unknown source 'nav'" in result.stderr
    # What was refused is marked, what was done is not, and the closing lines are those of a publication.
    assert [each.split()[:3] for each in result.stdout.splitlines() if "✗" in each] == [["✗", "load", "freg/bad"]]
    assert f"Published release {_current(data)}" in result.stdout
    assert "the manifest says 2 records, the file has 1" in result.stderr
    published = _current(data)
    assert published != before
    assert _persons(data, f"nin = '{NEWCOMER}'") == 1
    again = preg_run(landing, data)
    assert again.returncode == 1
    _assert_message(again, f"nothing is new; {published} is without 2 refused deliveries", "freg/bad")
    assert _current(data) == published


def test_without_a_register_the_refusal_is_the_error(tmp_path: Path) -> None:
    landing, data = tmp_path / "landing", tmp_path / "data"
    _wrong_row_count(landing)
    result = preg_run(landing, data)
    assert result.returncode == 1
    _assert_message(result, "nothing was loaded of freg", "persons-0001.ndjson")
    assert "the manifest says 2 records, the file has 1" in result.stderr
    assert not (data / "releases" / "current").exists()


def test_what_changed_in_the_landing_folder_is_told_though_nothing_is_new(place: tuple[Path, Path]) -> None:
    landing, data = place
    file = next((landing / "matrikkel").glob("*/*.csv*"))
    file.write_bytes(file.read_bytes() + b"\n")
    shutil.rmtree(next((landing / "preg").glob("*")))
    result = preg_run(landing, data)
    assert result.returncode == 0
    assert "Nothing new" in result.stdout
    assert f"{file.name} was changed after the delivery was loaded" in result.stdout
    assert "removed after being loaded" in result.stdout


@pytest.mark.slow
def test_what_was_refused_is_built_when_the_sender_has_corrected_it(place: tuple[Path, Path]) -> None:
    landing, data = place
    _wrong_checksum(landing)
    refused = preg_run(landing, data)
    assert refused.returncode == 1
    _assert_message(refused, "wrong checksum", "persons-0001.ndjson")
    shutil.rmtree(landing / "freg" / "bad")
    deliver_documents(landing, "freg", "bad", [_line()], kind="change", sequence_from=LAST, sequence_to=LAST)
    corrected = preg_run(landing, data)
    assert corrected.returncode == 0, corrected.stdout + corrected.stderr
    assert _persons(data, f"nin = '{NEWCOMER}'") == 1


def test_a_half_written_delivery_is_left_alone(place: tuple[Path, Path]) -> None:
    landing, data = place
    folder = deliver_documents(landing, "freg", "coming", [_line()], kind="change", sequence_to=LAST)
    (folder / "manifest.json").unlink()
    result = preg_run(landing, data)
    assert result.returncode == 0
    assert "Nothing new" in result.stdout
    assert _persons(data, f"nin = '{NEWCOMER}'") == 0


@pytest.mark.slow
def test_bad_lines_do_not_keep_the_good_ones_out(place: tuple[Path, Path]) -> None:
    landing, data = place
    lines = [
        "{not json",
        b'{"sekvensnummer": 1, "hendelsetype": "\xff"}',
        freg_line(LAST + 1, freg_person(NEWCOMER, navn="Kari")),
        _line(),
    ]
    deliver_documents(landing, "freg", "mixed", lines, kind="change", sequence_from=LAST, sequence_to=LAST + 1)
    result = preg_run(landing, data)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "3 of 4 records do not fit and are in quarantine" in result.stdout
    assert "quarantine_is_empty" in result.stdout
    assert _persons(data, f"nin = '{NEWCOMER}'") == 1


@pytest.mark.slow
def test_an_empty_change_is_a_release_with_the_same_content(place: tuple[Path, Path]) -> None:
    landing, data = place
    persons = _persons(data)
    deliver_documents(landing, "freg", "quiet-day", [], kind="change", sequence_from=LAST, sequence_to=LAST - 1)
    result = preg_run(landing, data)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "nothing has changed" in result.stdout
    assert _persons(data) == persons


@pytest.mark.slow
def test_a_full_delivery_replaces_the_register(place: tuple[Path, Path]) -> None:
    landing, data = place
    before = _persons(data)
    deliver_documents(landing, "freg", "new-register", [_line()], sequence_from=LAST, sequence_to=LAST)
    stopped = preg_run(landing, data)
    assert stopped.returncode == 3, stopped.stdout + stopped.stderr
    assert "drift_persons_lost" in stopped.stderr
    assert _persons(data) == before
    # That another register takes its place is known beforehand, and reviewed.
    (data / "gate_overrides.csv").write_text(
        "check,dimension,valid_from,valid_to,limit,why,reviewed_by,reviewed_on\n"
        "*,*,2000-01-01,2099-12-31,1000,another register,Kari Nordmann,2026-01-01\n",
        encoding="utf-8",
    )
    # The protected persons whom the new register lacks are no matter of a limit: a name answers for them.
    waiting = preg_run(landing, data)
    assert waiting.returncode == 3, waiting.stdout + waiting.stderr
    assert "protection_is_lost" in waiting.stderr
    assert _persons(data) == before
    published = preg("release", "promote", "--approver", "Kari", "--why", "another register", "--data", data)
    assert published.returncode == 0, published.stdout + published.stderr
    assert _persons(data) == 1


def test_no_landing_folder_and_no_deliveries_are_said_to_be(tmp_path: Path) -> None:
    missing = preg_run(tmp_path / "nowhere", tmp_path / "data")
    assert missing.returncode == 1
    _assert_message(missing, "no landing folder", "nowhere")
    (tmp_path / "empty").mkdir()
    empty = preg_run(tmp_path / "empty", tmp_path / "data")
    assert empty.returncode == 1
    _assert_message(empty, "no delivery in the landing folder", "empty")


UNBORN = number("2039-12-01", 500)


def _deliver_a_bad_register(landing: Path) -> None:
    deliver_documents(landing, "freg", "d1", [freg_line(1, freg_person(UNBORN, "2039-12-01"))], sequence_to=1)


def test_the_gate_stops_a_bad_register(tmp_path: Path) -> None:
    """Somebody is born in the future: every document fits, the check is named, and nothing is published."""
    landing, data = tmp_path / "landing", tmp_path / "data"
    _deliver_a_bad_register(landing)
    stopped = preg_run(landing, data)
    assert stopped.returncode == 3
    assert "preg_person_is_born_before_today: 1" in stopped.stderr
    assert "nothing was published" in stopped.stderr
    assert UNBORN not in stopped.stdout + stopped.stderr
    assert not (data / "releases" / "current").exists()


@pytest.mark.slow
def test_what_the_gate_stopped_is_stopped_again_until_it_is_corrected(tmp_path: Path) -> None:
    landing, data = tmp_path / "landing", tmp_path / "data"
    _deliver_a_bad_register(landing)
    for _ in range(2):
        assert preg_run(landing, data).returncode == 3
    corrected = freg_line(2, freg_person(UNBORN, "2019-12-01"))
    deliver_documents(landing, "freg", "d2", [corrected], kind="change", sequence_from=2, sequence_to=2)
    result = preg_run(landing, data)
    assert result.returncode == 0, result.stdout + result.stderr
    assert _persons(data) == 1


def test_a_warehouse_of_another_contract_is_said_to_be(place: tuple[Path, Path]) -> None:
    landing, data = place
    with duckdb.connect(str(data / "warehouse.duckdb")) as connection:
        connection.execute("alter table raw.freg_document alter column sekvensnummer type varchar")
    deliver_documents(landing, "freg", "d9", [_line()], kind="change", sequence_to=LAST)
    result = preg_run(landing, data)
    assert result.returncode == 1
    _assert_message(result, "made by another version of the contract", "warehouse.duckdb")
