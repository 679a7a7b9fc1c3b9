"""Common help numbers over a built release: REST, look-up and search in every interface, what each profile sees."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.database import column_types
from ingest.contracts.numbers import is_help_number
from publication.access.access_profile import read_access_profiles
from publication.access.profile_queries import HELP_NUMBERS, TABLES_OF_PERSONS, profile_queries
from publication.candidate.help_numbers import write_help_numbers
from publication.store.release import current_release
from serving.access.access_log import access_log_dir
from serving.help_numbers.service import HelpNumbers
from serving.services.look_up import TooMany
from tests.support.persons import number as synthetic_number
from tests.support.serving import Served, serve_again

pytestmark = pytest.mark.xdist_group("built sample")

# Of the test series, and never issued: the register of these tests is new.
NOT_ISSUED = "89000000281"
# A synthetic person's number that the sample has not.
NOBODY = synthetic_number("1901-01-01", 990)

WHOLE = {
    "GivenName": "Testine",
    "MiddleName": "Prøve",
    "Sn": "Hjelpnummersen",
    "Gender": 0,
    "DateOfBirth": "1971-03-04",
    "Dead": True,
    "DateOfDeath": "2026-02-03",
    "MaritalStatus": 1,
    "BirthPlace": "Vardø",
    "Address": {
        "CoAddress": "c/o Prøve",
        "PostalAddress": "Prøveveien 7 B",
        "PostalCode": "0001",
        "PostalPlace": "OSLO",
        "St": "0301",
        "Country": "Norge",
    },
}


def _ask(database: duckdb.DuckDBPyConnection, query: str, *given_: Any) -> tuple[Any, ...]:
    return database.execute(query, list(given_)).fetchall()[0]


def _send(
    mine: Served,
    content: Any,
    path: str = "/help-number",
    *,
    key: str | None = "",
    method: str = "POST",
    **by: Any,
) -> Any:
    """The answer to a change; key: a new one, unless it is given; None for none."""
    headers = {} if key is None else {"Idempotency-Key": key or str(uuid.uuid4())}
    return mine.http.request(method, path, json=content, headers=headers, auth=mine.requisitioner(**by))


def _issued(mine: Served, **changed: Any) -> str:
    """A new number of a person; nobody's duplicate."""
    answer = _send(mine, {"GivenName": "Testine", "Sn": "Prøvesen", **changed, "NoneOfThese": True})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["Number"])


def test_a_number_is_issued_with_what_is_known_of_the_person(mine: Served) -> None:
    answer = _send(mine, WHOLE)
    told = answer.json()
    assert answer.status_code == 201, answer.text
    assert is_help_number(told["Number"])
    assert told["Number"].startswith("89")
    assert (told.pop("IssuedAt"), told.pop("State"), told.pop("NewNIN")) == (told.pop("ChangedAt"), "active", None)
    assert told == {"Number": told["Number"], **WHOLE}
    assert answer.headers["location"] == f"/help-number/{told['Number']}"
    assert answer.headers["preg-release"]
    assert mine.get(f"/help-number/{told['Number']}").json() == answer.json()
    (change,) = mine.services.help_numbers.register.history(told["Number"])
    assert (change.operation, change.client, change.before) == ("requisition", mine.requisitioner()[0], None)


def test_a_call_that_is_repeated_is_answered_as_before(mine: Served) -> None:
    content = {"GivenName": "Gjenta", "Sn": "Prøvesen", "DateOfBirth": "1990-01-01"}
    first = _send(mine, content, key="the-same")
    again = _send(mine, content, key="the-same")
    assert (again.status_code, again.json()) == (201, first.json())
    # Also when the person has been changed meanwhile.
    number = first.json()["Number"]
    _send(mine, {"GivenName": "Endret", "Sn": "Prøvesen"}, f"/help-number/{number}", method="PUT")
    assert _send(mine, content, key="the-same").json() == first.json()
    other = _send(mine, {**content, "GivenName": "Annen"}, key="the-same")
    assert (other.status_code, "Idempotency-Key" in other.json()["detail"]) == (409, True)
    assert "Annen" not in other.text
    # Another client's key of the same name is another key.
    theirs = _send(mine, {**content, "NoneOfThese": True}, key="the-same", profile="kommune")
    assert theirs.status_code == 201
    assert theirs.json()["Number"] != number
    for key, status in ((None, 400), ("with blanks ", 400), ("x" * 201, 422)):
        assert _send(mine, content, key=key).status_code == status


