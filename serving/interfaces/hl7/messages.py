"""Messages of HL7 v3: what a query asks for, and the answer with its persons.

By `contract/PersonRegistry.xsd`. What PREG's store has and the messages carry is given out; what no public source tells
of how PREG wrote it is inferred: the codes of marital status and citizenship are PREG's own, without a code system.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from xml.sax.saxutils import quoteattr

from lxml import etree

from serving.calls import checked_number
from serving.interfaces.preg_xml import xml_text
from serving.services.look_up import MOST_NUMBERS, Refused, TooMany
from serving.services.records import Record
from serving.services.search import MOST_PER_PAGE, Criteria

HL7 = "urn:hl7-org:v3"
_INTERACTION = "2.16.840.1.113883.1.6"
_VERSION = "NE2010NO"
_RECEIVER = "2.16.578.1.12.4.5.1.1"
_GENDER = "2.16.840.1.113883.5.1"
_RELATION = "2.16.840.1.113883.5.111"
_NUMBERS = "2.16.578.1.12.4.1.4"
# By the first digit: a D-number has 40 added to the day, a common help number begins with 8 or 9.
_KIND_OF_NUMBER = {"4": 2, "5": 2, "6": 2, "7": 2, "8": 3, "9": 3}
_PER_PAGE = 20
_MALE, _DEAD = 1, 5
GENDERS = {"M": 1, "F": 0}
_PROTECTED = (4, 6, 7)


@dataclass(frozen=True)
class Query:
    """A query as it came: the message's and the query's id, the numbers or the criteria that it asks by."""

    message_id: str
    query_id: str
    numbers: tuple[str, ...] = ()
    criteria: Criteria = field(default_factory=Criteria)
    per_page: int = _PER_PAGE


@dataclass(frozen=True)
class Answer:
    """What was found: persons, how many there are, the response code (OK | NF | QE), and why there is none."""

    query: Query
    persons: list[Record]
    total: int
    code: str
    why: str = ""


def read_query(message: etree._Element, name: str, processing_code: str) -> Query:
    """The query of a message. Raises `Refused` for a message that is not for this server."""
    refuse_others(message, name, processing_code)
    query = message.find(f"{{{HL7}}}controlActProcess/{{{HL7}}}queryByParameter")
    if query is None:
        raise Refused(
            "the message has no controlActProcess with a queryByParameter", todo="see PersonRegistry.svc?wsdl"
        )
    query_id = query.find(f"{{{HL7}}}queryId")
    numbers = tuple(
        dict.fromkeys(
            checked_number(value.get("extension"), "the identifier")
            for parameter in ("personId", "identifiedPersonIdentifier")
            for value in _values(query, parameter)
        )
    )
    if len(numbers) > MOST_NUMBERS:
        raise TooMany(f"{len(numbers)} numbers were asked for at once", todo=f"ask for at most {MOST_NUMBERS}")
    quantity = query.find(f"{{{HL7}}}initialQuantity")
    asked = (quantity.get("value") or "") if quantity is not None else ""
    return Query(
        written_id(message.find(f"{{{HL7}}}id")),
        "" if query_id is None else written_id(query_id),
        numbers,
        _criteria(query),
        min(max(int(asked), 1), MOST_PER_PAGE) if asked.isdecimal() and len(asked) < 9 else _PER_PAGE,
    )


def answer_xml(answer: Answer, interaction: str, processing_code: str) -> str:
    """The message of an answer: the content of an element of type `interaction`."""
    shown = len(answer.persons)
    return (
        acknowledged_xml(
            interaction, processing_code, answer.query.message_id, answer.why, accepted=answer.code != "QE"
        )
        + f'<controlActProcess classCode="CACT" moodCode="EVN">{"".join(map(subject_xml, answer.persons))}'
        f"<queryAck>{f'<queryId {answer.query.query_id}/>' if answer.query.query_id else ''}"
        f'<queryResponseCode code="{answer.code}"/><resultTotalQuantity value="{answer.total}"/>'
        f'<resultCurrentQuantity value="{shown}"/><resultRemainingQuantity value="{answer.total - shown}"/></queryAck>'
        "</controlActProcess>"
    )


def acknowledged_xml(interaction: str, processing_code: str, message_id: str, why: str, *, accepted: bool) -> str:
    """What a message of ours begins with: its own id, and whether the message that it answers was accepted."""
    now = dt.datetime.now(dt.UTC)
    detail = f'<acknowledgementDetail typeCode="E"><text>{xml_text(why)}</text></acknowledgementDetail>' if why else ""
    return (
        f'<id root="{uuid.uuid4()}"/><creationTime value="{now:%Y%m%d%H%M%S}+0000"/>'
        f'<versionCode code="{_VERSION}"/><interactionId root="{_INTERACTION}" extension="{interaction}"/>'
        f'<processingCode code="{processing_code}"/><processingModeCode code="T"/><acceptAckCode code="NE"/>'
        f'<receiver typeCode="RCV"><device classCode="DEV" determinerCode="INSTANCE"/></receiver>'
        f'<sender typeCode="SND"><device classCode="DEV" determinerCode="INSTANCE"><id root="{_RECEIVER}"/></device>'
        f'</sender><acknowledgement typeCode="{"AA" if accepted else "AE"}"><targetMessage><id {message_id}/>'
        f"</targetMessage>{detail}</acknowledgement>"
    )


def refuse_others(message: etree._Element, name: str, processing_code: str) -> None:
    """Raise `Refused` for a message of another kind, version or processing code."""
    for element, attribute, expected, needed in (
        ("interactionId", "extension", name, True),
        ("processingCode", "code", processing_code, True),
        ("processingModeCode", "code", "T", False),
        ("versionCode", "code", _VERSION, False),
    ):
        found = message.find(f"{{{HL7}}}{element}")
        if found is None and needed:
            raise Refused(f"the message has no {element}", todo=f"give it with {attribute} {expected}")
        if found is not None and found.get(attribute) != expected:
            raise Refused(
                f"the {element} of the message is not this server's", todo=f"send it with {attribute} {expected}"
            )


def _values(query: etree._Element, parameter: str) -> Iterator[etree._Element]:
    yield from query.iterfind(f"{{{HL7}}}parameterList/{{{HL7}}}{parameter}/{{{HL7}}}value")


def _criteria(query: etree._Element) -> Criteria:
    names = name_parts(_values(query, "personName"))
    days = [day_of(value) for value in _values(query, "personBirthTime")]
    places = address_parts(_values(query, "identifiedPersonAddress"))
    genders = [value.get("code") for value in _values(query, "personAdministrativeGender")]
    return Criteria(
        given_name=names["given"],
        middle_name=names["middle"],
        family_name=names["family"],
        born=days[0] if days else None,
        street=places["street"],
        place=places["city"],
        postal_code=places["postalCode"].replace(" ", ""),
        gender=GENDERS.get(genders[0] or "") if genders else None,
    )


def name_parts(names: Iterable[etree._Element]) -> dict[str, str]:
    """The words of some names by part: given, middle, family; a part that none has is blank."""
    parts: dict[str, list[str]] = {"given": [], "middle": [], "family": []}
    for name in names:
        for part in name:
            kind = etree.QName(part).localname
            if kind == "family" and "MID" in (part.get("qualifier") or "").split():
                kind = "middle"
            if kind in parts:
                parts[kind].append(part.text or "")
    return {kind: " ".join(words).strip() for kind, words in parts.items()}


def address_parts(addresses: Iterable[etree._Element]) -> dict[str, str]:
    """The texts of some addresses by part: street, and other parts by HL7's name; one that none has is blank."""
    kinds = ("street", "city", "postalCode", "careOf", "county", "country")
    parts: dict[str, list[str]] = {kind: [] for kind in kinds}
    for address in addresses:
        for part in address:
            kind = etree.QName(part).localname
            street = kind in ("streetAddressLine", "deliveryAddressLine", "streetName", "houseNumber")
            kind = "street" if street else kind
            if kind in parts:
                parts[kind].append(part.text or "")
    return {kind: " ".join(texts).strip() for kind, texts in parts.items()}


