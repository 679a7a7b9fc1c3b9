"""The register of help numbers in PostgreSQL: what is tried of the file is tried here, and a server that falls."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from foundation.errors import MachineFailure
from foundation.help_number_register import register_rows
from foundation.settings import Settings
from publication.candidate.help_numbers import HELP_NUMBERS_QUERY
from serving.help_numbers import database as database_module
from serving.help_numbers.database import RegisterBusy
from serving.help_numbers.register import Register
from tests.support.postgresql import Server, running_server
from tests.system import test_help_number_faults
from tests.system.test_help_number_faults import (
    test_no_number_is_issued_twice_and_none_lost_when_processes_are_killed as killed,
)
from tests.unit.test_help_numbers import (
    _issue,
    test_a_person_is_found_as_he_or_she_was_registered,
    test_a_series_that_is_full_says_so,
    test_the_register_is_searched_by_words_and_codes,
    test_threads_and_registers_of_one_file_never_issue_a_number_twice,
)

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("built sample")]

# Of the file, with the register of this module.
__all__ = [
    "test_a_person_is_found_as_he_or_she_was_registered",
    "test_a_series_that_is_full_says_so",
    "test_the_register_is_searched_by_words_and_codes",
    "test_threads_and_registers_of_one_file_never_issue_a_number_twice",
]

_TABLES = "help_number_key, help_number_change, help_word, help_person, register_format"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running_server() as found:
        yield found


@pytest.fixture
def settings(server: Server, tmp_path: Path) -> Settings:
    with psycopg.connect(server.place) as connection:
        connection.execute(f"drop table if exists {_TABLES} cascade".encode())
    return Settings(data_dir=tmp_path, help_number_database=SecretStr(server.place))


@pytest.fixture
def register(settings: Settings) -> Iterator[Register]:
    made = Register(settings)
    yield made
    made.close()


def test_processes_are_killed(
    server: Server, settings: Settings, built_sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREG_HELP_NUMBER_DATABASE", server.place)
    # Fewer than of the file: each waits for the server, too.
    monkeypatch.setattr(test_help_number_faults, "COUNT", 400)
    monkeypatch.setattr(test_help_number_faults, "KILLS", 8)
    killed(built_sample, tmp_path)


def test_the_trail_is_only_appended_to_and_no_number_goes(server: Server, register: Register) -> None:
    person = _issue(register)
    with register.changing() as transaction:
        transaction.keep_answer("c", "key", "hash", 1)
    with psycopg.connect(server.place, autocommit=True) as connection:
        for statement in (
            b"update help_number_change set client = 'x'",
            b"delete from help_number_change",
            b"update help_number_key set change_id = 2",
            b"delete from help_number_key",
            b"delete from help_person",
        ):
            with pytest.raises(psycopg.errors.RaiseException, match=r"appended|stays"):
                connection.execute(statement)
    with pytest.raises(MachineFailure), register.changing() as transaction:
        transaction.write("requisition", None, person, "")
    # The transaction that failed has left nothing, and the next one goes on.
    assert len(register.history(person.number)) == 1
    assert _issue(register).number != person.number


def test_a_register_that_another_process_has_too_long_says_so(
    server: Server, register: Register, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setattr(database_module, "_WAITS", 0.1)
    impatient = Register(settings)
    with psycopg.connect(server.place) as other:
        other.execute(f"select pg_advisory_xact_lock({database_module._POSTGRESQL_LOCK})".encode())
        with pytest.raises(RegisterBusy):
            _issue(impatient)
    assert _issue(impatient)
    impatient.close()


def test_a_server_that_falls_loses_nothing_that_was_answered(server: Server, settings: Settings) -> None:
    register = Register(settings)
    before = [_issue(register).number for _ in range(20)]
    server.stop("immediate")
    with pytest.raises(MachineFailure) as failed:
        _issue(register)
    assert server.place not in str(failed.value)
    with pytest.raises(MachineFailure):
        register.find(before[0])
    server.start()
    ends = time.monotonic() + 20
    while True:
        try:
            assert _issue(register)
            break
        except MachineFailure:
            assert time.monotonic() < ends
            time.sleep(0.2)
    assert all(register.find(number) is not None for number in before)
    assert sum(len(rows) for rows in register_rows(settings, HELP_NUMBERS_QUERY)) == len(before) + 1
    register.close()


def test_no_register_yet_is_nobody(settings: Settings) -> None:
    assert list(register_rows(settings, HELP_NUMBERS_QUERY)) == []
