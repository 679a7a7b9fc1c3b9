"""Common help numbers: how they are drawn, what may be registered, the register's own rules. All of the test series."""

from __future__ import annotations

import datetime as dt
import itertools
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from foundation.settings import Settings
from ingest.contracts.numbers import K1_WEIGHTS, has_check_digits, is_help_number, is_valid_number
from publication.candidate.candidate import view_statements
from serving.access.clients import clients_file, list_clients, order_client
from serving.help_numbers import register as register_module
from serving.help_numbers.numbers import draw_number, numbers_in_series, with_check_digits
from serving.help_numbers.person import Details, HelpPerson, MistakenRegister, checked_details, name_sounds
from serving.help_numbers.register import Register, RegisterBusy, SeriesExhausted, Sought
from serving.services.look_up import Refused
from serving.settings import ServingSettings
from serving.spelling import words_of
from tests.support.serving import new_client

SERIES = ["89"]
TODAY = dt.date(2026, 11, 28)
NOW = "2026-11-28T12:00:00.000000Z"
KARI = Details(given_name="Kari", family_name="Nordmann", date_of_birth=dt.date(1980, 2, 1))


@pytest.fixture
def register(settings: Settings) -> Iterator[Register]:
    made = Register(settings)
    yield made
    made.close()


def _issue(register: Register, details: Details = KARI, series: list[str] = SERIES) -> HelpPerson:
    with register.changing() as transaction:
        person = HelpPerson(transaction.free_number(series), details, "active", "", "c", NOW, "c", NOW)
        transaction.write("requisition", None, person, "")
    return person


@given(st.lists(st.from_regex(r"[89][0-9]{0,3}", fullmatch=True), min_size=1, max_size=4))
def test_a_number_is_a_help_number_of_its_series_and_nobodys_official_number(series: list[str]) -> None:
    number = draw_number(series)
    assert is_help_number(number)
    assert not is_valid_number(number)
    assert number.startswith(tuple(series))
    # By the rule before 2032, too, which some receivers have alone.
    assert sum(weight * int(digit) for weight, digit in zip(K1_WEIGHTS, number, strict=False)) % 11 == 0


@given(st.from_regex(r"[89][0-9]{8}", fullmatch=True))
def test_check_digits_are_those_that_fit_or_there_are_none(digits: str) -> None:
    fitting = [
        f"{digits}{rest:02d}"
        for rest in range(100)
        if has_check_digits(f"{digits}{rest:02d}")
        and sum(weight * int(digit) for weight, digit in zip(K1_WEIGHTS, f"{digits}{rest:02d}", strict=False)) % 11 == 0
    ]
    assert fitting == [number for number in [with_check_digits(digits)] if number]


def test_how_many_numbers_there_are_is_known() -> None:
    there = sum(with_check_digits(f"8901{rest:05d}") is not None for rest in range(100_000))
    assert abs(there - numbers_in_series(["8901"])) < 100


def test_numbers_do_not_follow_one_another() -> None:
    drawn = [int(draw_number(SERIES)) for _ in range(500)]
    assert len(set(drawn)) >= 499
    rising = sum(one < other for one, other in itertools.pairwise(drawn))
    assert 150 < rising < 350


@pytest.mark.parametrize("series", ["7", "89,", "89 81", "89123", "x"])
def test_a_series_begins_with_8_or_9(series: str) -> None:
    with pytest.raises(ValueError, match="help_number_series"):
        ServingSettings(help_number_series=series)


@pytest.mark.parametrize(
    ("given_", "told"),
    [
        ({"given_name": "", "family_name": " "}, "no name"),
        ({"given_name": "", "family_name": "- -"}, "no name"),
        ({"given_name": "x\x00y"}, "given_name"),
        ({"birthplace": "\ud800"}, "birthplace"),
        ({"street": "x" * 201}, "street"),
        ({"co_address": "x" * 26}, "co_address"),
        ({"date_of_birth": dt.date(2026, 11, 29)}, "day of birth is out"),
        ({"date_of_birth": dt.date(1799, 1, 1)}, "day of birth is out"),
        ({"date_of_death": dt.date(2026, 1, 1)}, "not dead"),
        ({"date_of_death": dt.date(1979, 1, 1), "is_dead": True}, "before the day of birth"),
    ],
)
def test_what_cannot_be_so_is_refused_without_what_was_given(given_: dict[str, Any], told: str) -> None:
    with pytest.raises(Refused, match=told) as raised:
        checked_details(replace(KARI, **given_), TODAY)
    assert "Nordmann" not in str(raised.value)
    assert "x" * 10 not in str(raised.value)


