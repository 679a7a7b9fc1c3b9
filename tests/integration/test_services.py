"""The services over a built release: each profile sees what its release has, in every interface."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import weakref
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from lxml import etree

from foundation.errors import PregError
from foundation.person_hash import load_key, person_hash
from foundation.release import Release
from foundation.settings import Settings
from publication.access.access_profile import find_access_profile, read_access_profiles
from publication.access.profile_release import write_profile_release
from publication.store.release import current_release
from serving.access.access_log import access_log_dir
from serving.interfaces.preg_xml import schema
from serving.services import look_up
from serving.services.look_up import NotForProfile, TooMany
from serving.services.records import fields_of
from serving.services.search import Criteria, NoCriteria, find_all, search
from serving.spelling import closeness
from serving.store.build import build_store, is_whole
from serving.store.read_store import Reader, TakesTooLong, kept_by_release, within
from serving.test_environment import persons_by_situation
from tests.support.serving import Served

pytestmark = pytest.mark.xdist_group("built sample")

PREG = "http://register.nhn.no/PR"
PROFILES = (
    "apotek",
    "fastlege",
    "helseforetak",
    "kommune",
    "persontjenesten_legal_basis",
    "persontjenesten_no_legal_basis",
    "statistikk",
)


@pytest.fixture(scope="module")
def release(served: Served) -> Release:
    found = current_release(served.settings)
    assert found is not None
    return found


def _ask(database: duckdb.DuckDBPyConnection, query: str, *given: Any) -> list[tuple[Any, ...]]:
    return database.execute(query, list(given)).fetchall()


def test_every_profile_has_a_client_in_these_tests(served: Served) -> None:
    assert sorted(PROFILES) == [profile.name for profile in read_access_profiles(served.settings)]


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_sees_what_its_release_has(served: Served, release: Release, profile: str) -> None:
    found = find_access_profile(served.settings, profile)
    folder = write_profile_release(served.settings, release, found).folder
    reader = served.reader(profile)
    with duckdb.connect(str(folder / "preg.duckdb"), read_only=True) as connection:
        for table in ("preg_person", "preg_address", "person_number", "preg_person_earlier", "preg_address_earlier"):
            columns = {row[0]: row[1] for row in connection.execute(f"describe {table}").fetchall()}
            # SQLite has no decimals: a coordinate is a number.
            chosen = ", ".join(
                f"cast({f'cast({name} as double)' if kind.startswith('DECIMAL') else name} as varchar) as {name}"
                for name, kind in columns.items()
            )
            written = connection.execute(f"select {chosen} from {table} order by all").fetchall()
            seen = [tuple(row.values()) for row in reader.rows(f"select * from {table}", {})]
            assert _as_text(written) == _as_text(seen), table


def _as_text(rows: list[tuple[Any, ...]]) -> list[list[str]]:
    """Rows in an order of their own; truth values as SQLite has them."""
    truth = {"true": "1", "false": "0"}
    return sorted([truth.get(str(value), str(value)) for value in row] for row in rows)


@pytest.mark.parametrize("day", ["2018-06-01", "2026-01-02", "2026-01-03"])
def test_a_person_on_a_day_is_as_the_release_shows_the_day(
    served: Served, database: duckdb.DuckDBPyConnection, day: str
) -> None:
    columns = [field.column for entity in ("Person", "Store") for field in fields_of(entity)]
    chosen = ", ".join(f"cast({column} as varchar)" for column in columns)
    shown = {row[0]: row for row in _ask(database, f"select {chosen} from preg_person_as_of(?::date)", day)}
    addresses = dict(_ask(database, "select nin, count(*) from preg_address_as_of(?::date) group by nin", day))
    # The one to whom nothing of a person is blank.
    reader = served.reader("persontjenesten_legal_basis")
    on = dt.date.fromisoformat(day)
    for nin, expected in shown.items():
        found = look_up.find_person(reader, nin, on)
        assert found is not None
        assert tuple(None if found[column] is None else str(found[column]) for column in columns) == expected
        assert len(found["addresses"]) == addresses.get(nin, 0)
    everybody = {nin for (nin,) in _ask(database, "select number from person_number")}
    for number in sorted(everybody - set(shown)):
        found = look_up.find_person(reader, number, on)
        # By another number of the same person, as a retired row, or not at all.
        assert found is None or found["new_nin"] or found["nin"] in shown


def test_a_retired_number_gives_its_own_row(served: Served, database: duckdb.DuckDBPyConnection) -> None:
    ((old, new, day),) = _ask(
        database,
        "select nin, new_nin, cast(date_status as varchar) from preg_person_retired order by nin limit 1",
    )
    found = served.get(f"/preg/person/{old}").json()
    told = {name: value for name, value in found.items() if value not in (None, [])}
    assert told == {"NIN": old, "NewNIN": new, "RegStatus": 6, "DateStatus": day}
    assert served.soap().GetPerson({"NIN": old}).NewNIN == new
    assert served.get(f"/preg/person/{old}", "statistikk").status_code == 404


def test_rest_has_every_field_of_preg_under_its_name(served: Served, database: duckdb.DuckDBPyConnection) -> None:
    ((nin, given, born, x),) = _ask(
        database,
        "select nin, given_name, cast(date_of_birth as varchar), x_coord from preg_person"
        " inner join preg_address using (nin) where current_address and x_coord is not null order by nin limit 1",
    )
    answer = served.get(f"/preg/person/{nin}")
    person = answer.json()
    names = [field.name for entity in ("Person", "Store") for field in fields_of(entity)]
    assert list(person) == [*names, "Addresses"]
    assert (person["GivenName"], person["DateOfBirth"]) == (given, born)
    assert person["Addresses"][0]["CurrentAddress"] is True
    assert person["Addresses"][0]["XCoord"] == float(x)
    assert answer.headers["preg-release"] == served.services.current.release_id()
    assert served.get(f"/preg/person/{nin}/addresses").json() == person["Addresses"]


def test_soap_answers_all_seven_operations(served: Served, database: duckdb.DuckDBPyConnection) -> None:
    service = served.soap()
    ((child, mother, given, sn, born),) = _ask(
        database,
        "select child.nin, child.mothers_nin, child.given_name, child.sn, child.date_of_birth from preg_person as child"
        " inner join preg_person as mother on child.mothers_nin = mother.nin order by child.nin limit 1",
    )
    person = service.GetPerson({"NIN": child})
    assert (person.GivenName, person.Sn, person.DateOfBirth.date(), person.MothersNIN) == (given, sn, born, mother)
    assert [each.NIN for each in service.GetPersons({"string": [child, mother]})] == [child, mother]
    assert child in [each.NIN for each in service.GetChildren(mother)]
    ((addresses,),) = _ask(database, "select count(*) from preg_address where nin = ?", child)
    assert len(service.GetAddresses({"NIN": child}) or []) == addresses
    retired = _ask(database, "select nin, new_nin from preg_person_retired")
    changes = service.GetIdentityChanges(dt.datetime(1900, 1, 1), dt.datetime(2100, 1, 1))
    assert sorted((change.OldNIN, change.NIN) for change in changes) == sorted(retired)
    ((changed,),) = _ask(
        database,
        "select count(distinct nin) from preg_state where is_present and shown_from >= '2026-01-02T00:00:00+01:00'",
    )
    assert len(service.GetChanges(dt.datetime(2026, 1, 2)) or []) == changed
    midnight = dt.datetime.combine(born, dt.time())
    found = service.Search({"FirstName": given, "LastName": sn, "DateOfBirth": midnight, "ResultsPerPage": 0})
    assert child in [each.NIN for each in found.Persons.Person]
    assert (found.Status.Code, found.Status.CurrentPage, found.Status.ResultsPerPage) == (0, 1, 20)
    # zeep makes a nil person one of whom nothing is told.
    assert service.GetPerson({"NIN": "08889499150"}).NIN is None


def _person_xml(operation: str, content: str) -> str:
    return f'<{operation} xmlns="{PREG}">{content}</{operation}>'


def test_every_person_is_xml_as_the_schema_has_it(served: Served, database: duckdb.DuckDBPyConnection) -> None:
    numbers = [nin for (nin,) in _ask(database, "select number from person_number order by number")]
    data = 'xmlns:d="http://schemas.microsoft.com/2003/10/Serialization/Arrays"'
    for begin in range(0, len(numbers), 100):
        asked = "".join(f"<d:string>{nin}</d:string>" for nin in numbers[begin : begin + 100])
        answer = served.post(
            "/personregister-xml/", _person_xml("GetPersons", f"<listOfNIN {data}>{asked}</listOfNIN>")
        )
        assert answer.status_code == 200
        element = etree.fromstring(answer.content)
        schema().assertValid(element)
        assert len(element[0]) == len(numbers[begin : begin + 100])


@pytest.mark.parametrize("profile", PROFILES)
def test_nothing_withheld_is_in_any_interface(
    served: Served, database: duckdb.DuckDBPyConnection, profile: str
) -> None:
    """The values of withheld fields of everybody whose address is protected, and of some others."""
    found = find_access_profile(served.settings, profile)
    numbers = [
        nin
        for (nin,) in _ask(
            database,
            "select distinct nin from preg_address where postal_type in (6, 7) union all"
            " (select nin from preg_person order by nin limit 20)",
        )
    ]
    blank = {
        "Person": found.blank_columns("preg_person"),
        "Store": found.blank_columns("preg_person"),
        "Address": found.blank_columns("preg_address"),
    }
    for nin in numbers:
        rest = served.get(f"/preg/person/{nin}", profile).json()
        soap = served.soap(profile).GetPerson({"NIN": nin})
        for entity in ("Person", "Store"):
            for field in fields_of(entity):
                if field.column in blank[entity]:
                    assert rest[field.name] is None
                    assert getattr(soap, field.name, None) is None
        for address, other in zip(rest["Addresses"], soap.Addresses.Address if soap.Addresses else [], strict=True):
            for field in fields_of("Address"):
                if field.column in blank["Address"] or address["PostalType"] in (4, 6, 7):
                    harmless = field.name in ("NIN", "CurrentAddress", "PostalType", "DatePostalType")
                    assert harmless or address[field.name] is None
                    assert harmless or getattr(other, field.name, None) is None
            if found.file.protected == "none":
                assert address["PostalType"] not in (4, 6, 7)
        compared = served.get(f"/compare/{nin}", profile)
        told = {(each["Entity"], each["Field"]) for each in compared.json().get("Fields", [])}
        assert not told & {
            (entity, field.name) for entity in blank for field in fields_of(entity) if field.column in blank[entity]
        }


def test_what_a_profile_does_not_receive_cannot_be_asked_for(
    served: Served, database: duckdb.DuckDBPyConnection
) -> None:
    ((nin,),) = _ask(database, "select min(nin) from preg_person")
    assert served.get(f"/preg/person/{nin}/children", "apotek").status_code == 403
    assert served.get(f"/preg/person/{nin}?date=2020-01-01", "apotek").status_code == 403
    assert served.get("/preg/changes?from=2026-01-01T00:00:00", "apotek").status_code == 403
    assert served.get("/preg/identity-changes?from=2026-01-01", "statistikk").status_code == 403
    for criteria in (
        Criteria(name="kari"),
        Criteria(given_name="kari"),
        Criteria(street="storgata", postal_code="0001"),
    ):
        with pytest.raises(NotForProfile):
            find_all(served.reader("statistikk"), criteria)
    with pytest.raises(NotForProfile):
        find_all(served.reader("apotek"), Criteria(postal_code="0001", grunnkrets="03010101"))


def test_whom_the_profile_does_not_see_keeps_no_slip_of_the_pen_from_being_looked_for(
    served: Served, database: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    nin, sn, st = _ask(
        database,
        "select person.nin, person.sn, address.st from preg_person as person inner join preg_address as address"
        " using (nin) where address.current_address and address.address_type = 'bostedsadresse' and address.st is not"
        " null and length(person.sn) > 6 and person.sn not like '% %' and person.sn not like '%-%'"
        " order by nin limit 1",
    )[0]
    reader = served.reader("apotek")
    slip = Criteria(family_name=sn[:2] + sn[3] + sn[2] + sn[4:], kommune=st)
    found = find_all(reader, slip)
    assert nin in found
    # Somebody fits by an address of a kind that the profile does not receive: the answer is the same.
    query = "select number from release.search_person where nin not in (select nin from preg_address where st = :st)"
    unseen = [row["number"] for row in reader.rows(query, {"st": st})]
    monkeypatch.setattr("serving.services.search._candidates", lambda *_: dict.fromkeys(unseen[:5], 0))
    assert find_all(reader, slip) == found


def test_nobody_is_found_by_an_address_that_the_profile_does_not_receive(
    served: Served, database: duckdb.DuckDBPyConnection
) -> None:
    others = _ask(
        database,
        "select nin, postal_code from preg_address where current_address and address_type <> 'bostedsadresse'"
        " and postal_code is not null and (nin, postal_code) not in"
        " (select (nin, postal_code) from preg_address where current_address and address_type = 'bostedsadresse'"
        " and postal_code is not null) order by nin",
    )
    assert others
    for nin, postal_code in others:
        assert nin in find_all(served.reader("helseforetak"), Criteria(postal_code=postal_code))
        assert nin not in find_all(served.reader("apotek"), Criteria(postal_code=postal_code))


def test_a_name_is_found_however_it_is_spelt(served: Served, database: duckdb.DuckDBPyConnection) -> None:
    reader = served.reader()
    given, sn, nin = _ask(
        database,
        "select given_name, sn, nin from preg_person where length(sn) > 6 and sn not like '% %' and sn not like '%-%'"
        " and given_name is not null order by nin limit 1",
    )[0]
    slip = sn[:2] + sn[3] + sn[2] + sn[4:]
    for criteria in (
        Criteria(given_name=given, family_name=sn),
        Criteria(name=f"{sn.upper()}, {given}"),
        Criteria(name=f"{given[:2]} {sn[:4]}"),
        Criteria(given_name=given, family_name=slip),
    ):
        assert nin in find_all(reader, criteria), criteria
    written = search(reader, Criteria(given_name=given, family_name=sn))
    assert (written.persons[0]["given_name"], written.persons[0]["sn"]) == (given, sn)


def test_pages_have_everybody_once_and_the_same_total(served: Served) -> None:
    reader = served.reader()
    everybody = find_all(reader, Criteria(name="an"))
    assert len(everybody) == len(set(everybody)) > 9
    pages = [search(reader, Criteria(name="an"), page, 3) for page in range(1, 4)]
    assert {page.total for page in pages} == {len(everybody)}
    assert [person["nin"] for page in pages for person in page.persons] == everybody[:9]
    assert search(reader, Criteria(name="an"), 1000, 100).persons == []


def test_a_search_that_finds_everybody_is_not_answered(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    for criteria in (Criteria(), Criteria(gender=1), Criteria(name="- ."), Criteria(born_from=dt.date(2000, 1, 1))):
        with pytest.raises(NoCriteria):
            find_all(served.reader(), criteria)
    monkeypatch.setattr("serving.services.search.MOST_FOUND", 1)
    with pytest.raises(TooMany, match="narrow"):
        find_all(served.reader(), Criteria(kommune="0301"))
    status = served.soap().Search({"MunicipalityCode": "0301"}).Status
    assert (status.Code, status.TotalResults) == (1, 0)
    assert "narrow" in status.Reason


def test_a_comparison_has_both_values_and_what_a_client_does(
    served: Served, database: duckdb.DuckDBPyConnection
) -> None:
    nin, left, right, kind = _ask(
        database,
        "select nin, left_value, right_value, difference_kind from field_comparison_differences"
        " where pair = 'preg_persontjenesten' and entity = 'Person' and field = 'sn' and left_value is not null"
        " and right_value is not null order by nin limit 1",
    )[0]
    told = {each["Field"]: each for each in served.get(f"/compare/{nin}").json()["Fields"]}
    assert (told["Sn"]["Preg"], told["Sn"]["Persontjenesten"], told["Sn"]["Difference"]) == (left, right, kind)
    assert told["GivenName"]["Preg"] == told["GivenName"]["Persontjenesten"]
    assert told["GivenName"]["ClientAction"]


def test_there_are_persons_in_the_situations_that_clients_try(served: Served) -> None:
    found = {situation.english: numbers for situation, numbers in persons_by_situation(served.reader())}
    assert len([numbers for numbers in found.values() if numbers]) >= 10


def test_the_wsdl_that_is_served_leads_back_to_the_server(served: Served) -> None:
    answer = served.http.get("/Personregister.WCF/PersonService.svc?wsdl")
    assert b"https://testserver/Personregister.WCF/PersonService.svc" in answer.content
    assert b"https://localhost" not in answer.content
    for number in range(1, 5):
        assert served.http.get(f"/Personregister.WCF/PersonService{number}.xsd").status_code == 200
    assert served.http.get("/Personregister.WCF/PersonService9.xsd").status_code == 404


def test_signs_in_what_is_sought_are_no_words(served: Served) -> None:
    reader = served.reader()
    plain = find_all(reader, Criteria(name="hansen"))
    assert plain
    for text in ("hansen &", "hansen\0", '"hansen"', "- hansen *", "hansen ()"):
        assert find_all(reader, Criteria(name=text)) == plain, text


def test_of_names_that_sound_alike_those_come_first_that_are_written_most_alike(served: Served) -> None:
    reader = served.reader()
    found = search(reader, Criteria(given_name="Kristiann"), 1, 100).persons
    names = [person["given_name"] for person in found]
    assert len(set(names)) > 1
    likeness = [
        closeness(f"{each['given_name']} {each['middle_name'] or ''} {each['sn']}", "Kristiann") for each in found
    ]
    assert likeness == sorted(likeness, reverse=True)
    assert names[0].startswith("Kristian")


def test_a_retired_number_whose_end_has_no_day_is_retired_on_a_day_too(
    served: Served, database: duckdb.DuckDBPyConnection
) -> None:
    undated = _ask(database, "select nin, new_nin from preg_person_retired where date_status is null order by nin")
    assert undated
    for old, new in undated:
        found = look_up.find_person(served.reader(), old, look_up.today() - dt.timedelta(days=1))
        assert found is not None
        assert (found["nin"], found["new_nin"], found["sn"]) == (old, new, None)


def test_the_log_has_who_was_asked_for_and_who_is_shown(served: Served, database: duckdb.DuckDBPyConnection) -> None:
    ((old, new),) = _ask(database, "select nin, new_nin from preg_person_retired order by nin limit 1")
    ((child, mother),) = _ask(
        database,
        "select child.nin, child.mothers_nin from preg_person as child inner join preg_person as mother"
        " on child.mothers_nin = mother.nin order by child.nin limit 1",
    )
    log = access_log_dir(served.settings) / served.services.log.segment
    key = load_key(served.settings)

    def logged(path: str) -> set[str]:
        assert served.get(path).status_code == 200
        return set(json.loads(log.read_bytes().splitlines()[-1])["persons"])

    assert logged(f"/preg/person/{old}") == {person_hash(old, key), person_hash(new, key)}
    assert {person_hash(mother, key), person_hash(child, key)} <= logged(f"/preg/person/{mother}/children")


def test_where_persontjenesten_hides_an_address_pregs_own_is_not_told_as_its(
    served: Served, database: duckdb.DuckDBPyConnection
) -> None:
    hidden = _ask(
        database,
        "select distinct nin from field_comparison_differences where pair = 'preg_persontjenesten'"
        " and entity = 'Address' and difference_kind = 'protection' order by nin",
    )
    assert hidden
    for (nin,) in hidden:
        for field in served.get(f"/compare/{nin}").json()["Fields"]:
            if field["Entity"] == "Address" and field["Difference"] is None:
                assert field["Persontjenesten"] is None


def test_an_answer_tells_until_when_what_happened_is_in_it(served: Served, database: duckdb.DuckDBPyConnection) -> None:
    ((nin, newest),) = _ask(
        database,
        "select min(nin), strftime(timezone('UTC', max(shown_from)), '%Y-%m-%dT%H:%M:%S.%fZ') from preg_state",
    )
    until = served.get(f"/preg/person/{nin}").headers["preg-data-until"]
    assert until == newest
    again = served.get("/preg/changes", params={"from": until}).json()
    assert again


def test_a_store_that_was_left_half_made_goes_and_one_of_a_withdrawn_release_is_not_made(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "releases").mkdir()
    release = current_release(served.settings)
    assert release is not None
    settings = Settings(data_dir=tmp_path)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left = settings.serving_stores_dir / f".{release.release_id}.{gone.pid}.partial"
    left.mkdir(parents=True)
    assert is_whole(build_store(settings, release))
    assert not left.exists()
    withdrawn = replace(release, folder=tmp_path / "releases" / "20200101T000000Z-00000000")
    withdrawn.folder.symlink_to(release.folder)
    withdrawn = replace(withdrawn, manifest=release.manifest.changed(release_id=withdrawn.folder.name))
    monkeypatch.setattr("serving.store.build._write", lambda *_: withdrawn.folder.unlink())
    with pytest.raises(PregError, match="withdrawn"):
        build_store(settings, withdrawn)
    assert [folder.name for folder in settings.serving_stores_dir.iterdir()] == [release.release_id]


def test_a_question_that_takes_too_long_is_given_up(served: Served) -> None:
    endless = "with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) as n from n"
    reader = served.reader()
    with pytest.raises(TakesTooLong), within(0.05):
        reader.row(endless, {})
    # Nothing of it is left: the next question is answered.
    with within(5):
        assert reader.row("select 1 as one", {}) == {"one": 1}
    assert reader.row("select 2 as two", {}) == {"two": 2}


def test_what_a_release_has_for_everybody_is_read_once_and_its_reader_goes(served: Served) -> None:
    asked: list[str] = []

    @kept_by_release
    def name(reader: Reader) -> str:
        asked.append(reader.release_id)
        return reader.release_id

    readers = [replace(served.reader(), release_id=release_id) for release_id in "abc"]
    assert [name(reader) for reader in (*readers, readers[2], readers[1])] == ["a", "b", "c", "c", "b"]
    assert asked == ["a", "b", "c"]
    gone = weakref.ref(readers[2])
    readers.clear()
    assert gone() is None
