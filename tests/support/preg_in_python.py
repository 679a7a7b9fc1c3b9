"""PREG's rows of a person, from the person's Freg document: the rules once more, slow and obvious, in plain Python.

Written after docs and the field mapping, sharing no code with the models, to compare the models with. It knows one full
delivery (one present document per person, no history) and one delivery of Matrikkelen's address file.
"""

from __future__ import annotations

import csv
import datetime as dt
import itertools
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

SEEDS = Path(__file__).parents[2] / "dbt_project" / "seeds"
OSLO = ZoneInfo("Europe/Oslo")
NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)
FAR_AHEAD = "9999-12-31"
Entry = dict[str, Any]


def _seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


CODES = {(row["code_list"], row["freg_value"]): row["code"] for row in _seed("code_list")}
BY_ALFA3 = {row["iso_alfa3"]: row for row in _seed("landkode") if row["iso_alfa3"]}
BY_ALFA2 = {row["iso_alfa2"]: row for row in _seed("landkode") if row["iso_alfa2"]}
NAMES_OF_KOMMUNE = _seed("kommunenavn")
WITHOUT_ADMINISTRATION = {
    row["bydelsnummer"]: row["tjenesteytende_bydelsnummer"] for row in _seed("bydel_uten_administrasjon")
}
BYDEL = {row["bydelsnummer"]: row["bydelsnavn"] for row in _seed("bydel")}
CHANGES = defaultdict(list)
for change in _seed("kommune_endring"):
    CHANGES[change["kommunenummer"]].append(change)


def moment(text: str | None) -> dt.datetime | None:
    """A point in time of Freg."""
    return dt.datetime.fromisoformat(text) if text else None


def day(text: str | None) -> str | None:
    """The calendar day in Oslo of a point in time, or a date as it is."""
    if not text:
        return None
    if len(text) == 10:
        return text
    if text < "1980":
        return text[:10]  # a midnight, in any offset its writer took for Oslo's of that day
    return dt.datetime.fromisoformat(text).astimezone(OSLO).date().isoformat()


def holds(entry: Entry) -> bool:
    """Whether an entry is marked as holding; without a mark, whether it has no end."""
    marked = entry.get("erGjeldende")
    return bool(marked) if marked is not None else entry.get("opphoerstidspunkt") is None


def latest(entries: Iterable[Entry]) -> Entry:
    """The entry that came into force last, registered last, standing last; an empty one for none."""
    chosen: Entry = {}
    best = (NEVER, NEVER)
    for entry in entries:
        here = (moment(entry.get("gyldighetstidspunkt")) or NEVER, moment(entry.get("ajourholdstidspunkt")) or NEVER)
        if not chosen or here >= best:
            chosen, best = entry, here
    return chosen


def code(code_list: str, value: str | None) -> str | None:
    """PREG's code for a value of Freg."""
    return CODES.get((code_list, value or "")) or None


def number(text: str | None) -> int | None:
    """A code that PREG has as a number."""
    return int(text) if text else None


def own_number(person: Entry) -> Entry:
    """The entry of the number under which the person comes: in use, else the last it had."""
    return max(
        sorted(person["identifikasjonsnummer"], key=lambda each: each["foedselsEllerDNummer"]),
        key=lambda each: (
            each.get("status") == "iBruk",
            holds(each),
            each.get("identifikatortype") == "foedselsnummer",
            moment(each.get("gyldighetstidspunkt")) or NEVER,
        ),
    )


