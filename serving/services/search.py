"""Search: persons by name, day of birth and place, however the name is spelt.

Candidates come from the store's full text, at most `MOST_FOUND` of them; every criterion is then asked again of what
the profile sees. So nobody is found, or counted, by what the profile may not know of him or her.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

from serving.services.look_up import NotForProfile, Refused, TooMany, records_of
from serving.services.records import Record
from serving.spelling import words_of
from serving.store.read_store import Reader, as_json

# The most persons whom criteria may fit: more are not counted, and none is shown.
MOST_FOUND = 500
MOST_PER_PAGE = 100
# The most words of a text, and the most letters.
_MOST_WORDS = 20
_LONGEST = 500

# Criterion → the columns of the full text whose words it asks for, and the fields that it discloses.
_NAMES = {
    "given_name": (("given",), ("given_name",)),
    "middle_name": (("middle",), ("middle_name",)),
    "family_name": (("family",), ("sn",)),
    "name": (("given", "middle", "family"), ("given_name", "middle_name", "sn")),
}
# Criterion → the condition on an address that the profile sees, and the field that it discloses.
_OF_ADDRESS = {
    "street": ("has_words(address.postal_address, :street)", "postal_address"),
    "place": ("has_words(address.postal_place, :place)", "postal_place"),
    "postal_code": ("address.postal_code = :postal_code", "postal_code"),
    "kommune": ("address.st = :kommune", "st"),
    "grunnkrets": ("address.grunnkrets_number = :grunnkrets", "grunnkrets_number"),
}
_OF_PERSON = {
    "born": ("person.date_of_birth = :born", "date_of_birth"),
    "born_from": ("person.date_of_birth >= :born_from", "date_of_birth"),
    "born_to": ("person.date_of_birth <= :born_to", "date_of_birth"),
    "gender": ("person.gender = :gender", "gender"),
    "status": ("person.reg_status = :status", "reg_status"),
}

# How well words fit, best first: as written, as the beginning of a word, as it sounds.
_WRITTEN, _BEGINNING, _SOUND, _NEAR = range(4)


class NoCriteria(Refused):
    """A search that would find everybody."""


@dataclass(frozen=True)
class Criteria:
    """What is sought. Texts are words in any order; a name is found by how it sounds, too, and by a former one.

    given_name, middle_name, family_name, name: of the person; `name` of any of the three. born, born_from, born_to:
    days. street, place, postal_code, kommune, grunnkrets (eight digits): of a present address. gender: 0 | 1. status:
    code of RegStatus.
    """

    given_name: str = ""
    middle_name: str = ""
    family_name: str = ""
    name: str = ""
    born: dt.date | None = None
    born_from: dt.date | None = None
    born_to: dt.date | None = None
    street: str = ""
    place: str = ""
    postal_code: str = ""
    kommune: str = ""
    grunnkrets: str = ""
    gender: int | None = None
    status: int | None = None

    def given(self) -> dict[str, object]:
        """The criteria that are given, by name."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: each for name, each in found.items() if each is not None and each != ""}