def test_who_may_not_requisition_is_refused_and_reads_all_the_same(mine: Served) -> None:
    number = _issued(mine)
    by = mine.by()
    for method, path, content in (
        ("POST", "/help-number", WHOLE),
        ("PUT", f"/help-number/{number}", WHOLE),
        ("POST", f"/help-number/{number}/link", {"NIN": NOT_ISSUED}),
        ("POST", f"/help-number/{number}/unlink", {}),
    ):
        answer = mine.http.request(method, path, json=content, auth=by, headers={"Idempotency-Key": "k"})
        assert (answer.status_code, "may not have" in answer.text) == (403, True), path
        # Who is not let in is told nothing else.
        assert mine.http.request(method, path, content="{").status_code == 401
    assert mine.get(f"/help-number/{number}").status_code == 200
    # A profile that is shown no names cannot look at duplicates: it would issue them.
    assert _send(mine, WHOLE, profile="statistikk").status_code == 403


def test_duplicates_among_help_numbers_and_in_the_release_are_proposed_first(
    mine: Served, database: duckdb.DuckDBPyConnection
) -> None:
    one = {"GivenName": "Kristian", "Sn": "Prøvehansen", "DateOfBirth": "1955-05-05"}
    number = _send(mine, one).json()["Number"]
    alike = {"GivenName": "Christian", "MiddleName": "Ek", "Sn": "Prøvehanssen", "DateOfBirth": "1955-05-05"}
    answer = _send(mine, alike, key="look-first")
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert [each["NIN"] for each in answer.json()["Duplicates"]] == [number]
    assert answer.json()["Duplicates"][0]["GivenName"] == "Kristian"
    # Nothing was issued: the key is free for the call that says it is another person.
    issued = _send(mine, {**alike, "NoneOfThese": True}, key="look-first")
    assert issued.status_code == 201
    for other in ({"DateOfBirth": "1955-05-06"}, {"GivenName": "Ole"}, {"DateOfBirth": None}):
        assert _send(mine, {**alike, "Sn": "Prøveek", "MiddleName": "", **other}).status_code == 201
    nin, given_name, sn, born = _ask(
        database,
        "select nin, given_name, sn, cast(date_of_birth as varchar) from preg_person where given_name is not null"
        " and sn is not null and middle_name is null order by nin limit 1",
    )
    answer = _send(mine, {"GivenName": given_name, "Sn": sn, "DateOfBirth": born})
    assert answer.status_code == 409
    assert nin in [each["NIN"] for each in answer.json()["Duplicates"]]


def test_duplicates_that_are_too_many_are_not_passed_over(mine: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_given: Any) -> list[str]:
        raise TooMany("more")

    monkeypatch.setattr("serving.help_numbers.service.find_all", refuse)
    content = {"GivenName": "Mange", "Sn": "Prøvesen", "DateOfBirth": "1944-04-04"}
    answer = _send(mine, content)
    assert (answer.status_code, "too many persons" in answer.json()["detail"]) == (400, True)
    assert _send(mine, {**content, "NoneOfThese": True}).status_code == 201


@pytest.mark.parametrize("key", ["", "at-once"])
def test_of_calls_for_one_person_at_once_one_number_comes(mine: Served, key: str) -> None:
    content = {"GivenName": "Samtidig", "Sn": f"Prøve{key or 'andre'}", "DateOfBirth": "1933-03-03"}
    mine.requisitioner()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: _send(mine, content, key=key), range(8)))
    numbers = {answer.json()["Number"] for answer in answers if answer.status_code == 201}
    assert len(numbers) == 1
    # With one key every call is the same; with keys of their own the others are shown the first.
    assert [answer.status_code for answer in answers].count(201) == (8 if key else 1)
    proposed = [answer.json()["Duplicates"] for answer in answers if answer.status_code == 409]
    assert {each["NIN"] for each in itertools.chain(*proposed)} <= numbers