def person_row(person: Entry, goes_by: dict[str, str]) -> dict[str, Any]:
    """The row of preg_person, but for `new_nin`, which no rule fills. goes_by: any number → the one of today."""
    current = {name: [e for e in entries if holds(e)] for name, entries in person.items() if isinstance(entries, list)}

    def of(element: str) -> Entry:
        return latest(current.get(element, []))

    nin = own_number(person)["foedselsEllerDNummer"]
    others = [each for each in person["identifikasjonsnummer"] if each["foedselsEllerDNummer"] != nin]
    former: Entry = {}
    best = (NEVER, NEVER)
    for each in others:
        here = (moment(each.get("opphoerstidspunkt")) or NEVER, moment(each.get("gyldighetstidspunkt")) or NEVER)
        if not former or here >= best:
            former, best = each, here

    name, status, civil = of("navn"), of("status"), of("sivilstand")
    birth, death = of("foedsel"), person.get("doedsfall") or {}
    relations = current.get("familierelasjon", [])

    def relative(role: str) -> str | None:
        written = latest(
            each for each in relations if each.get("relatertPersonsRolle") == role and each.get("relatertPerson")
        ).get("relatertPerson")
        return goes_by.get(written or "", written)

    came, went = of("innflytting"), of("utflytting")
    country_came, country_went = came.get("fraflyttingsland"), went.get("tilflyttingsland")
    if country_came and country_went:
        when_came, when_went = moment(came.get("gyldighetstidspunkt")), moment(went.get("gyldighetstidspunkt"))
        moved = country_came if when_came and when_went and when_came > when_went else country_went
    else:
        moved = country_came or country_went

    citizenships = current.get("statsborgerskap", [])
    citizenship = latest(each for each in citizenships if each.get("statsborgerskap") == "NOR") or latest(citizenships)
    country = BY_ALFA3.get(citizenship.get("statsborgerskap", ""), {})

    duties = [
        each
        for each in current.get("foreldreansvar", [])
        if not each.get("ansvarssubjekt") and not each.get("ansvarssubjektUtenIdentifikator")
    ]
    kinds = {each.get("ansvar") for each in duties}
    shared = "felles" in kinds or ("mor" in kinds and kinds & {"far", "medmor"})
    duty = "felles" if shared else latest(duties).get("ansvar")

    weddings = [
        moment(each["sivilstandsdato"] + "T00:00:00").replace(tzinfo=OSLO)  # type: ignore[union-attr]
        if each.get("sivilstandsdato")
        else moment(each.get("gyldighetstidspunkt"))
        for each in person.get("sivilstand", [])
        if each.get("sivilstand") not in (None, "uoppgitt", "ugift")
    ]
    first_wedding = min((wedding for wedding in weddings if wedding), default=None)
    name_before = latest(
        each
        for each in person.get("navn", [])
        if first_wedding
        and each.get("gyldighetstidspunkt")
        and (moment(each["gyldighetstidspunkt"]) or NEVER) < first_wedding
    ).get("etternavn")
    surname = name.get("etternavn")

    stay = of("opphold")
    last_spouse = latest(
        {**each, "gyldighetstidspunkt": each.get("gyldighetstidspunkt") or f"{each['sivilstandsdato']}T00:00:00+01:00"}
        for each in person.get("sivilstand", [])
        if each.get("relatertVedSivilstand")
    ).get("relatertVedSivilstand")
    reg_status = code("RegStatus", status.get("status"))
    since = day(status.get("gyldighetstidspunkt"))
    return {
        "nin": nin,
        "old_nin": former.get("foedselsEllerDNummer"),
        "given_name": name.get("fornavn"),
        "middle_name": name.get("mellomnavn"),
        "sn": surname if surname or name.get("fornavn") else name.get("forkortetNavn"),
        "date_of_birth": day(birth.get("foedselsdato")),
        "reg_status": number(reg_status),
        "date_status": (day(death.get("doedsdato")) or since) if reg_status == "5" else since,
        "status_country_code": number(BY_ALFA3.get(moved or "", {}).get("ssb_landkode")),
        "marital_status": number(code("MaritalStatus", civil["sivilstand"])) if civil.get("sivilstand") else 0,
        "date_marital_status": day(civil.get("sivilstandsdato")) or day(civil.get("gyldighetstidspunkt")),
        "mothers_nin": relative("mor"),
        "fathers_nin": relative("far") or relative("medmor"),
        "spouse_nin": goes_by.get(last_spouse or "", last_spouse) or relative("ektefelleEllerPartner"),
        "citizenship": country.get("ssb_landkode"),
        "citizenship_code": None,
        "date_citizenship": day(citizenship.get("ervervsdato")) or day(citizenship.get("gyldighetstidspunkt")),
        "custody": code("Custody", duty),
        "date_custody": day(latest(duties).get("gyldighetstidspunkt")),
        "parental_responsibility": None,
        "date_parental_responsibility": None,
        "work_permit": code("WorkPermit", stay.get("oppholdstillatelse")),
        "date_work_permit": day(stay.get("oppholdFra")),
        "duf_no": of("utlendingsmyndighetenesIdentifikasjonsnummer").get("identifikasjonsnummer"),
        "gender": number(code("Gender", of("kjoenn")["kjoenn"])) if of("kjoenn").get("kjoenn") else 0,
        "maiden_name": name_before if name_before and surname and name_before.lower() != surname.lower() else None,
        "date_when_name_registered": day(name.get("gyldighetstidspunkt")),
    }


