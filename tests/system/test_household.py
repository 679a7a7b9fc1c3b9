"""Who lives, or has post sent, where a protected person lives is hidden, however it is written; neighbours are not.

Every protected person has a house of their own, in which somebody else's address is written in another way.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.support.deliveries import deliver, deliver_documents
from tests.support.file_bytes import places_of, rows_that_are_not_shown
from tests.support.persons import (
    GRUNNKRETS_BYDEL,
    STORGATA_1,
    entry,
    freg_line,
    freg_person,
    matrikkel_csv,
    number,
    number_entry,
    persontjenesten_person,
    residence,
)
from tests.support.running import forked_preg_run

pytestmark = pytest.mark.xdist_group("household")

# Values of a postal address that say where it goes.
TEXTS = re.compile(r'"((?!ugradert|OSLO|true|false|20)[^"]*[A-Za-z]{3}[^"]*[^":])"[,}\]]')

FORTROLIG = [entry("2023-01-01", graderingsnivaa="fortrolig")]


class Register:
    """Documents by hand: pairs of a protected person and anyone who may give the address away."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def person(self, **elements: Any) -> str:
        """A person, each born on a different day; the number."""
        birth = (dt.date(1970, 1, 1) + dt.timedelta(days=len(self.lines))).isoformat()
        nin = number(birth, 100)
        self.lines.append(freg_line(len(self.lines) + 1, freg_person(nin, birth, **elements)))
        return nin

    def pair(self, secret: dict[str, Any], other: dict[str, Any], **protected: Any) -> tuple[str, str]:
        """The number of the protected person, and of the other."""
        return self.person(adressebeskyttelse=FORTROLIG, **{**secret, **protected}), self.person(**other)


def at(street: str, house: str = "1", **given: Any) -> dict[str, Any]:
    given.setdefault("adresse_id", None)
    postal_code, co_address = given.pop("postal_code", None), given.pop("co", None)
    entry_ = residence(street, house, **given)
    if postal_code:
        town = "BERGEN" if postal_code.startswith("5") else "OSLO"
        entry_["vegadresse"]["poststed"] = {"postnummer": postal_code, "poststedsnavn": town}
    if co_address:
        entry_["vegadresse"]["coAdressenavn"] = co_address
    entry_["vegadresse"].pop("adressekode")
    return {"bostedsadresse": [entry_]}


def in_the_name(street: str, **given: Any) -> dict[str, Any]:
    """A street address whose number is in the name of the street."""
    home = at(street, **given)
    home["bostedsadresse"][0]["vegadresse"].pop("adressenummer")
    return home


def plot(
    gnr: int, bnr: int, fnr: int | None = None, kommune: str = "0301", adresse_id: str | None = None
) -> dict[str, Any]:
    cadastral = {"kommunenummer": kommune, "gaardsnummer": gnr, "bruksnummer": bnr}
    if fnr is not None:
        cadastral["festenummer"] = fnr
    place: dict[str, Any] = {
        "matrikkeladresse": {"matrikkelnummer": cadastral, "poststed": {"postnummer": "0184", "poststedsnavn": "OSLO"}},
        "adressegradering": "ugradert",
    }
    if adresse_id:
        place["adresseIdentifikatorFraMatrikkelen"] = adresse_id
    return {"bostedsadresse": [entry("2020-01-01", **place)]}


def post(street: str, house: str, **given: Any) -> dict[str, Any]:
    address = {"adressenavn": street, "adressenummer": {"husnummer": house},
               "poststed": {"postnummer": "0184", "poststedsnavn": "OSLO"}, **given}  # fmt: skip
    return {"postadresse": [entry("2020-01-01", adressegradering="ugradert", vegadresse=address)]}


def free(*lines: str, postal_code: str = "0184") -> dict[str, Any]:
    form = {"adresselinje": list(lines), "poststed": {"postnummer": postal_code, "poststedsnavn": "OSLO"}}
    return {"postadresse": [entry("2020-01-01", adressegradering="ugradert", postadresseIFrittFormat=form)]}


def box(text: str) -> dict[str, Any]:
    form = {"postboks": text, "poststed": {"postnummer": "0184", "poststedsnavn": "OSLO"}}
    return {"postadresse": [entry("2020-01-01", adressegradering="ugradert", postboksadresse=form)]}


