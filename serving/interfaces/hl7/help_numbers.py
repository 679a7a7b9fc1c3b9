"""The four operations on common help numbers: what a message asks for, and the answer to it.

By `contract/PersonRegistry.xsd`. Inferred, as no public source tells of it: the id of the message is the client's key
of the call; a reasonCode NoneOfThese says that the person is none of the proposed duplicates; of a link, the official
number and the help number stand anywhere in the subject; the birthplace is the city of an address.
"""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from ingest.contracts.numbers import is_help_number
from serving.access.entry import Caller
from serving.calls import Services, checked_number
from serving.help_numbers.person import Details
from serving.help_numbers.seen import Seen
from serving.help_numbers.service import By, Duplicates
from serving.interfaces.hl7.messages import (
    GENDERS,
    HL7,
    acknowledged_xml,
    address_parts,
    day_of,
    name_parts,
    refuse_others,
    subject_xml,
    written_id,
)
from serving.interfaces.preg_xml import Operation
from serving.services.look_up import Refused
from serving.store.read_store import Reader

# Operation → the messages of its request and its answer.
MESSAGES = {
    "AddPerson": ("PRPA_IN101311NO01", "PRPA_IN101319NO01"),
    "RevisePersonRecord": ("PRPA_IN101314NO01", "PRPA_IN101319NO01"),
    "LinkPersonRecords": ("PRPA_IN101901NO01", "MCAI_IN000004NO01"),
    "UnlinkPersonRecords": ("PRPA_IN101911NO01", "MCAI_IN000004NO01"),
}
_NONE_OF_THESE = "NoneOfThese"
_MARITAL_STATUS = range(10)

_Change = Callable[[By], Seen | Duplicates]


def read_change(
    name: str, message: etree._Element, services: Services, caller: Caller, wrapped: Callable[[str, str], str]
) -> Operation:
    """The operation of a message. wrapped: the answer's element around a content, by the operation's name.

    Raises `Refused` for a message that is not for this server, or has not what is needed.
    """
    question, reply = MESSAGES[name]
    code = services.serving.processing_code
    refuse_others(message, question, code)
    key = _key(message)
    why = " ".join("".join(each.itertext()).strip() for each in message.iterfind(_path("controlActProcess", "text")))
    numbers, change = _change_of(name, message, services)

    def ask(_element: etree._Element, reader: Reader) -> Seen | Duplicates:
        return change(By(caller.client, reader, key, why))

    def write(found: Seen | Duplicates) -> str:
        return wrapped(name, _answer_xml(found, reply, code, written_id(message.find(_path("id")))))

    return Operation(name, lambda _element: numbers, ask, write)


def _change_of(name: str, message: etree._Element, services: Services) -> tuple[list[str], _Change]:
    """The numbers that a message names, and what is to be done."""
    help_numbers = services.help_numbers
    if name == "AddPerson":
        details = _details(message)
        reasons = message.iterfind(_path("controlActProcess", "reasonCode"))
        none_of_these = any(each.get("code") == _NONE_OF_THESE for each in reasons)
        return [], lambda by: help_numbers.requisition(by, details, none_of_these=none_of_these)
    numbers = _numbers(message)
    ours = [number for number in numbers if is_help_number(number)]
    official = [number for number in numbers if not is_help_number(number)]
    if len(ours) != 1:
        raise Refused("the message has to have one common help number", todo="give it as an id of the subject")
    if name == "LinkPersonRecords":
        if len(official) != 1:
            raise Refused(
                "the message has to have one official number",
                todo="give it as the id of the identifiedPerson, which is kept",
            )
        return [*ours, *official], lambda by: help_numbers.link(by, ours[0], official[0])
    if name == "UnlinkPersonRecords":
        return ours, lambda by: help_numbers.unlink(by, ours[0])
    details = _details(message)
    return ours, lambda by: help_numbers.change(by, ours[0], details)


