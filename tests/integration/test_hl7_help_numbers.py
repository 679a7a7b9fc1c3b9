"""The four HL7 operations on common help numbers: messages valid by the schema both ways, and what they do."""

from __future__ import annotations

import uuid
from typing import Any

import duckdb
import pytest
import zeep
import zeep.exceptions
from lxml import etree
from zeep.wsse.username import UsernameToken

from ingest.contracts.numbers import is_help_number
from serving.interfaces.hl7.person_registry import CONTRACT, PLACE, schema
from tests.integration.test_hl7 import HL7, SERVICE, _data, _timestamp
from tests.support.serving import InProcess, Served

pytestmark = pytest.mark.xdist_group("built sample")

SECURITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
SOAP = "http://www.w3.org/2003/05/soap-envelope"
AUTHOR = (
    '<author typeCode="AUT"><assignedEntity classCode="ASSIGNED"><assignedPerson classCode="PSN"'
    ' determinerCode="INSTANCE"/></assignedEntity></author>'
)
PERSON = (
    '<name use="L"><given qualifier="">Testine</given><family qualifier="MID">Prøve</family>'
    '<family qualifier="">Åttesjusen</family></name>'
    '<administrativeGenderCode code="F"/><birthTime value="19710304"/><deceasedInd value="true"/>'
    '<deceasedTime value="20260203"/><addr use="H"><streetAddressLine>Prøveveien 7</streetAddressLine>'
    "<postalCode>0001</postalCode><city>OSLO</city><county>0301</county></addr>"
    '<maritalStatusCode code="1"/><birthPlace classCode="BIRTHPL"><addr use="H"><city>Vardø</city></addr></birthPlace>'
)


def _post(mine: Served, operation: str, message: str, content: str, **given: Any) -> Any:
    """The answer to a message, as it is sent; given: message_id, reason, by."""
    name, password = given.get("by") or mine.requisitioner()
    stamp = etree.tostring(_timestamp(), encoding="unicode")
    reason = f'<reasonCode code="{given["reason"]}"/>' if "reason" in given else ""
    request = (
        f'<{operation} xmlns="{SERVICE}"><request xmlns="{SERVICE}"><id xmlns="{HL7}" root="{_id(given)}"/>'
        f'<interactionId xmlns="{HL7}" root="2.16.840.1.113883.1.6" extension="{message}"/>'
        f'<processingCode xmlns="{HL7}" code="T"/>'
        f'<controlActProcess xmlns="{HL7}" classCode="CACT" moodCode="EVN">{reason}<subject typeCode="SUBJ">'
        f'<registrationRequest classCode="REG" moodCode="RQO">{content}{AUTHOR}</registrationRequest></subject>'
        f"</controlActProcess></request></{operation}>"
    )
    schema().assertValid(etree.fromstring(request))
    return mine.http.post(
        PLACE,
        content=(
            f'<s:Envelope xmlns:s="{SOAP}"><s:Header><o:Security xmlns:o="{SECURITY}">{stamp}<o:UsernameToken>'
            f"<o:Username>{name}</o:Username><o:Password>{password}</o:Password></o:UsernameToken></o:Security>"
            f"</s:Header><s:Body>{request}</s:Body></s:Envelope>"
        ).encode(),
    )


def _id(given: dict[str, Any]) -> str:
    return str(given.get("message_id") or uuid.uuid4())


def _told(answer: Any) -> Any:
    """The content of an answer, valid by the schema."""
    assert answer.status_code == 200, answer.text
    content = etree.fromstring(answer.content)[1][0]
    schema().assertValid(content)
    return content


def _subject(person: str, identifiers: str = "") -> str:
    inner = f'<identifiedPerson classCode="PSN" determinerCode="INSTANCE">{person}</identifiedPerson>'
    role = f'<identifiedPerson classCode="IDENT">{identifiers}{inner}</identifiedPerson>'
    return f'<subject1 typeCode="SBJ">{role}</subject1>'


