"""A change delivery touches only the persons in it, and what comes of it is what a build of everything would have made.

One hand-written week: a household, a protection that comes and goes, a merge and its split, a new number, a late event.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from foundation.settings import Settings
from tests.support.building import load_build_and_publish
from tests.support.deliveries import as_lines, deliver, deliver_documents
from tests.support.persons import (
    GRUNNKRETS_BYDEL,
    STORGATA_1,
    entry,
    freg_line,
    freg_person,
    matrikkel_csv,
    number,
    number_entry,
    persontjenesten_person,
    residence,
)
from tests.support.running import forked_preg_run, preg

HUNTED = number("1980-05-17", 100)
HOUSEMATE = number("1981-06-18", 100)
SETTLER_D = number("1990-01-05", 100, d_number=True)
SETTLER = number("1990-01-05", 200)
TWICE = number("1970-02-03", 100)
TWICE_AGAIN = number("1970-02-03", 300)
NEIGHBOUR = number("1965-07-08", 100)
PRESENT = (HUNTED, HOUSEMATE, SETTLER, TWICE, TWICE_AGAIN, NEIGHBOUR)

HOME = {"street": "Storgata", "house": "1"}
SECRET = "Fluktveien"


def _at(day: int) -> str:
    return f"2026-01-{day:02d}T12:00:00.000+01:00"


def _line(sequence: int, day: int, event: str | None, person: dict[str, Any]) -> dict[str, Any]:
    return freg_line(sequence, person, event, ajourholdstidspunkt=_at(day))


def _protected(grade: str = "fortrolig", *, current: bool = True) -> list[dict[str, Any]]:
    # Protection is over when its end is stated, and not before.
    end = {} if current else {"opphoerstidspunkt": "2026-01-05T00:00:00.000+01:00"}
    return [entry("2026-01-03", current=current, graderingsnivaa=grade, **end)]


_FIRST = [
    _line(1, 1, None, freg_person(HUNTED, bostedsadresse=[residence(**HOME)])),
    _line(2, 1, None, freg_person(HOUSEMATE, bostedsadresse=[residence(**HOME)])),
    _line(3, 1, None, freg_person(SETTLER_D, identifikasjonsnummer=[number_entry(SETTLER_D, d_number=True)])),
    _line(4, 1, None, freg_person(TWICE, navn=[entry("2000-01-01", fornavn="Eli", etternavn="Moe")])),
    _line(5, 1, None, freg_person(TWICE_AGAIN, navn=[entry("2000-01-01", fornavn="Elin", etternavn="Moe")])),
    _line(6, 1, None, freg_person(NEIGHBOUR, bostedsadresse=[residence(house="2", adresse_id=None)])),
]

# What each day brings, in the order in which it is delivered.
_DAYS = [
    # Address protection, at the dwelling that the housemate shares.
    [
        _line(
            12,
            3,
            "endringIAdressebeskyttelse",
            freg_person(HUNTED, adressebeskyttelse=_protected(), bostedsadresse=[residence(**HOME)]),
        )
    ],
    # Flight to a secret place; two records of one person become one; the D-number becomes a foedselsnummer.
    [
        _line(
            13,
            4,
            "endringIBostedsadresse",
            freg_person(
                HUNTED,
                adressebeskyttelse=_protected(),
                bostedsadresse=[
                    residence(SECRET, "7", adresse_id=None, moved="2026-01-04"),
                    residence(**HOME, current=False),
                ],
            ),
        ),
        _line(
            14,
            4,
            "personErViderefoertSomGjeldendeVedSammenslaaing",
            freg_person(
                TWICE,
                identifikasjonsnummer=[number_entry(TWICE), number_entry(TWICE_AGAIN, in_use=False)],
                navn=[entry("2000-01-01", fornavn="Eli", etternavn="Moe")],
            ),
        ),
        _line(
            15,
            4,
            "personErOpphoertSomDublett",
            freg_person(
                TWICE_AGAIN,
                identifikasjonsnummer=[number_entry(TWICE_AGAIN, in_use=False)],
                status=[entry("2026-01-04", status="opphoert")],
            ),
        ),
        _line(
            16,
            4,
            "personErBosatt",
            freg_person(
                SETTLER,
                identifikasjonsnummer=[number_entry(SETTLER), number_entry(SETTLER_D, in_use=False, d_number=True)],
                navn=[entry("1990-01-01", fornavn="Ana", etternavn="Lund")],
            ),
        ),
    ],
    # The merge was wrong. Ana marries; an older event of hers comes late and changes nothing any more.
    [
        _line(
            17,
            5,
            "personErEndretVedSplitting",
            freg_person(TWICE, navn=[entry("2000-01-01", fornavn="Eli", etternavn="Moe")]),
        ),
        _line(
            18,
            5,
            "personErGjenopprettetVedSplitting",
            freg_person(TWICE_AGAIN, navn=[entry("2000-01-01", fornavn="Elin", etternavn="Moe")]),
        ),
        _line(
            20,
            6,
            "endringISivilstand",
            freg_person(
                SETTLER,
                identifikasjonsnummer=[number_entry(SETTLER), number_entry(SETTLER_D, in_use=False, d_number=True)],
                navn=[entry("1990-01-01", fornavn="Ana", etternavn="Lund")],
                sivilstand=[entry("2026-01-05", sivilstand="gift")],
            ),
        ),
    ],
    [
        _line(
            19,
            5,
            "endringINavn",
            freg_person(
                SETTLER,
                identifikasjonsnummer=[number_entry(SETTLER), number_entry(SETTLER_D, in_use=False, d_number=True)],
                navn=[entry("1990-01-01", fornavn="Anna", etternavn="Lund")],
            ),
        ),
        # The danger is over: the protection is lifted, at a third address.
        _line(
            21,
            7,
            "endringIAdressebeskyttelse",
            freg_person(
                HUNTED,
                adressebeskyttelse=_protected(current=False),
                bostedsadresse=[
                    residence("Torget", "3", adresse_id=None, moved="2026-01-07"),
                    residence(SECRET, "7", adresse_id=None, moved="2026-01-04", current=False),
                ],
            ),
        ),
    ],
    # And one more event, so that the state in which Torget became known is past.
    [
        _line(
            22,
            8,
            "endringINavn",
            freg_person(
                HUNTED,
                navn=[entry("2026-01-08", fornavn="Kari", etternavn="Fri")],
                adressebeskyttelse=_protected(current=False),
                bostedsadresse=[residence("Torget", "3", adresse_id=None, moved="2026-01-07")],
            ),
        )
    ],
]


def _successor(person_id: str, nin: str, sequence: int, given_name: str) -> dict[str, Any]:
    person = persontjenesten_person(person_id, nin)
    name = {**person["name"][0], "givenName": given_name}
    return {**person, "sequenceNumber": sequence, "name": [name]}


def _legacy(nin: str, family_name: str, street: str, postal_type: int = 0) -> dict[str, Any]:
    address = {"NIN": nin, "CurrentAddress": True, "PostalType": postal_type, "St": "0301", "StreetName": street}
    # A day as programs write it: its midnight.
    born = {"DateOfBirth": "1980-05-17T00:00:00", "Citizenship": "NO", "CitizenshipCode": "0"}
    return {"NIN": nin, "GivenName": "Kari", "Sn": family_name, "RegStatus": 1, **born, "Addresses": [address]}


# The same people on the other sides, with differences of their own.
_PERSONTJENESTEN_FIRST = [
    _successor("hunted", HUNTED, 1, "Kari"),
    _successor("neighbour", NEIGHBOUR, 2, "Karin"),
    _successor("twice", TWICE, 3, "Eli"),
    _successor("again", TWICE_AGAIN, 4, "Elin"),
    _successor("settler", SETTLER_D, 5, "Ana"),
]
_LEGACY_FIRST = [
    _legacy(HUNTED, "Nordmann", "Storgata"),
    _legacy(NEIGHBOUR, "Nordmand", "Storgata"),
    _legacy(TWICE, "Moe", "Torget"),
    _legacy(SETTLER_D, "Lund", "Torget"),
]


def _deliver_first(landing: Path) -> None:
    deliver(
        landing,
        "freg",
        "20260101T230000Z-full",
        {"persons-0001.ndjson": as_lines(_FIRST)},
        created_at="2026-01-01T23:00:00Z",
        sequence_from=1,
        sequence_to=6,
    )
    deliver(
        landing,
        "matrikkel",
        "20260101T220000Z-full",
        {"matrikkelenAdresse.csv": matrikkel_csv(STORGATA_1), "grunnkrets_bydel.csv": GRUNNKRETS_BYDEL},
        rows={"matrikkelenAdresse.csv": 1, "grunnkrets_bydel.csv": 1},
        sequence_from=None,
        sequence_to=None,
    )
    _deliver_persontjenesten(landing, "20260102T000000Z-full", "full", _PERSONTJENESTEN_FIRST)
    _deliver_legacy(landing, "20260102T010000Z-full", "full", _LEGACY_FIRST)


def _deliver_persontjenesten(landing: Path, delivery_id: str, kind: str, persons: list[dict[str, Any]]) -> None:
    deliver_documents(
        landing,
        "persontjenesten",
        delivery_id,
        persons,
        kind=kind,
        created_at=f"{delivery_id[:4]}-{delivery_id[4:6]}-{delivery_id[6:8]}T{delivery_id[9:11]}:00:00Z",
        sequence_from=min(person["sequenceNumber"] for person in persons),
        sequence_to=max(person["sequenceNumber"] for person in persons),
    )


def _deliver_legacy(landing: Path, delivery_id: str, kind: str, persons: list[dict[str, Any]]) -> None:
    deliver_documents(
        landing,
        "preg",
        delivery_id,
        persons,
        kind=kind,
        created_at=f"{delivery_id[:4]}-{delivery_id[4:6]}-{delivery_id[6:8]}T{delivery_id[9:11]}:00:00Z",
        sequence_from=None,
        sequence_to=None,
    )


def _deliver_day(landing: Path, index: int) -> None:
    lines = _DAYS[index]
    if index == 1:
        # Persontjenesten has moved on: Eli's name, and the settler under the new number.
        _deliver_persontjenesten(
            landing,
            "20260111T040000Z-change",
            "change",
            [
                _successor("twice", TWICE, 11, "Elise"),
                _successor("settler", SETTLER, 12, "Ana"),
            ],
        )
    if index == 2:
        # The running PREG knows where the hunted person is; nobody else shall.
        _deliver_legacy(
            landing,
            "20260112T040000Z-change",
            "change",
            [_legacy(HUNTED, "Nordmann", SECRET, postal_type=7), _legacy(TWICE_AGAIN, "Moe", "Torget")],
        )
    deliver(
        landing,
        "freg",
        f"2026011{index}T030000Z-change",
        {"persons-0001.ndjson": as_lines(lines)},
        kind="change",
        created_at=f"2026-01-1{index}T03:00:00Z",
        sequence_from=min(line["sekvensnummer"] for line in lines),
        sequence_to=max(line["sekvensnummer"] for line in lines),
    )


def _manifest(data: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((data / "releases" / "current" / "manifest.json").read_text())
    return content


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The data directory as each delivery left it: a release after each."""
    root = tmp_path_factory.mktemp("week")
    landing, data = root / "landing", root / "data"
    copies = []
    for index in range(-1, len(_DAYS)):
        if index < 0:
            _deliver_first(landing)
        else:
            _deliver_day(landing, index)
        plan = load_build_and_publish(Settings(landing_dir=landing, data_dir=data))
        assert plan.whole == (index < 0), plan.reason
        copies.append(shutil.copytree(data, root / f"after-{index + 1}", symlinks=True))
    return copies


