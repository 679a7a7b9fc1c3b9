"""Synthetic persons for tests, in the formats of Freg and Persontjenesten, written out by hand."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

from ingest.contracts.numbers import K1_WEIGHTS, K2_WEIGHTS


@cache
def number(birth: str, serial: int, *, d_number: bool = False, k1_remainder: int = 0) -> str:
    """A valid synthetic number (month + 80) for a birth date; of the serials from `serial` on, the first that has one.

    k1_remainder: what the k1 sum leaves, 0 before 2032 and 0 to 3 after.
    """
    day = dt.date.fromisoformat(birth)
    for candidate in range(serial, 1000):
        digits = f"{day.day + (40 if d_number else 0):02d}{day.month + 80:02d}{day.year % 100:02d}{candidate:03d}"
        for k1 in range(10):
            with_k1 = digits + str(k1)
            if _sum(with_k1, K1_WEIGHTS) % 11 != k1_remainder:
                continue
            for k2 in range(10):
                if _sum(with_k1 + str(k2), K2_WEIGHTS) % 11 == 0:
                    return with_k1 + str(k2)
    raise ValueError(f"no number for {birth} from serial {serial}")


def _sum(digits: str, weights: tuple[int, ...]) -> int:
    return sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=True))


def entry(valid_from: str | None = "2020-01-01", *, current: bool = True, **members: Any) -> dict[str, Any]:
    """A Freg entry with its metadata."""
    meta: dict[str, Any] = {"ajourholdstidspunkt": "2020-01-02T10:00:00.000+01:00", "erGjeldende": current}
    if valid_from:
        meta["gyldighetstidspunkt"] = f"{valid_from}T00:00:00.000+01:00"
    return {**meta, **members}


def number_entry(
    nin: str, *, in_use: bool = True, d_number: bool = False, valid_from: str = "2000-01-01"
) -> dict[str, Any]:
    """An entry of identifikasjonsnummer."""
    return entry(
        valid_from,
        current=in_use,
        status="iBruk" if in_use else "opphoert",
        foedselsEllerDNummer=nin,
        identifikatortype="dNummer" if d_number else "foedselsnummer",
    )


def freg_person(nin: str, birth: str = "1980-05-17", **elements: Any) -> dict[str, Any]:
    """A resident with the elements that everybody has; `elements` replace or add, None leaves one out."""
    person: dict[str, Any] = {
        "identifikasjonsnummer": [number_entry(nin)],
        "status": [entry(birth, status="bosatt")],
        "kjoenn": [entry(birth, kjoenn="kvinne")],
        "foedsel": [entry(birth, foedselsdato=birth, foedselsaar=int(birth[:4]), foedeland="NOR")],
        "navn": [entry(birth, fornavn="Kari", etternavn="Nordmann")],
        "statsborgerskap": [entry(birth, statsborgerskap="NOR", ervervsdato=birth)],
        "sivilstand": [entry(birth, sivilstand="ugift")],
        **elements,
    }
    return {name: value for name, value in person.items() if value is not None}


def freg_line(sequence: int, person: dict[str, Any] | None, event: str | None = None, **given: Any) -> dict[str, Any]:
    """A line of a Freg delivery."""
    return {
        "sekvensnummer": sequence,
        "dokumentidentifikator": f"document-{sequence}",
        "hendelsetype": event,
        "ajourholdstidspunkt": "2026-01-01T01:02:03.456+01:00",
        "folkeregisterperson": person,
        **given,
    }


def residence(
    street: str = "Storgata",
    house: str = "1",
    *,
    letter: str | None = None,
    kommune: str = "0301",
    adresse_id: str | None = "200000001",
    grade: str = "ugradert",
    current: bool = True,
    moved: str = "2020-01-01",
    dwelling: str | None = "H0101",
    **members: Any,
) -> dict[str, Any]:
    """An entry of bostedsadresse at a street address."""
    house_number: dict[str, str] = {"husnummer": house, **({"husbokstav": letter} if letter else {})}
    street_address: dict[str, Any] = {
        "kommunenummer": kommune,
        "adressenavn": street,
        "adressenummer": house_number,
        "adressekode": "12345",
        "poststed": {"poststedsnavn": "OSLO", "postnummer": "0184"},
    }
    if dwelling:
        street_address["bruksenhetsnummer"] = dwelling
    given: dict[str, Any] = {"vegadresse": street_address, "adressegradering": grade, "flyttedato": moved}
    if adresse_id:
        given["adresseIdentifikatorFraMatrikkelen"] = adresse_id
    return entry(moved, current=current, **given, **members)


def matrikkel_csv(*addresses: dict[str, str]) -> bytes:
    """matrikkelenAdresse.csv with the columns that the addresses name."""
    columns = list(dict.fromkeys(name for address in addresses for name in address))
    lines = [";".join(columns)] + [";".join(address.get(column, "") for column in columns) for address in addresses]
    return ("\n".join(lines) + "\n").encode()


STORGATA_1 = {
    "lokalId": "200000001",
    "kommunenummer": "0301",
    "kommunenavn": "OSLO",
    "adressetype": "vegadresse",
    "adressekode": "12345",
    "adressenavn": "Storgata",
    "nummer": "1",
    "bokstav": "",
    "EPSG-kode": "25833",
    "Nord": "6649321,50",
    "Øst": "262871.25",
    "postnummer": "0184",
    "poststed": "OSLO",
    "grunnkretsnummer": "03010105",
    "grunnkretsnavn": "Sentrum 1",
    "valgkretsnummer": "0012",
}

GRUNNKRETS_BYDEL = b"grunnkretsnummer;grunnkretsnavn;bydelsnummer;bydelsnavn\n03010105;Sentrum 1;030101;Gamle Oslo\n"


def persontjenesten_person(person_id: str, nin: str, birth: str = "1980-05-17", **elements: Any) -> dict[str, Any]:
    """The person of `freg_person` as Persontjenesten gives it."""

    def pt(valid_from: str | None = birth, *, valid: bool = True, **members: Any) -> dict[str, Any]:
        meta: dict[str, Any] = {"registeredAt": "2020-01-02T10:00:00+01:00", "isValid": valid}
        return {**meta, "validFrom": f"{valid_from}T00:00:00+01:00", **members}

    person: dict[str, Any] = {
        "id": person_id,
        "sequenceNumber": 1,
        "norwegianIdentificationNumber": [
            pt(
                "2000-01-01",
                status="InUse",
                identificationNumber=nin,
                identificationNumberType="NationalIdentityNumber",
            )
        ],
        "status": [pt(status="Resident")],
        "gender": [pt(gender="Female")],
        "birth": [pt(birthDate=f"{birth}T00:00:00", birthYear=birth[:4])],
        "name": [pt(givenName="Kari", familyName="Nordmann")],
        "citizenship": [pt(countryCode="NOR", aquiredDate=f"{birth}T00:00:00")],
        "maritalStatus": [pt(status="Unmarried")],
        **elements,
    }
    return {name: value for name, value in person.items() if value is not None}