def abroad(street: str, **given: Any) -> dict[str, Any]:
    address = {"adressenavn": street, "postkode": "11122", "byEllerStedsnavn": "Stockholm", "landkode": "SE", **given}
    return {"postadresseIUtlandet": [entry("2020-01-01", adressegradering="ugradert", utenlandskAdresse=address)]}


def free_abroad(*lines: str, **given: Any) -> dict[str, Any]:
    form = {"adresselinje": list(lines), "landkode": "SE", **given}
    place = {"utenlandskAdresseIFrittFormat": form}
    return {"postadresseIUtlandet": [entry("2020-01-01", adressegradering="ugradert", **place)]}


def farm(name: str, house: str | None = None, **given: Any) -> dict[str, Any]:
    """A house on a farm: by a street as well, or by nothing but the name."""
    home = at("Gardsveien", house or "", **given)
    home["bostedsadresse"][0]["vegadresse"]["adressetilleggsnavn"] = name
    if not house:
        home["bostedsadresse"][0]["vegadresse"].pop("adressenavn")
        home["bostedsadresse"][0]["vegadresse"].pop("adressenummer")
    return home


def only_identifier(adresse_id: str) -> dict[str, Any]:
    return {
        "bostedsadresse": [
            entry("2020-01-01", adressegradering="ugradert", adresseIdentifikatorFraMatrikkelen=adresse_id)
        ]
    }


def _pairs(register: Register) -> dict[str, tuple[str, str]]:
    """What the other's address is like → the two persons."""

    def street_of(street: str) -> dict[str, Any]:
        return {"adressegradering": "ugradert", "vegadresse": at(street)["bostedsadresse"][0]["vegadresse"]}

    nfd = unicodedata.normalize("NFD", "Åsveien")
    until_2126 = at("Sluttveien")
    until_2126["bostedsadresse"][0].pop("erGjeldende")
    until_2126["bostedsadresse"][0]["opphoerstidspunkt"] = "2126-01-01T00:00:00.000+01:00"
    with_stay = {"oppholdsadresse": [entry("2020-01-01", **street_of("Stillveien"))]}
    neighbour = at("Eldreveien", adresse_id="500000002", current=False)["bostedsadresse"]
    register.person(bostedsadresse=[*neighbour, *at("Flytteveien")["bostedsadresse"]])
    shared = {"deltBosted": [entry("2020-01-01", startdatoForKontrakt="2020-01-01", **street_of("Farsveien"))]}
    return {
        "decomposed letters": register.pair(at("Åsveien"), at(nfd)),
        "a blank after it": register.pair(at("Bakkegata"), at("Bakkegata ")),
        "zeros before the number": register.pair(at("Nullveien", "5"), at("Nullveien", "05")),
        "the letter with the number": register.pair(at("Bokstavveien", "7", letter="B"), at("Bokstavveien", "7b")),
        "words in another order": register.pair(at("Nedre Torvgate"), at("Torvgt. Nedre")),
        "a word cut short": register.pair(at("Professor Lunds vei"), at("Prof. Lunds vei")),
        "gate and gt": register.pair(at("Kirkegate"), at("Kirkegt.")),
        "veien and vegen": register.pair(at("Skogveien"), at("SKOGVEGEN")),
        "aa for å": register.pair(at("Gråbeinvn"), at("Graabeinveien")),
        "a blank inside": register.pair(at("Langbakken"), at("Lang bakken")),
        "a blank without width": register.pair(at("Kortbakken"), at("Kort\u200bbakken")),
        "a Cyrillic letter": register.pair(at("Damveien"), at("D\u0430mveien")),
        "a Sámi letter": register.pair(at("Máŋŋageaidnu"), at("Mannageaidnu")),
        "a former kommune": register.pair(
            at("Mossveien", kommune="0104", postal_code="1530"), at("Mossveien", kommune="3103", postal_code="9999")
        ),
        "a divided kommune": register.pair(
            at("Havnegata", kommune="1507", postal_code="6002"), at("Havnegata", kommune="1508", postal_code="6002")
        ),
        "the identifier under another kommune": register.pair(
            at("Idveien", adresse_id="300000001"), at("Noe annet", "9", kommune="3103", adresse_id="300000001")
        ),
        "an identifier and no street": register.pair(
            at("Utenveien", adresse_id="300000002"), only_identifier("300000002")
        ),
        "a plot for a street": register.pair(at("Storgata", adresse_id="200000001"), plot(207, 5)),
        "a street for a plot": register.pair(plot(208, 6), at("Plottveien", "3")),
        "an identifier given again": register.pair(only_identifier("400000001"), only_identifier("400000002")),
        "a name of before, by Matrikkelen": register.pair(
            at("Nyttnavnveien", adresse_id="500000001"), at("Tidligereveien")
        ),
        "another name in a neighbour's document": register.pair(
            at("Nyereveien", adresse_id="500000002"), at("Eldreveien")
        ),
        "a farm by its name": register.pair(farm("Hemmeliggarden", "1"), farm("Hemmelig Garden")),
        "a leasehold on one side": register.pair(plot(301, 1, 7), plot(301, 1)),
        "a leasehold on the other side": register.pair(plot(302, 1), plot(302, 1, 7)),
        "dwelling with a blank": register.pair(at("Hveien", dwelling="H0101"), at("Hveien", dwelling="H 0101")),
        "dwelling of three digits": register.pair(at("Treveien", dwelling="H0101"), at("Treveien", dwelling="H101")),
        "dwelling with a letter O": register.pair(at("Oveien", dwelling="H0101"), at("Oveien", dwelling="HO101")),
        "dwelling that is a dash": register.pair(at("Strekveien", dwelling="H0201"), at("Strekveien", dwelling="-")),
        "dwelling zero": register.pair(at("Nulldør", dwelling="H0201"), at("Nulldør", dwelling="H0000")),
        "no dwelling": register.pair(at("Dørløs", dwelling="H0201"), at("Dørløs", dwelling=None)),
        "a street that begins as one unknown": register.pair(at("Ukjentmannsveien"), at("Ukjentmannsvegen")),
        "an end that has not come": register.pair(until_2126, at("Sluttveien")),
        "c/o the house in a home elsewhere": register.pair(
            at("Cohusveien"), at("Annenvei", "7", kommune="4601", postal_code="5003", co="c/o Per, Cohusveien 1")
        ),
        "a stay": register.pair(with_stay, at("Stillveien")),
        "a shared residence": register.pair({**at("Morsveien"), **shared}, at("Farsveien")),
    }  # fmt: skip


