"""Persontjenesten's own paths over a built release: its schema, its questions, and no more than a profile receives."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from foundation.person_hash import load_key, person_hash
from ingest.contracts.persontjenesten import LEGAL_BASIS_ONLY, person_contract
from ingest.contracts.tables import rows
from publication.access.access_profile import (
    AccessProfile,
    ProfileFile,
    Withheld,
    WithheldCodes,
    find_access_profile,
    narrowed,
)
from serving.access.access_log import access_log_dir
from serving.interfaces.rest.persontjenesten import PLACE, SuccessorPerson
from serving.services.persontjenesten import persons
from serving.services.persontjenesten.document import ALWAYS, property_of
from serving.services.persontjenesten.words import event_type
from serving.test_environment import make_test_clients, persons_by_situation
from tests.integration.test_services import PROFILES
from tests.support.serving import Served

pytestmark = pytest.mark.xdist_group("built sample")

LEGAL, NONE = f"{PLACE}legal-basis", f"{PLACE}no-legal-basis"
WIDEST = "persontjenesten_legal_basis"
NOBODY = "08889499150"


def _numbers(database: duckdb.DuckDBPyConnection, query: str) -> list[str]:
    return [number for (number,) in database.execute(query).fetchall()]


def _document(served: Served, number: str, profile: str = WIDEST, place: str = LEGAL, query: str = "") -> Any:
    answer = served.post(f"{place}/person/get-by-nin{query}", {"nin": number}, profile)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_every_operation_of_the_contract_is_there_with_its_parameters(served: Served) -> None:
    described = served.api.openapi()["paths"]
    for operation in rows("persontjenesten_paths"):
        path = operation["path"].removeprefix("/api/").partition("/")[2]
        method = described[f"{PLACE}{{basis}}/{path}"][operation["method"].lower()]
        named = {parameter["name"] for parameter in method["parameters"]}
        assert set(operation["parameters"].split(";")) - {""} <= named, operation
        assert operation["path"].split("/")[2] in served.api.openapi()["components"]["schemas"]["Basis"]["enum"]


def test_a_person_in_every_situation_is_as_the_schema_has_it(served: Served) -> None:
    found = persons_by_situation(served.reader(WIDEST))
    numbers = {number for situation in found for number in situation[1]}
    assert len(numbers) > 20
    for number in sorted(numbers):
        for place in (LEGAL, NONE):
            document = _document(served, number, place=place, query="?includeHistory=true")
            SuccessorPerson.model_validate(document)
            assert list(document) == [element.name for element in person_contract().elements]


def test_a_person_is_told_in_the_words_of_the_successor(served: Served, database: duckdb.DuckDBPyConnection) -> None:
    nin, given, sn, born, street, st, grunnkrets = database.execute(
        "select person.nin, given_name, sn, cast(date_of_birth as varchar), street_name, st, grunnkrets_number"
        " from preg_person as person inner join preg_address as address using (nin)"
        " where current_address and reg_status = 1 and address_type = 'bostedsadresse' and street_name is not null"
        " and grunnkrets_number is not null and left(nin, 1) < '4' order by nin limit 1"
    ).fetchone()  # type: ignore[misc]
    document = _document(served, nin)
    (name,), (birth,) = document["name"], document["birth"]
    assert (name["givenName"], name["familyName"], name["isValid"]) == (given, sn, True)
    assert birth["birthDate"] == f"{born}T00:00:00"
    (address,) = document["residentialAddress"]
    assert address["streetAddress"]["addressName"] == street
    assert address["streetAddress"]["municipalityNumber"] == st
    assert address["fullBasicStatisticalUnitNumber"] == grunnkrets
    assert address["basicStatisticalUnit"] == int(grunnkrets[4:])
    assert document["status"][0]["status"] == "Resident"
    assert served.post(f"{LEGAL}/person/get-by-nin", {"nin": nin}, WIDEST).headers["Preg-Release"]


def test_any_number_and_the_id_lead_to_the_same_person(served: Served, database: duckdb.DuckDBPyConnection) -> None:
    former, present = database.execute(
        "select retired.nin, retired.new_nin from preg_person_retired as retired"
        " inner join preg_person as person on person.nin = retired.new_nin order by 1 limit 1"
    ).fetchone()  # type: ignore[misc]
    document = _document(served, former)
    assert document == _document(served, present)
    numbers = {number["identificationNumber"]: number["status"] for number in document["norwegianIdentificationNumber"]}
    assert numbers[present] == "InUse"
    assert numbers[former] == "Discontinued"
    # It is Persontjenesten's own id.
    assert _numbers(database, f"select persontjenesten_id from persontjenesten_person where nin = '{present}'") == [
        document["id"]
    ]
    assert served.get(f"{LEGAL}/person/{document['id']}", WIDEST).json() == document
    # A profile that receives no former numbers is not led by one.
    assert served.post(f"{LEGAL}/person/get-by-nin", {"nin": former}, "statistikk").status_code == 404


def test_who_is_not_in_persontjenesten_has_an_id_of_ours(served: Served, database: duckdb.DuckDBPyConnection) -> None:
    (nin,) = _numbers(
        database, "select nin from preg_person anti join persontjenesten_person using (nin) order by nin limit 1"
    )
    document = _document(served, nin)
    assert document["id"].startswith("preg-")
    assert nin not in document["id"]
    assert served.get(f"{LEGAL}/person/{document['id']}", WIDEST).json() == document


def test_several_persons_are_given_each_once(served: Served, database: duckdb.DuckDBPyConnection) -> None:
    numbers = _numbers(database, "select nin from preg_person order by nin limit 3")
    found = served.post(f"{LEGAL}/person/bulk-by-nin", {"nins": [*numbers, numbers[0], NOBODY]}, WIDEST).json()
    assert [each["norwegianIdentificationNumber"][0]["identificationNumber"] for each in found] == numbers
    ids = [each["id"] for each in found]
    assert served.post(f"{LEGAL}/person/bulk-by-id", {"personIds": [*ids, "nobody's"]}, WIDEST).json() == found
    many = served.post(f"{LEGAL}/person/bulk-by-nin", {"nins": [numbers[0]] * 101}, WIDEST)
    assert many.status_code == 422


def test_only_the_parts_that_are_asked_for_are_given(served: Served, database: duckdb.DuckDBPyConnection) -> None:
    (nin,) = _numbers(database, "select min(nin) from preg_person")
    document = _document(served, nin, query="?informationParts=Name&informationParts=Birth&api-version=1")
    assert set(document) == {*ALWAYS, "name", "birth"}
    SuccessorPerson.model_validate(document)
    for row in rows("persontjenesten_enums"):
        if row["enum"] == "InformationPart":
            assert property_of(row["value"]) in {element.name for element in person_contract().elements}
    wrong = served.post(f"{LEGAL}/person/get-by-nin?informationParts=Everything", {"nin": nin}, WIDEST)
    assert wrong.status_code == 422
    assert wrong.headers["content-type"] == "application/problem+json"


def test_what_held_before_is_given_when_it_is_asked_for(served: Served, database: duckdb.DuckDBPyConnection) -> None:
    (nin,) = _numbers(
        database,
        "select nin from preg_address where not current_address and street_name is not null order by nin limit 1",
    )
    without, with_it = _document(served, nin), _document(served, nin, query="?includeHistory=true")
    held = [address["isValid"] for address in with_it["residentialAddress"] + with_it["presentAddress"]]
    assert not all(held)
    assert all(address["isValid"] for address in without["residentialAddress"] + without["presentAddress"])
    (renamed,) = _numbers(
        database,
        "select state.person_nin from preg_person_earlier as earlier inner join preg_state as state"
        " using (nin, sequence_number) inner join preg_person as person on person.nin = state.person_nin"
        " where earlier.marital_status <> person.marital_status order by 1 limit 1",
    )
    statuses = _document(served, renamed, query="?includeHistory=true")["maritalStatus"]
    assert [status["isValid"] for status in statuses][:2] == [True, False]
    # A profile without history has the same structure, and nothing of before.
    assert not find_access_profile(served.settings, "apotek").file.history
    narrow = _document(served, nin, "apotek", query="?includeHistory=true")
    assert list(narrow) == list(with_it)
    shown = [entry for value in narrow.values() if isinstance(value, list) for entry in value]
    assert shown
    assert all(entry["isValid"] for entry in shown)


def _values(document: Any, path: str) -> Iterator[Any]:
    name, _, rest = path.partition(".")
    value = document[name.removesuffix("[]")]
    for each in value if isinstance(value, list) else [value]:
        if rest and each is not None:
            yield from _values(each, rest)
        elif not rest:
            yield each


@pytest.mark.parametrize("profile", PROFILES)
def test_nothing_withheld_is_in_a_document(served: Served, database: duckdb.DuckDBPyConnection, profile: str) -> None:
    found = find_access_profile(served.settings, profile)
    mapping = database.execute(
        "select preg_entity, column_name, persontjenesten_path from field_mapping"
        " where persontjenesten_path is not null"
    ).fetchall()
    blank = {
        path
        for entity, column, paths in mapping
        for path in paths.split("|")
        if column in found.blank_columns("preg_address" if entity == "Address" else "preg_person")
    }
    # Where another field that is received has the same place, the place tells nothing.
    received = {
        path
        for entity, column, paths in mapping
        for path in paths.split("|")
        if column not in found.blank_columns("preg_address" if entity == "Address" else "preg_person")
    }
    numbers = _numbers(
        database,
        "select distinct nin from preg_address where postal_type in (6, 7) union all"
        " (select nin from preg_person order by nin limit 20)",
    )
    hidden = set(_numbers(database, "select nin from preg_address where postal_type in (6, 7)"))
    for number in numbers:
        for place in (LEGAL, NONE):
            document = _document(served, number, profile, place, "?includeHistory=true")
            for path in blank - received:
                if not path.endswith(("isValid", "[]")):
                    assert [value for value in _values(document, path) if value is not None] == [], path
            if number in hidden:
                for element in ("residentialAddress", "presentAddress", "postalAddress", "foreignPostalAddress"):
                    assert not [entry for entry in document[element] if entry["isValid"]]
            if found.file.protected == "none":
                assert document["addressProtection"] == []
            if place == NONE:
                assert all(not document[name] for name in LEGAL_BASIS_ONLY)
                assert all(status["relatedByMaritalStatus"] is None for status in document["maritalStatus"])


def test_of_a_protected_person_the_kind_of_protection_is_told(
    served: Served, database: duckdb.DuckDBPyConnection
) -> None:
    for code, level in ((6, "StrictlyConfidential"), (7, "Confidential")):
        (nin,) = _numbers(
            database,
            f"select nin from preg_address where current_address and postal_type = {code} order by nin limit 1",
        )
        (protection,) = _document(served, nin)["addressProtection"]
        assert protection["protectionLevel"] == level


def test_events_ascend_and_are_asked_for_by_their_number(
    served: Served, database: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(persons, "MOST_EVENTS", 100)
    latest = served.get(f"{LEGAL}/event/latest", WIDEST).json()
    first = served.get(f"{LEGAL}/event?sequenceNumber=0", WIDEST).json()
    assert len(first) == 100
    numbers = [int(event["sequenceNumber"]) for event in first]
    assert numbers == sorted(set(numbers))
    every: list[Any] = []
    asked = 0
    while page := served.get(f"{LEGAL}/event?sequenceNumber={asked}", WIDEST).json():
        every += page
        asked = int(page[-1]["sequenceNumber"]) + 1
    assert len(every) == database.execute("select count(*) from preg_state").fetchone()[0]  # type: ignore[index]
    assert every[-1] == latest
    moved = served.get(
        f"{LEGAL}/event?eventTypes=ChangeInResidentialAddress&eventTypes=PersonIsDeceased", WIDEST
    ).json()
    assert moved == [e for e in every if e["eventType"] in ("ChangeInResidentialAddress", "PersonIsDeceased")]
    assert moved
    # Without a legal basis it is not told that a family has changed.
    kinds = {event["eventType"] for event in every}
    assert "ChangeInFamilyRelation" in kinds
    assert served.get(f"{NONE}/event?eventTypes=ChangeInFamilyRelation", WIDEST).json() == []
    # The event leads to the person.
    assert served.get(f"{LEGAL}/person/{latest['personId']}", WIDEST).json()["sequenceNumber"] == int(
        latest["sequenceNumber"]
    )
    assert served.get(f"{LEGAL}/event?sequenceNumber=0", "apotek").status_code == 403


def test_every_event_of_freg_has_a_type_of_the_successor() -> None:
    known = {row["value"] for row in rows("persontjenesten_enums") if row["enum"] == "EventType"}
    for row in rows("freg_event_enums"):
        if row["type"] == "Hendelsestype":
            assert event_type(row["value"], told=True, legal_basis=True) in known - {"PersonIsUpdated"}
    assert event_type("somethingNew", told=True, legal_basis=True) == "PersonIsUpdated"
    assert event_type("endringINavn", told=False, legal_basis=True) == "PersonIsUpdated"


def test_a_search_finds_whom_pregs_own_finds(served: Served, database: duckdb.DuckDBPyConnection) -> None:
    nin, given, sn, born = database.execute(
        "select nin, given_name, sn, cast(date_of_birth as varchar) from preg_person"
        " where given_name is not null and reg_status = 1 order by nin limit 1"
    ).fetchone()  # type: ignore[misc]
    asked = {"GivenName": given, "FamilyName": sn}
    theirs = served.post("/preg/search", {"FirstName": given, "LastName": sn, "ResultsPerPage": 100}, WIDEST).json()
    found = served.post(f"{LEGAL}/search/person", asked | {"BirthDate": f"{born}T00:00:00"}, WIDEST).json()
    assert nin in [each["norwegianIdentificationNumber"][0]["identificationNumber"] for each in found["results"]]
    ids = served.post(f"{LEGAL}/search/match-list", asked, WIDEST).json()
    assert len(ids) == theirs["TotalResults"]
    assert served.post(f"{LEGAL}/search/match-count", asked, WIDEST).json() == {"matchCount": len(ids)}
    paged = served.post(f"{LEGAL}/search/paged-match-list", asked | {"PageSize": 1, "IndexOffset": 0}, WIDEST).json()
    assert paged == {"results": ids[:1], "startIndex": 0, "endIndex": 0}
    # Temporary is a D-number's status: PREG had one code for both.
    by_status = {
        status: served.post(f"{LEGAL}/search/match-count", asked | {"PersonStatuses": [status]}, WIDEST).json()
        for status in ("Resident", "Temporary")
    }
    residents = [person["NIN"] for person in theirs["Persons"] if person["RegStatus"] == 1]
    assert nin in residents
    d_numbers = sum(number[0] in "4567" for number in residents)
    assert by_status == {
        "Resident": {"matchCount": len(residents) - d_numbers},
        "Temporary": {"matchCount": d_numbers},
    }


@pytest.mark.parametrize(
    ("path", "asked", "status"),
    [
        ("search/match-count", {}, 400),
        ("search/match-count", {"Gender": "Female"}, 400),
        ("search/match-count", {"Gender": "Woman", "FullName": "Kari"}, 422),
        ("search/match-count", {"FullName": "Kari", "BirthDateFrom": "2026-13-01"}, 422),
        ("search/match-count", {"FullName": "Kari", "BirthDateFrom": "0001-01-01T00:00:00+14:00"}, 422),
        ("search/match-count", {"FullName": "Kari", "BirthDateTo": "9999-12-31T23:59:59-14:00"}, 422),
        ("search/person", {"FullName": "Kari", "BirthDate": "0001-01-01T00:00:00+14:00"}, 422),
        ("search/match-count", {"FullName": "Kari", "PersonStatuses": ["Alive"]}, 422),
        ("search/person", {"FullName": "Kari", "Unknown": "x"}, 422),
        ("person/get-by-nin", {"nin": "12345678901"}, 400),
        ("person/get-by-nin", {"nin": NOBODY}, 404),
        ("person/get-by-nin", {"nin": 5}, 422),
        ("person/bulk-by-nin", {"nins": ["x"]}, 400),
    ],
)
def test_what_cannot_be_answered_is_a_problem(served: Served, path: str, asked: Any, status: int) -> None:
    answer = served.post(f"{LEGAL}/{path}", asked, WIDEST)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert str(asked.get("nin", "x" * 20)) not in answer.text


def test_who_is_not_let_in_is_told_nothing_else(served: Served) -> None:
    assert served.http.get(f"{LEGAL}/person/nobody").status_code == 401
    assert served.http.post(f"{NONE}/person/get-by-nin", content=b"{").status_code == 401
    assert served.http.get(f"{PLACE}other-basis/event/latest").status_code == 401
    assert served.get(f"{LEGAL}/person/nobody", WIDEST).status_code == 404


def _profile(name: str, **given: Any) -> AccessProfile:
    file = {
        "title": name,
        "legal_basis": name,
        "basis": "inferred",
        "address_types": ["bostedsadresse", "oppholdsadresse"],
        "history": True,
        "protected": "kind",
        "withheld": [],
        **given,
    }
    return AccessProfile(name, ProfileFile(**file))


def test_what_two_profiles_receive_is_what_both_do() -> None:
    one = _profile(
        "one",
        address_types=["bostedsadresse", "postadresse"],
        withheld=[Withheld(fields=["DufNo"], why="one")],
        withheld_codes=[WithheldCodes(field="RegStatus", codes=[4], along=["DateStatus"], why="one")],
    )
    other = _profile(
        "other",
        history=False,
        protected="none",
        withheld=[Withheld(fields=["MothersNIN"], why="other")],
        withheld_codes=[
            WithheldCodes(field="RegStatus", codes=[9], why="other"),
            WithheldCodes(field="MaritalStatus", codes=[1], along=["DateStatus"], why="other"),
        ],
    )
    for found in (narrowed(one, other), narrowed(other, one)):
        assert found.file.address_types == ["bostedsadresse"]
        assert not found.file.history
        assert found.file.protected == "none"
        conditions = found.blank_conditions()
        assert conditions["duf_no"] == conditions["mothers_nin"] == ""
        assert conditions["reg_status"] == "reg_status in (4, 9)"
        assert conditions["marital_status"] == "marital_status in (1)"
        # By the codes of two fields: always.
        assert conditions["date_status"] == ""


def test_every_example_of_a_test_environment_is_answered(mine: Served) -> None:
    ((name, password),) = [
        each for each in make_test_clients(mine.settings).items() if each[0] == "test-persontjenesten-legal-basis"
    ]
    described = mine.http.get("/openapi.json").json()
    asked = 0
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            # What is made there is asked for by the number, or the name, that the answer has.
            if "help-number" in path or "filematch" in path:
                continue
            given = {
                (parameter["in"], parameter["name"]): _example(parameter)
                for parameter in operation.get("parameters", ())
            }
            for (where, parameter), value in given.items():
                if where == "path":
                    path = path.replace(f"{{{parameter}}}", "legal-basis" if parameter == "basis" else value)
            query = {name: value for (where, name), value in given.items() if where == "query" and value is not None}
            body = None
            if "requestBody" in operation:
                schema = operation["requestBody"]["content"]["application/json"]["schema"]
                body = {name: each["examples"][0] for name, each in schema["properties"].items() if "examples" in each}
            answer = mine.http.request(method, path, params=query, json=body, auth=(name, password))
            assert answer.status_code == 200, (path, answer.text)
            asked += 1
    assert asked >= 18


def _example(parameter: Any) -> Any:
    return (parameter.get("examples") or parameter["schema"].get("examples") or [None])[0]


def test_who_was_counted_is_in_the_log(served: Served, database: duckdb.DuckDBPyConnection) -> None:
    nin, given_name, sn, born = database.execute(
        "select nin, given_name, sn, cast(date_of_birth as varchar) from preg_person"
        " where given_name is not null and reg_status = 1 order by nin limit 1"
    ).fetchone()  # type: ignore[misc]
    key = person_hash(nin, load_key(served.settings))
    log = access_log_dir(served.settings) / served.services.log.segment
    for path, asked in (
        (
            f"{LEGAL}/search/match-count",
            {"FullName": f"{given_name} {sn}", "BirthDateFrom": born, "BirthDateTo": born},
        ),
        ("/preg/search", {"FirstName": given_name, "LastName": sn, "DateOfBirth": born, "Page": 9}),
    ):
        assert served.post(path, asked, WIDEST).status_code == 200
        last = json.loads(log.read_bytes().splitlines()[-1])
        assert key in last["persons"]
        assert last["outcome"] == "shown"


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
def test_another_sites_page_cannot_ask_any_interface(served: Served, headers: dict[str, str]) -> None:
    for method, path in (
        ("GET", f"/preg/person/{NOBODY}"),
        ("POST", f"{LEGAL}/person/get-by-nin"),
        ("POST", "/help-number/89000000281/unlink"),
        ("POST", "/filematch"),
        ("POST", "/personregister-xml/"),
        ("POST", "/support/search"),
    ):
        answer = served.http.request(method, path, headers=headers, content=b"{}", auth=served.by(WIDEST))
        assert answer.status_code == 403, path
    # A page that leads to the support staff's page, or to a contract, does nothing.
    for path in ("/support", "/openapi.json", "/Personregister.WCF/PersonService.svc?wsdl"):
        assert served.http.get(path, headers=headers, auth=served.by(WIDEST)).status_code == 200, path
    own = {"Sec-Fetch-Site": "same-origin", "Origin": "https://testserver"}
    assert served.http.get(f"/preg/person/{NOBODY}", headers=own, auth=served.by(WIDEST)).status_code == 404
