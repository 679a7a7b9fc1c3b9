"""A person of PREG as Persontjenesten's Person: the mapping of `field_mapping.persontjenesten_path`, the other way.

Every element and member of the successor's schema is there; what PREG never had, or the caller's profile does not
receive, is null, a list empty. docs/services.md tells what cannot be told from PREG's record.
"""

from __future__ import annotations

import copy
import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from foundation.database import OSLO
from ingest.contracts.document import Element
from ingest.contracts.persontjenesten import LEGAL_BASIS_ONLY, person_contract
from serving.services.persontjenesten.words import Words
from serving.services.records import Record

# What is given whichever parts are asked for.
ALWAYS = ("id", "sequenceNumber", "norwegianIdentificationNumber")

# Marital statuses of PREG in which the spouse is one today: married, separated, partner, separated partner.
_HAS_SPOUSE = (2, 5, 6, 7)
_DEAD, _EMIGRATED = 5, 3
_DEPRIVED = "J"
_NO_FIXED_ABODE = 5
_CLIENT_ADDRESS, _STRICTLY_CONFIDENTIAL, _CONFIDENTIAL = 4, 6, 7
_PROTECTED = (_STRICTLY_CONFIDENTIAL, _CONFIDENTIAL)
# Kinds of PostalType that say where else somebody stays.
_STAYS = (1, 2, 3, 8)

_LAST_LINE = re.compile(r"(\d{4}) (.+)", re.ASCII)

Entry = dict[str, Any]


def person_document(
    words: Words,
    person_id: str | None,
    sequence_number: int | None,
    record: Record,
    numbers: Iterable[Mapping[str, Any]],
    children: Iterable[str],
    earlier: Iterable[Record],
) -> dict[str, Any]:
    """The Person of a record.

    numbers: rows of person_number. children: numbers. earlier: records as PREG showed them before, newest first, for
    what is not valid any more.
    """
    found = _blank_person()
    found |= {"id": person_id, "sequenceNumber": sequence_number}
    found["norwegianIdentificationNumber"] = [_number(number) for number in numbers]
    found.update(_of_person(words, record))
    found["death"] = _death(record)
    found["familyRelation"] += [
        _entry("familyRelation", relatedPerson=child, relatedPersonsRole="Child") for child in children
    ]
    _add_earlier(words, found, record, earlier)
    for address in record["addresses"]:
        _add_address(words, found, address)
    return found


def given(document: dict[str, Any], *, legal_basis: bool, parts: Iterable[str], history: bool) -> dict[str, Any]:
    """A Person as a caller gets it: by the basis of the path, the parts asked for, with what held before or without."""
    wanted = {property_of(part) for part in parts}
    found: dict[str, Any] = {}
    for name, value in document.items():
        if wanted and name not in wanted and name not in ALWAYS:
            continue
        if not legal_basis and name in LEGAL_BASIS_ONLY:
            found[name] = [] if isinstance(value, list) else None
        elif not history and isinstance(value, list) and name != "norwegianIdentificationNumber":
            found[name] = [entry for entry in value if entry["isValid"]]
        else:
            found[name] = value
    return found


def property_of(part: str) -> str:
    """The property of a Person that an InformationPart names."""
    return part[:1].lower() + part[1:]


def _of_person(words: Words, record: Record) -> dict[str, list[Entry]]:
    """The elements of a record but number, death and addresses, as it shows them."""
    return {
        "name": _names(record),
        "birth": _births(record),
        "gender": _coded("gender", words.word("Gender", record["gender"]), gender=...),
        "status": _coded("status", words.status(record), status=..., validFrom=_moment(record["date_status"])),
        "maritalStatus": _marital_statuses(words, record),
        "familyRelation": list(_relations(record)),
        "citizenship": _coded(
            "citizenship",
            words.country_of_ssb_code(record["citizenship"]),
            countryCode=...,
            validFrom=_moment(record["date_citizenship"]),
            aquiredDate=_day(record["date_citizenship"]),
        ),
        "parentalResponsibility": _coded(
            "parentalResponsibility",
            words.word("Custody", record["custody"]),
            responsibilityType=...,
            validFrom=_moment(record["date_custody"]),
        ),
        "deprivedLegalAuthority": _coded(
            "deprivedLegalAuthority",
            record["without_legal_capacity"] == _DEPRIVED or None,
            validFrom=_moment(record["date_without_legal_capacity"]),
        ),
        "residencePermit": _permits(words, record),
        "immigrationAuthoritiesIdentificationNumber": _coded(
            "immigrationAuthoritiesIdentificationNumber", record["duf_no"], identificationNumber=...
        ),
        **_moves(words, record),
    }


