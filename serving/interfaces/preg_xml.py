"""PREG's record as XML, by the schema that clients have (`soap/contract/PersonService3.xsd`).

Elements in the schema's order, each there; a blank one as PREG writes it, nil. Days are midnights (xs:dateTime).
SOAP and Personregister-XML have the same elements.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

from foundation.database import OSLO
from ingest.contracts.preg import snake_case
from serving.calls import checked_number
from serving.services import look_up
from serving.services.look_up import MOST_NUMBERS, Refused, TooMany
from serving.services.records import Record
from serving.services.search import Criteria, Page, search
from serving.store.read_store import Reader

PREG = "http://register.nhn.no/PR"
DATA = "http://schemas.datacontract.org/2004/07/NHN.Contracts.Data"
ARRAYS = "http://schemas.microsoft.com/2003/10/Serialization/Arrays"
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_XSD = "{http://www.w3.org/2001/XMLSchema}"

CONTRACT = Path(__file__).with_name("soap") / "contract"

# What XML 1.0 cannot have in any form.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# What is written otherwise than it is.
_SPECIAL = re.compile(f"[&<>]|{_NOT_XML.pattern}")

# PREG's answer to a search that was answered, and to one that found too many.
_OK, _TOO_MANY = 0, 1
_PER_PAGE = 20


class Operation:
    """An operation of PREG's service. numbers: those that a request asks for; ask: the answer; write: its XML."""

    def __init__(
        self,
        name: str,
        numbers: Callable[[etree._Element], list[str]],
        ask: Callable[[etree._Element, Reader], Any],
        write: Callable[[Any], str],
        *,
        is_quick: bool = False,
    ) -> None:
        self.name = name
        self.numbers = numbers
        self.ask = ask
        self.write = write
        # Takes well below a millisecond: it may be asked where nothing waits.
        self.is_quick = is_quick


@cache
def schema() -> etree.XMLSchema:
    """The schema of all requests and answers."""
    return etree.XMLSchema(etree.parse(str(CONTRACT / "PersonService3.xsd")))


def read_request(element: etree._Element) -> Operation:
    """The operation that an element asks for. Raises `Refused` when there is none, or the element is not as the schema
    has it."""
    operation = OPERATIONS.get(element.tag)
    if operation is None:
        raise Refused(
            "there is no such operation", todo=f"there are: {', '.join(each.name for each in OPERATIONS.values())}"
        )
    valid = schema()
    # A validator keeps the errors of its last call: one at a time has it.
    if not valid.validate(element):
        first = valid.error_log[0]
        raise Refused(f"the request is not as the schema has it (line {first.line})", todo=_without_values(first))
    return operation


def _without_values(error: etree._LogEntry) -> str:
    """What is wrong, by the element's name; no text of the message, which may be a person's number."""
    found = re.match(r"Element '(\{[^}]*\})?([A-Za-z]+)'", error.message or "")
    where = f"element {found[2]}" if found else "an element"
    return f"{where} is unknown, out of order, or of another type: see PersonService.svc?wsdl"


def persons_xml(name: str, persons: Iterable[Record]) -> str:
    """A list of persons."""
    return f"<{name}>{''.join(person_xml('Person', person) for person in persons)}</{name}>"


def person_xml(name: str, person: Record | None) -> str:
    """A person; nil for none."""
    if person is None:
        return f'<{name} i:nil="true"/>'
    # The schema has the addresses first.
    return f"<{name}>{_addresses_xml('Addresses', person['addresses'])}{_fields_xml('Person', person)}</{name}>"


def _addresses_xml(name: str, addresses: Sequence[Record]) -> str:
    each = "</Address><Address>".join([_fields_xml("Address", address) for address in addresses])
    return f"<{name}><Address>{each}</Address></{name}>" if addresses else f"<{name}/>"


def _fields_xml(entity: str, record: Record) -> str:
    """The elements of a type of the schema, in its order."""
    return "".join(
        [
            nil if (value := record[column]) is None else f"{begin}{write(value)}{end}"
            for column, begin, end, nil, write in _elements(entity)
        ]
    )


def _value_xml(element: str, value: Any, write: Callable[[Any], str]) -> str:
    if value is None:
        return f'<{element} i:nil="true"/>'
    return f"<{element}>{write(value)}</{element}>"