def _posts(register: Register) -> dict[str, tuple[str, str]]:
    """Where only the other's post gives the place."""
    home = at("Hjemveien", "99")
    away = at("Annenvei")
    named = {"navn": [entry(fornavn="Signe Marie", etternavn="Hemmelig")]}
    in_one_line = free("Att. Per, Linjegt. 1, 0184 Oslo", postal_code="0001")
    by_field = post("Ukjentveien", "44", coAdressenavn="c/o Signe Hemmelig")
    by_line = free("v/ HEMMELIG, SIGNE MARIE", "Fremmedgata 45")
    with_title = post("Ukjentveien", "46", coAdressenavn="c/o Advokat Signe Hemmelig AS")
    by_former_name = post("Ukjentveien", "47", coAdressenavn="Signe Skjult")
    by_family = post("Ukjentveien", "48", coAdressenavn="c/o fam. Fortrolig")
    married = {
        "navn": [
            entry("2010-01-01", current=False, fornavn="Signe", etternavn="Skjult"),
            entry("2020-01-01", fornavn="Signe", etternavn="Gift"),
        ]
    }
    rare = {"navn": [entry(fornavn="Per", etternavn="Fortrolig")]}
    farm_by_line = free("Ola Ukjent", "Lønngarden")
    return {
        "words before the street": register.pair(at("Ordveien"), {**away, **free("Per Hansen / Ordveien 1 H0101")}),
        "the word number": register.pair(at("Nummerveien"), {**away, **free("Nummerveien nr. 1")}),
        "name, street and number in lines": register.pair(
            at("Trelinjeveien"), {**away, **free("Per", "Trelinjev.", "1")}
        ),
        "houses in one": register.pair(at("Intervallveien", "3"), {**away, **free("Intervallveien 1-3")}),
        "another postal code": register.pair(
            at("Feilkodeveien"),
            {**away, **post("Feilkodeveien", "1", poststed={"postnummer": "0999", "poststedsnavn": "OSLO"})},
        ),
        "a plot in a line": register.pair(plot(407, 5), {**away, **free("Gnr. 407 bnr. 5")}),
        "in the number of a dwelling": register.pair(
            at("Bruksveien"), {**away, **post("Ukjentveien", "50", bruksenhetsnummer="Bruksveien 1")}
        ),
        "in the town": register.pair(
            at("Stedveien"),
            {
                **away,
                **post("Ukjentveien", "51", poststed={"postnummer": "0184", "poststedsnavn": "Stedveien 1, OSLO"}),
            },
        ),
        "in a post box": register.pair(at("Boksveien"), {**away, **box("12, Boksveien 1")}),
        "c/o an initial": register.pair(
            {**at("Initialveien"), "navn": [entry(fornavn="Ola", etternavn="Initialsen")]},
            {**home, **post("Ukjentveien", "52", coAdressenavn="c/o O. Initialsen")},
        ),
        "c/o with aa for å": register.pair(
            {**at("Haakonveien"), "navn": [entry(fornavn="Håkon", etternavn="Ødegård")]},
            {**home, **post("Ukjentveien", "53", coAdressenavn="c/o Haakon Ødegaard")},
        ),
        "c/o over two lines": register.pair(
            {**at("Tolinjeveien"), "navn": [entry(fornavn="Frida", etternavn="Tolinjer")]},
            {**home, **free("c/o Frida", "Tolinjer", "Fremmedgata 54")},
        ),
        "c/o in a name of a place": register.pair(
            {**at("Tilleggsveien"), "navn": [entry(fornavn="Gro", etternavn="Tillegg")]},
            {**home, **post("Ukjentveien", "55", adressetilleggsnavn="c/o Gro Tillegg")},
        ),
        "c/o with words more": register.pair({**at("Navnveien", "5"), **named}, {**home, **with_title}),
        "c/o a former name": register.pair({**at("Navnveien", "7"), **married}, {**home, **by_former_name}),
        "c/o the family": register.pair({**at("Navnveien", "9"), **rare}, {**home, **by_family}),
        "a farm in a free line": register.pair(farm("Lønngarden", "3"), {**away, **farm_by_line}),
        "post to the dwelling": register.pair(at("Postveien"), {**away, **post("Postveien", "1")}),
        "post in a free line": register.pair(at("Friveien"), {**away, **free("Friveien 1")}),
        "a free line with the place": register.pair(at("Linjegata"), {**away, **in_one_line}),
        "c/o the protected person": register.pair({**at("Navnveien"), **named}, {**home, **by_field}),
        "c/o in a free line": register.pair({**at("Navnveien", "3"), **named}, {**home, **by_line}),
    }