@pytest.fixture
def release(week: list[Path]) -> Iterator[duckdb.DuckDBPyConnection]:
    """The last release."""
    with duckdb.connect(str(week[-1] / "releases" / "current" / "preg.duckdb"), read_only=True) as connection:
        connection.execute("set TimeZone = 'Europe/Oslo'")
        yield connection


def _affected(data: Path) -> set[str]:
    with duckdb.connect(str(data / "warehouse.duckdb"), read_only=True) as connection:
        return {number for (number,) in connection.execute("select distinct number from build.affected").fetchall()}


def _addresses(data: Path, nin: str) -> list[Any]:
    with duckdb.connect(str(data / "releases" / "current" / "preg.duckdb"), read_only=True) as connection:
        return connection.execute(
            "select street_name, enrichment_method from preg_address where nin = ? and current_address", [nin]
        ).fetchall()


def _log(release: duckdb.DuckDBPyConnection, nin: str, fields: tuple[str, ...]) -> list[Any]:
    return release.execute(
        "select sequence_number, event, field, from_value, to_value from preg_change_log"
        f" where nin = ? and field in {fields} order by sequence_number, field",
        [nin],
    ).fetchall()


@pytest.mark.xdist_group("week")
def test_a_build_of_everything_makes_the_same_release(week: list[Path], tmp_path: Path) -> None:
    by_steps = _manifest(week[-1])
    whole = forked_preg_run(week[-1].parent / "landing", tmp_path / "data")
    assert whole.returncode == 0, whole.stdout + whole.stderr
    assert _manifest(tmp_path / "data")["tables"] == by_steps["tables"]


