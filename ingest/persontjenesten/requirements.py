"""What a Person of Persontjenesten must have so that it can be compared with PREG."""

from __future__ import annotations

from ingest.contracts.numbers import is_placeholder_number_sql
from ingest.documents import Requirement

REQUIREMENTS = (
    Requirement("no_id", "id is null", "id is missing"),
    Requirement("no_sequence_number", "sequenceNumber is null", "sequenceNumber is missing"),
    Requirement(
        "placeholder_number",
        "len(list_filter(norwegianIdentificationNumber, lambda entry:"
        f" {is_placeholder_number_sql('entry.identificationNumber')})) > 0",
        "norwegianIdentificationNumber: a number is one digit eleven times, which stands for no number",
    ),
)
