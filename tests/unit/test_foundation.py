"""Settings, hashes, files and the writer's lock."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import yaml
from pydantic import ValidationError

from foundation.database import machine_failures, memory_of, session, session_options, sql_identifier, sql_text
from foundation.errors import MachineFailure, PregError, WarehouseBusy
from foundation.files import write_json, written_whole
from foundation.person_hash import bind_key, load_key, person_hash, person_hash_sql
from foundation.release import Approver
from foundation.settings import Settings, refused_settings
from foundation.text import printable
from foundation.writer_lock import writer_lock
from ingest.freg.settings import FregSettings
from orchestration.dbt.environment import point_dbt_at


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PREG_DATA_DIR", str(tmp_path))
    assert Settings().releases_dir == tmp_path / "releases"
    assert Settings.with_given(data_dir=tmp_path / "given", landing_dir=None).data_dir == tmp_path / "given"


@pytest.mark.parametrize(
    ("variable", "value"),
    [("PREG_MEMORY_LIMIT", "lots"), ("PREG_MEMORY_LIMIT", "-1"), ("PREG_THREADS", "-2"), ("PREG_FREG_ATTEMPTS", "x")],
)
def test_a_setting_that_cannot_be_used_is_named_without_its_value(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ValidationError) as error:
        (FregSettings if "FREG" in variable else Settings)()
    refused = refused_settings(error.value)
    assert refused is not None
    assert f"{variable}: " in refused.what
    assert f"'{value}'" not in refused.what


def test_an_error_that_is_not_about_settings_is_none_of_theirs() -> None:
    with pytest.raises(ValidationError) as error:
        Approver.model_validate({})
    assert refused_settings(error.value) is None


@pytest.mark.parametrize("limit", ["", "8GB", "1.5 GiB", "500MiB"])
def test_a_limit_of_memory_is_as_duckdb_writes_it(limit: str, tmp_path: Path) -> None:
    with session(Settings(data_dir=tmp_path, memory_limit=limit), ":memory:") as connection:
        assert connection.execute("select 1").fetchall() == [(1,)]


def test_every_setting_has_a_default_and_a_description() -> None:
    for name, field in Settings.model_fields.items():
        assert not field.is_required(), name
        assert field.description, name


def test_a_message_says_what_where_and_what_to_do() -> None:
    text = str(PregError("it broke", where="file.csv", todo="send it again"))
    assert text.splitlines() == ["it broke", "  where: file.csv", "  to do: send it again"]


def test_the_hash_is_the_same_in_python_and_sql(settings: Settings) -> None:
    key = load_key(settings)
    with session(settings, ":memory:") as connection:
        bind_key(connection, key)
        ((by_sql,),) = connection.execute(f"select {person_hash_sql('$number')}", {"number": "12345"}).fetchall()
    assert by_sql == person_hash("12345", key)
    assert "12345" not in by_sql


def test_the_key_is_made_once_and_for_the_owner_only(settings: Settings) -> None:
    key = load_key(settings)
    assert load_key(settings) == key
    assert len(key) == 64
    mode = stat.S_IMODE((settings.data_dir / "person_hash.key").stat().st_mode)
    assert mode == 0o600


def test_a_file_that_could_not_be_finished_leaves_nothing(tmp_path: Path) -> None:
    target = tmp_path / "file.json"

    def write_half() -> None:
        with written_whole(target) as temporary:
            temporary.write_text("half")
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        write_half()
    assert list(tmp_path.iterdir()) == []


def test_json_replaces_the_file_whole(tmp_path: Path) -> None:
    target = tmp_path / "file.json"
    write_json(target, {"a": 1})
    write_json(target, {"a": 2})
    assert target.read_text() == '{\n  "a": 2\n}\n'
    assert [file.name for file in tmp_path.iterdir()] == ["file.json"]


def test_sessions_download_nothing_and_live_in_oslo(settings: Settings) -> None:
    with session(settings, ":memory:") as connection:
        ((install, load, zone),) = connection.execute(
            "select current_setting('autoinstall_known_extensions'), current_setting('autoload_known_extensions'),"
            " current_setting('TimeZone')"
        ).fetchall()
    assert (install, load, zone) == (False, False, "Europe/Oslo")


def test_what_the_machine_refuses_is_a_message() -> None:
    with pytest.raises(MachineFailure, match="No space left on device") as failure, machine_failures("the data folder"):
        raise OSError(28, "No space left on device")
    assert failure.value.where == "the data folder"
    assert "untouched" in failure.value.todo


def test_a_database_of_ours_has_half_of_the_machine_unless_told_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Loads, models and checks alike: two processes at their limits fit on the machine."""
    monkeypatch.setattr(os, "environ", dict(os.environ))
    of_machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**20
    assert 0 < float(memory_of(Settings(data_dir=tmp_path)).removesuffix("MiB")) < 0.55 * of_machine
    limited = Settings(data_dir=tmp_path, memory_limit="4GB", threads=1)
    point_dbt_at(limited)
    profile = yaml.safe_load((limited.dbt_project_dir / "profiles.yml").read_text(encoding="utf-8"))
    options = profile["preg"]["outputs"]["duckdb"]["config_options"]
    assert ("PREG_MODELS_MEMORY" in options["memory_limit"], os.environ["PREG_MODELS_MEMORY"]) == (True, "4GB")
    assert ("PREG_MODELS_THREADS" in options["threads"], os.environ["PREG_MODELS_THREADS"]) == (True, "1")
    with session(limited, ":memory:") as connection:
        ((limit, threads),) = connection.execute(
            "select current_setting('memory_limit'), current_setting('threads')"
        ).fetchall()
    assert (limit, threads) == ("3.7 GiB", 1)