@pytest.mark.xdist_group("week")
def test_the_builds_are_one_series_and_touch_only_whom_they_must(week: list[Path]) -> None:
    assert len({_manifest(data)["lineage"]["name"] for data in week}) == 1
    # The first day touches the protected person and, for the dwelling, the housemate.
    assert _affected(week[1]) == {HUNTED, HOUSEMATE}
    assert NEIGHBOUR not in _affected(week[-1])


@pytest.mark.xdist_group("week")
def test_a_protection_hides_the_household_and_its_end_shows_it(week: list[Path]) -> None:
    assert _addresses(week[0], HOUSEMATE) == [("Storgata", "adresse_id")]
    assert _addresses(week[1], HOUSEMATE) == [(None, "hidden")]
    assert _addresses(week[2], HOUSEMATE) == [("Storgata", "adresse_id")]
    assert _addresses(week[-1], HUNTED) == [("Torget", "none")]


@pytest.mark.xdist_group("week")
def test_no_protected_address_is_in_any_file(week: list[Path]) -> None:
    """Not while it was protected, nor as a former address after the protection had ended."""
    for data in week:
        for file in (data / "releases" / "current" / "parquet").glob("*.parquet"):
            rows = duckdb.sql(f"select to_json(row) from '{file}' as row").fetchall()
            assert not [row for row in rows if SECRET in row[0]], file