def test_a_number_is_linked_changed_by_nobody_then_and_unlinked(
    mine: Served, database: duckdb.DuckDBPyConnection
) -> None:
    number = _issued(mine, **{name: WHOLE[name] for name in ("DateOfBirth", "Address", "BirthPlace")})
    old, nin = _ask(database, "select nin, new_nin from preg_person_retired order by nin limit 1")
    place = f"/help-number/{number}"
    assert _send(mine, {"Why": "mistake"}, f"{place}/unlink").status_code == 409
    # By a number that the person had before: the one in use is kept.
    linked = _send(mine, {"NIN": old, "Why": "passport seen"}, f"{place}/link", key="l")
    assert linked.status_code == 200, linked.text
    told = {name: value for name, value in linked.json().items() if value is not None}
    assert set(told) == {"Number", "State", "NewNIN", "IssuedAt", "ChangedAt"}
    assert (told["State"], told["NewNIN"]) == ("linked", nin)
    assert _send(mine, {"NIN": old, "Why": "passport seen"}, f"{place}/link", key="l").json() == linked.json()
    assert _send(mine, {"NIN": nin}, f"{place}/link").status_code == 409
    assert _send(mine, WHOLE, place, method="PUT").status_code == 409
    for official in (nin, old):
        found = mine.get(f"/help-number/linked-to/{official}").json()
        assert [each["Number"] for each in found] == [number]
    # As a retired number: a row that leads to the person, and nothing else.
    rest = {name: value for name, value in mine.get(f"/preg/person/{number}").json().items() if value}
    assert (rest.pop("DateStatus") <= str(dt.date.today()), rest) == (
        True,
        {"NIN": number, "NewNIN": nin, "RegStatus": 6},
    )
    assert mine.soap().GetPerson({"NIN": number}).NewNIN == nin
    assert mine.get(f"/preg/person/{number}", "statistikk").status_code == 404
    assert mine.get(place, "statistikk").status_code == 404
    undone = _send(mine, {"Why": "another person"}, f"{place}/unlink")
    told = undone.json()
    assert (undone.status_code, told["State"], told["Sn"], told["BirthPlace"]) == (200, "active", "Prøvesen", "Vardø")
    # It may be the address of somebody whose address is protected: it has to be given anew.
    assert told["Address"] is None
    assert mine.get(f"/help-number/linked-to/{nin}").json() == []
    history = mine.services.help_numbers.register.history(number)
    assert [change.operation for change in history] == ["requisition", "link", "unlink"]
    assert [change.why for change in history] == ["", "passport seen", "another person"]
    assert [change.before for change in history[1:]] == [change.after for change in history[:-1]]
    assert history[0].after.details.street == "Prøveveien 7 B"


def test_what_cannot_be_linked_is_told(mine: Served) -> None:
    number = _issued(mine)
    for content, status in (
        ({"NIN": NOT_ISSUED}, 400),
        ({"NIN": number}, 400),
        ({"NIN": "12345678901"}, 400),
        ({"NIN": NOBODY}, 404),
        ({}, 422),
    ):
        answer = _send(mine, content, f"/help-number/{number}/link")
        assert answer.status_code == status, content
        for value in content.values():
            assert value not in answer.text
    assert mine.get(f"/help-number/{number}").json()["State"] == "active"
    for path, method in (("", "PUT"), ("/link", "POST"), ("/unlink", "POST")):
        content = {"NIN": NOBODY} if path == "/link" else {} if path else {"Sn": "Prøvesen"}
        answer = _send(mine, content, f"/help-number/{NOT_ISSUED}{path}", method=method)
        assert (answer.status_code, NOT_ISSUED in answer.text) == (404, False)
    assert mine.get(f"/help-number/{NOT_ISSUED}").status_code == 404


def test_a_change_replaces_everything_and_is_in_the_trail(mine: Served) -> None:
    number = _issued(mine, Address=WHOLE["Address"], Gender=1)
    changed = _send(
        mine,
        {"Sn": "Nysen", "Why": "a letter"},
        f"/help-number/{number}",
        method="PUT",
        key=None,
        profile="kommune",
    )
    assert changed.status_code == 200
    told = changed.json()
    assert (told["Sn"], told["GivenName"], told["Gender"], told["Address"]) == ("Nysen", None, None, None)
    change = mine.services.help_numbers.register.history(number)[-1]
    assert change.before is not None
    assert (change.before.details.family_name, change.after.details.family_name) == ("Prøvesen", "Nysen")
    assert (change.client, change.why) == (mine.requisitioner("kommune")[0], "a letter")