def _abroad(register: Register) -> dict[str, tuple[str, str]]:
    return {
        "the same house": register.pair(abroad("Kungsgatan 12"), abroad("KUNGSGATAN  12")),
        "the parts in other members": register.pair(
            abroad("Sveagatan 13"), abroad("Sveagatan", bygning="13", postkode="111 22")
        ),
        "in free lines": register.pair(
            abroad("Drottninggatan 14"), free_abroad("14 DROTTNINGGATAN", "111 22 STOCKHOLM")
        ),
        "without a number": register.pair(abroad("Villa Solhem"), abroad("VILLA SOLHEM")),
        "the number as a unit": register.pair(abroad("Birger Jarlsg. 17"), abroad("Birger Jarlsgatan", boenhet="17")),
        "a postal code with its country": register.pair(
            abroad("Odengatan 18"), abroad("Odengatan 18", postkode="SE-111 22")
        ),
        "without a postal code": register.pair(
            abroad("Vasagatan 15"), free_abroad("Vasag. 15", byEllerStedsnavn="STOCKHOLM")
        ),
    }


def _others(register: Register) -> dict[str, tuple[str, str]]:
    """Neighbours, who are nobody's secret."""
    return {
        "another dwelling": register.pair(at("Nabogata", dwelling="H0201"), at("Nabogata", dwelling="H0202")),
        "another number": register.pair(at("Sideveien", "1"), at("Sideveien", "11")),
        "another letter": register.pair(at("Letterveien", "1", letter="A"), at("Letterveien", "1", letter="B")),
        "another leasehold": register.pair(plot(303, 1, 7), plot(303, 1, 8)),
        "another plot": register.pair(plot(304, 1), plot(304, 11)),
        "a house elsewhere with its number in the name of the street": register.pair(
            at("Tallveien", "3"), in_the_name("Tallveien 3", kommune="4601", postal_code="5003")
        ),
        "a house at home with the street of one abroad": register.pair(
            abroad("Hjemligveien 4"), at("Hjemligveien", "4")
        ),
        "a street with a number in its name": register.pair(at("Vei 12"), at("Vei 21")),
        "a flat elsewhere": register.pair(
            farm("Leilighet 3", "7"), farm("Leilighet 3", "8", kommune="4601", postal_code="5003")
        ),
        "a floor elsewhere": register.pair(
            {**at("Etasjeveien"), **free("2. etasje")}, {**at("Etasjeveien", "9"), **free("2. etasje")}
        ),
        "another main building": register.pair(farm("Hovedbygning", "9"), farm("Hovedbygning", "10")),
        "a farm elsewhere": register.pair(
            farm("Nordgarden", "5"), farm("Nordgarden", "6", kommune="4601", postal_code="5003")
        ),
        "the same street elsewhere": register.pair(
            at("Byveien", kommune="0301", postal_code="0184"), at("Byveien", kommune="4601", postal_code="5003")
        ),
    }