@pytest.mark.xdist_group("week")
def test_the_comparison_follows_every_side_day_by_day(week: list[Path]) -> None:
    def found(data: Path, nin: str, field: str) -> list[Any]:
        with duckdb.connect(str(data / "releases" / "current" / "preg.duckdb"), read_only=True) as connection:
            return connection.execute(
                "select pair, left_value, right_value, difference_kind from field_comparison_differences"
                " where nin = ? and field = ? order by pair",
                [nin, field],
            ).fetchall()

    # The settler is one person, under either number.
    assert found(week[0], SETTLER_D, "nin") == []
    assert ("preg_legacy", SETTLER, SETTLER_D, "timing") in found(week[2], SETTLER, "nin")
    # While the two records are one person, the second one is a difference of identity.
    assert ("preg_persontjenesten", TWICE, TWICE_AGAIN, "identity") in found(week[2], TWICE, "nin")
    assert found(week[-1], TWICE, "nin") == []
    # What the running PREG shows of a protected address is shown to nobody.
    hidden = [row for row in found(week[3], HUNTED, "street_name") if row[0] != "preg_persontjenesten"]
    assert {(left, right, kind) for _, left, right, kind in hidden} <= {(None, None, "protection")}
    assert ("preg_legacy", "Nordmann", "Nordmand", "unexplained") in found(week[-1], NEIGHBOUR, "sn")
    # The same day and the same country, written otherwise, are none.
    for field in ("date_of_birth", "citizenship", "citizenship_code"):
        assert found(week[-1], NEIGHBOUR, field) == []


