"""Words of the page in both languages, that are not in its templates: codes, kinds of difference, steps, refusals."""

from __future__ import annotations

import re
from typing import Any

from publication.reports.migration.facts import kind_words
from serving.services.look_up import NotForProfile, Refused, TooMany
from serving.services.records import Field, fields_of
from serving.services.search import NoCriteria
from serving.store.read_store import Reader, kept_by_release

# Norwegian, English.
Both = tuple[str, str]

# Kind of difference → its name, and what it means.
KINDS: dict[str, Both] = {kind: (words["no"][0], words["en"][0]) for kind, words in kind_words().items()}
MEANINGS: dict[str, Both] = {kind: (words["no"][1], words["en"][1]) for kind, words in kind_words().items()}

STEPS: dict[str, Both] = {
    "nothing": ("ingenting", "nothing"),
    "rename": ("bytte navn", "rename"),
    "recode": ("oversette koder", "recode"),
    "derive": ("utlede", "derive"),
    "ask for access": ("be om tilgang", "ask for access"),
    "lost": ("finnes ikke lenger", "is lost"),
}

# What is told in Norwegian of a refusal; in English it is told as everywhere.
_REFUSALS: tuple[tuple[type[Refused], str], ...] = (
    (NoCriteria, "Gi minst et navn, en fødselsdato, en gate, et sted, et postnummer eller en kommune."),
    (TooMany, "Søket treffer for mange: gi mer av navnet, fødselsdatoen, postnummeret eller kommunen."),
    (NotForProfile, "Tilgangsprofilen din kan ikke spørre om dette."),
)

# Fields whose meaning names no code list of PREG's.
_CODES = {"Gender": "Gender", "Citizenship": "SSB", "StatusCountryCode": "SSB"}
_CODE_LIST = re.compile(r"code list (\w+)")


_NO_QUESTION = "Spørsmålet kan ikke besvares slik det er stilt: gjør det kortere eller smalere."
NO_NUMBER = "Nummeret kan ikke være noens: gi elleve siffer med riktige kontrollsiffer."


def refusal(error: Refused, norsk: str = _NO_QUESTION) -> Both:
    """Why a question is not answered, and what to do. norsk: of a refusal that has no words of its own."""
    english = f"{error.what[:1].upper()}{error.what[1:]}. {error.todo[:1].upper()}{error.todo[1:]}".rstrip(". ") + "."
    return next((told for kind, told in _REFUSALS if isinstance(error, kind)), norsk), english


def steps(text: str | None) -> Both:
    """What a client has to do about a field."""
    found = [STEPS.get(step, (step, step)) for step in (text or "").split(", then ") if step]
    return ", ".join(norsk for norsk, _ in found), ", ".join(english for _, english in found)


@kept_by_release
def code_words(reader: Reader) -> dict[tuple[str, str], Both]:
    """Code list and code → its word, of the release that a reader reads."""
    rows = reader.rows("select * from release.preg_code", {})
    countries = reader.rows("select * from release.landkode where ssb_landkode is not null", {})
    return {
        **{(row["code_list"], row["code"]): (row["word_no"], row["word_en"]) for row in rows},
        # Countries have Norwegian names alone.
        **{("SSB", row["ssb_landkode"]): (row["landnavn"], row["landnavn"]) for row in countries},
    }


def shown(words: dict[tuple[str, str], Both], field: Field, value: Any) -> Both:
    """A value as it is read: a code with its word."""
    if value is None:
        return "", ""
    if field.type == "bool":
        return ("ja", "yes") if value else ("nei", "no")
    named = _CODE_LIST.search(field.meaning)
    code_list = named[1] if named else _CODES.get(field.name, "")
    word = words.get((code_list, str(value).zfill(3) if code_list == "SSB" else str(value)))
    return (f"{value} {word[0]}", f"{value} {word[1]}") if word else (str(value), str(value))


FIELDS = {(entity, field.column): field for entity in ("Person", "Store", "Address") for field in fields_of(entity)}