def _legacy(register: Register) -> dict[str, tuple[str, dict[str, Any]]]:
    """How the running PREG writes a house of a protected person, in the row of somebody who lives elsewhere by Freg."""
    home = at("Annenvei", "11")
    secrets_of = {
        "a street in a line": (at("Arkivveien"), {"AddressLine1": "Per Arkivveien 1", "PostalCode": "0184"}),
        "a street and a number in two fields": (at("Feltveien"), {"AddressLine1": "Feltveien", "HouseNumber": 1}),
        "a plot in a text": (plot(502, 5), {"St": "0301", "CadastralNumber": "502/5/7"}),
        "coordinates": (at("Punktveien", adresse_id="500000003"), {"XCoord": 262999.25, "YCoord": 6649999.5}),
        "abroad": (abroad("Kungsgatan 19"), {"Country": "SVERIGE", "AddressLine1": "Kungsgatan 19, 11122 Stockholm"}),
        "in the kommune": (at("Kommuneveien"), {"St": "0301", "Municipality": "OSLO (Kommuneveien 1)"}),
    }
    return {case: (register.pair(secret, home)[1], address) for case, (secret, address) in secrets_of.items()}


# In every address that a later delivery protects.
MARK = "Zqxvz"

UNGRADED = entry("2024-01-01", graderingsnivaa="ugradert")
IN_FORCE = {
    "a grade in capitals": [entry(graderingsnivaa="FORTROLIG")],
    "a grade that the contract does not have": [entry(graderingsnivaa="strengtFortroligUtland")],
    "a blank before the grade": [entry(graderingsnivaa=" fortrolig")],
    "an empty grade": [entry(graderingsnivaa="")],
    "no grade": [entry()],
    "a client address of the person": [entry(graderingsnivaa="klientadresse")],
    "not current, without an end": [entry(current=False, graderingsnivaa="fortrolig")],
    "current, with an end": [entry(graderingsnivaa="fortrolig", opphoerstidspunkt="2021-01-01T00:00:00.000+01:00")],
    "an end that has not come": [
        entry(current=False, graderingsnivaa="fortrolig", opphoerstidspunkt="2126-01-01T00:00:00.000+01:00")
    ],
    "two current grades": [entry("2020-01-01", graderingsnivaa="fortrolig"), UNGRADED],
    "two current grades, the other way round": [UNGRADED, entry("2020-01-01", graderingsnivaa="fortrolig")],
}
OF_ADDRESS = ("FORTROLIG", "strengtFortroligUtland", "", "Ugradert")
ENDED = [entry(current=False, graderingsnivaa="fortrolig", opphoerstidspunkt="2021-01-01T00:00:00.000+01:00")]


