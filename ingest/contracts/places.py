"""Which columns of the tables of addresses disclose where an address is: every one that is not declared harmless here.

It fails closed: a column that does not exist yet discloses a place until somebody has declared that it does not.
"""

from __future__ import annotations

# Whose address it is, of which kind, and whether and since when it is protected.
HARMLESS = (
    "nin",
    "person_nin",
    "sequence_number",
    "current_address",
    "postal_type",
    "date_postal_type",
    "enrichment_method",
    "enrichment_reason",
    "address_type",
)

# Tables of a release with one row per address.
ADDRESS_TABLES = ("preg_address", "preg_other_address", "preg_address_earlier")

# Tables of a release that name persons, of which no column discloses where anybody is. One in neither list may: a
# cleaned copy of a release leaves out of it anyone who is hidden.
TABLES_WITHOUT_PLACES = (
    "person_number",
    "preg_person",
    "preg_person_earlier",
    "preg_person_retired",
    "preg_state",
    "persontjenesten_person",
    "field_comparison_change",
)

# What the columns are called that name a person.
NAMES_A_PERSON = (
    "nin",
    "person_nin",
    "number",
    "old_nin",
    "new_nin",
    "related_nin",
    "mothers_nin",
    "fathers_nin",
    "spouse_nin",
)

# Tables of a release that name nobody. One that no list here has is left empty in a cleaned copy.
TABLES_WITHOUT_PERSONS = (
    "code_list",
    "delivery_overview",
    "enrichment_quality",
    "field_catalogue",
    "field_comparison_by_class",
    "field_comparison_by_kommune",
    "field_comparison_summary",
    "field_comparison_trend",
    "field_mapping",
    "freg_unlisted_value",
    "gate_measure",
    "gate_results",
    "landkode",
    "preg_code",
)

# SQL: whether a row of a table of addresses says anything of where the address is.
TELLS_A_PLACE = (
    "concat(*columns(lambda column_name: column_name not in ("
    + ", ".join(f"'{name}'" for name in HARMLESS)
    + "))) <> ''"
)
