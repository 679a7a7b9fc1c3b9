"""The tables of a release, and the order of their rows (so that the same content is the same file)."""

from __future__ import annotations

# Table → columns that its rows are sorted by.
RELEASE_TABLES: dict[str, tuple[str, ...]] = {
    "preg_person": ("nin",),
    "preg_address": ("nin", "current_address", "address_type", "date_adr_from", "postal_address"),
    "person_number": ("number",),
    "field_mapping": ("preg_entity", "preg_field"),
    "field_catalogue": ("system", "entity", "field"),
    "field_comparison_differences": ("pair", "nin", "entity", "field", "difference_kind", "right_value"),
    "field_comparison_summary": ("pair", "entity", "field"),
}