def _grades(register: Register) -> dict[str, str]:
    """How protection is stated → the number of the person."""
    made = {
        case: register.person(adressebeskyttelse=entries, **at("Gradveien", str(place)))
        for place, (case, entries) in enumerate(IN_FORCE.items(), start=1)
    }
    made |= {
        f"an address graded '{grade}'": register.person(**at("Adressegradveien", str(place), grade=grade))
        for place, grade in enumerate(OF_ADDRESS, start=1)
    }
    false_one = register.person(**at("Falskveien"))
    true_one = register.person(adressebeskyttelse=FORTROLIG, **at("Ekteveien"))
    register.lines[-2]["folkeregisterperson"]["falskIdentitet"] = {
        "erGjeldende": True,
        "erFalsk": True,
        "rettIdentitetVedIdentifikasjonsnummer": true_one,
    }
    former = register.person(adressebeskyttelse=FORTROLIG, **at("Dveien"))
    register.lines[-1]["folkeregisterperson"]["identifikasjonsnummer"] = [number_entry(former, in_use=False)]
    present = register.person(**at("Dveien", "2"))
    register.lines[-1]["folkeregisterperson"]["identifikasjonsnummer"].append(number_entry(former, in_use=False))
    return {**made, "a false identity of a protected person": false_one, "a former number's protection": present}


@pytest.fixture(scope="module")
def register() -> tuple[Register, dict[str, dict[str, Any]]]:
    made = Register()
    groups = {"hidden": _pairs(made), "post": _posts(made), "abroad": _abroad(made), "shown": _others(made)}
    groups["grades"] = _grades(made)
    # What names no place is nobody's: it neither hides nor stops anybody.
    for street, house in (("-", "-"), ("Uten fast bopel", "1"), ("Ukjent adresse", "1"), ("(((", "0")):
        made.pair(at(street, house), at(street, house))
    made.pair(plot(0, 0), plot(0, 0))
    groups["ended"] = {"ended": made.person(adressebeskyttelse=ENDED, **at("Endtveien"))}
    groups["legacy"] = _legacy(made)
    groups["elsewhere"] = made.pair(at("Skjulveien", dwelling="H0101"), at("Annenvei", "5"))
    marked = {**at(f"{MARK}gata"), **post(f"{MARK}veien", "2")}
    groups["later"] = {"granted": made.person(**marked), "household": made.person(**at(f"{MARK}gt"))}
    return made, groups


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("household")