def _identifiers(*numbers: str) -> str:
    return "".join(f'<id root="2.16.578.1.12.4.1.4.3" extension="{number}"/>' for number in numbers)


def _numbers(content: Any) -> list[str]:
    path = f".//{{{HL7}}}subject1/{{{HL7}}}identifiedPerson/{{{HL7}}}id"
    return [str(each.get("extension")) for each in content.iterfind(path)]


def _accepted(content: Any) -> str:
    return str(content.find(f".//{{{HL7}}}acknowledgement").get("typeCode"))


def _add(mine: Served, person: str, **given: Any) -> Any:
    return _told(_post(mine, "AddPerson", "PRPA_IN101311NO01", _subject(person), **given))


def _issued(mine: Served) -> str:
    (number,) = _numbers(_add(mine, PERSON, reason="NoneOfThese"))
    return number


def test_a_person_is_added_and_found_again(mine: Served) -> None:
    told = _add(mine, PERSON, reason="NoneOfThese", message_id="6f2a7f0e-3f2c-4a39-9a53-0c62f8f8a001")
    (number,) = _numbers(told)
    assert (_accepted(told), is_help_number(number)) == ("AA", True)
    assert told.find(f".//{{{HL7}}}birthPlace/{{{HL7}}}addr/{{{HL7}}}city").text == "Vardø"
    person = mine.get(f"/help-number/{number}").json()
    assert (person["GivenName"], person["MiddleName"], person["Sn"]) == ("Testine", "Prøve", "Åttesjusen")
    assert (person["Gender"], person["DateOfBirth"], person["Dead"]) == (0, "1971-03-04", True)
    assert (person["DateOfDeath"], person["MaritalStatus"], person["BirthPlace"]) == ("2026-02-03", 1, "Vardø")
    assert (person["Address"]["PostalAddress"], person["Address"]["St"]) == ("Prøveveien 7", "0301")
    # A message that is repeated is answered as before.
    again = _add(mine, PERSON, reason="NoneOfThese", message_id="6f2a7f0e-3f2c-4a39-9a53-0c62f8f8a001")
    assert _numbers(again) == [number]


def test_duplicates_are_proposed_first(mine: Served) -> None:
    number = _issued(mine)
    told = _add(mine, PERSON.replace("Testine", "Thestine"))
    assert _accepted(told) == "AE"
    assert number in _numbers(told)
    assert "NoneOfThese" in told.findtext(f".//{{{HL7}}}acknowledgementDetail/{{{HL7}}}text")


def test_a_record_is_revised(mine: Served) -> None:
    number = _issued(mine)
    changed = PERSON.replace("Åttesjusen", "Nysen")
    told = _told(_post(mine, "RevisePersonRecord", "PRPA_IN101314NO01", _subject(changed, _identifiers(number))))
    assert (_accepted(told), _numbers(told)) == ("AA", [number])
    assert mine.get(f"/help-number/{number}").json()["Sn"] == "Nysen"