@pytest.mark.xdist_group("week")
def test_the_trend_has_a_point_a_release_and_tells_what_came_and_went(week: list[Path]) -> None:
    with duckdb.connect(str(week[-1] / "releases" / "current" / "preg.duckdb"), read_only=True) as connection:
        points = connection.execute(
            "select release_id, count(*) from field_comparison_trend where pair = 'preg_legacy'"
            " group by 1 order by min(published_at) nulls last"
        ).fetchall()
        assert [rows for _, rows in points] == [54] * len(week)
        assert points[-1][0] is None
        assert points[0][0] == _manifest(week[0])["release_id"]
    with duckdb.connect(str(week[2] / "releases" / "current" / "preg.duckdb"), read_only=True) as connection:
        new = connection.execute(
            "select change, difference_kind, kind_before from field_comparison_change"
            " where pair = 'preg_persontjenesten' and nin = ? and field = 'nin'",
            [TWICE],
        ).fetchall()
        assert ("new", "identity", None) in new


@pytest.mark.xdist_group("week")
def test_the_change_log_says_what_changed_by_which_event(release: duckdb.DuckDBPyConnection) -> None:
    assert _log(release, SETTLER, ("nin", "given_name", "marital_status")) == [
        (16, "personErBosatt", "given_name", "Kari", "Ana"),
        (16, "personErBosatt", "nin", SETTLER_D, SETTLER),
        (19, "endringINavn", "given_name", "Ana", "Anna"),
        (20, "endringISivilstand", "given_name", "Anna", "Ana"),
        (20, "endringISivilstand", "marital_status", "1", "2"),
    ]


@pytest.mark.xdist_group("week")
def test_the_change_log_does_not_tell_where_somebody_was_protected(release: duckdb.DuckDBPyConnection) -> None:
    log = _log(release, HUNTED, ("street_name", "postal_address", "postal_type", "sn"))
    assert [row for row in log if row[2] in ("postal_type", "sn")] == [
        (12, "endringIAdressebeskyttelse", "postal_type", "0", "7"),
        (21, "endringIAdressebeskyttelse", "postal_type", "7", "0"),
        (22, "endringINavn", "sn", "Nordmann", "Fri"),
    ]
    # Storgata, where the person was when the protection came, is never shown; Torget came after it.
    assert [row[3:] for row in log if row[2] == "street_name"] == [(None, "Torget")]


@pytest.mark.xdist_group("week")
def test_a_merge_and_its_split_are_in_the_log(release: duckdb.DuckDBPyConnection) -> None:
    assert _log(release, TWICE_AGAIN, ("nin", "given_name")) == [
        (14, "personErViderefoertSomGjeldendeVedSammenslaaing", "nin", TWICE_AGAIN, TWICE),
        (18, "personErGjenopprettetVedSplitting", "nin", TWICE, TWICE_AGAIN),
    ]
    shown = {
        day: {
            nin
            for (nin,) in release.execute(
                "select nin from preg_person_as_of(?) where nin in (?, ?)", [dt.date(2026, 1, day), TWICE, TWICE_AGAIN]
            ).fetchall()
        }
        for day in (3, 4, 5)
    }
    assert shown == {3: {TWICE, TWICE_AGAIN}, 4: {TWICE}, 5: {TWICE, TWICE_AGAIN}}


@pytest.mark.xdist_group("week")
def test_as_of_a_day_is_what_was_published_then(week: list[Path], release: duckdb.DuckDBPyConnection) -> None:
    """The persons of each earlier release, asked of the last one; events that came late are known by now."""
    for data, day in ((week[0], 2), (week[1], 3), (week[2], 4)):
        with duckdb.connect(str(data / "releases" / "current" / "preg.duckdb"), read_only=True) as then:
            published = then.execute("select * from preg_person order by nin").fetchall()
        assert (
            release.execute("select * from preg_person_as_of(?) order by nin", [dt.date(2026, 1, day)]).fetchall()
            == published
        ), day
    today = release.execute("select * from preg_person_as_of(date '2026-02-01') order by nin").fetchall()
    assert today == release.execute("select * from preg_person order by nin").fetchall()
    everything = release.execute("select count(*) from preg_address_as_of(date '2026-02-01')").fetchall()
    assert everything == release.execute("select count(*) from preg_address").fetchall()


@pytest.mark.xdist_group("week")
def test_nothing_is_known_of_the_days_before_the_first_document(release: duckdb.DuckDBPyConnection) -> None:
    assert release.execute("select count(*) from preg_person_as_of(date '2025-12-31')").fetchall() == [(0,)]


