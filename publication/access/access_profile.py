"""Access profiles: what a kind of client may receive, and why not the rest.

A profile is data (`publication/access/profiles/*.yml`, an installation's own in `<data>/profiles/*.yml`):

- `title`, `legal_basis`: the client, and by which right it receives data; `basis`: documented | inferred;
- `address_types`: the kinds of address it receives, as `preg_address.address_type` names them;
- `history`: whether it receives former addresses, earlier states and the log of changes;
- `protected`: kind (that somebody's address is protected is shown) | none (that is blank as well);
- `withheld`: fields of PREG (`Person.DufNo`) that come back blank, each with why.

What is not withheld is received. Columns that PREG never had follow the field that they come from.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from foundation.errors import ConfigurationError, PregError
from foundation.settings import Settings
from ingest.contracts.preg import snake_case
from publication.access.client_profile import all_fields

_SHIPPED = Path(__file__).with_name("profiles")

# Columns of preg_address that PREG's clients never received, and the field that each says something of.
FOLLOWS = {
    "grunnkrets_number": "basic_statistical_unit",
    "grunnkrets_name": "basic_statistical_unit",
    "service_district_code": "district_code",
    "service_district_name": "district_name",
    "present_st": "st",
    "valid_to": "date_adr_from",
    "enrichment_method": "basic_statistical_unit",
    "enrichment_reason": "basic_statistical_unit",
    "address_type": "postal_type",
}

# What a record is found by, and what says which of its rows it is: in every profile.
_STRUCTURE = {"Person.nin", "Address.nin", "Address.current_address"}

_ADDRESS_TYPES = Literal[
    "bostedsadresse", "oppholdsadresse", "postadresse", "postadresseIUtlandet", "deltBosted", "kontaktadresse"
]


class Withheld(BaseModel):
    """Fields that come back blank, and why."""

    model_config = ConfigDict(extra="forbid")

    fields: Annotated[list[str], Field(min_length=1)]
    why: Annotated[str, Field(min_length=1)]


class WithheldCodes(BaseModel):
    """A field of preg_person with a code that comes back blank where it is one of `codes`, with the fields `along`."""

    model_config = ConfigDict(extra="forbid")

    field: Annotated[str, Field(min_length=1)]
    codes: Annotated[list[int], Field(min_length=1)]
    along: list[str] = []
    why: Annotated[str, Field(min_length=1)]


class ProfileFile(BaseModel):
    """A profile as its file has it: see the module."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, Field(min_length=1)]
    legal_basis: Annotated[str, Field(min_length=1)]
    basis: Literal["documented", "inferred"]
    address_types: list[_ADDRESS_TYPES]
    history: bool
    protected: Literal["kind", "none"]
    withheld: list[Withheld]
    withheld_codes: list[WithheldCodes] = []


@dataclass(frozen=True)
class Explanation:
    """Whether a field is received, and why (not)."""

    field: str
    received: bool
    why: str


@dataclass(frozen=True)
class AccessProfile:
    """A profile: its name, which is its file's, and what the file says."""

    name: str
    file: ProfileFile

    @cached_property
    def fingerprint(self) -> str:
        """What tells it from a profile that receives something else: also from the same one before it was changed."""
        return hashlib.sha256(self.file.model_dump_json().encode()).hexdigest()

    @cached_property
    def withheld(self) -> dict[str, str]:
        """`Entity.column` of each withheld field, and why."""
        return {_resolve(name): entry.why for entry in self.file.withheld for name in entry.fields}

    @cached_property
    def withheld_codes(self) -> dict[str, WithheldCodes]:
        """`Entity.column` of each field that is blank for some codes, its own or another's, and which."""
        return {_resolve(name): entry for entry in self.file.withheld_codes for name in (entry.field, *entry.along)}

    def blank_conditions(self) -> dict[str, str]:
        """The columns of `preg_person` that are blank: under which condition, SQL; an empty one is always."""
        some = {
            field.split(".")[1]: f"{_resolve(entry.field).split('.')[1]} in ({', '.join(map(str, entry.codes))})"
            for field, entry in self.withheld_codes.items()
        }
        return some | dict.fromkeys(self.blank_columns("preg_person"), "")

    def blank_columns(self, table: str) -> dict[str, str]:
        """The columns of `preg_person` or `preg_address` that are blank in every row, and why."""
        entities = ("Address",) if table == "preg_address" else ("Person", "Store")
        blank = {field.split(".")[1]: why for field, why in self.withheld.items() if field.split(".")[0] in entities}
        if table == "preg_address":
            blank |= {ours: blank[field] for ours, field in FOLLOWS.items() if field in blank}
        return blank

    def explain(self, field: str) -> Explanation:
        """Why a client of this profile receives a field of PREG, or does not. Raises `PregError` for no field."""
        name = _resolve(field)
        if name in self.withheld:
            return Explanation(name, received=False, why=self.withheld[name])
        why = f"received: {self.file.legal_basis}"
        if name in self.withheld_codes:
            entry = self.withheld_codes[name]
            why += f"; blank where {entry.field} is {', '.join(map(str, entry.codes))}: {entry.why}"
        if name.startswith("Address.") and name not in _STRUCTURE:
            why += f"; of the address types {', '.join(self.file.address_types)}"
            why += "; present and former addresses" if self.file.history else "; present addresses only"
            if name == "Address.postal_type":
                why += "; blank where the address is protected" if self.file.protected == "none" else ""
        return Explanation(name, received=True, why=why)