@dataclass(frozen=True)
class Page:
    """A page of what was found: pages count from 1; none where nothing was found."""

    persons: list[Record]
    page: int
    per_page: int
    total: int
    # Whom the total tells of where the page shows nobody, for the log.
    counted: Sequence[str] = ()

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return -(-self.total // self.per_page)


def search(
    reader: Reader, criteria: Criteria, page: int = 1, per_page: int = 20, *, help_numbers_too: bool = False
) -> Page:
    """A page of the persons whom every criterion fits, those first whose name is most like what is sought.

    help_numbers_too: persons with a common help number as well, after those of the release. Raises `NoCriteria`,
    `NotForProfile` and `TooMany`.
    """
    if page < 1 or not 1 <= per_page <= MOST_PER_PAGE:
        raise Refused("there is no such page", todo=f"ask for page 1 or a later one, of 1 to {MOST_PER_PAGE} persons")
    found = find_all(reader, criteria)
    if help_numbers_too and reader.help_numbers is not None:
        found += reader.help_numbers.search(reader, criteria)
        if len(found) > MOST_FOUND:
            raise too_many()
    shown = found[(page - 1) * per_page : page * per_page]
    return Page(records_of(reader, shown), page, per_page, len(found), () if shown else found)


def find_all(reader: Reader, criteria: Criteria) -> list[str]:
    """The numbers of the persons whom every criterion fits, best first. Raises as `search`."""
    given = criteria.given()
    _refuse_what_may_not_be_asked(reader, given)
    found = _fitting(reader, criteria, _candidates(reader, criteria))
    # Asked of what the profile sees, not of who is there: that somebody else's name fits is not told by silence either.
    return found or _fitting(reader, criteria, _near_candidates(reader, criteria))


def _fitting(reader: Reader, criteria: Criteria, candidates: dict[int, int]) -> list[str]:
    """The numbers of the candidates whom every criterion fits by what the profile sees, best first."""
    given = criteria.given()
    condition, values = asked_of_profile(criteria)
    query = f"""
        select person.nin
        from json_each(:candidates) as candidate
        inner join release.search_person as everybody on everybody.number = candidate.value ->> 0
        inner join preg_person as person on person.nin = everybody.nin
        where {condition}
        order by
            candidate.value ->> 1,
            closeness(
                coalesce(person.given_name, '')
                || ' ' || coalesce(person.middle_name, '')
                || ' ' || coalesce(person.sn, ''),
                :sought
            ) desc,
            person.sn,
            person.given_name,
            person.nin
    """
    values["sought"] = " ".join(str(given[name]) for name in _NAMES if name in given)
    values["candidates"] = as_json([[row, rank] for row, rank in candidates.items()])
    return [row["nin"] for row in reader.rows(query, values)]


def asked_of_profile(criteria: Criteria) -> tuple[str, dict[str, Any]]:
    """The condition on `preg_person as person` that asks every criterion but names again, and its values."""
    given = criteria.given()
    conditions = [_OF_PERSON[name][0] for name in given if name in _OF_PERSON]
    if of_address := [_OF_ADDRESS[name][0] for name in given if name in _OF_ADDRESS]:
        # One address has all of it.
        conditions.append(
            "exists (select 1 from preg_address as address where address.nin = person.nin and address.current_address"
            f" and {' and '.join(of_address)})"
        )
    values = {name: each.isoformat() if isinstance(each, dt.date) else each for name, each in given.items()}
    return " and ".join(conditions) or "1 = 1", values


def name_words(criteria: Criteria) -> list[tuple[tuple[str, ...], str, str | None]]:
    """Each word of a name that is sought: the parts of a name that may have it, the word, what it sounds like."""
    return [
        (columns, word, sound)
        for criterion, (columns, _) in _NAMES.items()
        for word, sound in words_of(getattr(criteria, criterion))
    ]


def too_many() -> TooMany:
    """The refusal of criteria that fit more than `MOST_FOUND` persons."""
    return TooMany(
        f"more than {MOST_FOUND} persons are found",
        todo="narrow the search: give more of the name, the day of birth, a postal code or a kommune",
    )


def _refuse_what_may_not_be_asked(reader: Reader, given: dict[str, object]) -> None:
    if not set(given) - {"gender", "status", "born_from", "born_to", "grunnkrets"}:
        raise NoCriteria(
            "the search has no criterion that a person can be found by",
            todo="give a name, a day of birth, a street, a place, a postal code or a kommune",
        )
    for name, each in given.items():
        if isinstance(each, str) and (len(each) > _LONGEST or len(words_of(each)) > _MOST_WORDS):
            raise Refused(f"{name} is too long", todo=f"give at most {_MOST_WORDS} words and {_LONGEST} letters")
    blank = {
        # A name that is blank for some persons would still find them.
        "names": set(reader.profile.blank_conditions()),
        "person": set(reader.profile.blank_columns("preg_person")),
        "address": set(reader.profile.blank_columns("preg_address")),
    }
    for name in given:
        if name in _NAMES:
            withheld = blank["names"].intersection(_NAMES[name][1])
        else:
            column = (_OF_PERSON | _OF_ADDRESS)[name][1]
            withheld = blank["address" if name in _OF_ADDRESS else "person"] & {column}
        if withheld:
            raise NotForProfile(f"your profile does not receive what {name} asks for")


def _candidates(reader: Reader, criteria: Criteria) -> dict[int, int]:
    """Number in search_person → how well the names fit (lower is better). Raises `TooMany`."""
    names = name_words(criteria)
    columns = _name_columns(reader)
    others = list(_other_terms(criteria))
    if not names and not others:
        raise NoCriteria("nothing of what is sought has a letter or a digit", todo="give a name, a day or a place")
    tiers = (_WRITTEN, _BEGINNING, _SOUND) if names else (_WRITTEN,)
    found: dict[int, int] = {}
    for tier in tiers:
        terms = [_term(tier, own, columns, word, sound, ()) for own, word, sound in names]
        rows = _match(reader, [*terms, *others])
        if len(rows) > MOST_FOUND:
            if tier is _WRITTEN:
                raise too_many()
            # Those whose name is as sought are fewer: they alone are meant.
            break
        for row in rows:
            found.setdefault(row, tier)
    return found


def _near_candidates(reader: Reader, criteria: Criteria) -> dict[int, int]:
    """Those whose names are a slip of the pen away from what is sought; none where no name is."""
    names = name_words(criteria)
    if not names:
        return {}
    return dict.fromkeys(_near(reader, names, _name_columns(reader), list(_other_terms(criteria))), _NEAR)


def _name_columns(reader: Reader) -> tuple[str, ...]:
    """The names besides the present ones that the profile receives."""
    columns: tuple[str, ...] = ("former",) if reader.profile.file.history else ()
    return columns if "maiden_name" in reader.profile.blank_conditions() else ("maiden", *columns)


def _near(
    reader: Reader,
    names: list[tuple[tuple[str, ...], str, str | None]],
    columns: tuple[str, ...],
    others: list[str],
) -> list[int]:
    """The rows whose names are a slip of the pen away from what is sought, where there are not too many."""
    terms = [_term(_NEAR, own, columns, word, sound, _near_words(reader, word)) for own, word, sound in names]
    rows = _match(reader, [*terms, *others])
    return rows if len(rows) <= MOST_FOUND else []


def _near_words(reader: Reader, word: str) -> tuple[str, ...]:
    variants = [word, *(word[:place] + word[place + 1 :] for place in range(len(word)))]
    return tuple(
        row["word"]
        for row in reader.rows(
            "select distinct word from release.name_variant where variant in (select value from json_each(:variants))"
            " order by word limit 50",
            {"variants": as_json(variants)},
        )
    )


def _term(
    tier: int, own: tuple[str, ...], others: tuple[str, ...], word: str, sound: str | None, near: tuple[str, ...]
) -> str:
    """A word of a name as the full text is asked for it. Every token is quoted: no letter of it is an operator."""
    written = f"{{{' '.join((*own, *others))}}}"
    sounds = f"{{{' '.join(f'{column}_sound' for column in (*own, *others))}}}"
    terms = [f"{written} : {_quoted(word)}"]
    # One letter begins too many names.
    if tier >= _BEGINNING and len(word) > 1:
        terms.append(f"{written} : {_quoted(word)} *")
    if tier >= _SOUND and sound:
        terms.append(f"{sounds} : {_quoted(sound)}")
    terms += [f"{written} : {_quoted(each)}" for each in near]
    return f"({' OR '.join(f'({term})' for term in terms)})"


def _other_terms(criteria: Criteria) -> Iterator[str]:
    codes = (
        ("b", criteria.born and criteria.born.strftime("%Y%m%d")),
        ("k", criteria.kommune),
        ("z", criteria.postal_code),
    )
    for letter, code in codes:
        if code:
            yield f"(codes : {_quoted(letter + code)})"
    for column, text in (("street", criteria.street), ("place", criteria.place)):
        for word, _ in words_of(text):
            yield f"({column} : {_quoted(word)} *)"


def _quoted(token: str) -> str:
    return '"' + token.replace('"', '""') + '"'


def _match(reader: Reader, terms: list[str]) -> list[int]:
    # One more than are taken: then it is known that there are too many.
    return [
        row["row"]
        for row in reader.rows(
            "select rowid as row from release.search_text where search_text match :terms limit :most",
            {"terms": " AND ".join(terms), "most": MOST_FOUND + 1},
        )
    ]