def xml_text(value: Any) -> str:
    """A value as the text of an element; what XML cannot have is shown as a replacement character."""
    text = str(value)
    return escape(_NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)) if _SPECIAL.search(text) else text


def _day(value: str) -> str:
    return f"{value}T00:00:00"


def _truth(value: Any) -> str:
    return "true" if value else "false"


def _decimal(value: float) -> str:
    return f"{value:.2f}"


_WRITERS: dict[str, Callable[[Any], str]] = {"dateTime": _day, "boolean": _truth, "decimal": _decimal}


@cache
def _elements(entity: str) -> tuple[tuple[str, str, str, str, Callable[[Any], str]], ...]:
    """The elements of a type of the schema, in its order, but for the addresses of a person.

    Our column, the tags of a value, the element that says there is none, how values are written.
    """
    tree = etree.parse(str(CONTRACT / "PersonService3.xsd"))
    found = tree.iterfind(f"{_XSD}complexType[@name='{entity}']/{_XSD}sequence/{_XSD}element")
    return tuple(
        (
            snake_case(name),
            f"<{name}>",
            f"</{name}>",
            f'<{name} i:nil="true"/>',
            _WRITERS.get(element.get("type").partition(":")[2], xml_text),
        )
        for element in found
        if (name := element.get("name")) != "Addresses"
    )


def _response(operation: str, result: str) -> str:
    return f'<{operation}Response xmlns="{PREG}" xmlns:i="{_INSTANCE}" xmlns:d="{DATA}">{result}</{operation}Response>'


def _search_xml(page: Page | TooMany) -> str:
    if isinstance(page, TooMany):
        persons, numbers = [], (0, 0, 0, 0)
        code, message, reason = _TOO_MANY, page.what, page.todo
    else:
        persons, numbers = page.persons, (page.page, page.per_page, page.pages, page.total)
        code, message, reason = _OK, "OK", ""
    current, per_page, pages, total = numbers
    each = "".join(person_xml("Person", person) for person in persons)
    return (
        f"<SearchResult><d:Persons>{each}</d:Persons><d:Status><d:Code>{code}</d:Code>"
        f"<d:CurrentPage>{current}</d:CurrentPage><d:Message>{xml_text(message)}</d:Message>"
        + (f"<d:Reason>{xml_text(reason)}</d:Reason>" if reason else '<d:Reason i:nil="true"/>')
        + f"<d:ResultsPerPage>{per_page}</d:ResultsPerPage><d:TotalPages>{pages}</d:TotalPages>"
        f"<d:TotalResults>{total}</d:TotalResults></d:Status></SearchResult>"
    )


def _child(element: etree._Element, *path: str) -> str:
    """The text of an element below; blank where there is none."""
    found = element.find("/".join(path))
    return "" if found is None else (found.text or "").strip()


def day_of(text: str) -> dt.date:
    """The day of an xs:dateTime: of one with a time zone, the day in Oslo. Raises `Refused`."""
    return moment_of(text).date()


