"""A wash against the built sample: who each row is, what is given of the person, and what never is."""

from __future__ import annotations

import csv
import dataclasses
import json
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from benchmarks.filematch import quality
from foundation.errors import PregError
from foundation.settings import Settings
from ingest.contracts.numbers import has_check_digits
from publication.access.access_profile import find_access_profile, read_access_profiles
from publication.access.profile_release import write_profile_release
from publication.store.release import current_release
from serving.access.access_log import entries_about
from serving.filematch.report import Report
from serving.filematch.wash import Asked, Register, wash
from serving.filematch.writing import FIELDS, OURS
from serving.settings import WashSettings
from tests.support.persons import number as synthetic_number
from tests.support.running import preg
from tests.support.serving import Served

pytestmark = pytest.mark.xdist_group("built sample")

HEADERS = ("fnr", "fornavn", "mellomnavn", "etternavn", "født", "adresse", "postnr")
_HELP_NUMBER = "89000000281"


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


class Washing:
    """Washes of rows against a release, as a profile receives it."""

    def __init__(self, settings: Settings, work: Path) -> None:
        release = current_release(settings)
        assert release is not None
        self.release, self.work, self.settings = release, work, settings
        self.told: list[str] = []
        self.asked: list[str] = []

    def __call__(self, file: Path, profile: str = "helseforetak", **asked: Any) -> tuple[list[dict[str, str]], Report]:
        register = Register(self.settings, self.release, find_access_profile(self.settings, profile))

        def disclosed(persons: Iterator[tuple[str, list[str]]]) -> None:
            told = [(outcome, number) for outcome, some in persons for number in some]
            self.told = [number for outcome, number in told if outcome == "shown"]
            self.asked = [number for outcome, number in told if outcome == "nothing found"]

        washed, report = wash(register, WashSettings(), Asked(file, **asked), self.work, disclosed)
        if washed.suffix == ".parquet":
            with duckdb.connect() as connection:
                found = connection.execute(f"from read_parquet('{washed}')")
                names = [column[0] for column in found.description or ()]
                return [dict(zip(names, row, strict=True)) for row in found.fetchall()], report
        with washed.open(encoding="utf-8-sig", newline="") as stream:
            return list(csv.DictReader(stream, delimiter=";")), report

    def rows(self, *rows: Sequence[str | None], profile: str = "helseforetak") -> list[dict[str, str]]:
        """The washed rows of a CSV file of `HEADERS`."""
        file = self.work / "register.csv"
        with file.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, delimiter=";").writerows([HEADERS, *rows])
        return self(file, profile)[0]


@pytest.fixture
def washing(served: Served, work: Path) -> Washing:
    return Washing(served.settings, work)


def _some(database: duckdb.DuckDBPyConnection, where: str = "true") -> dict[str, Any]:
    """A person, with the present address, whose name and day of birth nobody else has."""
    found = database.execute(
        f"""
        select person.*, address.postal_address, address.postal_code
        from preg_person as person
        left join (select * from preg_address where current_address) as address using (nin)
        where {where}
        qualify count(*) over (partition by person.given_name, person.date_of_birth) = 1
        order by nin limit 1
        """
    )
    names = [column[0] for column in found.description or ()]
    (row,) = found.fetchall()
    return dict(zip(names, row, strict=True))


def _row(person: dict[str, Any], **other: str) -> list[str]:
    values = {
        "fnr": person["nin"],
        "fornavn": person["given_name"],
        "mellomnavn": person["middle_name"],
        "etternavn": person["sn"],
        "født": person["date_of_birth"].strftime("%d.%m.%Y"),
        "adresse": person["postal_address"],
        "postnr": person["postal_code"],
        **other,
    }
    return [values[header] or "" for header in HEADERS]


