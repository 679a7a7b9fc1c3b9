"""The sources of deliveries: what each is called and holds, and in which table its documents are kept.

One record per source, from which landing, loading, quarantine, reconciliation and Dagster's assets take it. A source
whose documents must be more than their contract says has `REQUIREMENTS` in a module of its own (`ingest.deliveries`).
"""

from __future__ import annotations

from dataclasses import dataclass

from ingest.contracts import freg, persontjenesten, preg
from ingest.contracts.document import DocumentContract


@dataclass(frozen=True)
class DocumentTable:
    """A raw table of documents: its contract, and which column is the document's place in the feed.

    person: SQL expression by which documents of one person are known.
    identity: SQL expressions that together may have one content only: of Freg, whose sequence counts events, the
    sequence number; of Persontjenesten, which numbers the states of a person, the person's id as well.
    identity_in_extract: the same within an extract of Freg, whose documents all have the sequence number as of which
    it was ordered (the manifest's sequence_from and sequence_to): there a number and a person have one content.
    """

    name: str
    contract: DocumentContract
    sequence_column: str | None
    person: str
    identity: tuple[str, ...] = ()
    identity_in_extract: tuple[str, ...] = ()


# The numbers of a Freg document that are in use, or all of them where none is.
_FREG_NUMBERS = """array_to_string(list_sort(list_transform(
    coalesce(
        nullif(list_filter(folkeregisterperson.identifikasjonsnummer, lambda entry: entry.status = 'iBruk'), []),
        folkeregisterperson.identifikasjonsnummer
    ),
    lambda entry: entry.foedselsEllerDNummer
)), ',')"""


@dataclass(frozen=True)
class Source:
    """A source of deliveries, by the name of its folder in landing; without `documents`, of tables (Matrikkelen)."""

    name: str
    description: str
    documents: DocumentTable | None = None


_SOURCES = (
    Source(
        "freg",
        "Documents of Folkeregisteret, one per person and event (raw.freg_document).",
        DocumentTable(
            "freg_document",
            freg.line_contract(),
            "sekvensnummer",
            _FREG_NUMBERS,
            ("sekvensnummer",),
            ("sekvensnummer", _FREG_NUMBERS),
        ),
    ),
    Source("matrikkel", "Addresses, grunnkretser and bydeler of Matrikkelen (raw.matrikkel_*)."),
    Source(
        "persontjenesten",
        "Persons of Persontjenesten (raw.persontjenesten_person).",
        DocumentTable(
            "persontjenesten_person",
            persontjenesten.person_contract(),
            "sequenceNumber",
            '"id"',
            ('"id"', '"sequenceNumber"'),
        ),
    ),
    Source(
        "preg",
        "Exports of the running PREG (raw.preg_person).",
        DocumentTable("preg_person", preg.person_contract(), None, '"NIN"'),
    ),
)

SOURCES = {source.name: source for source in _SOURCES}
DOCUMENT_TABLES = {source.name: source.documents for source in _SOURCES if source.documents is not None}