def moment_of(text: str) -> dt.datetime:
    """An xs:dateTime, in Oslo. Raises `Refused` for one that is none, or far from any that PREG knows."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused("there is no such day or time", todo="give it as 2026-01-31T00:00:00") from error
    if not 1800 <= moment.year <= 2200:
        raise Refused("the day is out of range", todo="give a day from 1800 to 2200")
    return moment.astimezone(OSLO) if moment.tzinfo is not None else moment.replace(tzinfo=OSLO)


def _number_of(element: etree._Element) -> list[str]:
    return [checked_number(_child(element, f"{{{PREG}}}parameters", f"{{{DATA}}}NIN"), "NIN")]


def _find(element: etree._Element, reader: Reader) -> Record | None:
    (number,) = _number_of(element)
    day = _child(element, f"{{{PREG}}}parameters", f"{{{DATA}}}Date")
    return look_up.find_person(reader, number, day_of(day) if day else None)


def _numbers_of_list(element: etree._Element) -> list[str]:
    given = element.findall(f"{{{PREG}}}listOfNIN/{{{ARRAYS}}}string")
    # Before each is looked at: somebody may send a million.
    if len(given) > MOST_NUMBERS:
        raise TooMany(f"{len(given)} numbers were asked for at once", todo=f"ask for at most {MOST_NUMBERS}")
    return [checked_number(each.text, f"NIN {place} of the list") for place, each in enumerate(given, 1)]


def _number_of_child(element: etree._Element) -> list[str]:
    return [checked_number(_child(element, f"{{{PREG}}}NIN"), "NIN")]


def _time(element: etree._Element) -> tuple[dt.datetime, dt.datetime]:
    begins = _child(element, f"{{{PREG}}}from")
    ends = _child(element, f"{{{PREG}}}to")
    if not begins:
        raise Refused("from is blank", todo="give it as 2026-01-31T00:00:00")
    time = (moment_of(begins), moment_of(ends) if ends else dt.datetime.now(OSLO))
    if time[0] > time[1]:
        raise Refused("from is later than to", todo="give from before to")
    return time


def _whole(text: str, otherwise: int) -> int:
    # The schema has made sure that it is a number.
    return int(text) if text else otherwise


def _search(element: etree._Element, reader: Reader) -> Page | TooMany:
    def given(name: str) -> str:
        return _child(element, f"{{{PREG}}}parameters", f"{{{PREG}}}{name}")

    criteria = Criteria(
        given_name=given("FirstName"),
        middle_name=given("MiddleName"),
        family_name=given("LastName"),
        born=day_of(given("DateOfBirth")) if given("DateOfBirth") else None,
        street=given("Address"),
        place=given("PostalPlace"),
        postal_code=given("ZipCode"),
        kommune=given("MunicipalityCode"),
    )
    # 0, which a client sends that does not set it, is PREG's own number of persons.
    per_page = _whole(given("ResultsPerPage"), 0) or _PER_PAGE
    try:
        too = given("SearchFhNumberPersonsToo") in ("true", "1")
        return search(reader, criteria, _whole(given("Page"), 1) or 1, per_page, help_numbers_too=too)
    except TooMany as refused:
        return refused


def _identity_change_xml(change: Record) -> str:
    return (
        "<IdentityChange>"
        + _value_xml("DateStatus", change["date_status"], _day)
        + _value_xml("NIN", change["nin"], xml_text)
        + _value_xml("OldNIN", change["old_nin"], xml_text)
        + "</IdentityChange>"
    )


def _none(_element: etree._Element) -> list[str]:
    return []


OPERATIONS: dict[str, Operation] = {
    f"{{{PREG}}}{operation.name}": operation
    for operation in (
        Operation("Search", _none, _search, lambda page: _response("Search", _search_xml(page))),
        Operation(
            "GetPerson",
            _number_of,
            _find,
            lambda person: _response("GetPerson", person_xml("GetPersonResult", person)),
            is_quick=True,
        ),
        Operation(
            "GetPersons",
            _numbers_of_list,
            lambda element, reader: look_up.find_persons(reader, _numbers_of_list(element)),
            lambda persons: _response("GetPersons", persons_xml("GetPersonsResult", persons)),
        ),
        Operation(
            "GetAddresses",
            _number_of,
            _find,
            lambda person: _response(
                "GetAddresses",
                '<GetAddressesResult i:nil="true"/>'
                if person is None
                else _addresses_xml("GetAddressesResult", person["addresses"]),
            ),
            is_quick=True,
        ),
        Operation(
            "GetChildren",
            _number_of_child,
            lambda element, reader: look_up.children(reader, *_number_of_child(element)),
            lambda persons: _response("GetChildren", persons_xml("GetChildrenResult", persons)),
        ),
        Operation(
            "GetIdentityChanges",
            _none,
            lambda element, reader: look_up.identity_changes(reader, *(each.date() for each in _time(element))),
            lambda changes: _response(
                "GetIdentityChanges",
                f"<GetIdentityChangesResult>{''.join(map(_identity_change_xml, changes))}</GetIdentityChangesResult>",
            ),
        ),
        Operation(
            "GetChanges",
            _none,
            lambda element, reader: look_up.changes(reader, *_time(element)),
            lambda persons: _response("GetChanges", persons_xml("GetChangesResult", persons)),
        ),
    )
}