@pytest.fixture(scope="module")
def release(register: tuple[Register, Any], folder: Path) -> duckdb.DuckDBPyConnection:
    lines = register[0].lines
    deliver_documents(folder / "landing", "freg", "full", lines, sequence_to=len(lines))
    addresses = [
        {**STORGATA_1, "gardsnummer": "207", "bruksnummer": "5"},
        {**STORGATA_1, "lokalId": "200000003", "adressenavn": "Plottveien", "nummer": "3", "adressekode": "777",
         "gardsnummer": "208", "bruksnummer": "6"},
        {**STORGATA_1, "lokalId": "500000001", "adressenavn": "Nyttnavnveien", "adressekode": "780"},
        {**STORGATA_1, "lokalId": "500000003", "adressenavn": "Punktveien", "adressekode": "781",
         "Øst": "262999.25", "Nord": "6649999.50"},
        {**STORGATA_1, "lokalId": "400000002", "adressenavn": "Nyveien", "adressekode": "778", "uuidAdresse": "u-1"},
    ]  # fmt: skip
    files = {"grunnkrets_bydel.csv": GRUNNKRETS_BYDEL}
    before = {
        **STORGATA_1,
        "lokalId": "400000001",
        "adressenavn": "Gammelveien",
        "adressekode": "779",
        "uuidAdresse": "u-1",
    }
    renamed = {**STORGATA_1, "lokalId": "500000001", "adressenavn": "Tidligereveien", "adressekode": "780"}
    for delivery, day, rows in (("1-full", "2025-01-01", [before, renamed]), ("2-full", "2026-01-01", addresses)):
        deliver(
            folder / "landing",
            "matrikkel",
            delivery,
            {"matrikkelenAdresse.csv": matrikkel_csv(*rows), **files},
            extracted_at=day,
        )
    # Persontjenesten has somebody next door to a protected person, of whom Freg says otherwise.
    _, elsewhere = register[1]["elsewhere"]
    street = {
        "addressName": "Skjulveien",
        "addressNumber": {"houseNumber": "1"},
        "municipalityNumber": "0301",
        "separatelyOccupiedUnitNumber": "H0102",
        "city": {"postalCode": "0184", "cityName": "OSLO"},
    }
    other = persontjenesten_person(
        "p-1",
        elsewhere,
        residentialAddress=[
            {
                "registeredAt": "2020-01-02T10:00:00+01:00",
                "isValid": True,
                "validFrom": "2020-01-01T00:00:00+01:00",
                "addressConfidentiality": "Unclassified",
                "streetAddress": street,
            }
        ],
    )
    deliver_documents(folder / "landing", "persontjenesten", "full", [other], sequence_to=1)
    legacy = [
        {"NIN": nin, "Addresses": [{"NIN": nin, "CurrentAddress": True, "PostalType": 3, **address}]}
        for nin, address in register[1]["legacy"].values()
    ]
    deliver_documents(folder / "landing", "preg", "full", legacy)
    result = forked_preg_run(folder / "landing", folder / "data")
    assert result.returncode == 0, result.stdout + result.stderr
    database = (folder / "data" / "releases" / "current").resolve() / "preg.duckdb"
    return duckdb.connect(str(database), read_only=True)


@pytest.fixture(scope="module")
def later(register: tuple[Register, Any], release: duckdb.DuckDBPyConnection, folder: Path) -> Path:
    """The release after a day on which somebody is granted protection, and of somebody protected nothing is said."""
    made, groups = register
    by_number = {
        line["folkeregisterperson"]["identifikasjonsnummer"][0]["foedselsEllerDNummer"]: line["folkeregisterperson"]
        for line in made.lines
    }
    silent = {**by_number[groups["shown"]["another number"][0]], "navn": [entry(fornavn="Nytt", etternavn="Navn")]}
    silent.pop("adressebeskyttelse")
    granted = {**by_number[groups["later"]["granted"]], "adressebeskyttelse": FORTROLIG}
    first = len(made.lines) + 1
    documents = [
        freg_line(first, granted, "endringIAdressebeskyttelse"),
        freg_line(first + 1, silent, "endringINavn"),
    ]
    deliver_documents(
        folder / "landing", "freg", "change", documents, kind="change", sequence_from=first, sequence_to=first + 1
    )
    result = forked_preg_run(folder / "landing", folder / "data")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "2 new documents" in result.stdout
    return (folder / "data" / "releases" / "current").resolve()


def shown(release: duckdb.DuckDBPyConnection, nin: str) -> list[tuple[Any, ...]]:
    return release.execute(
        "select enrichment_method, street_name, postal_address, cadastral_number, district_code, x_coord"
        " from preg_address where nin = ? and current_address",
        [nin],
    ).fetchall()


@pytest.mark.parametrize("case", list(_pairs(Register())))
def test_the_same_dwelling_is_hidden(release: duckdb.DuckDBPyConnection, register: Any, case: str) -> None:
    for nin in register[1]["hidden"][case]:
        assert shown(release, nin) == [("hidden", None, None, None, None, None)]


@pytest.mark.parametrize("case", list(_posts(Register())))
def test_post_to_the_dwelling_does_not_tell_it(release: duckdb.DuckDBPyConnection, register: Any, case: str) -> None:
    nin = register[1]["post"][case][1]
    rows = release.execute(
        "select street_name, address_line1, address_line2, address_line3, postal_address"
        " from preg_address where nin = ?",
        [nin],
    ).fetchall()
    values = " ".join(str(value) for row in rows for value in row)
    assert "Annenvei" in values or "Hjemveien" in values
    # None of what the person's own post says.
    post_ = next(line for line in register[0].lines if nin in str(line))["folkeregisterperson"]["postadresse"]
    texts = TEXTS.findall(json.dumps(post_, ensure_ascii=False))
    assert texts
    for text in texts:
        assert text not in values


