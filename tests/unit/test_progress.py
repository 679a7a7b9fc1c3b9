"""What a person sees of a step while it goes on."""

from __future__ import annotations

import time

import pytest

from cli.console import ConsoleListener


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> ConsoleListener:
    clock = iter((100.0, 110.0, 110.0, 110.0))
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    return ConsoleListener()


def test_a_step_shows_what_it_has_taken(listener: ConsoleListener) -> None:
    listener.begin("check the candidate")
    assert listener.present().plain == "  … 10 s  check the candidate"


def test_a_step_is_expected_to_take_as_long_as_the_last_time(listener: ConsoleListener) -> None:
    listener.begin("check the candidate")
    listener.expect(25.0)
    assert listener.present().plain == "  … 10 s, about 15 s left  check the candidate"


def test_its_own_pace_comes_before_the_last_time(listener: ConsoleListener) -> None:
    listener.begin("build")
    listener.expect(500.0)
    listener.advance(1, 3)
    assert listener.present().plain.endswith(" 33%  10 s, about 20 s left  build")


def test_a_step_that_takes_longer_than_the_last_time_promises_nothing(listener: ConsoleListener) -> None:
    listener.begin("publish")
    listener.expect(5.0)
    assert listener.present().plain == "  … 10 s  publish"


def test_the_next_step_begins_anew(listener: ConsoleListener) -> None:
    listener.begin("build")
    listener.advance(3, 3)
    listener.begin("publish")
    assert "%" not in listener.present().plain