def _number(row: Mapping[str, Any]) -> Entry:
    in_use = row["status"] == "iBruk"
    return _entry(
        "norwegianIdentificationNumber",
        isValid=in_use,
        status="InUse" if in_use else "Discontinued",
        identificationNumber=row["number"],
        identificationNumberType="DNumber" if row["kind"] == "dNummer" else "NationalIdentityNumber",
    )


def _names(record: Record) -> list[Entry]:
    if not any(record[column] for column in ("given_name", "middle_name", "sn")):
        return []
    return [
        _entry(
            "name",
            validFrom=_moment(record["date_when_name_registered"]),
            givenName=record["given_name"],
            middleName=record["middle_name"],
            familyName=record["sn"],
        )
    ]


def _births(record: Record) -> list[Entry]:
    born = record["date_of_birth"]
    return [] if born is None else [_entry("birth", birthDate=_day(born), birthYear=born[:4])]


def _death(record: Record) -> Entry | None:
    if record["reg_status"] != _DEAD:
        return None
    return _entry("death", deceasedDate=_day(record["date_status"]), validFrom=_moment(record["date_status"]))


def _marital_statuses(words: Words, record: Record) -> list[Entry]:
    if record["marital_status"] is None and record["spouse_nin"] is None:
        return []
    return [
        _entry(
            "maritalStatus",
            status=words.word("MaritalStatus", record["marital_status"]),
            statusDate=_day(record["date_marital_status"]),
            validFrom=_moment(record["date_marital_status"]),
            relatedByMaritalStatus=record["spouse_nin"],
        )
    ]


def _permits(words: Words, record: Record) -> list[Entry]:
    """A permit; of most kinds PREG has the day alone."""
    kind, since = words.word("WorkPermit", record["work_permit"]), record["date_work_permit"]
    if kind is None and since is None:
        return []
    return [_entry("residencePermit", residencePermitType=kind, stayFrom=_day(since))]


def _relations(record: Record) -> Iterator[Entry]:
    for column, role in (("mothers_nin", "Mother"), ("fathers_nin", "Father")):
        if record[column]:
            yield _entry(
                "familyRelation", relatedPerson=record[column], relatedPersonsRole=role, myRoleForRelatedPerson="Child"
            )
    if record["spouse_nin"] and record["marital_status"] in _HAS_SPOUSE:
        role = "SpouseOrPartner"
        yield _entry(
            "familyRelation",
            relatedPerson=record["spouse_nin"],
            relatedPersonsRole=role,
            myRoleForRelatedPerson=role,
        )


def _moves(words: Words, record: Record) -> dict[str, list[Entry]]:
    """Where somebody came from, or went: PREG has one country, and the status tells which it is."""
    country = words.country_of_ssb_code(record["status_country_code"])
    since = _moment(record["date_status"])
    if record["reg_status"] == _EMIGRATED:
        gone = _coded(
            "emigrationFromNorway",
            country,
            emigratedToCountry=...,
            validFrom=since,
            emigratedMoveDate=_day(record["date_status"]),
        )
        return {"emigrationFromNorway": gone, "immigrationToNorway": []}
    # PREG's day is that of the status; when somebody came in is another perhaps.
    come = _coded("immigrationToNorway", country, immigratedFromCountry=...)
    return {"emigrationFromNorway": [], "immigrationToNorway": come}


def _add_earlier(words: Words, found: dict[str, Any], record: Record, earlier: Iterable[Record]) -> None:
    """What PREG showed before of a name, a status, a civil status …: not valid any more, each once, newest first."""
    if record["maiden_name"] and record["maiden_name"] != record["sn"]:
        found["name"].append(_entry("name", isValid=False, familyName=record["maiden_name"]))
    for before in earlier:
        for name, entries in _of_person(words, before).items():
            for entry in entries:
                # A relation has one entry for each relative, others one at a time.
                if not any(_says(entry) == _says(known) for known in found[name]):
                    found[name].append(entry | {"isValid": False})


def _says(entry: Entry) -> Entry:
    return {name: value for name, value in entry.items() if name not in ("isValid", "validTo")}