@pytest.mark.parametrize("case", list(_abroad(Register())))
def test_the_same_house_abroad_is_hidden(release: duckdb.DuckDBPyConnection, register: Any, case: str) -> None:
    _, other = register[1]["abroad"][case]
    assert shown(release, other) == [("hidden", None, None, None, None, None)]


@pytest.mark.parametrize("case", list(_others(Register())))
def test_neighbours_are_shown(release: duckdb.DuckDBPyConnection, register: Any, case: str) -> None:
    protected, other = register[1]["shown"][case]
    assert shown(release, protected)[0][0] == "hidden"
    ((method, *values),) = shown(release, other)
    assert method != "hidden"
    assert any(values)


@pytest.mark.parametrize("case", list(_grades(Register())))
def test_what_is_not_exactly_ugradert_is_protected(
    release: duckdb.DuckDBPyConnection, register: Any, case: str
) -> None:
    rows = release.execute(
        "select postal_type, street_name, postal_address, st from preg_address where nin = ?",
        [register[1]["grades"][case]],
    ).fetchall()
    kind = 7 if any(word in case for word in ("two current", "false", "former", "end")) else 6
    assert rows == [(kind, None, None, None)]


def test_a_protection_whose_end_is_told_is_over(release: duckdb.DuckDBPyConnection, register: Any) -> None:
    assert shown(release, register[1]["ended"]["ended"])[0][1] == "Endtveien"


def test_an_address_that_is_protected_today_is_in_no_byte_that_is_written_today(
    release: duckdb.DuckDBPyConnection, later: Path, folder: Path, register: Any
) -> None:
    before = Path(release.execute("select path from duckdb_databases() where database_name = 'preg'").fetchall()[0][0])
    # The search finds what is there: yesterday's release still has the address.
    assert before.parent != later
    assert {name for name in places_of(MARK, before.parent) if "preg" in name}
    assert places_of(MARK, later, *(folder / "data" / name for name in ("dagster", "work", "logs", "audit_log"))) == {}
    assert rows_that_are_not_shown(later / "preg.duckdb") == {}
    with duckdb.connect(str(later / "preg.duckdb"), read_only=True) as connection:
        for nin in register[1]["later"].values():
            assert shown(connection, nin)[0][0] == "hidden"


def test_protection_holds_where_a_later_document_says_nothing_of_it(later: Path, register: Any) -> None:
    with duckdb.connect(str(later / "preg.duckdb"), read_only=True) as connection:
        nin = register[1]["shown"]["another number"][0]
        assert connection.execute("select given_name from preg_person where nin = ?", [nin]).fetchall() == [("Nytt",)]
        assert shown(connection, nin) == [("hidden", None, None, None, None, None)]


def test_the_comparison_tells_no_house_of_a_protected_person(release: duckdb.DuckDBPyConnection, register: Any) -> None:
    _, elsewhere = register[1]["elsewhere"]
    rows = release.execute(
        "select field, left_value, right_value from field_comparison_differences where nin = ? and entity = 'Address'",
        [elsewhere],
    ).fetchall()
    assert {field for field, _, _ in rows} >= {"street_name", "postal_address"}
    assert {(left, right) for field, left, right in rows if field != "postal_type"} == {(None, None)}


@pytest.mark.parametrize("case", list(_legacy(Register())))
def test_the_comparison_tells_no_house_that_the_running_preg_has(
    release: duckdb.DuckDBPyConnection, register: Any, case: str
) -> None:
    nin, _ = register[1]["legacy"][case]
    rows = release.execute(
        "select field, left_value, right_value from field_comparison_differences"
        " where pair = 'preg_legacy' and nin = ? and entity = 'Address'",
        [nin],
    ).fetchall()
    assert len(rows) > 1
    # Nor of which kind the stay is: Svalbard (3).
    assert "postal_type" in {field for field, _, _ in rows}
    assert {(left, right) for _, left, right in rows} == {(None, None)}
