"""`preg query`: a question reads the release, and nothing else is reached, written or changed by it."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from io import StringIO
from pathlib import Path

import duckdb
import pytest

from cli.console import console, errors
from cli.query import Asked, Form, answer, question
from foundation.database import locked_reader
from foundation.errors import PregError
from foundation.settings import Settings
from publication.candidate.candidate import read_candidate
from quality.result import Kind, read_results, write_results
from tests.support.releases import small_release


@pytest.fixture
def release(settings: Settings) -> Path:
    return small_release(
        settings,
        "20260105T030000Z-aaaaaaaa",
        "create table preg_person as select '17858012345' as nin, 'Ås' as sn, 1 as reg_status",
        "create macro preg_person_as_of(shown_on) as table select * from preg_person",
    )


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> StringIO:
    screen = StringIO()
    monkeypatch.setattr(console, "_file", screen)
    return screen


@pytest.mark.parametrize(
    "sql",
    [
        "select nin from preg_person",
        "from preg_person",
        "table preg_person",
        "values ('17858012345')",
        "with found as (select nin from preg_person) select * from found -- and no more",
        "select * from preg_person_as_of('2026-01-05');",
        "describe preg_person",
        "show tables",
        "summarize preg_person",
        "explain select * from preg_person",
        "pivot preg_person on reg_status in (1) using count(*)",
    ],
)
def test_a_question_is_answered(release: Path, settings: Settings, shown: StringIO, sql: str, tmp_path: Path) -> None:
    answer(settings, sql, Form.TABLE, rows=5, out=None)
    assert shown.getvalue()
    answer(settings, sql, Form.CSV, rows=5, out=tmp_path / "answer.csv")
    assert (tmp_path / "answer.csv").stat().st_size


@pytest.mark.parametrize("form", [Form.TABLE, Form.CSV])
@pytest.mark.parametrize(
    "sql",
    [
        "copy preg_person to '{out}'",
        "copy (select 1) to '{out}'",
        "explain analyze copy preg_person to '{out}'",
        "select 1) to '{out}' --",
        "select 1; copy preg_person to '{out}'",
        "attach '{warehouse}' as w",
        "attach '{warehouse}' as w; select * from w.secret",
        "select * from '{warehouse}'",
        "select * from read_csv('{text}')",
        "select * from read_text('{text}')",
        "select * from glob('{folder}/*')",
        "select * from query('copy preg_person to ''{out}''')",
        "export database '{out}'",
        "create table other as select 1",
        "insert into preg_person select * from preg_person",
        "drop table preg_person",
        "set enable_external_access = true",
        "reset lock_configuration",
        "pragma enable_profiling",
        "load httpfs",
        "call force_checkpoint()",
        "select * from settings",
        "prepare p as select 1",
        "",
        "-- nothing",
        "select nothing from nowhere",
    ],
)
def test_what_is_no_question_to_the_release_is_refused_in_words(
    release: Path, settings: Settings, shown: StringIO, sql: str, form: Form, tmp_path: Path
) -> None:
    with duckdb.connect(str(settings.warehouse)) as warehouse:
        warehouse.execute("create table secret as select 'Skjult vei 1' as address")
    (tmp_path / "text.csv").write_text("secret\n1\n", encoding="utf-8")
    before = {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*") if file.is_file()}
    asked = sql.format(
        out=tmp_path / "out.csv", warehouse=settings.warehouse, text=tmp_path / "text.csv", folder=tmp_path
    )
    out = tmp_path / "answer.csv" if form is Form.CSV else None
    with pytest.raises(PregError) as refused:
        answer(settings, asked, form, rows=5, out=out)
    assert refused.value.todo
    assert "Skjult" not in str(refused.value) + shown.getvalue()
    assert {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*") if file.is_file()} == before


def test_the_session_itself_is_locked(release: Path, settings: Settings, tmp_path: Path) -> None:
    with locked_reader(release / "preg.duckdb", settings, writable=tmp_path / "answer") as connection:
        for sql in (
            f"attach '{settings.warehouse}' as w",
            f"copy preg_person to '{tmp_path / 'out.csv'}'",
            "set enable_external_access = true",
            f"set allowed_directories = ['{tmp_path}']",
            "set lock_configuration = false",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(sql)


def test_an_answer_is_written_where_it_is_told_and_nowhere_else(
    release: Path, settings: Settings, shown: StringIO, tmp_path: Path
) -> None:
    out = tmp_path / "it's an answer.json"
    answer(settings, "select nin, sn from preg_person", Form.JSON, rows=1, out=out)
    assert json.loads(out.read_text(encoding="utf-8")) == [{"nin": "17858012345", "sn": "Ås"}]
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(".")] == []
    link = tmp_path / "link.csv"
    link.symlink_to(release / "preg.duckdb")
    for wrong in (release / "preg.duckdb", settings.warehouse, settings.landing_dir / "x.csv", link, tmp_path):
        with pytest.raises(PregError):
            answer(settings, "select 1 as one", Form.CSV, rows=1, out=wrong)
    with pytest.raises(PregError, match="several columns of the answer have one name: nin"):
        answer(settings, "select nin, 1 as NIN from preg_person", Form.CSV, rows=1, out=out)


def test_a_file_of_an_answer_is_its_owners(release: Path, settings: Settings, shown: StringIO, tmp_path: Path) -> None:
    answer(settings, "from preg_person", Form.PARQUET, rows=1, out=tmp_path / "answer.parquet")
    assert stat.S_IMODE((tmp_path / "answer.parquet").stat().st_mode) == 0o600


def test_the_ending_of_the_file_says_how_an_answer_is_written(
    release: Path, settings: Settings, shown: StringIO, tmp_path: Path
) -> None:
    answer(settings, "from preg_person", None, rows=1, out=tmp_path / "answer.json")
    assert json.loads((tmp_path / "answer.json").read_text(encoding="utf-8"))[0]["nin"] == "17858012345"
    answer(settings, "from preg_person", None, rows=1, out=tmp_path / "answer.parquet")
    assert (tmp_path / "answer.parquet").read_bytes()[:4] == b"PAR1"
    answer(settings, "from preg_person", None, rows=1, out=tmp_path / "answer.txt")
    assert (tmp_path / "answer.txt").read_text(encoding="utf-8").splitlines() == [
        "nin,sn,reg_status",
        "17858012345,Ås,1",
    ]


def test_an_earlier_release_is_asked_by_its_name(release: Path, settings: Settings, shown: StringIO) -> None:
    small_release(settings, "20260106T030000Z-bbbbbbbb", "create table preg_person as select '20858012345' as nin")
    answer(settings, "select nin from preg_person", None, rows=1, out=None)
    answer(settings, "select nin from preg_person", None, rows=1, out=None, asked=Asked("20260105T030000Z-aaaaaaaa"))
    first, second = shown.getvalue().split("nin")[1:]
    assert "20858012345" in first
    assert "17858012345" in second
    with pytest.raises(PregError, match="no such release"):
        answer(settings, "select 1", None, rows=1, out=None, asked=Asked("20250101T030000Z-cccccccc"))
    with pytest.raises(PregError, match="no candidate"):
        answer(settings, "select 1", None, rows=1, out=None, asked=Asked(candidate=True))


def test_a_question_is_given_once(tmp_path: Path) -> None:
    file = tmp_path / "question.sql"
    file.write_text("-- how many?\nselect count(*) from preg_person", encoding="utf-8")
    assert question("", file).startswith("-- how many?")
    assert question("select 1", None) == "select 1"
    assert question("-- one\nselect 1", None).endswith("select 1")
    for sql, given in (
        (" ", None),
        ("select 1", file),
        ("", tmp_path / "nothing.sql"),
        ("", tmp_path),
        ("--wrong", None),
    ):
        with pytest.raises(PregError):
            question(sql, given)


def test_a_row_that_is_wider_than_the_terminal_is_shown_by_itself(
    release: Path, settings: Settings, shown: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "_width", 40)
    answer(
        settings,
        "select nin as number_of_the_person, sn as name_of_the_family from preg_person",
        None,
        rows=1,
        out=None,
    )
    assert [each.split() for each in shown.getvalue().splitlines()] == [
        ["row", "1"],
        ["number_of_the_person", "17858012345"],
        ["name_of_the_family", "Ås"],
    ]


@pytest.mark.xdist_group("built sample")
def test_the_candidate_is_asked_only_as_the_gate_has_passed_it(sample_copy: Settings, shown: StringIO) -> None:
    asked = Asked(candidate=True)
    candidate = read_candidate(sample_copy)
    answer(sample_copy, "select count(*) as persons from preg_person", None, rows=1, out=None, asked=asked)
    assert "persons" in shown.getvalue()
    good = read_results(candidate.check_results)
    fired = [replace(each, passed=False, failures=1) if each.kind is Kind.PROTECTION else each for each in good]
    write_results(fired, candidate.check_results)
    with pytest.raises(PregError, match="protected: protected_person_has_no_address"):
        answer(sample_copy, "from preg_address", None, rows=1, out=None, asked=asked)
    write_results(good, candidate.check_results)
    with duckdb.connect(str(candidate.database)) as connection:
        connection.execute("update preg_address set street_name = 'Another' where current_address")
    with pytest.raises(PregError, match="not what the gate has looked at"):
        answer(sample_copy, "from preg_address", None, rows=1, out=None, asked=asked)
    candidate.check_results.unlink()
    with pytest.raises(PregError):
        answer(sample_copy, "from preg_address", None, rows=1, out=None, asked=asked)


def test_whoever_asks_an_older_release_is_told(
    release: Path, settings: Settings, shown: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = StringIO()
    monkeypatch.setattr(errors, "_file", told)
    old = Asked(release.name)
    answer(settings, "select nin from preg_person", None, rows=1, out=None, asked=old)
    assert not told.getvalue()
    small_release(settings, "20260106T030000Z-bbbbbbbb", "create table preg_person as select '20858012345' as nin")
    answer(settings, "select nin from preg_person", None, rows=1, out=None, asked=old)
    assert "not the current release" in told.getvalue()


def test_numbers_stand_to_the_right_and_lists_of_them_do_not(
    release: Path, settings: Settings, shown: StringIO
) -> None:
    answer(settings, "select 7::bigint as long_name, [7] as other_long_name", None, rows=1, out=None)
    assert "│         7 │ [7]             │" in shown.getvalue()