def test_records_are_linked_and_unlinked_by_zeep(mine: Served, database: duckdb.DuckDBPyConnection) -> None:
    ((official,),) = database.execute("select min(nin) from preg_person").fetchall()
    number = _issued(mine)
    client = zeep.Client(
        str(CONTRACT / "PersonRegistry1.wsdl"),
        wsse=UsernameToken(*mine.requisitioner(), timestamp_token=_timestamp()),
        transport=InProcess(mine.http),
    )
    service = client.create_service(next(iter(client.wsdl.bindings)), f"https://testserver{PLACE}")

    def message(name: str, *numbers: str) -> dict[str, Any]:
        return {
            "id": _data(root=str(uuid.uuid4())),
            "interactionId": _data(root="2.16.840.1.113883.1.6", extension=name),
            "processingCode": _data(code="T"),
            "controlActProcess": {
                "classCode": "CACT",
                "moodCode": "EVN",
                "subject": {
                    "typeCode": "SUBJ",
                    "registrationRequest": {
                        "classCode": "REG",
                        "moodCode": "RQO",
                        "subject1": {
                            "typeCode": "SBJ",
                            "identifiedPerson": {
                                "classCode": "IDENT",
                                "id": [_data(root="2.16.578.1.12.4.1.4.3", extension=each) for each in numbers],
                            },
                        },
                        "author": {
                            "typeCode": "AUT",
                            "assignedEntity": {
                                "classCode": "ASSIGNED",
                                "assignedPerson": {"classCode": "PSN", "determinerCode": "INSTANCE"},
                            },
                        },
                    },
                },
            },
        }

    linked = service.LinkPersonRecords(message("PRPA_IN101901NO01", official, number))
    assert linked.acknowledgement[0].typeCode == "AA"
    assert mine.get(f"/help-number/{number}").json()["NewNIN"] == official
    # HL7 has one record per person: the one that was kept.
    found = service.GetDemographics(_query(number))
    person = found.controlActProcess.subject[0].registrationEvent.subject1.identifiedPerson
    assert official in [each.extension for each in person.id]
    with pytest.raises(zeep.exceptions.Fault, match="linked already"):
        service.LinkPersonRecords(message("PRPA_IN101901NO01", official, number))
    unlinked = service.UnlinkPersonRecords(message("PRPA_IN101911NO01", number))
    assert unlinked.acknowledgement[0].typeCode == "AA"
    found = service.GetDemographics(_query(number))
    person = found.controlActProcess.subject[0].registrationEvent.subject1.identifiedPerson
    assert [each.extension for each in person.id] == [number]
    for numbers, told in (((official,), "one common help number"), ((number,), "one official number")):
        with pytest.raises(zeep.exceptions.Fault, match=told):
            service.LinkPersonRecords(message("PRPA_IN101901NO01", *numbers))


def _query(number: str) -> dict[str, Any]:
    return {
        "interactionId": _data(root="2.16.840.1.113883.1.6", extension="PRPA_IN101307NO01"),
        "processingCode": _data(code="T"),
        "controlActProcess": {
            "classCode": "CACT",
            "moodCode": "EVN",
            "queryByParameter": {
                "parameterList": {"identifiedPersonIdentifier": [{"value": [_data(extension=number)]}]}
            },
        },
    }


@pytest.mark.parametrize(
    ("operation", "message", "content", "told"),
    [
        ("AddPerson", "PRPA_IN101314NO01", _subject(PERSON), "interactionId"),
        ("AddPerson", "PRPA_IN101311NO01", "", "identifiedPerson"),
        ("AddPerson", "PRPA_IN101311NO01", _subject(""), "no name"),
        ("AddPerson", "PRPA_IN101311NO01", _subject(PERSON.replace("19710304", "19710231")), "no such day"),
        ("AddPerson", "PRPA_IN101311NO01", _subject(PERSON.replace('Code code="1"', 'Code code="77"')), "marital"),
        ("RevisePersonRecord", "PRPA_IN101314NO01", _subject(PERSON), "one common help number"),
        ("RevisePersonRecord", "PRPA_IN101314NO01", _subject(PERSON, _identifiers("12345678901")), "check digits"),
        ("UnlinkPersonRecords", "PRPA_IN101911NO01", "", "one common help number"),
    ],
)
def test_what_cannot_be_done_is_a_fault_that_says_why(
    mine: Served, operation: str, message: str, content: str, told: str
) -> None:
    answer = _post(mine, operation, message, content)
    assert answer.status_code == 400, answer.text
    assert told in etree.fromstring(answer.content).findtext(f".//{{{SOAP}}}Text")
    assert "12345678901" not in answer.text
    assert "Testine" not in answer.text


def test_a_client_that_may_not_requisition_is_refused(mine: Served) -> None:
    answer = _post(mine, "AddPerson", "PRPA_IN101311NO01", _subject(PERSON), by=mine.by())
    assert "may not have common help numbers" in etree.fromstring(answer.content).findtext(f".//{{{SOAP}}}Text")
