"""What a Freg document must have besides its types, so that it can be placed in the register."""

from __future__ import annotations

from ingest.contracts.numbers import is_help_number_sql, is_placeholder_number_sql, is_valid_number_sql
from ingest.documents import Requirement

_NUMBERS = "folkeregisterperson.identifikasjonsnummer"

REQUIREMENTS = (
    Requirement("no_sequence_number", "sekvensnummer is null", "sekvensnummer is missing"),
    Requirement("no_person", "folkeregisterperson is null", "folkeregisterperson is missing"),
    Requirement(
        "no_number",
        f"folkeregisterperson is not null and len(coalesce({_NUMBERS}, [])) = 0",
        "folkeregisterperson.identifikasjonsnummer is missing or empty",
    ),
    Requirement(
        "placeholder_number",
        f"len(list_filter({_NUMBERS}, lambda entry: {is_placeholder_number_sql('entry.foedselsEllerDNummer')})) > 0",
        "folkeregisterperson.identifikasjonsnummer: a number is one digit eleven times, which stands for no number",
    ),
    Requirement(
        "help_number",
        f"len(list_filter({_NUMBERS}, lambda entry: {is_help_number_sql('entry.foedselsEllerDNummer')})) > 0",
        "folkeregisterperson.identifikasjonsnummer: a number is a common help number (FH), which Freg does not have",
    ),
    Requirement(
        "invalid_number",
        f"len(list_filter({_NUMBERS}, lambda entry: not {is_valid_number_sql('entry.foedselsEllerDNummer')})) > 0",
        "folkeregisterperson.identifikasjonsnummer: a number is not 11 digits of a day that exists"
        " with check digits that fit",
    ),
)