def test_a_text_has_one_form() -> None:
    found = checked_details(replace(KARI, given_name="  Kari\u00a0  A\u030ase "), TODAY)
    assert found.given_name == "Kari Åse"


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (("Kristian", "", "Hansen"), ("Christian", None, "Hanssen"), True),
        (("Kari Anne", "", "Nordmann"), ("Kari", "Dahl", "Nordmann"), True),
        (("Kari", "Dahl", "Nordmann"), ("Kari", "", "Dahl"), True),
        (("Kari", "", "Nordmann"), ("Ola", "", "Nordmann"), False),
        (("Kari", "", "Nordmann"), ("Kari", "", "Hansen"), False),
        (("", "", "Nordmann"), ("Ola", "", "Nordmann"), True),
        (("Kari", "", ""), (None, None, "Nordmann"), False),
    ],
)
def test_names_are_alike_where_each_part_that_both_have_sounds_alike(
    one: tuple[str, str, str], other: tuple[str, str, str], *, alike: bool
) -> None:
    assert name_sounds(*one).is_alike(name_sounds(*other)) is alike
    assert name_sounds(*other).is_alike(name_sounds(*one)) is alike


def test_a_person_is_found_as_he_or_she_was_registered(register: Register) -> None:
    details = replace(KARI, gender=0, is_dead=True, date_of_death=dt.date(2020, 1, 1), street="Storgata 1")
    person = _issue(register, details)
    assert register.find(person.number) == person
    (change,) = register.history(person.number)
    assert (change.operation, change.before, change.after) == ("requisition", None, person)
    sounds = sorted(name_sounds("Khari", "", "").everything)
    assert register.born_and_sounding("1980-02-01", sounds) == [person]
    assert register.born_and_sounding("1980-02-02", sounds) == []


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        (Sought([("nord", "nord", ("family",))], [], {}), True),
        (Sought([("nord", "nord", ("given",))], [], {}), False),
        (Sought([("n", "n", ("family",))], [], {}), False),
        (Sought([], [("street", "storg")], {"postal_code": "0001"}), True),
        (Sought([], [("street", "storg")], {"postal_code": "0002"}), False),
        (Sought([], [("place", "storg")], {}), False),
        (Sought([], [], {"date_of_birth": "1980-02-01"}), True),
    ],
)
def test_the_register_is_searched_by_words_and_codes(register: Register, sought: Sought, *, found: bool) -> None:
    _issue(register, replace(KARI, street="Storgata 1", postal_code="0001"))
    assert bool(register.search(sought, 10)) is found


def test_the_audit_trail_is_only_appended_to_and_no_number_goes(settings: Settings, register: Register) -> None:
    person = _issue(register)
    with register.changing() as transaction:
        transaction.keep_answer("c", "key", "hash", 1)
    with closing(sqlite3.connect(settings.help_numbers_file)) as connection:
        for statement in (
            "update help_number_change set client = 'x'",
            "delete from help_number_change",
            "update help_number_key set change_id = 2",
            "delete from help_number_key",
            "delete from help_person",
        ):
            with pytest.raises(sqlite3.IntegrityError, match=r"appended|stays"):
                connection.execute(statement)
    with pytest.raises(sqlite3.IntegrityError), register.changing() as transaction:
        transaction.write("requisition", None, person, "")
    # The transaction that failed has left nothing.
    assert len(register.history(person.number)) == 1
    assert settings.help_numbers_file.stat().st_mode & 0o077 == 0


def test_a_series_that_is_full_says_so(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register_module, "draw_number", lambda _series: "89000000281")
    _issue(register)
    with pytest.raises(SeriesExhausted, match="PREG_SERVE_HELP_NUMBER_SERIES"):
        _issue(register)


