"""PREG's HL7 service: `/Gondor.Query.HL7/PersonRegistry.svc`, two queries and the four operations on help numbers."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from lxml import etree
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from serving.access.entry import Caller
from serving.calls import Services
from serving.interfaces.hl7 import help_numbers
from serving.interfaces.hl7.messages import HL7, Answer, Query, answer_xml, read_query
from serving.interfaces.preg_xml import Operation
from serving.interfaces.soap.exchange import SoapService, answer, described
from serving.services.look_up import NotForProfile, Refused, records_of
from serving.services.records import Record
from serving.services.search import search
from serving.store.read_store import Reader

CONTRACT = Path(__file__).with_name("contract")
_FOLDER = "/Gondor.Query.HL7"
PLACE = f"{_FOLDER}/PersonRegistry.svc"
_PUBLISHED = {f"https://localhost{PLACE}", "http://127.0.0.1:8080/hl7/PersonRegistry"}
_SERVICE_NAMESPACE = "http://tempuri.org/"
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"

# Operation → the messages of its request and its answer.
_QUERIES = {
    "FindCandidates": ("PRPA_IN101305NO01", "PRPA_IN101306NO01"),
    "GetDemographics": ("PRPA_IN101307NO01", "PRPA_IN101308NO01"),
}


@cache
def schema() -> etree.XMLSchema:
    """The schema of all messages."""
    return etree.XMLSchema(etree.parse(str(CONTRACT / "PersonRegistry1.xsd")))


async def answer_directly(request: Request, services: Services) -> Response | None:
    """The answer to a call of an operation; None for any other call."""
    if request.scope["path"] != PLACE or request.method != "POST":
        return None
    return await answer(request, services, _SERVICE)


def routes(services: Services) -> list[Route]:
    """The WSDL of the service (`?wsdl`), and its schemas."""

    async def wsdl(request: Request) -> Response:
        if request.url.query.lower() not in ("wsdl", "singlewsdl"):
            return Response(f"PREG's HL7 service. Its description: {PLACE}?wsdl\n", media_type="text/plain")
        file = etree.parse(str(CONTRACT / "PersonRegistry1.wsdl"))
        content = described(file, request, services, PLACE, _PUBLISHED)
        return Response(content, media_type="text/xml; charset=utf-8")

    def schema_file(name: str) -> Route:
        async def file(_request: Request) -> Response:
            return Response((CONTRACT / name).read_bytes(), media_type="text/xml; charset=utf-8")

        return Route(f"{_FOLDER}/{name}", file, methods=["GET"])

    files = [schema_file(name) for name in ("PersonRegistry.xsd", "PersonRegistry1.xsd")]
    return [Route(PLACE, wsdl, methods=["GET"]), *files]


def _read(element: etree._Element, services: Services, caller: Caller) -> Operation:
    """The operation that an element asks for. Raises `Refused`."""
    name = etree.QName(element).localname if etree.QName(element).namespace == _SERVICE_NAMESPACE else ""
    if name not in (*_QUERIES, *help_numbers.MESSAGES):
        raise Refused("there is no such operation", todo=f"there are: {', '.join((*_QUERIES, *help_numbers.MESSAGES))}")
    valid = schema()
    if not valid.validate(element):
        line = valid.error_log[0].line
        raise Refused(f"the message is not as the schema has it (line {line})", todo=f"see {PLACE}?wsdl")
    if len(element) != 1:
        raise Refused("the message has no content", todo=f"see {PLACE}?wsdl")
    if name in help_numbers.MESSAGES:
        return help_numbers.read_change(name, element[0], services, caller, _wrapped)
    question, reply = _QUERIES[name]
    code = services.serving.processing_code
    query = read_query(element[0], question, code)
    return Operation(
        name,
        lambda _element: list(query.numbers),
        lambda _element, reader: _ask(reader, query, name),
        lambda found: _wrapped(name, answer_xml(found, reply, code)),
        is_quick=name == "GetDemographics" and len(query.numbers) == 1,
    )


def _wrapped(name: str, content: str) -> str:
    """The element of an operation's answer."""
    return (
        f'<t:{name}Response xmlns:t="{_SERVICE_NAMESPACE}"><t:{name}Result xmlns="{HL7}" xmlns:xsi="{_INSTANCE}"'
        f' ITSVersion="XML_1.0">{content}</t:{name}Result></t:{name}Response>'
    )


_SERVICE = SoapService("hl7", f"{_SERVICE_NAMESPACE}IPersonRegistry/", _read, timestamp_needed=True)


def _ask(reader: Reader, query: Query, name: str) -> Answer:
    if query.numbers:
        found = records_of(reader, [_present(reader, number) for number in query.numbers])
        return _answer(query, found, len(found))
    if name == "GetDemographics":
        return Answer(query, [], 0, "QE", "the query has no identifiedPersonIdentifier")
    try:
        page = search(reader, query.criteria, 1, query.per_page, help_numbers_too=True)
    except NotForProfile:
        raise
    except Refused as refused:
        return Answer(query, [], 0, "QE", f"{refused.what}: {refused.todo}" if refused.todo else refused.what)
    return _answer(query, page.persons, page.total)


def _present(reader: Reader, number: str) -> str:
    """The number that a person goes by now: HL7 has one record per person, with all identifiers."""
    row = reader.row("select nin from person_number where number = :number", {"number": number})
    if row is None and reader.help_numbers is not None:
        return reader.help_numbers.official_number(reader, number) or number
    return number if row is None else str(row["nin"])


def _answer(query: Query, persons: list[Record], total: int) -> Answer:
    return Answer(query, persons, total, "OK" if persons else "NF")
