"""The tables of a release, the order of their rows, and by which column they are kept up to date person by person."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ReleaseTable:
    """A table of a release.

    order: the columns by which its rows are sorted when it is copied whole. person: the column that names the person a
    row belongs to, as the models' affected persons are named; empty for a table that is always copied whole.
    """

    order: tuple[str, ...]
    person: str = ""


RELEASE_TABLES: dict[str, ReleaseTable] = {
    "preg_person": ReleaseTable(("nin",), "nin"),
    "preg_address": ReleaseTable(("nin", "current_address", "address_type", "date_adr_from", "postal_address"), "nin"),
    "preg_other_address": ReleaseTable(("nin", "address_type", "date_adr_from", "postal_address"), "nin"),
    "enrichment_disagreement": ReleaseTable(("nin", "address_type", "st", "freg_grunnkrets_number"), "nin"),
    "enrichment_quality": ReleaseTable(("st", "enrichment_method", "enrichment_reason")),
    "person_number": ReleaseTable(("number",), "number"),
    "preg_person_retired": ReleaseTable(("nin",), "nin"),
    "freg_unlisted_value": ReleaseTable(("entity", "field", "freg_value")),
    "freg_person_detail": ReleaseTable(("nin",), "nin"),
    "preg_state": ReleaseTable(("nin", "sequence_number"), "person_nin"),
    "preg_person_earlier": ReleaseTable(("nin", "sequence_number"), "person_nin"),
    "preg_address_earlier": ReleaseTable(
        ("nin", "sequence_number", "current_address", "address_type", "date_adr_from", "postal_address"), "person_nin"
    ),
    "preg_change_log": ReleaseTable(("nin", "sequence_number", "entity", "field", "from_value", "to_value"), "nin"),
    "code_list": ReleaseTable(("code_list", "code", "freg_value", "persontjenesten_value")),
    "preg_code": ReleaseTable(("code_list", "code")),
    "landkode": ReleaseTable(("iso_alfa3",)),
    "field_mapping": ReleaseTable(("preg_entity", "preg_field")),
    "field_catalogue": ReleaseTable(("system", "entity", "field")),
    # Not person by person: whose values are hidden follows from others' protection, too.
    "field_comparison_differences": ReleaseTable(("pair", "nin", "entity", "field", "difference_kind", "right_value")),
    # Not person by person: which record of a person is compared follows from the person's other records.
    "persontjenesten_person": ReleaseTable(("nin",)),
    "field_comparison_summary": ReleaseTable(("pair", "entity", "field")),
    "field_comparison_by_class": ReleaseTable(("pair", "entity", "field", "person_class")),
    "field_comparison_by_kommune": ReleaseTable(("pair", "entity", "field", "st")),
}