@dataclass
class Address:
    """An address entry of Freg, flat."""

    kind: str
    entry: Entry
    grade: str | None = None  # in force, with the person's

    @property
    def street(self) -> Entry:
        """Its street address."""
        return self.entry.get("vegadresse") or {}

    @property
    def place(self) -> Entry:
        """Its cadastral address."""
        return self.entry.get("matrikkeladresse") or {}

    @property
    def plot(self) -> Entry:
        """The cadastral number of it."""
        return self.place.get("matrikkelnummer") or {}

    @property
    def abroad(self) -> Entry:
        """Its address abroad."""
        return self.entry.get("utenlandskAdresse") or {}

    @property
    def free(self) -> Entry:
        """Its lines, where it is not taken apart."""
        return self.entry.get("postadresseIFrittFormat") or self.entry.get("utenlandskAdresseIFrittFormat") or {}

    @property
    def box(self) -> Entry:
        """Its post box."""
        return self.entry.get("postboksadresse") or {}

    @property
    def is_abroad(self) -> bool:
        """Whether it is in another country."""
        return self.kind == "postadresseIUtlandet" or bool(self.abroad.get("landkode"))

    @property
    def st(self) -> str | None:
        """Its kommune."""
        if self.kind not in ("bostedsadresse", "oppholdsadresse", "deltBosted"):
            return None
        unknown = (
            (self.entry.get("ukjentBosted") or {}).get("bostedskommune") if self.kind == "bostedsadresse" else None
        )
        return self.street.get("kommunenummer") or self.plot.get("kommunenummer") or unknown

    @property
    def starts_on(self) -> str | None:
        """The day of the move, else the day from which it is valid."""
        own = {"bostedsadresse": "flyttedato", "oppholdsadresse": "oppholdsadressedato"}.get(self.kind, "")
        return self.entry.get(own) or self.valid_from

    @property
    def valid_from(self) -> str | None:
        """The day from which it is valid."""
        return day(self.entry.get("gyldighetstidspunkt"))

    @property
    def street_name(self) -> str | None:
        """The street."""
        return self.street.get("adressenavn") or self.abroad.get("adressenavn")

    @property
    def house(self) -> tuple[str | None, str | None]:
        """House number and letter."""
        numbered = self.street.get("adressenummer") or {}
        return numbered.get("husnummer"), numbered.get("husbokstav")

    @property
    def dwelling(self) -> str | None:
        """The dwelling's number."""
        return self.street.get("bruksenhetsnummer") or self.place.get("bruksenhetsnummer")

    @property
    def postal(self) -> tuple[str | None, str | None]:
        """Postal code and place."""
        places = [each.get("poststed") or {} for each in (self.box, self.street, self.place, self.free)]
        code_ = next((each["postnummer"] for each in places if each.get("postnummer")), None)
        place = next((each["poststedsnavn"] for each in places if each.get("poststedsnavn")), None)
        return (
            code_ or self.abroad.get("postkode") or self.free.get("postkode"),
            place or self.abroad.get("byEllerStedsnavn") or self.free.get("byEllerStedsnavn"),
        )

    @property
    def country(self) -> str | None:
        """The country's code of two letters."""
        return self.abroad.get("landkode") or self.free.get("landkode")

    @property
    def co_address(self) -> str | None:
        """C/o."""
        parts = (self.street, self.place, self.abroad)
        named = next((each["coAdressenavn"] for each in parts if each.get("coAdressenavn")), None)
        return named or self.box.get("postbokseier")

    @property
    def computed_street_line(self) -> str | None:
        """Street, number and letter."""
        if not self.street_name:
            return None
        house = (self.house[0] or "").lstrip("0") + (self.house[1] or "")
        return self.street_name + (f" {house}" if house else "")

    def lines(self) -> list[str]:
        """What is above the postal code."""
        if self.computed_street_line:
            street = self.computed_street_line
        elif self.plot.get("gaardsnummer") is not None:
            lease, sub = self.plot.get("festenummer"), self.place.get("undernummer")
            street = f"{self.plot['gaardsnummer']}/{self.plot['bruksnummer']}"
            street += (f"/{lease}" if lease else "") + (f"-{sub}" if sub else "")
        else:
            street = ""
        floor = " ".join(
            part for part in (self.abroad.get("etasjenummer"), self.abroad.get("boenhet")) if part is not None
        )
        composed = [
            self.co_address, self.street.get("adressetilleggsnavn") or self.place.get("adressetilleggsnavn"), street,
            self.abroad.get("bygning"), floor, self.box.get("postboks") or self.abroad.get("postboks"),
            *self.free.get("adresselinje", []),
        ]  # fmt: skip
        return [line for line in composed if line and line.strip()]


def plain(text: str) -> str:
    """A street's name without letter case, marks, signs and spaces, with one form of each ending."""
    text = text.lower().replace("ø", "o").replace("æ", "ae")
    text = "".join(each for each in unicodedata.normalize("NFD", text) if not unicodedata.combining(each))
    text = re.sub(r"\b0+(?=\d)", "", text)
    text = "".join(each for each in text if each.isascii() and each.isalnum())
    for endings, one in (
        (("gata", "gaten", "gate", "gt"), "gate"),
        (("veien", "vegen", "vei", "veg", "vn", "v"), "veg"),
    ):
        for ending in endings:
            if text.endswith(ending):
                text = text[: -len(ending)] + one
                break
    return text