def _answer_xml(found: Seen | Duplicates, interaction: str, code: str, message_id: str) -> str:
    """The message of an answer: an error with those who may be the same, or what is registered now."""
    if isinstance(found, Duplicates):
        why = (
            "persons with the same day of birth and a name that sounds alike have a number: if the person is none of"
            f" them, send the message again with a reasonCode {_NONE_OF_THESE}"
        )
        begins = acknowledged_xml(interaction, code, message_id, why, accepted=False)
        return begins + _act_xml("".join(map(subject_xml, found.persons)))
    begins = acknowledged_xml(interaction, code, message_id, "", accepted=True)
    if interaction == "MCAI_IN000004NO01":
        return begins
    return begins + _act_xml(subject_xml(found.record | {"birthplace": found.birthplace}))


def _act_xml(subjects: str) -> str:
    return f'<controlActProcess classCode="CACT" moodCode="EVN">{subjects}</controlActProcess>'


def _path(*names: str) -> str:
    return "/".join(f"{{{HL7}}}{name}" for name in names)


def _key(message: etree._Element) -> str:
    """The client's own name of the call: the id of its message. Raises `Refused`."""
    identifier = message.find(_path("id"))
    parts = [] if identifier is None else [identifier.get("root"), identifier.get("extension")]
    key = ":".join(part for part in parts if part)
    if not key:
        raise Refused("the message has no id", todo="give each message one of its own; repeat a message as it is")
    return f"hl7:{key}"


def _request(message: etree._Element) -> etree._Element:
    request = message.find(_path("controlActProcess", "subject", "registrationRequest"))
    if request is None:
        raise Refused("the message has no registrationRequest", todo="see PersonRegistry.svc?wsdl")
    return request


def _numbers(message: etree._Element) -> list[str]:
    """Every number of a person that the subject of a message names, once each."""
    request = _request(message)
    named = [
        *request.iterfind(_path("subject1", "identifiedPerson", "id")),
        *request.iterfind(_path("subject1", "identifiedPerson", "identifiedBy", "otherIdentifiedPerson", "id")),
        *request.iterfind(_path("replacementOf", "priorRegistration", "subject1", "priorRegisteredRole", "id")),
    ]
    return list(dict.fromkeys(checked_number(each.get("extension"), "an identifier") for each in named))


def _details(message: etree._Element) -> Details:
    """What a message tells of a person. Raises `Refused`."""
    person = _request(message).find(_path("subject1", "identifiedPerson", "identifiedPerson"))
    if person is None:
        raise Refused("the message has no identifiedPerson", todo="see PersonRegistry.svc?wsdl")
    names = name_parts(person.iterfind(_path("name")))
    address = address_parts(person.iterfind(_path("addr")))
    gender = person.find(_path("administrativeGenderCode"))
    born, died = (person.find(_path(each)) for each in ("birthTime", "deceasedTime"))
    dead = person.find(_path("deceasedInd"))
    places = [
        " ".join(text.strip() for text in each.itertext() if text.strip())
        for path in (("birthPlace", "addr"), ("birthPlace", "birthplace", "addr"))
        for each in person.iterfind(_path(*path))
    ]
    return Details(
        given_name=names["given"],
        middle_name=names["middle"],
        family_name=names["family"],
        gender=None if gender is None else GENDERS.get(gender.get("code") or ""),
        date_of_birth=None if born is None else day_of(born),
        is_dead=(dead is not None and dead.get("value") == "true") or died is not None,
        date_of_death=None if died is None else day_of(died),
        co_address=address["careOf"],
        street=address["street"],
        postal_code=address["postalCode"],
        postal_place=address["city"],
        kommune=address["county"],
        country=address["country"],
        marital_status=_marital_status(person.find(_path("maritalStatusCode"))),
        birthplace=next(filter(None, places), ""),
    )


def _marital_status(element: etree._Element | None) -> int | None:
    code = None if element is None else element.get("code")
    if not code:
        return None
    if code not in map(str, _MARITAL_STATUS):
        raise Refused("there is no such marital status", todo="give PREG's code, 0 to 9")
    return int(code)