def _add_address(words: Words, found: dict[str, Any], address: Record) -> None:
    """An address of PREG's as the element that it came from, with its protection and the separate postal address."""
    kind = address["postal_type"]
    if kind in _PROTECTED and address["current_address"]:
        found["addressProtection"].append(
            _entry(
                "addressProtection",
                protectionLevel=words.word("PostalType", kind),
                validFrom=_moment(address["date_postal_type"]),
            )
        )
    if kind in _STAYS:
        found["presentAddress"].append(
            _valid(_entry("presentAddress", stayElsewhere=words.word("PostalType", kind)), address)
        )
    lines = [line for line in (address[f"address_line{place}"] for place in (1, 2, 3)) if line]
    match address["address_type"]:
        case "postadresse":
            found["postalAddress"].append(_valid(_postal(address, lines), address))
        case "postadresseIUtlandet":
            found["foreignPostalAddress"].append(_valid(_postal_abroad(words, address, lines), address))
        case _ if _says_where(address):
            # A profile that does not receive kinds of address does not know it: PREG's is the residence most of all.
            name = "presentAddress" if address["address_type"] == "oppholdsadresse" else "residentialAddress"
            found[name].append(_valid(_place(words, name, address), address))
            if lines:
                _add_lines(words, found, address, lines)
        case _ if kind == _CLIENT_ADDRESS:
            found["residentialAddress"].append(
                _valid(_entry("residentialAddress", addressConfidentiality=words.word("PostalType", kind)), address)
            )


def _says_where(address: Record) -> bool:
    return any(address[column] for column in ("st", "street_name", "postal_code", "postal_place", "country"))


def _valid(entry: Entry, address: Record) -> Entry:
    """An entry of an address, with whether and when it holds."""
    return entry | {
        "isValid": bool(address["current_address"]),
        "validFrom": _moment(address["date_adr_from"]),
        "validTo": _moment(address["valid_to"]),
        "addressConfidentiality": entry["addressConfidentiality"] or _grade(address["postal_type"]),
    }


def _grade(postal_type: int | None) -> str | None:
    """A kind that the caller does not receive is not known: it is not said to be unclassified."""
    known = {
        _CLIENT_ADDRESS: "ClientAddress",
        _STRICTLY_CONFIDENTIAL: "StrictlyConfidential",
        _CONFIDENTIAL: "Confidential",
    }
    return None if postal_type is None else known.get(postal_type, "Unclassified")


def _place(words: Words, name: str, address: Record) -> Entry:
    """Where a residence or a present address is: a street, a plot, a kommune alone, or abroad."""
    began = {"moveDate" if name == "residentialAddress" else "presentAddressDate": _day(address["date_adr_from"])}
    country = words.alpha2.get((address["country"] or "").casefold())
    if name == "presentAddress" and country not in (None, "NO"):
        return _entry(name, **began, foreignAddress=_abroad(address, country))
    kommune = _kommune(address)
    city = {"cityName": address["postal_place"], "postalCode": address["postal_code"]}
    unit = {"separatelyOccupiedUnitNumber": address["apartment_number"], "coAddressName": address["co_address"]}
    where: Entry
    if address["street_name"]:
        where = {
            "streetAddress": kommune
            | unit
            | {
                "addressName": address["street_name"],
                "addressNumber": _house(address),
                "addressCode": address["street_number"],
                "city": city,
            }
        }
    elif address["cadastral_number"] or name == "presentAddress" or address["postal_type"] != _NO_FIXED_ABODE:
        plot = kommune | {
            "municipalityLandNumber": _whole(address["cadastral_number"]),
            "titleNumber": _whole(address["property_number"]),
        }
        where = {"cadastralAddress": unit | {"cadastralNumber": plot, "city": city}}
    else:
        where = {"unknownResidence": kommune}
    districts = (
        {"constituency": _whole(address["constituency"]), "schoolDistrict": _whole(address["school_district"])}
        if name == "residentialAddress"
        else {}
    )
    return _entry(
        name,
        **began,
        **where,
        **districts,
        basicStatisticalUnit=address["basic_statistical_unit"],
        fullBasicStatisticalUnitNumber=address["grunnkrets_number"],
        basicStatisticalUnitName=address["grunnkrets_name"],
        urbanDistrictCode=address["service_district_code"],
        urbanDistrictName=address["service_district_name"],
        geographicalUrbanDistrictCode=address["district_code"],
        geographicalUrbanDistrictName=address["district_name"],
    )


def _kommune(address: Record) -> Entry:
    # Of a D-number PREG has a requisitioner's code here, which is no kommune's.
    return {
        "municipalityNumber": address["st"],
        "municipalityName": address["municipality"],
        "countyNumber": address["st"][:2] if address["st"] and address["municipality"] else None,
    }