def day_of(value: etree._Element) -> dt.date:
    """The day of a time as HL7 writes it, yyyyMMdd with or without more. Raises `Refused`."""
    low = value.find(f"{{{HL7}}}low")
    text = value.get("value") or (low.get("value") if low is not None else None) or ""
    try:
        return dt.datetime.strptime(text[:8], "%Y%m%d").date()
    except ValueError as error:
        raise Refused("there is no such day", todo="give it as yyyyMMdd") from error


def written_id(identifier: etree._Element | None) -> str:
    """Root and extension of an identifier, as attributes; a message without an id is answered by one of ours."""
    root = (identifier.get("root") if identifier is not None else None) or str(uuid.uuid4())
    extension = identifier.get("extension") if identifier is not None else None
    return f"root={quoteattr(root)}" + (f" extension={quoteattr(extension)}" if extension else "")


def subject_xml(person: Record) -> str:
    """A person as the subject of an answer; `birthplace` as a text, where the record has it."""
    numbers = [person["nin"], *([person["old_nin"]] if person["old_nin"] else [])]
    identifiers = "".join(map(_identifier, numbers))
    addresses = "".join(_address_xml(address) for address in person["addresses"] if address["current_address"])
    return (
        '<subject typeCode="SUBJ"><registrationEvent classCode="REG" moodCode="EVN"><statusCode code="active"/>'
        f'<subject1 typeCode="SBJ"><identifiedPerson classCode="IDENT">{identifiers}'
        f'<identifiedPerson classCode="PSN" determinerCode="INSTANCE">{_identifier(person["nin"])}{_name_xml(person)}'
        f"{_facts_xml(person)}{addresses}{_relations_xml(person)}</identifiedPerson></identifiedPerson></subject1>"
        '<custodian typeCode="CST" xsi:nil="true"/></registrationEvent></subject>'
    )