@pytest.mark.parametrize(
    ("given", "shared", "found"),
    [("8GB", "3814MiB", "3.7 GiB"), ("1760MiB", "880MiB", "880.0 MiB"), ("1.5 GiB", "768MiB", "768.0 MiB")],
)
def test_two_databases_at_a_time_share_the_memory_and_no_spill_folder(
    tmp_path: Path, given: str, shared: str, found: str
) -> None:
    settings = Settings(data_dir=tmp_path, memory_limit=given)
    first, second = session_options(settings, at_a_time=2), session_options(settings, at_a_time=2, spill="other")
    assert first["memory_limit"] == second["memory_limit"] == shared
    assert first["temp_directory"] != second["temp_directory"]
    with duckdb.connect(config=second) as connection:
        ((limit,),) = connection.execute("select current_setting('memory_limit')").fetchall()
    assert limit == found


def test_running_out_of_memory_is_a_message() -> None:
    def ask_too_much() -> None:
        with machine_failures("a query"), duckdb.connect() as connection:
            connection.execute("set memory_limit = '10MB'; set temp_directory = ''")
            connection.execute("select count(*) from (select distinct range from range(10000000))")

    with pytest.raises(MachineFailure) as failure:
        ask_too_much()
    assert "PREG_MEMORY_LIMIT" in failure.value.todo


_HOLD = """
import sys, time
from foundation.settings import Settings
from foundation.text import printable
from foundation.writer_lock import writer_lock
from orchestration.dbt.environment import point_dbt_at
with writer_lock(Settings(data_dir=sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_writer_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", _HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        notes: list[str] = []
        with (
            pytest.raises(WarehouseBusy, match=f"process {holder.pid}"),
            writer_lock(Settings(data_dir=tmp_path, lock_wait_seconds=0.2), notes.append),
        ):
            pass
        assert str(holder.pid) in notes[0]
    finally:
        holder.kill()
        holder.wait()
    # The lock of a process that was killed is free.
    with writer_lock(Settings(data_dir=tmp_path, lock_wait_seconds=5)):
        pass


def test_a_writer_may_take_the_lock_again(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, lock_wait_seconds=0)
    with writer_lock(settings), writer_lock(settings):
        pass


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Blåbærsyltetøy 北京", "Blåbærsyltetøy 北京"),
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("a\nb\rc\td", "a\\nb\\rc\\td"),
        ("a\u202eb\u2066c", "a\\u202eb\\u2066c"),
        ("\udcff", "\\udcff"),
        ("x" * 300, "x" * 200 + "…"),
        (None, "None"),
    ],
)
def test_what_somebody_else_wrote_is_made_printable(text: object, shown: str) -> None:
    assert printable(text) == shown
    assert printable("\x00" * 1_000).isprintable()


@pytest.mark.parametrize("name", ["plain", "it's", 'a"b', "a$$b", "'; drop table x; --", "æ\n"])
def test_text_and_names_stay_what_they_are_in_sql(settings: Settings, name: str) -> None:
    with session(settings, ":memory:") as connection:
        statement = f"select {sql_text(name)} as {sql_identifier(name)}"
        answer = connection.execute(statement)
        assert [column[0] for column in answer.description] == [name]
        assert answer.fetchall() == [(name,)]