def test_a_person_with_a_help_number_is_in_every_look_up(mine: Served) -> None:
    number = _issued(mine, **{name: value for name, value in WHOLE.items() if name not in ("GivenName", "Sn")})
    person = mine.get(f"/preg/person/{number}").json()
    assert (person["NIN"], person["Sn"], person["DateOfBirth"]) == (number, "Prøvesen", "1971-03-04")
    assert (person["RegStatus"], person["DateStatus"], person["MaritalStatus"]) == (5, "2026-02-03", 1)
    (address,) = person["Addresses"]
    assert (address["PostalAddress"], address["St"], address["CurrentAddress"]) == ("Prøveveien 7 B", "0301", True)
    assert mine.get(f"/preg/person/{number}/addresses").json() == [address]
    assert mine.post("/preg/persons", {"NIN": [number]}).json() == [person]
    soap = mine.soap()
    assert soap.GetPerson({"NIN": number}).MiddleName == "Prøve"
    assert [each.PostalCode for each in soap.GetAddresses({"NIN": number})] == ["0001"]
    # A past day is the release's history, which the person is not in.
    assert mine.get(f"/preg/person/{number}?date=2026-01-02").status_code == 400
    # Persontjenesten has nobody with a help number: there is nothing to compare.
    assert mine.get(f"/compare/{number}").status_code == 404


def test_a_search_finds_them_where_it_is_told_to(mine: Served) -> None:
    number = _issued(mine, GivenName="Sølve", Sn="Søkesen", DateOfBirth="1948-12-24", Address=WHOLE["Address"])
    for criteria, found in (
        ({"LastName": "Søkesen"}, True),
        ({"Name": "søkesen SØL"}, True),
        ({"LastName": "Søkessen", "DateOfBirth": "1948-12-24"}, True),
        ({"LastName": "Søkesen", "DateOfBirth": "1948-12-25"}, False),
        ({"LastName": "Søkesen", "ZipCode": "0001", "MunicipalityCode": "0301", "Address": "prøveveien"}, True),
        ({"LastName": "Søkesen", "ZipCode": "0002"}, False),
        ({"LastName": "Søkesen", "Gender": 1}, False),
        ({"LastName": "Søkesen", "BornFrom": "1940-01-01", "BornTo": "1949-01-01"}, True),
        ({"FirstName": "Søkesen"}, False),
    ):
        answer = mine.post("/preg/search", {**criteria, "SearchFhNumberPersonsToo": True})
        assert (number in [each["NIN"] for each in answer.json()["Persons"]]) is found, criteria
        without = mine.post("/preg/search", criteria).json()
        assert number not in [each["NIN"] for each in without["Persons"]]
    soap = mine.soap()
    found_by_soap = soap.Search({"LastName": "Søkesen", "SearchFhNumberPersonsToo": True})
    assert [each.NIN for each in found_by_soap.Persons.Person] == [number]
    assert found_by_soap.Status.TotalResults == 1
    assert soap.Search({"LastName": "Søkesen", "SearchFhNumberPersonsToo": False}).Status.TotalResults == 0


def test_a_profile_sees_of_them_what_it_receives_of_anybody(mine: Served) -> None:
    number = _issued(mine, **{name: value for name, value in WHOLE.items() if name not in ("GivenName", "Sn")})
    for profile in read_access_profiles(mine.settings):
        blank = set(profile.blank_conditions())
        rest = mine.get(f"/preg/person/{number}", profile.name).json()
        told = mine.get(f"/help-number/{number}", profile.name).json()
        for name, column, own in (
            ("GivenName", "given_name", "GivenName"),
            ("DateOfBirth", "date_of_birth", "DateOfBirth"),
            ("MaritalStatus", "marital_status", "MaritalStatus"),
        ):
            assert (rest[name] is None) is (column in blank), (profile.name, name)
            assert told[own] == rest[name]
        assert (told["BirthPlace"] is None) is ("citizenship" in blank)
        withheld = profile.blank_columns("preg_address")
        assert told["Address"]["PostalAddress"] == ("" if "postal_address" in withheld else "Prøveveien 7 B")
        soap = mine.soap(profile.name).GetPerson({"NIN": number})
        assert soap.GivenName == rest["GivenName"]
    # Whoever may not search by names may not search by those of help numbers.
    answer = mine.post("/preg/search", {"Name": "prøvesen", "SearchFhNumberPersonsToo": True}, "statistikk")
    assert answer.status_code == 403


