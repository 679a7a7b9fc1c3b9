"""PREG's HL7 service: messages valid by the schema both ways, the answers of a query, and what is refused."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import duckdb
import pytest
import zeep
import zeep.exceptions
from lxml import etree
from zeep.wsse.username import UsernameToken
from zeep.wsse.utils import WSU

from foundation.settings import Settings
from publication.access.access_profile import find_access_profile, read_access_profiles
from serving.interfaces.hl7.person_registry import CONTRACT, PLACE, schema
from tests.support.serving import InProcess, Served

pytestmark = pytest.mark.xdist_group("built sample")

HL7 = "urn:hl7-org:v3"
SERVICE = "http://tempuri.org/"
NOBODY = "08889499150"


def _timestamp() -> Any:
    now = dt.datetime.now(dt.UTC)
    return WSU.Timestamp(
        WSU.Created(f"{now:%Y-%m-%dT%H:%M:%SZ}"), WSU.Expires(f"{now + dt.timedelta(minutes=5):%Y-%m-%dT%H:%M:%SZ}")
    )


def _client(served: Served, profile: str = "helseforetak", **token: Any) -> Any:
    """zeep's client, from the original files."""
    client = zeep.Client(
        str(CONTRACT / "PersonRegistry1.wsdl"),
        wsse=UsernameToken(*served.by(profile), **{"timestamp_token": _timestamp(), **token}),
        transport=InProcess(served.http),
    )
    return client.bind("PersonRegistry")._client.create_service(
        next(iter(client.wsdl.bindings)), f"https://testserver{PLACE}"
    )


def _envelope(name: str, query: str, **changed: str) -> dict[str, Any]:
    codes = {"name": name, "processing": "T", "version": "NE2010NO", **changed}
    return {
        "id": _data(root=str(uuid.uuid4())),
        "versionCode": _data(code=codes["version"]),
        "interactionId": _data(root="2.16.840.1.113883.1.6", extension=codes["name"]),
        "processingCode": _data(code=codes["processing"]),
        "processingModeCode": _data(code="T"),
        "controlActProcess": {
            "classCode": "CACT",
            "moodCode": "EVN",
            "queryByParameter": {
                "queryId": _data(root="1.2.3", extension="7"),
                "parameterList": {"identifiedPersonIdentifier": [{"value": [_data(extension=query)]}]},
            },
        },
    }


def _data(**attributes: str) -> dict[str, Any]:
    """A value of HL7's data types: zeep takes their base, ANY, for a content of its own."""
    return {**attributes, "_value_1": {}}


def _find(served: Served, parameters: str, profile: str = "helseforetak") -> Any:
    """The result of FindCandidates; names are text between elements, which zeep cannot send."""
    name, password = served.by(profile)
    stamp = etree.tostring(_timestamp(), encoding="unicode")
    query = (
        f'<FindCandidates xmlns="{SERVICE}"><query xmlns:h="{HL7}">'
        '<h:interactionId root="2.16.840.1.113883.1.6" extension="PRPA_IN101305NO01"/><h:processingCode code="T"/>'
        '<h:controlActProcess classCode="CACT" moodCode="EVN"><h:queryByParameter>'
        f"<h:parameterList>{parameters}</h:parameterList></h:queryByParameter></h:controlActProcess>"
        "</query></FindCandidates>"
    )
    schema().assertValid(etree.fromstring(query))
    security = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
    message = (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header>'
        f'<o:Security xmlns:o="{security}">{stamp}<o:UsernameToken><o:Username>{name}</o:Username>'
        f"<o:Password>{password}</o:Password></o:UsernameToken></o:Security></s:Header>"
        f"<s:Body>{query}</s:Body></s:Envelope>"
    )
    answer = served.http.post(PLACE, content=message.encode())
    assert answer.status_code == 200, answer.text
    content = etree.fromstring(answer.content)[1][0]
    schema().assertValid(content)
    return content


def _code(content: Any) -> str:
    return str(content.find(f".//{{{HL7}}}queryResponseCode").get("code"))


def _numbers(content: Any) -> list[str]:
    path = f".//{{{HL7}}}subject1/{{{HL7}}}identifiedPerson/{{{HL7}}}id"
    return [str(each.get("extension")) for each in content.iterfind(path)]


def test_a_person_is_shown_by_number_as_the_schema_has_it(served: Served, database: duckdb.DuckDBPyConnection) -> None:
    nin, gender, born, mother = database.execute(
        "select nin, gender, date_of_birth, mothers_nin from preg_person"
        " where mothers_nin is not null and old_nin is null order by nin limit 1"
    ).fetchall()[0]
    service = _client(served)
    found = service.GetDemographics(_envelope("PRPA_IN101307NO01", nin))
    assert found.controlActProcess.queryAck.queryResponseCode.code == "OK"
    assert found.controlActProcess.queryAck.resultTotalQuantity.value == 1
    assert found.controlActProcess.queryAck.queryId.extension == "7"
    person = found.controlActProcess.subject[0].registrationEvent.subject1.identifiedPerson.identifiedPerson
    assert person.id[0].extension == nin
    assert person.administrativeGenderCode.code == ("M" if gender == 1 else "F")
    assert person.birthTime.value == f"{born:%Y%m%d}"
    relations = {each.code.code: each.relationshipHolder.id[0].extension for each in person.personalRelationship}
    assert relations["MTH"] == mother