@pytest.mark.xdist_group("week")
def test_the_address_history_is_in_order_and_leaves_out_what_is_hidden(release: duckdb.DuckDBPyConnection) -> None:
    def of(nin: str) -> list[Any]:
        return release.execute(
            "select ordinal, street_name, date_adr_from, cast(shown_from as date), cast(shown_to as date)"
            " from preg_address_history where person_nin = ? order by ordinal",
            [nin],
        ).fetchall()

    day = dt.date(2026, 1, 7)
    assert of(HUNTED) == [(1, "Torget", day, day, None)]
    assert of(NEIGHBOUR) == [(1, "Storgata", dt.date(2020, 1, 1), dt.date(2026, 1, 1), None)]


@pytest.mark.xdist_group("week")
def test_the_command_answers_for_a_person_and_for_the_register(week: list[Path]) -> None:
    of_person = preg("as-of", "2026-01-03", "--number", SETTLER, "--data", week[-1])
    assert of_person.returncode == 0, of_person.stderr
    assert SETTLER_D in of_person.stdout
    assert SETTLER not in of_person.stdout
    of_register = preg("as-of", "2026-01-04", "--data", week[-1])
    assert "showed 5 persons" in of_register.stdout
    before = preg("as-of", "2025-01-04", "--number", SETTLER, "--data", week[-1])
    assert before.returncode == 1
    assert "PREG showed nothing of this number at the end of 2025-01-04" in before.stderr


@pytest.mark.slow
@pytest.mark.xdist_group("week")
def test_a_build_that_did_not_end_well_is_followed_by_one_of_everything(week: list[Path], tmp_path: Path) -> None:
    data, landing = tmp_path / "data", tmp_path / "landing"
    shutil.copytree(week[1], data, symlinks=True)
    shutil.copytree(week[-1].parent / "landing", landing)
    for later in landing.glob("*/2026011[2-9]T*"):
        shutil.rmtree(later)
    with duckdb.connect(str(data / "warehouse.duckdb")) as connection:
        connection.execute("update build.progress set is_whole = false")
        connection.execute("delete from intermediate.int_preg__person")
    plan = load_build_and_publish(Settings(landing_dir=landing, data_dir=data))
    assert plan.whole
    assert plan.reason == "the last build did not end well, or made only a part"
    assert _manifest(data)["tables"] == _manifest(week[2])["tables"]


@pytest.mark.slow
def test_thirty_days_one_by_one_are_the_same_as_all_at_once(tmp_path: Path) -> None:
    """With every kind of event that Freg has: merges, splits, deaths, annulments."""
    made = preg("sample", "--persons", "400", "--days", "30", "--seed", "11", "--out", tmp_path / "all")
    assert made.returncode == 0, made.stderr
    deliveries = sorted(tmp_path.glob("all/*/*"), key=lambda folder: folder.name)
    landing = tmp_path / "landing"
    changes = [folder for folder in deliveries if folder.name.endswith("change")]
    assert len(changes) == 30
    for folder in deliveries:
        if folder not in changes:
            shutil.copytree(folder, landing / folder.relative_to(tmp_path / "all"))
    for folder in [None, *changes]:
        if folder:
            shutil.copytree(folder, landing / folder.relative_to(tmp_path / "all"))
        plan = load_build_and_publish(Settings(landing_dir=landing, data_dir=tmp_path / "by_steps"))
        assert plan.whole == (folder is None), plan.reason
    by_steps = _manifest(tmp_path / "by_steps")
    assert by_steps["lineage"]["last_document_number"] > 400
    result = forked_preg_run(landing, tmp_path / "whole")
    assert result.returncode == 0, result.stdout + result.stderr
    assert _manifest(tmp_path / "whole")["tables"] == by_steps["tables"]
    with duckdb.connect(str(tmp_path / "by_steps" / "releases" / "current" / "preg.duckdb"), read_only=True) as release:
        events = {event for (event,) in release.execute("select distinct event from preg_change_log").fetchall()}
    assert {
        "personErDoed",
        "personErOpphoert",
        "personErOpphoertSomDublett",
        "personErViderefoertSomGjeldendeVedSammenslaaing",
        "personErGjenopprettetVedSplitting",
    } <= events