def test_a_number_finds_its_person_and_what_contradicts_it_is_told(
    washing: Washing, database: duckdb.DuckDBPyConnection
) -> None:
    person = _some(database)
    unknown = "".join(str(9 - int(digit)) for digit in person["nin"])
    exact, spelt, married, another, born, unknown_row = washing.rows(
        _row(person),
        _row(person, fornavn=person["given_name"].upper() + " Anne"),
        _row(person, etternavn="Xyz"),
        _row(person, fornavn="Qwerty"),
        _row(person, født="01.01.1903"),
        [unknown, *[""] * 6],
    )
    assert (exact["preg_status"], exact["preg_nin"], exact["preg_sn"]) == ("exact_number", person["nin"], person["sn"])
    assert spelt["preg_status"] == "exact_number"
    assert (married["preg_status"], married["preg_contradicts"]) == ("exact_number", "family_name")
    assert (another["preg_status"], another["preg_contradicts"]) == ("number_contradicted", "given_name")
    assert (born["preg_status"], born["preg_contradicts"]) == ("number_contradicted", "birth_date")
    assert unknown_row["preg_status"] == "none"
    assert washing.told == [person["nin"]]
    assert washing.asked == []
    # Who is asked for and is nobody is in the log as well: so a guess of many numbers leaves what it guessed.
    (nobody,) = washing.rows([synthetic_number("1901-01-01", 990), *[""] * 6])
    assert nobody["preg_status"] == "none"
    assert (washing.told, washing.asked) == ([], [synthetic_number("1901-01-01", 990)])


def test_former_numbers_and_a_lost_zero_are_restored(washing: Washing, database: duckdb.DuckDBPyConnection) -> None:
    ((old, new),) = database.execute(
        "select number, nin from person_number where number <> nin order by number limit 1"
    ).fetchall()
    person = _some(database, "nin like '0%'")
    replaced, restored, typed = washing.rows(
        [old, *[""] * 6], _row(person, fnr=person["nin"][1:]), [f"{person['nin'][:6]} {person['nin'][6:]}", *[""] * 6]
    )
    assert (replaced["preg_status"], replaced["preg_nin"], replaced["fnr"]) == ("replaced_number", new, old)
    assert (restored["preg_number_check"], restored["preg_nin"]) == ("leading_zero_restored", person["nin"])
    assert restored["fnr"] == person["nin"][1:]
    assert typed["preg_status"] == "exact_number"


@pytest.mark.parametrize("form", ["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%d%m%Y", "%Y%m%d", "%d%m%y", "%d.%m.%y"])
def test_a_name_and_a_day_in_any_form_find_one_person(
    washing: Washing, database: duckdb.DuckDBPyConnection, form: str
) -> None:
    person = _some(database, "middle_name is null and date_of_birth > '1950-01-01'")
    slip = person["sn"][:-1] + "xx"
    found, probable, wrong_number = washing.rows(
        _row(person, fnr="", født=person["date_of_birth"].strftime(form)),
        _row(person, fnr="", etternavn=slip),
        _row(person, fnr=person["nin"][:-1] + str((int(person["nin"][-1]) + 1) % 10)),
    )
    assert (found["preg_status"], found["preg_nin"]) == ("name_birth_date", person["nin"])
    assert (probable["preg_status"], probable["preg_nin"]) == ("probable", person["nin"])
    assert float(probable["preg_score"]) >= 0.99
    assert (wrong_number["preg_number_check"], wrong_number["preg_nin"]) == ("invalid", person["nin"])