def test_every_person_is_an_answer_that_the_schema_takes(served: Served, database: duckdb.DuckDBPyConnection) -> None:
    numbers = [nin for (nin,) in database.execute("select number from person_number order by number").fetchall()]
    for nin in numbers:
        found = _find(served, f'<h:personId><h:value extension="{nin}"/></h:personId>')
        ((present,),) = database.execute("select nin from person_number where number = ?", [nin]).fetchall()
        assert present in _numbers(found)


def test_candidates_are_found_by_name_birth_and_place(served: Served, database: duckdb.DuckDBPyConnection) -> None:
    nin, given, sn, born, postal_code = database.execute(
        "select nin, given_name, sn, date_of_birth, postal_code from preg_person inner join preg_address using (nin)"
        " where current_address and postal_code is not null and middle_name is null order by nin limit 1"
    ).fetchall()[0]
    found = _find(
        served,
        f'<h:identifiedPersonAddress><h:value use=""><h:postalCode>{postal_code}</h:postalCode></h:value>'
        "</h:identifiedPersonAddress>"
        f'<h:personBirthTime><h:value value="{born:%Y%m%d}"/></h:personBirthTime>'
        f'<h:personName><h:value use=""><h:given qualifier="">{given}</h:given><h:family qualifier="">{sn}</h:family>'
        "</h:value></h:personName>",
    )
    assert (_code(found), nin in _numbers(found)) == ("OK", True)


def test_nothing_found_and_a_wrong_parameter_have_their_codes(served: Served) -> None:
    name = '<h:personName><h:value use=""><h:family qualifier="">{}</h:family></h:value></h:personName>'
    assert _code(_find(served, name.format("Qqqqqqqqq"))) == "NF"
    empty = _find(served, name.format(""))
    assert _code(empty) == "QE"
    assert "no criterion" in empty.findtext(f".//{{{HL7}}}acknowledgementDetail/{{{HL7}}}text")
    found = _client(served).GetDemographics(_envelope("PRPA_IN101307NO01", NOBODY))
    assert found.controlActProcess.queryAck.queryResponseCode.code == "NF"


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (_envelope("PRPA_IN101307NO01", NOBODY, processing="P"), "processingCode"),
        (_envelope("PRPA_IN101305NO01", NOBODY), "interactionId"),
        (_envelope("PRPA_IN101307NO01", NOBODY, version="2008"), "versionCode"),
        (_envelope("PRPA_IN101307NO01", "12345678901"), "check digits"),
    ],
)
def test_a_message_that_is_not_for_this_server_is_refused(served: Served, message: dict[str, Any], told: str) -> None:
    with pytest.raises(zeep.exceptions.Fault, match=told):
        _client(served).GetDemographics(message)


def test_a_message_without_a_timestamp_of_now_is_refused(served: Served) -> None:
    with pytest.raises(zeep.exceptions.Fault, match="no timestamp"):
        _client(served, timestamp_token=None).GetDemographics(_envelope("PRPA_IN101307NO01", NOBODY))


# What is in the answer of a person, by the field of PREG that it tells.
TELLS = {
    "given_name": f".//{{{HL7}}}given",
    "sn": f".//{{{HL7}}}family[@qualifier='']",
    "middle_name": f".//{{{HL7}}}family[@qualifier='MID']",
    "reg_status": f".//{{{HL7}}}deceasedInd",
    "date_of_birth": f".//{{{HL7}}}birthTime",
    "gender": f".//{{{HL7}}}administrativeGenderCode",
    "marital_status": f".//{{{HL7}}}maritalStatusCode",
    "citizenship": f".//{{{HL7}}}asCitizen",
    "mothers_nin": f".//{{{HL7}}}code[@code='MTH']",
    "fathers_nin": f".//{{{HL7}}}code[@code='FTH']",
    "spouse_nin": f".//{{{HL7}}}code[@code='SPS']",
}


@pytest.mark.parametrize("profile", [profile.name for profile in read_access_profiles(Settings())])
def test_a_hidden_address_is_masked_and_what_a_profile_does_not_receive_is_not_there(
    served: Served, database: duckdb.DuckDBPyConnection, profile: str
) -> None:
    hidden = database.execute(
        "select nin, bool_or(postal_address is not null or postal_code is not null) as shows_another"
        " from preg_address where current_address group by nin having bool_or(postal_type in (6, 7)) order by nin"
    ).fetchall()
    assert hidden
    found = find_access_profile(served.settings, profile)
    seen = set()
    for nin, shows_another in hidden:
        answer = _find(served, f'<h:personId><h:value extension="{nin}"/></h:personId>', profile)
        masked = answer.findall(f".//{{{HL7}}}addr[@nullFlavor='MSK']")
        assert bool(masked) == (found.file.protected == "kind")
        assert not any(len(address) or address.text for address in masked)
        assert shows_another or not answer.findall(f".//{{{HL7}}}addr/*")
        seen |= {field for field, path in TELLS.items() if answer.find(path) is not None}
    assert seen.isdisjoint(found.blank_columns("preg_person"))
    assert {"reg_status", "date_of_birth"} - set(found.blank_conditions()) <= seen


def test_the_wsdl_that_is_served_leads_back_to_the_server(served: Served) -> None:
    answer = served.http.get(f"{PLACE}?wsdl")
    assert f"https://testserver{PLACE}".encode() in answer.content
    assert b"127.0.0.1" not in answer.content
    for name in ("PersonRegistry.xsd", "PersonRegistry1.xsd"):
        assert served.http.get(f"/Gondor.Query.HL7/{name}").status_code == 200
