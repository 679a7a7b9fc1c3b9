"""The contracts are complete, and say the same as the published lists."""

from __future__ import annotations

import duckdb
import pytest

from ingest.contracts import freg, persontjenesten, preg
from ingest.contracts.document import DocumentContract, Element, Kind
from ingest.contracts.tables import rows


def _paths(elements: tuple[Element, ...], prefix: str = "") -> list[str]:
    paths = []
    for element in elements:
        path = f"{prefix}{element.name}{'[]' if element.repeated else ''}"
        paths.append(path)
        paths += _paths(element.children, f"{path}.")
    return paths


def test_every_freg_path_is_in_the_contract_once() -> None:
    published = [row["path"] for row in rows("freg_person_fields")]
    assert sorted(_paths(freg.person_elements())) == sorted(published)
    assert len(published) == 562


def test_every_path_of_an_event_is_in_the_contract_once() -> None:
    published = [row["path"] for row in rows("freg_event_fields")]
    assert sorted(_paths(freg.event_contract().elements)) == sorted(published)


def test_every_persontjeneste_property_of_a_person_is_reached() -> None:
    """Schemas that hang on Person are all put together; those left are requests, results and problem reports."""
    reached = set()

    def visit(schema: str) -> None:
        if schema in reached:
            return
        reached.add(schema)
        references = {row["reference"]: row["schema"] for row in rows("persontjenesten_references")}
        schemas = {row["schema"] for row in rows("persontjenesten_fields")}
        for row in rows("persontjenesten_fields"):
            target = references.get(row["type"], row["type"])
            if row["schema"] == schema and target in schemas:
                visit(target)

    visit("Person")
    left = {row["schema"] for row in rows("persontjenesten_fields")} - reached
    assert not {schema for schema in left if not schema.startswith("_api")} - {
        "EventDocument",
        "EventDocumentSearchResult",
        "PersonSearchResult",
        "ProblemDetails",
        "SearchMatchCountResult",
        "StringSearchResult",
    }


def test_no_persontjeneste_reference_is_left_unresolved() -> None:
    schemas = {row["schema"] for row in rows("persontjenesten_fields")}
    known = {row["reference"] for row in rows("persontjenesten_references")}
    wrappers = {row["type"] for row in rows("persontjenesten_fields") if "_" in row["type"]}
    assert wrappers <= known
    assert {row["schema"] for row in rows("persontjenesten_references")} <= schemas


@pytest.mark.parametrize(
    ("field", "column"),
    [
        ("DateOfBirth", "date_of_birth"),
        ("NIN", "nin"),
        ("MothersNIN", "mothers_nin"),
        ("OldNIN", "old_nin"),
        ("AddressLine1", "address_line1"),
        ("XCoord", "x_coord"),
        ("DufNo", "duf_no"),
        ("St", "st"),
        ("Sn", "sn"),
        ("WithoutLegalCapacity", "without_legal_capacity"),
    ],
)
def test_snake_case_follows_the_file_format(field: str, column: str) -> None:
    assert preg.snake_case(field) == column


@pytest.mark.parametrize(
    "contract", [freg.line_contract(), freg.event_contract(), persontjenesten.person_contract(), preg.person_contract()]
)
def test_contract_is_a_type_that_duckdb_takes(contract: DocumentContract) -> None:
    with duckdb.connect() as connection:
        ((described,),) = connection.execute(f"select typeof(cast(null as {contract.struct_type}))").fetchall()
    assert described.startswith("STRUCT(")


def test_paths_name_lists_and_their_elements() -> None:
    contract = DocumentContract(
        (Element("navn", Kind.OBJECT, repeated=True, children=(Element("fornavn", Kind.TEXT),)),)
    )
    assert [(path.path, path.json_types) for path in contract.paths()] == [
        ("$", ("OBJECT",)),
        ("$.navn", ("ARRAY",)),
        ("$.navn[]", ("OBJECT",)),
        ("$.navn[].fornavn", ("VARCHAR",)),
    ]