def test_persons_who_cannot_be_told_apart_are_ambiguous_and_nobody_is_given(
    washing: Washing, database: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    person = _some(database, "middle_name is null")
    twin = tmp_path / "release"
    twin.mkdir()
    (twin / "preg.duckdb").write_bytes(washing.release.database.read_bytes())
    with duckdb.connect(str(twin / "preg.duckdb")) as connection:
        for table, change in (("preg_person", "'99' as nin"), ("preg_address", "'99' as nin")):
            connection.execute(
                f"insert into {table} select * replace ({change}) from {table} where nin = ?", [person["nin"]]
            )
    washing.release = dataclasses.replace(washing.release, folder=twin)
    (row,) = washing.rows(_row(person, fnr=""))
    assert row["preg_status"] == "ambiguous"
    assert [name for name in FIELDS if row[name]] == []
    assert washing.told == []


def test_a_linked_help_number_gives_the_official_one(served: Served, work: Path, tmp_path: Path) -> None:

    data = tmp_path / "data"
    data.mkdir()
    (data / "releases").symlink_to((served.settings.data_dir / "releases").resolve())
    settings = Settings(data_dir=data)
    washing = Washing(settings, work)
    with washing.release.open() as connection:
        ((nin,),) = connection.execute("select nin from preg_person order by nin limit 1").fetchall()
    settings.help_numbers_file.parent.mkdir()
    other = next(f"8900000{place:04}" for place in range(300, 999) if has_check_digits(f"8900000{place:04}"))
    with sqlite3.connect(settings.help_numbers_file) as register:
        register.execute("create table help_person (number, state, linked_to)")
        register.execute("insert into help_person values (?, 'linked', ?)", [_HELP_NUMBER, nin])
        register.execute("insert into help_person values (?, 'active', '')", [other])
    linked, active = washing.rows([_HELP_NUMBER, *[""] * 6], [other, *[""] * 6])
    assert (linked["preg_status"], linked["preg_nin"]) == ("help_number_linked", nin)
    assert (active["preg_status"], active["preg_nin"]) == ("help_number", "")
    linked, active = washing.rows([_HELP_NUMBER, *[""] * 6], [other, *[""] * 6], profile="statistikk")
    assert (linked["preg_status"], active["preg_status"]) == ("none", "help_number")


def test_rows_and_columns_stay_as_they_were(washing: Washing, database: duckdb.DuckDBPyConnection) -> None:
    file = washing.work / "register.csv"
    person = _some(database)
    file.write_text(
        f"Kommentar;fnr;preg_status\n=cmd|'/c calc'!A0;{person['nin']};mine\n+47 1;;x\n"
        f'"a;b";{person["nin"]};\n1;2;3;4\n',
        encoding="utf-8",
    )
    rows, report = washing(file)
    assert [row["Kommentar"] for row in rows] == ["=cmd|'/c calc'!A0", "+47 1", "a;b", "1"]
    assert [row["given preg_status"] for row in rows] == ["mine", "x", "", "3 4"]
    assert [row["preg_status"] for row in rows] == ["exact_number", "none", "exact_number", "unreadable"]
    assert list(rows[0]) == ["Kommentar", "fnr", "given preg_status", *OURS]
    assert (report.rows, report.several_rows, report.unreadable) == (4, 1, ["row 4 has 4 fields, the headers are 3"])


def test_nobody_receives_more_by_a_wash_than_by_the_release_of_the_profile(
    washing: Washing, database: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """Every person, every profile: each field is what the release of the profile has, protected persons among them."""
    file = tmp_path / "everybody.csv"
    database.execute(f"copy (select nin as fnr from preg_person order by nin) to '{file}' (format csv, header)")
    for profile in read_access_profiles(washing.settings):
        rows, _ = washing(file, profile.name, form="parquet")
        written = write_profile_release(Settings(data_dir=tmp_path), washing.release, profile)
        with duckdb.connect(str(written.folder / "preg.duckdb"), read_only=True) as connection:
            for table, where in (("preg_person", "true"), ("preg_address", "current_address")):
                names = [name for name in FIELDS if name.removeprefix("preg_") in _columns(connection, table)]
                texts = ", ".join(f"cast({name.removeprefix('preg_')} as varchar)" for name in names)
                found = connection.execute(f"select nin, {texts} from {table} where {where}").fetchall()
                there = {row[0]: row[1:] for row in found}
                blank = (None,) * len(names)
                for row in rows:
                    shown = tuple(row[name] for name in names if table == "preg_person" or name != "preg_nin")
                    expected = there.get(row["fnr"], blank)
                    if table == "preg_address":
                        expected = tuple(each for each, name in zip(expected, names, strict=True) if name != "preg_nin")
                    assert shown == expected, (profile.name, table)


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> set[str]:
    return {name for name, *_ in connection.execute(f"describe {table}").fetchall()}


def test_nothing_is_matched_on_that_the_profile_does_not_receive(
    washing: Washing, database: duckdb.DuckDBPyConnection
) -> None:
    person = _some(database)
    ((old,),) = database.execute(
        "select number from person_number where number <> nin order by number limit 1"
    ).fetchall()
    by_name, by_old, contradicted = washing.rows(
        _row(person, fnr=""), [old, *[""] * 6], _row(person, fornavn="Qwerty"), profile="statistikk"
    )
    assert (by_name["preg_status"], by_old["preg_status"]) == ("none", "none")
    assert (contradicted["preg_status"], contradicted["preg_contradicts"]) == ("exact_number", "")


def test_a_second_wash_tells_what_has_changed(washing: Washing, database: duckdb.DuckDBPyConnection) -> None:
    person = _some(database, "postal_address is not null")
    first = washing.work / "first.csv"
    with first.open("w", encoding="utf-8", newline="") as stream:
        rows = washing.rows(_row(person), [""] * 2 + ["x"] + [""] * 4)
        assert rows[0]["preg_change"] == ""
        rows.append(rows[0] | {"preg_sn": "Before", "preg_postal_address": ""})
        rows.append(rows[0] | {"preg_nin": ""})
        writer = csv.DictWriter(stream, list(rows[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    again, report = washing(first)
    assert [(row["preg_change"], row["preg_changed_fields"]) for row in again] == [
        ("same", ""),
        ("", ""),
        ("changed", "sn, postal_address"),
        ("new", ""),
    ]
    assert (report.changed_fields, report.compared_with) == (
        {"postal_address": 1, "sn": 1},
        [washing.release.release_id],
    )
    plain = washing.work / "plain.csv"
    plain.write_text(f"fnr\n{person['nin']}\n", encoding="utf-8")
    (row,), _ = washing(plain, previous=first)
    assert row["preg_change"] == "same"


def test_the_same_file_gives_the_same_result(washing: Washing, database: duckdb.DuckDBPyConnection) -> None:
    file = washing.work / "everybody.csv"
    database.execute(
        f"copy (select given_name as fornavn, sn as etternavn, date_of_birth as født from preg_person order by nin)"
        f" to '{file}' (format csv, header, delimiter ';')"
    )
    for form in ("csv", "xlsx", "parquet"):
        contents = set()
        for _ in range(2):
            register = Register(washing.settings, washing.release, find_access_profile(washing.settings, "kommune"))
            written, _ = wash(register, WashSettings(), Asked(file, form=form), washing.work, lambda _: None)
            contents.add(written.read_bytes())
        assert len(contents) == 1, form


def test_rows_without_a_number_are_found_as_surely_as_is_said(served: Served, tmp_path: Path) -> None:
    """The rates are in `benchmarks/filematch_rows.py`; of more persons: python -m benchmarks.filematch quality."""
    release = current_release(served.settings)
    assert release is not None
    found = quality(release, tmp_path, 20_000, 0, "helseforetak")
    assert float(str(found["precision"])) >= 0.999
    assert float(str(found["recall"])) >= 0.95


def test_the_command_washes_and_the_log_has_whom_it_has_shown(
    served: Served, database: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "releases").symlink_to((served.settings.data_dir / "releases").resolve())
    person = _some(database)
    source, out = tmp_path / "in.csv", tmp_path / "out.xlsx"
    source.write_text(f"pid nr;x\n{person['nin']};1\n", encoding="utf-8")
    told = preg("wash", source, out, "--data", data)
    assert told.returncode == 1
    assert "neither a number nor a name" in told.stderr
    given = ("wash", source, out, "--data", data, "--report", tmp_path / "report.json", "--column", "number=pid nr")
    told = preg(*given)
    assert told.returncode == 0, told.stderr
    assert person["nin"] not in told.stdout
    assert "1  exact_number" in told.stdout
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["statuses"]["exact_number"] == 1
    assert out.stat().st_mode & 0o077 == 0
    assert list(tmp_path.glob(".preg-wash-*")) == []
    (entry,) = entries_about(Settings(data_dir=data), [person["nin"]])
    assert (entry.operation, entry.interface) == ("wash", "command")
    assert "among the register's own files" in preg("wash", source, data / "out.csv", "--data", data).stderr
    assert "no form that is known" in preg("wash", source, tmp_path / "out.doc", "--data", data).stderr


def test_a_text_that_a_sheet_cannot_hold_is_refused_not_cut(washing: Washing, tmp_path: Path) -> None:
    file = tmp_path / "long.csv"
    file.write_text("fnr;kommentar\n1;" + "x" * 40_000 + "\n", encoding="utf-8")
    with pytest.raises(PregError, match="32,767 letters"):
        washing(file, form="xlsx")