def renumbered(kommune: str) -> str:
    """The number that the kommune has today, if nothing but the number has changed; else the number as it is."""
    here = kommune
    while here in CHANGES:
        if [change["endring"] for change in CHANGES[here]] != ["nytt nummer"]:
            return kommune
        here = CHANGES[here][0]["etterfoelger"]
    return here


def kommunes_of_today(kommune: str) -> set[str]:
    """Which kommuner of today took over the area."""
    if kommune not in CHANGES:
        return {kommune}
    return set().union(*(kommunes_of_today(change["etterfoelger"]) for change in CHANGES[kommune]))


@dataclass
class Matrikkel:
    """The address file of a delivery, by identifier and by the keys that find an address without one."""

    by_id: dict[str, dict[str, str]] = field(default_factory=dict)
    by_key: dict[tuple[str, ...], list[dict[str, str]]] = field(default_factory=lambda: defaultdict(list))
    grunnkrets: dict[str, str] = field(default_factory=dict)
    bydel: dict[str, tuple[str, str]] = field(default_factory=dict)
    by_plot: dict[tuple[str | None, ...], list[dict[str, str]]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def read(cls, folder: Path) -> Matrikkel:
        """Read matrikkelenAdresse.csv and grunnkrets_bydel.csv."""
        matrikkel = cls()
        with (folder / "matrikkelenAdresse.csv").open(encoding="utf-8-sig") as file:
            for row in csv.DictReader(file, delimiter=";"):
                if row["grunnkretsnummer"]:
                    row["grunnkretsnummer"] = row["grunnkretsnummer"].zfill(8)
                    matrikkel.by_id[row["lokalId"]] = row
        for row in matrikkel.by_id.values():
            krets = row["grunnkretsnummer"]
            matrikkel.grunnkrets[krets] = min(
                name for name in (matrikkel.grunnkrets.get(krets), row["grunnkretsnavn"]) if name
            )
            if row["adressekode"] and row["nummer"]:
                house = (row["nummer"].lstrip("0"), row["bokstav"].lower())
                matrikkel.by_key[("adressekode", row["kommunenummer"], row["adressekode"].lstrip("0"), *house)].append(
                    row
                )
                matrikkel.by_key[("adressenavn", row["postnummer"], plain(row["adressenavn"]), *house)].append(row)
            if row["gardsnummer"] and row["bruksnummer"]:
                numbers = [
                    str(int(row[part] or 0)) for part in ("gardsnummer", "bruksnummer", "festenummer", "undernummer")
                ]
                matrikkel.by_key[("matrikkelnummer", row["kommunenummer"], *numbers)].append(row)
                matrikkel.by_plot[row["kommunenummer"], numbers[0], numbers[1]].append(row)
        with (folder / "grunnkrets_bydel.csv").open(encoding="utf-8-sig") as file:
            for row in csv.DictReader(file, delimiter=";"):
                matrikkel.bydel[row["grunnkretsnummer"].zfill(8)] = (row["bydelsnummer"].zfill(6), row["bydelsnavn"])
        return matrikkel

    def find(self, address: Address) -> tuple[str, list[dict[str, str]]]:
        """The surest way that finds the address, and the rows that it finds."""
        if address.kind in ("bostedsadresse", "oppholdsadresse"):
            row = self.by_id.get(address.entry.get("adresseIdentifikatorFraMatrikkelen") or "")
            if row:
                return "adresse_id", [row]
            near = (
                address.entry.get("naerAdresseIdentifikatorFraMatrikkelen") if address.kind == "bostedsadresse" else ""
            )
            row = self.by_id.get(near or "")
            if row:
                return "naer_adresse_id", [row]
            for key in self._keys(address):
                rows = self.by_key.get(key, [])
                if len({each["grunnkretsnummer"] for each in rows}) == 1:
                    return key[0], rows
        if address.entry.get("grunnkrets") is not None and address.st:
            return "freg_grunnkrets", []
        return "none", []

    def _keys(self, address: Address) -> Iterable[tuple[str, ...]]:
        kommune = renumbered(address.st) if address.st else None
        house_number, letter = address.house
        if house_number:
            house = (house_number.lstrip("0"), (letter or "").lower())
            if kommune and address.street.get("adressekode"):
                yield ("adressekode", kommune, address.street["adressekode"].lstrip("0"), *house)
        if kommune and address.plot.get("gaardsnummer") is not None and address.plot.get("bruksnummer") is not None:
            parts = (
                address.plot["gaardsnummer"], address.plot["bruksnummer"], address.plot.get("festenummer") or 0,
                address.place.get("undernummer") or 0,
            )  # fmt: skip
            yield ("matrikkelnummer", kommune, *map(str, parts))
        if house_number and address.street_name and address.postal[0]:
            yield ("adressenavn", address.postal[0], plain(address.street_name), *house)


def one(values: Iterable[str | None]) -> str | None:
    """The value that all have in common, blanks left out."""
    known = {value for value in values if value}
    return known.pop() if len(known) == 1 else None


def name_of_kommune(kommune: str | None, on: str) -> str | None:
    """What the number was called on a day."""
    for row in NAMES_OF_KOMMUNE:
        if row["kommunenummer"] == kommune and row["named_from"] <= on <= row["named_to"]:
            return row["kommunenavn"]
    return None


_NAMES: dict[tuple[str | None, str], str | None] = {}


KINDS = ("bostedsadresse", "oppholdsadresse", "postadresse", "postadresseIUtlandet")


def addresses_of(person: Entry, kinds: tuple[str, ...] = KINDS) -> list[Address]:
    """Every address entry that PREG may show, with the grade in force."""
    grade = person_grade(person)
    found = [Address(kind, entry) for kind in kinds for entry in person.get(kind) or []]
    for address in found:
        grades = (grade, address.entry.get("adressegradering"))
        address.grade = next((each for each in ("strengtFortrolig", "fortrolig") if each in grades), None)
        if address.grade is None and grades[1] == "klientadresse":
            address.grade = "klientadresse"
    return found


def protections(person: Entry) -> list[Entry]:
    """The entries of protection in force: everything but ugradert whose end has not been stated."""
    return [
        each
        for each in person.get("adressebeskyttelse") or []
        if each.get("graderingsnivaa") != "ugradert" and (each.get("erGjeldende") or not each.get("opphoerstidspunkt"))
    ]


def person_grade(person: Entry) -> str | None:
    """The protection of the person that holds, the strictest."""
    grades = {each.get("graderingsnivaa") for each in protections(person)}
    if not grades:
        return None
    return "fortrolig" if grades == {"fortrolig"} else "strengtFortrolig"


class Secrets:
    """The protected places: key → numbers of the dwellings there, None for one that is not given."""

    def __init__(self, matrikkel: Matrikkel) -> None:
        self._matrikkel = matrikkel
        self._secret: dict[tuple[Any, ...], set[str | None]] = defaultdict(set)
        self._identifiers: dict[str, set[str | None]] = defaultdict(set)

    def add(self, person: Entry) -> None:
        """Take in where a protected person lives, stays and has post sent."""
        postal_codes = set()
        for address in addresses_of(person, (*KINDS, "deltBosted")):
            if not holds(address.entry) or address.grade not in ("fortrolig", "strengtFortrolig"):
                continue
            keys = _keys_of(address, as_protected=True)
            for row in self._rows(address):
                keys |= _keys_of_row(row)
            for key in keys:
                self._secret[key].add(address.dwelling)
            if identifier := address.entry.get("adresseIdentifikatorFraMatrikkelen"):
                self._identifiers[identifier].add(address.dwelling)
            if not address.country and address.postal[0]:
                postal_codes.add(address.postal[0])
        for name in person.get("navn") or [] if person_grade(person) else []:
            given, middle, family = (_words(name.get(part) or "") for part in ("fornavn", "mellomnavn", "etternavn"))
            for one_word in (*given, *middle, *(word[0] for word in given)):
                for other in (*middle, *family):
                    if one_word != other:
                        self._secret["co", *sorted((one_word, other))].add(None)
            for word in (*middle, *family):
                for code_ in postal_codes:
                    self._secret["family", code_, word].add(None)

    def learn(self, person: Entry) -> None:
        """Take in how anybody's document writes an address with a protected one's identifier; after every `add`."""
        for address in addresses_of(person, (*KINDS, "deltBosted")):
            for dwelling in self._identifiers.get(address.entry.get("adresseIdentifikatorFraMatrikkelen") or "", ()):
                for key in _keys_of(address, as_protected=True):
                    self._secret[key].add(dwelling)

    def hides(self, address: Address) -> bool:
        """Whether an address is, or may be, one of these places."""
        for key in _keys_of(address, as_protected=False):
            dwellings = self._secret.get(key, set())
            if dwellings and (address.dwelling is None or None in dwellings or address.dwelling in dwellings):
                return True
        return False

    def _rows(self, address: Address) -> list[dict[str, str]]:
        """The rows of Matrikkelen that are the address, by any key."""
        rows = [self._matrikkel.by_id.get(address.entry.get("adresseIdentifikatorFraMatrikkelen") or "")]
        for key in self._matrikkel._keys(address):
            rows += self._matrikkel.by_key.get(key, [])
        if address.plot:
            kommune = next(iter(kommunes_of_today(address.st))) if address.st else None
            number = (kommune, str(address.plot.get("gaardsnummer")), str(address.plot.get("bruksnummer")))
            lease = str(address.plot.get("festenummer") or 0)
            rows += [
                row for row in self._matrikkel.by_plot.get(number, [])
                if lease == "0" or str(int(row["festenummer"] or 0)) in ("0", lease)
            ]  # fmt: skip
        return [row for row in rows if row]


NO_NAMES = ("co", "ved", "att", "attn", "hos", "fru", "fam", "familien", "mor", "far", "etg", "og")

# Words of streets that are cut short, wherever they occur.
SHORT_WORDS = {
    "sankta?|sta?": "st", "kristian|christian|chr": "kr", "nedre|nordre|ned|nord": "n", "øvre|østre|øst|øv|ø": "o",
    "søndre|sør|sdr": "s", "vestre|vest": "ve", "dronning|dronn|doktor": "dr",
    "professor|prof|general|gen|president|pres|prinsesse|prins": "p", "g|gt": "gate", "v": "veg",
    "alleen|allé|al": "alle",
}  # fmt: skip


def _words(text: str) -> tuple[str, ...]:
    bare = "".join(
        each for each in unicodedata.normalize("NFD", text.lower().replace("ø", "o").replace("æ", "ae"))
        if not unicodedata.combining(each)
    )  # fmt: skip
    return tuple(sorted(
        word.replace("aa", "a") for word in re.split("[^a-z0-9]+", re.sub(r"(^|[^a-z])(c ?/ ?o|v ?/)", " ", bare))
        if word.isalpha() and word not in NO_NAMES
    ))  # fmt: skip


def _house_text(number: Any, letter: Any) -> str:
    return f"{number or ''}{letter or ''}".lower().replace(" ", "").lstrip("0")


def _in_any_order(text: str) -> str:
    return "".join(sorted(each for each in text if not each.isdigit()) + [each for each in text if each.isdigit()])


def _road(text: str) -> str:
    for long, short in SHORT_WORDS.items():
        text = re.sub(rf"(?i)\b({long})\b", short, text)
    plain_text = plain(text).replace("aa", "a")
    return _in_any_order(re.sub("(plassen|plass|pl)$", "plass", plain_text))


def _keys_of(address: Address, *, as_protected: bool) -> set[tuple[Any, ...]]:
    keys: set[tuple[Any, ...]] = set()
    entry = address.entry
    if entry.get("adresseIdentifikatorFraMatrikkelen"):
        keys.add(("id", entry["adresseIdentifikatorFraMatrikkelen"]))
    elif entry.get("naerAdresseIdentifikatorFraMatrikkelen"):
        keys.add(("near", entry["naerAdresseIdentifikatorFraMatrikkelen"]))
    house, postal_code = _house_text(*address.house), address.postal[0]
    todays = kommunes_of_today(address.st) if address.st else set()
    kommuner = {address.st, *(todays if len(todays) == 1 else ())} - {None}
    if address.street_name:
        road = _road(address.street_name)
        keys |= {("name", kommune, road, house) for kommune in kommuner}
        if postal_code:
            keys.add(("post", postal_code, road, house))
        if house and (as_protected or not (address.st or postal_code)):
            keys.add(("any", road, house))
        if house and address.postal[1] and not address.country:
            keys.add(("town", plain(address.postal[1]), road, house))
    if address.plot.get("gaardsnummer") is not None:
        lease = address.plot.get("festenummer") or None
        number_ = (address.plot["gaardsnummer"], address.plot.get("bruksnummer"))
        forms = ({lease, "-"} if lease else {"*"}) if as_protected else {"*", lease or "-"}
        keys |= {("plot", kommune, *number_, form) for kommune in kommuner for form in forms}
    lines = address.free.get("adresselinje") or []
    number_first = address.street_name and re.search(r"\d", address.street_name)
    known = [
        ("post", postal_code),
        *(("town", plain(address.postal[1])) for _ in address.postal[1:] if address.postal[1]),
    ]
    for text in (" , ".join(lines), f"{address.street_name} {house}" if number_first else ""):
        for named in _houses_in(text):
            keys |= {(*each, *named) for each in known if not address.country}
            if as_protected:
                keys.add(("any", *named))
    if as_protected and address.plot.get("gaardsnummer"):
        own = (str(address.plot["gaardsnummer"]), str(address.plot.get("bruksnummer")))
        keys |= {("plot in", each, *own) for each in (*kommuner, postal_code)}
    for one_number, other in itertools.pairwise(re.findall(r"\d+", " , ".join(lines)) if not as_protected else []):
        keys.add(("plot in", postal_code, one_number.lstrip("0"), other.lstrip("0")))
    area = {*kommuner, *({postal_code} if not address.country and postal_code else ())}
    named_places = [address.street.get("adressetilleggsnavn"), address.place.get("adressetilleggsnavn"),
                    address.abroad.get("bygning"), None if house else address.street_name,
                    *lines]  # fmt: skip
    town = _in_any_order(plain(address.postal[1] or ""))
    for name in (_in_any_order(plain(each).replace("aa", "a")) for each in named_places if each):
        if len(name) > 2 and not re.search(r"\d", name) and name != town:
            keys |= {("farm", each, name) for each in area}
    if address.is_abroad and postal_code:
        text = " ".join(each for each in (address.street_name, address.abroad.get("bygning"),
                                          *(address.free.get("adresselinje") or [])) if each)  # fmt: skip
        numbers = re.findall(r"\d+", text.replace(postal_code, " "))
        keys |= {("abroad", address.country, plain(postal_code), each.lstrip("0")) for each in numbers}
    if not as_protected:
        said = [line for line in lines if re.search(r"(?i)(^|[^\w])(c ?/ ?o\b|v ?/|att[n. :]|hos |ved )", line)]
        extra = address.street.get("adressetilleggsnavn") or address.place.get("adressetilleggsnavn")
        together = [word for word in _words(" ".join(lines)) if len(word) > 1]
        for words in (_words(address.co_address or ""), _words(extra or ""), *map(_words, said), together):
            keys |= {("co", *sorted(two)) for two in itertools.combinations(words, 2)}
        for each in (address.co_address or "", *said):
            keys |= {("family", postal_code, word) for word in _words(each)}
    return keys


def _houses_in(text: str) -> set[tuple[str, str]]:
    """Street and house, for each number of a text: the street is one to five of the words before it."""
    found = set()
    for match in re.finditer(r"\d+", text):
        words = [word for word in re.split(r"[\s,;:/().–—\d-]+", text[: match.start()].lower()) if word]
        letter = re.match(r"[ .-]*([a-zæøå])(?!\w)", text[match.end() :].lower())
        house = match[0].lstrip("0") + (letter[1] if letter else "")
        for taken in range(1, min(len(words), 5) + 1):
            found.add((_road(" ".join(words[-taken:])), house))
    return found


def _keys_of_row(row: dict[str, str]) -> set[tuple[Any, ...]]:
    kommune, house = row["kommunenummer"], _house_text(row["nummer"], row["bokstav"])
    keys: set[tuple[Any, ...]] = {("id", row["lokalId"])}
    if row["adressenavn"]:
        keys |= {("name", kommune, _road(row["adressenavn"]), house),
                 ("post", row["postnummer"], _road(row["adressenavn"]), house),
                 ("town", plain(row["poststed"]), _road(row["adressenavn"]), house)}  # fmt: skip
    if row["gardsnummer"]:
        lease = int(row["festenummer"] or 0) or None
        number_ = (int(row["gardsnummer"]), int(row["bruksnummer"]))
        keys |= {("plot", kommune, *number_, form) for form in ({lease, "-"} if lease else {"*"})}
    return keys


def _order(address: Address) -> tuple[Any, ...]:
    kinds = ("postadresseIUtlandet", "postadresse", "oppholdsadresse", "bostedsadresse")
    return (
        kinds.index(address.kind),
        address.starts_on or "",
        moment(address.entry.get("ajourholdstidspunkt")) or NEVER,
    )


def address_rows(person: Entry, secrets: Secrets, matrikkel: Matrikkel) -> list[dict[str, Any]]:
    """The rows of preg_address; `secrets` are the places of all protected persons."""
    nin = own_number(person)["foedselsEllerDNummer"]
    grade = person_grade(person)
    grade_from = day(latest(protections(person)).get("gyldighetstidspunkt"))
    if grade:
        hidden = number(code("PostalType", grade))
        return [
            {"nin": nin, "current_address": True, "postal_type": hidden, "date_postal_type": grade_from,
             "enrichment_method": "hidden"}
        ]  # fmt: skip
    every = addresses_of(person)
    present = [address for address in every if holds(address.entry)]
    while_protected = Secrets(matrikkel)
    for address in every:
        if address.grade:
            for key in _keys_of(address, as_protected=False):
                while_protected._secret[key].add(address.dwelling)
    chosen = max(present, key=_order) if present else None
    stays = [each for each in present if each.kind == "oppholdsadresse" and each.entry.get("oppholdAnnetSted")]
    stay = max((each for each in stays if not each.grade and not secrets.hides(each)), key=_order, default=None)
    posts = [each for each in present if each.kind.startswith("postadresse") and not each.grade]
    post = max((each for each in posts if not secrets.hides(each)), key=_order, default=None)
    rows = []
    for address in every:
        is_current = holds(address.entry)
        if is_current and address is not chosen:
            continue
        if not is_current and address.kind not in ("bostedsadresse", "oppholdsadresse"):
            continue
        is_hidden = bool(address.grade) or secrets.hides(address) or (while_protected.hides(address) and not is_current)
        stay_here = (
            (stay.entry["oppholdAnnetSted"] if stay else None) if is_current else address.entry.get("oppholdAnnetSted")
        )
        unknown = bool(
            address.kind == "bostedsadresse"
            and address.entry.get("ukjentBosted")
            and not address.street
            and not address.place
        )
        of_the_place = "0" if is_hidden else ("5" if unknown else code("PostalType", stay_here) or "0")
        postal_type = code("PostalType", address.grade) or of_the_place
        row: dict[str, Any] = {
            "nin": nin,
            "current_address": is_current,
            "postal_type": int(postal_type),
            "date_postal_type": grade_from or (None if is_hidden else address.valid_from),
            "enrichment_method": "hidden",
            "address_type": address.kind,
        }
        if not is_hidden:
            row |= _content(address, is_current, post if is_current else None, matrikkel)
        rows.append(row)
    return rows


def _content(address: Address, is_current: bool, post: Address | None, matrikkel: Matrikkel) -> dict[str, Any]:
    method, found = matrikkel.find(address)
    known = one(row["grunnkretsnummer"] for row in found)
    if method == "freg_grunnkrets":
        known = renumbered(address.st or "") + str(address.entry["grunnkrets"]).zfill(4)
    bydel = matrikkel.bydel.get(known or "", (None, None))
    serving = bydel if bydel[0] not in WITHOUT_ADMINISTRATION else (
        WITHOUT_ADMINISTRATION[bydel[0]] or None, BYDEL.get(WITHOUT_ADMINISTRATION[bydel[0]])
    )  # fmt: skip
    valid_to = day(address.entry.get("opphoerstidspunkt"))
    named_on = FAR_AHEAD if is_current else valid_to or address.starts_on or address.valid_from or FAR_AHEAD
    if (address.st, named_on) not in _NAMES:
        _NAMES[address.st, named_on] = name_of_kommune(address.st, named_on)
    todays = kommunes_of_today(address.st) if address.st else set()
    lines = _postal_lines(post) if post else []
    country = BY_ALFA2.get(address.country or "", {}).get("landnavn") or ("Norge" if address.st else None)
    at_home = address.kind == "bostedsadresse"
    valgkrets = address.entry.get("stemmekrets") if at_home else None
    skolekrets = address.entry.get("skolekrets") if at_home else None
    of_matrikkel = one(row["valgkretsnummer"] for row in found) if at_home else None
    kommune_name = _NAMES[address.st, named_on] or one(row["kommunenavn"] for row in found)
    single = found[0] if len(found) == 1 else {}
    house_number = address.house[0]
    return {
        "date_adr_from": address.starts_on or address.valid_from,
        "st": address.st,
        "municipality": kommune_name.upper() if kommune_name else None,
        "street_name": address.street_name,
        "street_number": address.street.get("adressekode"),
        "house_number": int(house_number) if house_number and house_number.isdigit() else None,
        "house_letter": address.house[1],
        "apartment_number": address.dwelling,
        "cadastral_number": _text(address.plot.get("gaardsnummer")),
        "property_number": _text(address.plot.get("bruksnummer")),
        "co_address": (address.co_address or "")[:25].rstrip() or None,
        "address_line1": lines[0] if lines else None,
        "address_line2": lines[1] if len(lines) > 1 else None,
        "address_line3": lines[2] if len(lines) > 2 else None,
        "postal_address": address.computed_street_line,
        "postal_address_valid_from": post.starts_on if post and lines else None,
        "postal_code": address.postal[0],
        "postal_place": address.postal[1].upper() if address.postal[1] else None,
        "country": country,
        "district_code": bydel[0],
        "district_name": bydel[1],
        "basic_statistical_unit": int(known[-4:]) if known else None,
        "constituency": _four_digits(_text(valgkrets) or of_matrikkel),
        "school_district": _four_digits(_text(skolekrets)),
        "x_coord": _coordinate(single.get("Øst")),
        "y_coord": _coordinate(single.get("Nord")),
        "grunnkrets_number": known,
        "grunnkrets_name": matrikkel.grunnkrets.get(known or ""),
        "service_district_code": serving[0],
        "service_district_name": serving[1],
        "present_st": one(row["kommunenummer"] for row in found) or (todays.pop() if len(todays) == 1 else None),
        "valid_to": valid_to,
        "enrichment_method": method,
    }


def _postal_lines(post: Address) -> list[str]:
    """PREG's lines of a separate postal address: at most two, then postal code and place."""
    above = post.lines()
    country = BY_ALFA2.get(post.country or "", {}).get("landnavn", "") if post.is_abroad else ""
    postal_code, place = post.postal
    last = " ".join(part for part in (postal_code, (place or "").upper(), country.upper()) if part)
    return [line[:30].rstrip() for line in (*above[:1], ", ".join(above[1:]), last) if line]


def _four_digits(number_: str | None) -> str | None:
    return number_.lstrip("0").rjust(4, "0") if number_ else None


def _text(value: int | None) -> str | None:
    return None if value is None else str(value)


def _coordinate(text: str | None) -> float | None:
    return float(text.replace(",", ".")) if text else None
