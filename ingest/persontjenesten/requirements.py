"""What a Person of Persontjenesten must have so that it can be held against PREG."""

from __future__ import annotations

from ingest.documents import Requirement

REQUIREMENTS = (
    Requirement("no_id", "id is null", "id is missing"),
    Requirement("no_sequence_number", "sequenceNumber is null", "sequenceNumber is missing"),
)
