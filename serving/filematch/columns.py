"""Which column of a file says what: by its header, in Norwegian or English (`headers.csv`), or as the client says."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from foundation.errors import PregError
from foundation.text import printable
from publication.access.access_profile import AccessProfile

# What a column may say, and the columns of the register that a row would be matched on by it.
ROLES: dict[str, tuple[str, ...]] = {
    "number": (),
    "given_name": ("preg_person.given_name",),
    "middle_name": ("preg_person.middle_name",),
    "family_name": ("preg_person.sn",),
    "name": ("preg_person.given_name", "preg_person.sn"),
    "birth_date": ("preg_person.date_of_birth",),
    "gender": ("preg_person.gender",),
    "street": ("preg_address.postal_address",),
    "postal_code": ("preg_address.postal_code",),
}
OURS = "preg_"
# What every washed file has: by these it is known, and what it said then is what this wash is compared with.
WASHED = ("preg_status", "preg_nin", "preg_release")


@dataclass(frozen=True)
class Columns:
    """The columns of a file.

    headers: of the client's own columns, as they are given back. by_role: role → place among them. washed: our column
    of an earlier wash → its place in the file; empty where it is no washed file. places: where in the file the
    client's own columns are.
    """

    headers: tuple[str, ...]
    places: tuple[int, ...]
    by_role: dict[str, int]
    washed: dict[str, int]


def find_columns(headers: Sequence[str], said: Mapping[str, str], ours: Sequence[str], where: str) -> Columns:
    """What the columns of a file say.

    said: role → header, which goes before what the header means by itself. ours: the columns that a wash adds. Raises
    `PregError` for a header that is there twice, a column that is not there, two columns that say the same, and where
    no column says who somebody is.
    """
    named = [_as_header(header, place) for place, header in enumerate(headers, 1)]
    _refuse_twice(named, where)
    lowered = {header.casefold(): place for place, header in enumerate(named)}
    washed = {name: lowered[name] for name in ours if name in lowered} if set(WASHED) <= lowered.keys() else {}
    own = [place for place in range(len(named)) if place not in washed.values()]
    found = _by_role(named, own, said, where)
    return Columns(
        tuple(_not_ours(named[place], ours) for place in own),
        tuple(own),
        {role: own.index(place) for role, place in found.items()},
        washed,
    )


def received_roles(profile: AccessProfile) -> set[str]:
    """The roles that a row may be matched on: no field is matched on that the profile does not receive."""
    blank = {
        f"{table}.{column}"
        for table, conditions in (
            ("preg_person", profile.blank_conditions()),
            ("preg_address", profile.blank_columns("preg_address")),
        )
        for column in conditions
    }
    return {role for role, needed in ROLES.items() if blank.isdisjoint(needed)}


def _by_role(named: Sequence[str], own: Sequence[int], said: Mapping[str, str], where: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for role, header in said.items():
        if role not in ROLES:
            raise PregError(
                f"a column cannot say {printable(role, 40)}", where=where, todo=f"it may say: {', '.join(ROLES)}"
            )
        places = [place for place in own if _folded(named[place]) == _folded(header)]
        if not places:
            there = ", ".join(printable(named[place], 40) for place in own[:30])
            raise PregError(f"no column is called {printable(header, 80)}", where=where, todo=f"the file has: {there}")
        found[role] = places[0]
    for place in own:
        role = _synonyms().get(_folded(named[place]), "")
        if not role or role in said or place in said.values():
            continue
        if role in found:
            raise PregError(
                f"two columns say {role}: {printable(named[found[role]], 80)} and {printable(named[place], 80)}",
                where=where,
                todo=f"say which one counts: --column {role}=HEADER",
            )
        if place not in found.values():
            found[role] = place
    if not {"number", "name", "family_name", "given_name"} & found.keys():
        there = ", ".join(printable(named[place], 40) for place in own[:30])
        raise PregError(
            "no column says who somebody is: there is neither a number nor a name",
            where=where,
            todo=f"the first line has to be headers; or say which is which, --column number=HEADER; it has: {there}",
        )
    return found


def _refuse_twice(named: Sequence[str], where: str) -> None:
    seen: dict[str, int] = {}
    for place, header in enumerate(named, 1):
        before = seen.setdefault(header.casefold(), place)
        if before != place:
            raise PregError(
                f"columns {before} and {place} have the same header: {printable(header, 80)}",
                where=where,
                todo="give each column a name of its own",
            )


def _as_header(header: str, place: int) -> str:
    """A header without what cannot be shown; a column that has none is called by its place."""
    shown = "".join(character for character in header if character.isprintable()).strip()
    return shown or f"column {place}"


def _not_ours(header: str, ours: Sequence[str]) -> str:
    """The header of a client's column, by another name where it would be one of ours."""
    return f"given {header}" if header.casefold() in ours else header


@cache
def _synonyms() -> dict[str, str]:
    with Path(__file__).with_name("headers.csv").open(encoding="utf-8", newline="") as stream:
        return {row["header"]: row["role"] for row in csv.DictReader(stream)}


def _folded(header: str) -> str:
    """A header as `headers.csv` has it: small letters and digits only."""
    text = header.casefold().replace("ø", "o").replace("æ", "ae").replace("å", "a")
    text = unicodedata.normalize("NFKD", text)
    return "".join(character for character in text if character.isascii() and character.isalnum())