def _identifier(number: str) -> str:
    return f'<id root="{_NUMBERS}.{_KIND_OF_NUMBER.get(number[0], 1)}" extension={quoteattr(number)}/>'


def _name_xml(person: Record) -> str:
    parts = [
        f'<{part} qualifier="{qualifier}">{xml_text(person[column])}</{part}>'
        for part, qualifier, column in (
            ("given", "", "given_name"),
            ("family", "MID", "middle_name"),
            ("family", "", "sn"),
        )
        if person[column]
    ]
    return f'<name use="L">{"".join(parts)}</name>' if parts else ""


def _facts_xml(person: Record) -> str:
    facts = []
    if person["gender"] is not None:
        code = "M" if person["gender"] == _MALE else "F"
        facts.append(f'<administrativeGenderCode code="{code}" codeSystem="{_GENDER}"/>')
    if person["date_of_birth"]:
        facts.append(f'<birthTime value="{_compact(person["date_of_birth"])}"/>')
    if person["reg_status"] is not None:
        dead = person["reg_status"] == _DEAD
        facts.append(f'<deceasedInd value="{str(dead).lower()}"/>')
        if dead and person["date_status"]:
            facts.append(f'<deceasedTime value="{_compact(person["date_status"])}"/>')
    return "".join(facts)


def _relations_xml(person: Record) -> str:
    parts = []
    if person["marital_status"] is not None:
        parts.append(f'<maritalStatusCode code="{person["marital_status"]}"/>')
    if person["citizenship"]:
        code = f"<code code={quoteattr(person['citizenship'])}/>"
        nation = f'<politicalNation classCode="NAT" determinerCode="INSTANCE">{code}</politicalNation>'
        parts.append(f'<asCitizen classCode="CIT">{nation}</asCitizen>')
    for column, relation in (("mothers_nin", "MTH"), ("fathers_nin", "FTH"), ("spouse_nin", "SPS")):
        if person[column]:
            holder = f'<relationshipHolder classCode="PSN" determinerCode="INSTANCE">{_identifier(person[column])}'
            parts.append(
                f'<personalRelationship classCode="PRS"><code code="{relation}" codeSystem="{_RELATION}"/>{holder}'
                "</relationshipHolder></personalRelationship>"
            )
    if birthplace := person.get("birthplace"):
        city = f'<addr use="H"><city>{xml_text(birthplace)}</city></addr>'
        parts.append(f'<birthPlace classCode="BIRTHPL">{city}</birthPlace>')
    return "".join(parts)


def _address_xml(address: Record) -> str:
    if address["postal_type"] in _PROTECTED:
        # That there is one, and that it is hidden.
        return '<addr use="CONF" nullFlavor="MSK"/>'
    street = " ".join(
        filter(None, (address["street_name"], str(address["house_number"] or ""), address["house_letter"]))
    )
    parts = [
        f"<{part}>{xml_text(value)}</{part}>"
        for part, value in (
            ("careOf", address["co_address"]),
            ("streetAddressLine", address["postal_address"] or street),
            ("unitID", address["apartment_number"]),
            ("postalCode", address["postal_code"]),
            ("city", address["postal_place"]),
            ("county", address["st"]),
            ("precinct", address["district_code"]),
            ("country", address["country"]),
        )
        if value
    ]
    return f'<addr use="H">{"".join(parts)}</addr>' if parts else ""


def _compact(day: str) -> str:
    return day.replace("-", "")