def test_a_call_is_in_the_log_and_no_number_or_name_is(mine: Served) -> None:
    def lines() -> list[dict[str, Any]]:
        texts = [file.read_text() for file in access_log_dir(mine.settings).glob("*.jsonl")]
        assert number not in "".join(texts)
        assert "Loggsen" not in "".join(texts)
        return [json.loads(line) for text in texts for line in text.splitlines()]

    number = NOT_ISSUED
    before = len(lines())
    number = _issued(mine, Sn="Loggsen")
    _send(mine, {"Sn": ""}, f"/help-number/{number}", method="PUT")
    new = [line for line in lines() if line.get("operation") in ("requisition", "change_help_number")][-2:]
    assert len(lines()) == before + 2
    assert [(line["operation"], line["outcome"]) for line in new] == [
        ("requisition", "shown"),
        ("change_help_number", "refused"),
    ]
    assert new[0]["persons"] == new[1]["persons"] != []


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300), st.text(max_size=40))
def test_no_body_and_no_name_is_a_mistake_of_the_service(mine: Served, body: bytes, name: str) -> None:
    auth = mine.requisitioner()
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    answer = mine.http.post("/help-number", content=body, headers=headers, auth=auth)
    assert answer.status_code == 422
    content = json.dumps({"GivenName": name, "Sn": "Prøvesen", "NoneOfThese": True})
    answer = mine.http.post("/help-number", content=content, headers=headers, auth=auth)
    assert answer.status_code in (201, 400, 422), answer.text
    if answer.status_code == 201:
        assert mine.get(f"/preg/person/{answer.json()['Number']}").status_code == 200


def test_a_process_that_begins_finds_what_was_issued(mine: Served) -> None:
    number = _issued(mine, Sn="Varigsen")
    other = HelpNumbers(mine.settings, mine.services.serving)
    found = other.find(mine.reader(), number)
    assert found is not None
    assert found.record["sn"] == "Varigsen"
    other.close()


def test_a_server_without_a_series_issues_no_number(served: Served, tmp_path: Path) -> None:
    found = serve_again(served, tmp_path, help_number_series="")
    with found.http:
        answer = found.http.post(
            "/help-number", json={"GivenName": "Prøve"}, headers={"Idempotency-Key": "1"}, auth=found.requisitioner()
        )
        assert (answer.status_code, "no series is set" in answer.json()["detail"]) == (400, True)


def test_the_next_release_has_them_as_the_services_show_them(mine: Served) -> None:
    whole, linked = _issued(mine, **WHOLE), _issued(mine, GivenName="Linka")
    official = mine.reader().rows("select min(nin) as nin from preg_person", {})[0]["nin"]
    assert _send(mine, {"NIN": official}, f"/help-number/{linked}/link").status_code == 200
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as candidate")
        facts = write_help_numbers(connection, "candidate", mine.settings)
        connection.execute("attach ':memory:' as release")
        connection.execute(f"create table release.{HELP_NUMBERS} as select * from candidate.{HELP_NUMBERS}")
        numbers = [nin for (nin,) in connection.execute(f"select nin from candidate.{HELP_NUMBERS}").fetchall()]
        assert len(numbers) == facts[HELP_NUMBERS].rows >= 2
        assert {whole, linked} <= set(numbers)
        # Nothing of where anybody is: the person may be one whose address is protected.
        everything = str(connection.execute(f"select * from candidate.{HELP_NUMBERS}").fetchall())
        assert not [text for text in ("Prøveveien", "c/o", "OSLO", "0301", "Vardø") if text in everything]
        columns = _release_columns(mine)
        columns[HELP_NUMBERS] = {
            name: kind for name, kind, *_ in connection.execute(f"describe candidate.{HELP_NUMBERS}").fetchall()
        }
        for profile in read_access_profiles(mine.settings):
            query = profile_queries(profile, columns, ["bostedsadresse"])[HELP_NUMBERS]
            found = connection.execute(query)
            names = [column[0] for column in found.description]
            shown = {row[0]: dict(zip(names, row, strict=True)) for row in found.fetchall()}
            for number in (whole, linked):
                person = mine.services.help_numbers.find_record(mine.reader(profile.name), number)
                if person is None:
                    assert number not in shown
                    continue
                for name, value in shown[number].items():
                    if number == linked and name in ("reg_status", "date_status"):
                        continue
                    expected = person[name]
                    assert (value.isoformat() if isinstance(value, dt.date) else value) == expected, (
                        profile.name,
                        name,
                    )


def _release_columns(mine: Served) -> dict[str, dict[str, str]]:
    release = current_release(mine.settings)
    assert release is not None
    with release.open() as connection:
        return {table: column_types(connection, release.database.stem, table) for table in TABLES_OF_PERSONS}


def test_a_release_without_services_has_nobody_with_a_help_number(database: duckdb.DuckDBPyConnection) -> None:
    assert _ask(database, f"select count(*) from {HELP_NUMBERS}") == (0,)