def read_access_profiles(settings: Settings) -> list[AccessProfile]:
    """The shipped profiles and the installation's own, by name; an own one goes before a shipped one."""
    folders = (_SHIPPED, settings.data_dir / "profiles")
    files = {file.stem: file for folder in folders for file in sorted(folder.glob("*.yml"))}
    return [read_access_profile(file) for _, file in sorted(files.items())]


def find_access_profile(settings: Settings, name: str) -> AccessProfile:
    """The profile of a name. Raises `PregError` when there is none."""
    profiles = {profile.name: profile for profile in read_access_profiles(settings)}
    if name not in profiles:
        raise PregError(f"there is no profile {name}", todo=f"there are: {', '.join(profiles)}")
    return profiles[name]


def narrowed(profile: AccessProfile, other: AccessProfile) -> AccessProfile:
    """What both of two profiles receive."""
    files = (profile.file, other.file)
    along: dict[str, WithheldCodes] = {}
    fully: list[Withheld] = [entry for file in files for entry in file.withheld]
    by_field: dict[str, WithheldCodes] = {}
    for entry in (entry for file in files for entry in file.withheld_codes):
        known = by_field.get(_resolve(entry.field))
        by_field[_resolve(entry.field)] = entry.model_copy(
            update={
                "codes": sorted({*entry.codes, *(known.codes if known else ())}),
                "along": sorted({*entry.along, *(known.along if known else ())}),
            }
        )
    for entry in by_field.values():
        for name in (entry.field, *entry.along):
            if along.setdefault(_resolve(name), entry) is not entry:
                # Blank by the codes of two fields: no one condition says so.
                fully.append(Withheld(fields=[name], why=entry.why))
    file = ProfileFile(
        title=f"{profile.file.title}; narrowed: {other.file.title}",
        legal_basis=other.file.legal_basis,
        basis="inferred",
        address_types=[kind for kind in profile.file.address_types if kind in other.file.address_types],
        history=all(each.history for each in files),
        protected="none" if any(each.protected == "none" for each in files) else "kind",
        withheld=fully,
        withheld_codes=list(by_field.values()),
    )
    return AccessProfile(f"{profile.name}+{other.name}", file)


def read_access_profile(file: Path) -> AccessProfile:
    """The profile in a file. Raises `ConfigurationError` naming what is wrong with it."""
    try:
        content = ProfileFile.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
        profile = AccessProfile(file.stem, content)
        structure = sorted(_STRUCTURE & {*profile.withheld, *profile.withheld_codes})
        of_addresses = sorted(name for name in profile.withheld_codes if name.startswith("Address."))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError(
            f"the profile cannot be used: {place}: {first['msg']}", where=str(file), todo="see docs/access-profiles.md"
        ) from error
    except (OSError, yaml.YAMLError, PregError) as error:
        raise ConfigurationError(
            f"the profile cannot be used: {error}", where=str(file), todo="see docs/access-profiles.md"
        ) from error
    if of_addresses:
        raise ConfigurationError(
            f"{', '.join(of_addresses)} cannot be withheld for some codes only",
            where=str(file),
            todo="name it in `withheld`: it is then blank for every code",
        )
    if structure:
        raise ConfigurationError(
            f"{', '.join(structure)} cannot be withheld: a record is found by it",
            where=str(file),
            todo="take it out of `withheld`",
        )
    return profile


def _resolve(name: str) -> str:
    """`Entity.column` of a field as clients name it: `Person.DufNo`, `DufNo` or `duf_no`."""
    entity, _, field = name.rpartition(".")
    column = snake_case(field)
    found = [
        each
        for each in all_fields()
        if each.split(".")[1] == column and (not entity or each.split(".")[0].lower() == entity.lower())
    ]
    if not found and not entity.lower().startswith(("person", "store")) and column in FOLLOWS:
        return _resolve(f"Address.{FOLLOWS[column]}")
    if not found:
        raise PregError(f"PREG has no field {name}", todo="the fields are in docs/data-dictionary.md")
    return found[0]