def test_threads_and_registers_of_one_file_never_issue_a_number_twice(settings: Settings) -> None:
    # Two registers as two processes have them, on a series of which a tenth is taken: the same numbers are drawn.
    registers = [Register(settings) for _ in range(2)]
    issued: list[str] = []

    def issue(register: Register) -> None:
        for _ in range(25):
            issued.append(_issue(register, series=["8912"]).number)

    threads = [threading.Thread(target=issue, args=(registers[place % 2],)) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(issued) == len(set(issued)) == 200
    for register in registers:
        register.close()


def test_a_register_that_another_process_has_too_long_says_so_and_nothing_is_changed(
    settings: Settings, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(register_module, "_WAITS", 0.05)
    with closing(sqlite3.connect(settings.help_numbers_file, isolation_level=None)) as other:
        other.execute("begin immediate")
        with pytest.raises(RegisterBusy, match="busy"):
            _issue(register)
        other.execute("rollback")
    assert _issue(register)


def test_a_register_whose_log_is_being_put_in_order_is_waited_for(settings: Settings, register: Register) -> None:
    register.close()
    # As a process has it that comes first after a kill: nobody else reads.
    first = sqlite3.connect(settings.help_numbers_file, isolation_level=None, check_same_thread=False)
    first.execute("pragma locking_mode = exclusive")
    first.execute("begin exclusive")
    first.execute("commit")
    with (
        closing(sqlite3.connect(settings.help_numbers_file, timeout=0)) as second,
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        second.execute("pragma synchronous = full")
    ending = threading.Timer(0.3, first.close)
    ending.start()
    Register(settings).close()
    ending.join()


def test_what_is_answered_is_on_the_disk(register: Register) -> None:
    connection = register._connect()
    assert connection.execute("pragma journal_mode").fetchone()[0] == "wal"
    # 2 is FULL: a power cut takes nothing away that was committed.
    assert connection.execute("pragma synchronous").fetchone()[0] == 2
    connection.close()


def test_a_register_of_another_version_is_not_written(settings: Settings) -> None:
    Register(settings).close()
    with closing(sqlite3.connect(settings.help_numbers_file)) as connection:
        connection.execute("update register_format set format = 99")
        connection.commit()
    with pytest.raises(MistakenRegister, match="format 99"):
        Register(settings)


def test_a_register_of_clients_made_before_gets_the_new_column(settings: Settings) -> None:
    order_client(settings, new_client("apotek"), dt.datetime.now(dt.UTC))
    with closing(sqlite3.connect(clients_file(settings))) as connection:
        connection.execute("alter table client drop column may_requisition")
        connection.commit()
    (before,) = list_clients(settings)
    assert before.may_requisition is False
    order_client(settings, new_client("apotek", user_name="of-other", may_requisition=True), dt.datetime.now(dt.UTC))
    assert {client.user_name: client.may_requisition for client in list_clients(settings)}["of-other"] is True


@hypothesis_settings(max_examples=100)
@given(st.text(max_size=30) | st.text(alphabet="'\\\0;-$ aÅø", max_size=20))
def test_any_text_is_a_text_and_no_statement_where_words_are_folded(text: str) -> None:
    with duckdb.connect() as connection:
        connection.execute(view_statements("name_spelling"))
        expected = connection.execute(
            "select word, phonetic_key(word) from (select unnest(string_split(folded_name($text), ' ')) as word)"
            " where word <> ''",
            {"text": text.replace("\0", " ")},
        ).fetchall()
    assert list(words_of(text)) == [(word, sound) for word, sound in expected if any(map(str.isalnum, word))]


@hypothesis_settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.builds(
        Details,
        given_name=st.text(max_size=30),
        middle_name=st.text(max_size=30),
        family_name=st.text(min_size=1, max_size=30),
        gender=st.sampled_from([None, 0, 1]),
        date_of_birth=st.none() | st.dates(dt.date(1800, 1, 1), TODAY),
        street=st.text(max_size=30),
        marital_status=st.none() | st.integers(0, 9),
    )
)
def test_whatever_may_be_registered_comes_back_as_it_was(settings: Settings, details: Details) -> None:
    try:
        checked = checked_details(details, TODAY)
    except Refused:
        return
    with closing(Register(settings)) as register:
        person = _issue(register, checked)
        assert register.find(person.number) == person
        assert register.history(person.number)[0].after == person
