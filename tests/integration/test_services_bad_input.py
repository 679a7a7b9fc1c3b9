"""What strangers and clients gone wrong send: each is told in the form of its interface, with nothing of it."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
import zeep.exceptions
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from serving.interfaces.soap.envelope import SECURITY, SOAP, UTILITY
from tests.support.serving import SOAP as SERVICE
from tests.support.serving import Served

pytestmark = pytest.mark.xdist_group("built sample")

PREG = "http://register.nhn.no/PR"
DATA = "http://schemas.datacontract.org/2004/07/NHN.Contracts.Data"
NOBODY = "08889499150"
GET_PERSON = f'<GetPerson xmlns="{PREG}"><parameters xmlns:d="{DATA}"><d:NIN>{NOBODY}</d:NIN></parameters></GetPerson>'

many = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def envelope(served: Served, content: str = GET_PERSON, header: str = "", security: str | None = None) -> str:
    name, password = served.by()
    token = (
        f'<o:Security xmlns:o="{SECURITY}"><o:UsernameToken><o:Username>{name}</o:Username>'
        f"<o:Password>{password}</o:Password></o:UsernameToken></o:Security>"
    )
    return (
        f'<s:Envelope xmlns:s="{SOAP}"><s:Header>{header}{token if security is None else security}</s:Header>'
        f"<s:Body>{content}</s:Body></s:Envelope>"
    )


def fault_of(answer: Any) -> tuple[str, str]:
    """Code and reason of a fault."""
    root = etree.fromstring(answer.content)
    return root.findtext(f".//{{{SOAP}}}Value"), root.findtext(f".//{{{SOAP}}}Text")


def test_an_envelope_as_it_should_be_is_answered(served: Served) -> None:
    answer = served.http.post(SERVICE, content=envelope(served))
    assert answer.status_code == 200
    assert b"nil" in answer.content


SECURED: dict[str, Callable[[Served], str]] = {
    "no user name token": lambda served: envelope(served, security=""),
    "secure conversation": lambda served: envelope(
        served,
        header='<a:Action xmlns:a="http://www.w3.org/2005/08/addressing">'
        "http://docs.oasis-open.org/ws-sx/ws-trust/200512/RST/SCT</a:Action>",
    ),
    "PasswordText": lambda served: envelope(served).replace("<o:Password>", '<o:Password Type="x#PasswordDigest">'),
    "clock": lambda served: envelope(served).replace(
        "<o:UsernameToken>",
        f'<u:Timestamp xmlns:u="{UTILITY}"><u:Created>2020-01-01T00:00:00Z</u:Created>'
        "<u:Expires>2020-01-01T00:05:00Z</u:Expires></u:Timestamp><o:UsernameToken>",
    ),
    "SOAP 1.1": lambda served: envelope(served).replace(SOAP, "http://schemas.xmlsoap.org/soap/envelope/"),
    "no SOAP 1.2 envelope": lambda _: "<html/>",
    "one element": lambda served: envelope(served, GET_PERSON * 2),
    "understood": lambda served: envelope(served, header='<x:y xmlns:x="urn:x" s:mustUnderstand="1"/>'),
    "same connection": lambda served: envelope(
        served,
        header='<a:ReplyTo xmlns:a="http://www.w3.org/2005/08/addressing"><a:Address>http://a.example</a:Address>'
        "</a:ReplyTo>",
    ),
    "action": lambda served: envelope(
        served, header=f'<a:Action xmlns:a="http://www.w3.org/2005/08/addressing">{PREG}/x</a:Action>'
    ),
    "no such operation": lambda served: envelope(served, f'<Delete xmlns="{PREG}"/>'),
    "element NIN is unknown": lambda served: envelope(served, GET_PERSON.replace(DATA, "urn:other")),
    "check digits": lambda served: envelope(served, GET_PERSON.replace(NOBODY, "12345678901")),
    "blank": lambda served: envelope(served, GET_PERSON.replace(NOBODY, "")),
    "of another type": lambda served: envelope(
        served, GET_PERSON.replace("<d:NIN>", "<d:Date>2026-02-30T00:00:00</d:Date><d:NIN>")
    ),
    "document type": lambda served: '<!DOCTYPE a [<!ENTITY b "c">]>' + envelope(served),
    "no XML": lambda served: envelope(served)[:-3],
}


@pytest.mark.parametrize("told", SECURED)
def test_what_soap_does_not_take_is_a_fault_that_says_why(served: Served, told: str) -> None:
    answer = served.http.post(SERVICE, content=SECURED[told](served))
    assert 400 <= answer.status_code < 500
    code, reason = fault_of(answer)
    assert told in reason
    assert code.partition(":")[2] in ("Sender", "VersionMismatch", "MustUnderstand")
    assert NOBODY not in answer.text
    assert "12345678901" not in answer.text


def test_entities_are_not_expanded_nor_files_read(served: Served) -> None:
    bomb = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha" * 10}">' for n in range(10))
    for body in (
        f"<!DOCTYPE x [{bomb}]><x>&a9;</x>",
        '<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]><x>&y;</x>',
        '<x xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="file:///etc/passwd" parse="text"/></x>',
    ):
        for place in (SERVICE, "/personregister-xml/"):
            answer = served.post(place, body)
            assert answer.status_code == 400
            assert "root:" not in answer.text
            assert "haha" not in answer.text
    utf16 = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x><x/>'.encode("utf-16")
    assert served.post("/personregister-xml/", utf16).status_code == 400


def test_a_body_that_is_too_large_is_not_read_to_its_end(served: Served) -> None:
    body = "<x>" + "a" * (2 << 20)
    assert served.post(SERVICE, body).status_code == 413
    assert served.post("/personregister-xml/", body).status_code == 413
    assert served.post("/preg/search", body).status_code == 413


def test_a_wrong_password_is_told_alike_whoever_it_is(served: Served) -> None:
    name, _ = served.by()
    told = set()
    for user in (name, "nobody-there"):
        answer = served.http.get(f"/preg/person/{NOBODY}", auth=(user, "wrong"))
        told.add((answer.status_code, answer.text))
    assert len(told) == 1
    assert {status for status, _ in told} == {401}
    served.passwords["helseforetak"], kept = "wrong", served.passwords["helseforetak"]
    service = served.soap()
    served.passwords["helseforetak"] = kept
    with pytest.raises(zeep.exceptions.Fault, match="user name or the password"):
        service.GetPerson({"NIN": NOBODY})


def test_who_is_not_let_in_is_told_nothing_else(served: Served) -> None:
    for answer in (
        served.http.get("/preg/person/x"),
        served.http.get("/preg/person/12345678901"),
        served.http.post("/preg/search", content="{"),
        served.http.post("/personregister-xml/", content="<"),
        served.http.get("/preg/changes"),
        served.http.get(f"/preg/person/{NOBODY}", headers={"Authorization": "Basic :"}),
        served.http.get(f"/preg/person/{NOBODY}", headers={"Authorization": "Bearer x"}),
    ):
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Basic")


def test_a_question_without_an_answer_is_a_problem_with_what_to_do(served: Served) -> None:
    for path, status in (
        (f"/preg/person/{NOBODY}", 404),
        ("/preg/person/12345678901", 400),
        ("/preg/person/1234", 422),
        (f"/preg/person/{NOBODY}?date=2026-02-30", 422),
        ("/preg/identity-changes", 422),
        ("/preg/changes?from=2026-01-02T00:00:00&to=yesterday", 422),
        ("/nothing", 404),
    ):
        answer = served.get(path)
        assert answer.status_code == status, path
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == status
        assert "12345678901" not in answer.text
    for body in (
        "",
        "[]",
        '{"Name": "kari"',
        '{"Nme": "kari"}',
        '{"ZipCode": "1"}',
        '{"Name": 3}',
        '{"Page": 0}',
        "\x00",
    ):
        assert served.post("/preg/search", body).status_code == 422
    assert served.post("/preg/search", {}).status_code == 400
    assert served.post("/preg/persons", {"NIN": [NOBODY] * 101}).status_code == 422
    answer = served.post("/preg/persons", {"NIN": [NOBODY, "12345678901"]})
    assert (answer.status_code, answer.json()["detail"]) == (400, "number 2 is no person's number")


@many
@given(st.binary(max_size=400))
def test_no_bytes_are_a_mistake_of_the_service(served: Served, body: bytes) -> None:
    for place in (SERVICE, "/personregister-xml/", "/preg/search", "/preg/persons"):
        assert 400 <= served.post(place, body).status_code < 500


@many
@given(st.text(max_size=80), st.text(max_size=40), st.dates())
def test_no_text_that_is_sought_is_a_mistake_of_the_service(
    served: Served, name: str, street: str, day: dt.date
) -> None:
    body = json.dumps({"Name": name, "Address": street, "DateOfBirth": day.isoformat()})
    answer = served.post("/preg/search", body)
    assert answer.status_code in (200, 400, 422), answer.text


@many
@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="<>&"), max_size=40))
def test_no_text_of_a_request_is_a_mistake_of_the_soap_service(served: Served, text: str) -> None:
    content = f'<Search xmlns="{PREG}"><parameters><FirstName>{text}</FirstName></parameters></Search>'
    assert served.http.post(SERVICE, content=envelope(served, content).encode()).status_code < 500


@many
@given(st.binary(max_size=60))
def test_no_header_of_who_asks_is_a_mistake_of_the_service(served: Served, given_: bytes) -> None:
    header = "Basic " + base64.b64encode(given_).decode()
    answer = served.http.get(f"/preg/person/{NOBODY}", headers={"Authorization": header})
    assert answer.status_code in (401, 429)


def test_a_message_with_very_many_elements_is_not_looked_at(served: Served) -> None:
    arrays = "http://schemas.microsoft.com/2003/10/Serialization/Arrays"
    wrong_one = '<a:string q="1"/>'
    wrong = f'<listOfNIN xmlns:a="{arrays}">{wrong_one * 5000}</listOfNIN>'
    body = f'<GetPersons xmlns="{PREG}">{wrong}</GetPersons>'
    assert "too many elements" in served.post("/personregister-xml/", body).text
    assert "too many elements" in fault_of(served.http.post(SERVICE, content=envelope(served, body)))[1]


def test_a_name_or_password_that_no_client_can_have_is_not_kept(served: Served) -> None:
    for auth in (("x" * 65, "y"), ("x", "y" * 129), ("æ" * 100_000, "")):
        content = envelope(served, security="").replace(
            "<s:Header>",
            f'<s:Header><o:Security xmlns:o="{SECURITY}"><o:UsernameToken><o:Username>{auth[0]}</o:Username>'
            f"<o:Password>{auth[1]}</o:Password></o:UsernameToken></o:Security>",
        )
        assert "user name or the password" in fault_of(served.http.post(SERVICE, content=content.encode()))[1]
    assert all(len(name) <= 64 for name, _ in served.services.entry._failures)


@pytest.mark.parametrize(
    "path", ["/preg/changes?from=0001-01-01T00:00:00", "/preg/changes?from=2026-01-01&to=9999-12-31"]
)
def test_a_time_that_is_far_from_any_is_told(served: Served, path: str) -> None:
    assert served.get(path).status_code == 422
