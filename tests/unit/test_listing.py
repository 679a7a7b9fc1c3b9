"""Lists are a table for people, CSV and JSON for programs; no text of them does anything anywhere."""

from __future__ import annotations

import csv
import io
import json

import pytest

from cli.console import console
from cli.listing import ListForm, show_list

ROWS = [
    {"release": "20260105T030000Z-4f1c2a90", "persons": 20_012, "current": True, "why": None, "paths": ["a", "b"]},
    {"release": "=cmd()", "persons": 3, "current": False, "why": "line\nend \x1b[31m", "paths": []},
]
COLUMNS = ("release", "persons", "current", "why", "paths")


def _shown(form: ListForm, capsys: pytest.CaptureFixture[str]) -> str:
    show_list(ROWS, COLUMNS, form)
    return capsys.readouterr().out


def test_json_has_every_value_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    text = _shown(ListForm.JSON, capsys)
    assert json.loads(text) == ROWS
    assert text.isascii()
    assert "\x1b" not in text


def test_csv_has_a_line_a_row_and_no_formula(capsys: pytest.CaptureFixture[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(_shown(ListForm.CSV, capsys))))
    assert [row["release"] for row in rows] == ["20260105T030000Z-4f1c2a90", "'=cmd()"]
    assert [(row["persons"], row["current"], row["paths"]) for row in rows] == [
        ("20012", "true", "a; b"),
        ("3", "false", ""),
    ]
    assert "\x1b" not in rows[1]["why"]
    assert "\n" not in rows[1]["why"]


def test_nothing_that_is_to_be_copied_is_cut_in_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = io.StringIO()
    monkeypatch.setattr(console, "_file", sent)
    show_list(ROWS, COLUMNS, ListForm.TABLE)
    shown = sent.getvalue()
    assert "20260105T030000Z-4f1c2a90" in shown
    assert "20,012" in shown
    assert "\x1b[31m" not in shown


def test_of_nothing_there_are_no_rows(capsys: pytest.CaptureFixture[str]) -> None:
    show_list([], COLUMNS, ListForm.CSV)
    assert capsys.readouterr().out == ",".join(COLUMNS) + "\n"
    show_list([], COLUMNS, ListForm.JSON)
    assert json.loads(capsys.readouterr().out) == []