def _house(address: Record) -> Entry:
    number = address["house_number"]
    return {"houseNumber": None if number is None else str(number), "houseLetter": address["house_letter"]}


def _abroad(address: Record, country: str | None) -> Entry:
    return {
        "coAddressName": address["co_address"],
        "addressName": address["street_name"],
        "postCode": address["postal_code"],
        "cityOrPlaceName": address["postal_place"],
        "countryCode": country,
    }


def _postal(address: Record, lines: list[str]) -> Entry:
    city = {"cityName": address["postal_place"], "postalCode": address["postal_code"]}
    if address["street_name"]:
        street = {
            "coAddressName": address["co_address"],
            "addressName": address["street_name"],
            "streetAddressNumber": _house(address),
            "addressCode": address["street_number"],
            "separatelyOccupiedUnitNumber": address["apartment_number"],
            "city": city,
        }
        return _entry("postalAddress", streetAddress=street)
    return _entry("postalAddress", freeFormPostalAddress={"addressLine": lines[:-1] or lines, "city": city})


def _postal_abroad(words: Words, address: Record, lines: list[str]) -> Entry:
    country = words.alpha2.get((address["country"] or "").casefold())
    if address["street_name"]:
        return _entry("foreignPostalAddress", foreignAddress=_abroad(address, country))
    free = {
        "addressLine": lines[:-1] or lines,
        "postCode": address["postal_code"],
        "cityOrPlaceName": address["postal_place"],
        "countryCode": country,
    }
    return _entry("foreignPostalAddress", freeFormForeignAddress=free)


def _add_lines(words: Words, found: dict[str, Any], address: Record, lines: list[str]) -> None:
    """The separate postal address: PREG has its lines alone, the last with postal code and place."""
    since = {"validFrom": _moment(address["postal_address_valid_from"]), "isValid": bool(address["current_address"])}
    grade = {"addressConfidentiality": "Unclassified"}
    abroad = words.country_at_end(lines[-1])
    if abroad is not None:
        code, _, place = abroad[0].partition(" ")
        free = {
            "addressLine": lines[:-1],
            "postCode": code if place else None,
            "cityOrPlaceName": place or code,
            "countryCode": abroad[1],
        }
        found["foreignPostalAddress"].append(
            _entry("foreignPostalAddress", freeFormForeignAddress=free, **grade) | since
        )
        return
    last = _LAST_LINE.fullmatch(lines[-1])
    city = {"postalCode": last[1], "cityName": last[2]} if last else {}
    found["postalAddress"].append(
        _entry(
            "postalAddress", freeFormPostalAddress={"addressLine": lines[:-1] if last else lines, "city": city}, **grade
        )
        | since
    )


def _coded(element: str, known: Any, **given: Any) -> list[Entry]:
    """The one entry of an element, `known` in the place of `...`; none where it is not known."""
    if known is None:
        return []
    return [_entry(element, **{name: known if value is ... else value for name, value in given.items()})]


def _entry(element: str, **given: Any) -> Entry:
    """An entry of an element: every member of the contract is there, what is not given null. Raises KeyError."""
    blank = copy.deepcopy(_blank_entry(element))
    if "isValid" in blank:
        blank["isValid"] = True
    return _filled(blank, given, _elements()[element])


def _filled(blank: Entry, given: Entry, element: Element) -> Entry:
    members = {child.name: child for child in element.children}
    for name, value in given.items():
        child = members[name]
        if isinstance(value, dict):
            blank[name] = _filled(_blank(child.children), value, child)
        else:
            blank[name] = value
    return blank


def _blank(elements: Iterable[Element]) -> Entry:
    return {element.name: [] if element.repeated else None for element in elements}


def _blank_person() -> dict[str, Any]:
    return _blank(_elements().values())


@cache
def _blank_entry(element: str) -> Entry:
    return _blank(_elements()[element].children)


@cache
def _elements() -> dict[str, Element]:
    return {element.name: element for element in person_contract().elements}


def _moment(day: str | None) -> str | None:
    """The beginning of a day in Oslo, as Persontjenesten writes when something began to hold."""
    if day is None:
        return None
    return dt.datetime.combine(dt.date.fromisoformat(day), dt.time(), OSLO).isoformat(timespec="milliseconds")


def _day(day: str | None) -> str | None:
    """A day as Persontjenesten writes one that has no time of its own."""
    return None if day is None else f"{day}T00:00:00"


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None
