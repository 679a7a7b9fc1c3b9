"""The lists of kommuner: every number has one name each day, and every former one leads to kommuner of today."""

from __future__ import annotations

import csv
import datetime as dt
import itertools
from collections import defaultdict
from pathlib import Path

import pytest

SEEDS = Path(__file__).parents[2] / "dbt_project" / "seeds"
NAMES: dict[str, list[dict[str, str]]] = defaultdict(list)
CHANGES: dict[str, list[dict[str, str]]] = defaultdict(list)
for row in csv.DictReader((SEEDS / "kommunenavn.csv").open(encoding="utf-8")):
    NAMES[row["kommunenummer"]].append(row)
for row in csv.DictReader((SEEDS / "kommune_endring.csv").open(encoding="utf-8")):
    CHANGES[row["kommunenummer"]].append(row)


def today(number: str, steps: int = 0) -> set[str]:
    assert steps < 10, f"{number} leads in a circle"
    if number not in CHANGES:
        return {number}
    return set().union(*(today(change["etterfoelger"], steps + 1) for change in CHANGES[number]))


def test_every_day_has_one_name() -> None:
    for number, rows in NAMES.items():
        rows.sort(key=lambda row: row["named_from"])
        assert (rows[0]["named_from"], rows[-1]["named_to"]) == ("0001-01-01", "9999-12-31"), number
        for before, after in itertools.pairwise(rows):
            ends = dt.date.fromisoformat(before["named_to"])
            assert (ends + dt.timedelta(days=1)).isoformat() == after["named_from"], number


def test_every_number_leads_to_the_kommuner_of_today() -> None:
    """Norway has had 357 kommuner since 2024."""
    assert len(set().union(*(today(number) for number in NAMES))) == 357


@pytest.mark.parametrize(
    ("number", "names"),
    [
        ("0101", {"Halden"}),
        ("0709", {"Larvik"}),
        ("0703", {"Horten"}),
        ("0627", {"Asker"}),
        ("1601", {"Trondheim"}),
        ("1931", {"Senja"}),
        ("0426", {"Våler (Innlandet)"}),
        ("1523", {"Ålesund", "Haram"}),
        ("5012", {"Heim", "Hitra", "Orkland"}),
        ("1850", {"Narvik", "Hamarøy"}),
    ],
)
def test_a_former_kommune_is_a_part_of(number: str, names: set[str]) -> None:
    assert {NAMES[each][-1]["kommunenavn"] for each in today(number)} == names


def test_a_divided_kommune_has_several_successors_and_only_that() -> None:
    for number, changes in CHANGES.items():
        assert (len(changes) > 1) == (changes[0]["endring"] == "deling"), number


@pytest.mark.parametrize(
    ("number", "until", "kind", "successors"),
    [
        ("0616", "2019-12-31", "nytt nummer", {"3040"}),
        ("1201", "2019-12-31", "nytt nummer", {"4601"}),
        ("1601", "2017-12-31", "nytt nummer", {"5001"}),
        ("0232", "1961-12-31", "sammenslåing", {"0231"}),
        ("1437", "1963-12-31", "sammenslåing", {"1401"}),
        ("0435", "1975-12-31", "deling", {"0436", "0441"}),
        ("1858", "1975-12-31", "deling", {"1859", "1874"}),
        ("0518", "1976-12-31", "deling", {"0516", "0519"}),
        ("0601", "1976-12-31", "deling", {"0605", "0612"}),
        ("1230", "1976-12-31", "deling", {"1231", "1232"}),
        ("1448", "1976-12-31", "deling", {"1449", "1444"}),
        ("1501", "1976-12-31", "deling", {"1504", "1531"}),
        ("1527", "1976-12-31", "deling", {"1523", "1526", "1529"}),
        ("1921", "1976-12-31", "deling", {"1923", "1920"}),
        ("1439", "2019-12-31", "deling", {"4602", "4649"}),
    ],
)
def test_a_change_is_as_the_public_lists_have_it(number: str, until: str, kind: str, successors: set[str]) -> None:
    changes = CHANGES[number]
    assert {row["etterfoelger"] for row in changes} == successors
    assert {(row["gjaldt_til"], row["endring"]) for row in changes} == {(until, kind)}


def test_a_divided_kommune_leads_to_several_of_today() -> None:
    for number, changes in CHANGES.items():
        if changes[0]["endring"] == "deling":
            assert len(today(number)) > 1, number


def test_names_are_norwegian() -> None:
    """PREG had the Norwegian name of the kommuner that have a Sámi one too."""
    of_today = {number: rows[-1]["kommunenavn"] for number, rows in NAMES.items()}
    assert (of_today["5610"], of_today["1875"], of_today["5041"]) == ("Karasjok", "Hamarøy", "Snåsa")
    assert not [name for name in of_today.values() if set(name) & set("áčđŋšŧž")]
