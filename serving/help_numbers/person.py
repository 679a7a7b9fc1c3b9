"""A person of the register of help numbers, and what may be registered of one."""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

from foundation.errors import PregError
from serving.services.look_up import Refused
from serving.spelling import words_of

State = Literal["active", "linked"]

EARLIEST = dt.date(1800, 1, 1)
# The most letters of a text; of the c/o line PREG has 25.
LONGEST_TEXT = 200
LONGEST_CO_ADDRESS = 25


class Conflict(Refused):
    """What is asked for cannot be done as the register is now; nothing has changed."""


class MistakenRegister(PregError):
    """A register that is not as this version of the services reads it."""


@dataclass(frozen=True)
class Details:
    """What is registered of a person; what is not known is blank.

    gender: 0 woman, 1 man. co_address, street, postal_code, postal_place, kommune (number), country: of the address.
    marital_status: PREG's code list MaritalStatus. birthplace: as text.
    """

    given_name: str = ""
    middle_name: str = ""
    family_name: str = ""
    gender: int | None = None
    date_of_birth: dt.date | None = None
    is_dead: bool = False
    date_of_death: dt.date | None = None
    co_address: str = ""
    street: str = ""
    postal_code: str = ""
    postal_place: str = ""
    kommune: str = ""
    country: str = ""
    marital_status: int | None = None
    birthplace: str = ""

    def stored(self) -> dict[str, Any]:
        """As the register has it: days in ISO 8601, a truth value as 0 or 1."""
        found = asdict(self) | {"is_dead": int(self.is_dead)}
        return {name: each.isoformat() if isinstance(each, dt.date) else each for name, each in found.items()}


DETAILS = tuple(field.name for field in fields(Details))
ADDRESS = ("co_address", "street", "postal_code", "postal_place", "kommune", "country")


@dataclass(frozen=True)
class HelpPerson:
    """A person with a help number.

    linked_to: the official number of the same person; blank without one. issued_by, changed_by: clients' user names.
    issued_at, changed_at: ISO 8601 (UTC).
    """

    number: str
    details: Details
    state: State
    linked_to: str
    issued_by: str
    issued_at: str
    changed_by: str
    changed_at: str

    def stored(self) -> dict[str, Any]:
        """As a row of the register, by column."""
        own = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "details"}
        return own | self.details.stored()


def help_person(row: dict[str, Any]) -> HelpPerson:
    """The person of a row of the register."""
    days = {name: row[name] and dt.date.fromisoformat(row[name]) for name in ("date_of_birth", "date_of_death")}
    details = Details(**({name: row[name] for name in DETAILS} | days | {"is_dead": bool(row["is_dead"])}))
    own = {field.name: row[field.name] for field in fields(HelpPerson) if field.name != "details"}
    return HelpPerson(details=details, **own)


def checked_details(given: Details, today: dt.date) -> Details:
    """Details as they are registered: texts in one form, without blanks around.

    Raises `Refused` for what cannot be so of any person, with nothing of what was given.
    """
    texts: dict[str, Any] = {
        name: " ".join(unicodedata.normalize("NFC", each).split())
        for name, each in vars(given).items()
        if isinstance(each, str)
    }
    for name, text in texts.items():
        longest = LONGEST_CO_ADDRESS if name == "co_address" else LONGEST_TEXT
        if len(text) > longest or not text.isprintable():
            raise Refused(f"{name} cannot be registered", todo=f"give at most {longest} letters, and no control codes")
    details = replace(given, **texts)
    if not (words_of(details.given_name) or words_of(details.family_name)):
        raise Refused(
            "the person has no name", todo="give a given name or a family name, the likeliest if none is sure"
        )
    for day, name in ((details.date_of_birth, "day of birth"), (details.date_of_death, "day of death")):
        if day is not None and not EARLIEST <= day <= today:
            raise Refused(f"the {name} is out of range", todo=f"give a day from {EARLIEST.year} until today, or none")
    if details.date_of_death is not None and not details.is_dead:
        raise Refused(
            "somebody who is not dead has a day of death", todo="leave it out, or say that the person is dead"
        )
    if details.date_of_birth and details.date_of_death and details.date_of_death < details.date_of_birth:
        raise Refused("the day of death is before the day of birth", todo="correct one of them")
    return details


@dataclass(frozen=True)
class NameSounds:
    """How the words of a name sound; a word without letters is itself. family: middle names, too."""

    given: frozenset[str]
    family: frozenset[str]

    def is_alike(self, other: NameSounds) -> bool:
        """Whether two names may be the same: a word of each part sounds alike; a part that is blank fits any."""
        shared = [self.given & other.given, self.family & other.family]
        differs = [self.given and other.given and not shared[0], self.family and other.family and not shared[1]]
        return any(shared) and not any(differs)

    @property
    def everything(self) -> frozenset[str]:
        """The sounds of every part."""
        return self.given | self.family


def name_sounds(given_name: str | None, middle_name: str | None, family_name: str | None) -> NameSounds:
    """How a name sounds."""
    return NameSounds(
        frozenset(sound or word for word, sound in words_of(given_name or "")),
        frozenset(sound or word for word, sound in words_of(f"{middle_name or ''} {family_name or ''}")),
    )
