"""Which columns of the tables of addresses tell where an address is: every one that is not declared harmless here.

It fails closed: a column that does not exist yet tells a place until somebody has declared that it does not.
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

# Tables of a release with a row an address.
ADDRESS_TABLES = ("preg_address", "preg_other_address", "preg_address_earlier")

# SQL: whether a row of such a table says anything of where the address is.
TELLS_A_PLACE = (
    "concat(*columns(lambda column_name: column_name not in ("
    + ", ".join(f"'{name}'" for name in HARMLESS)
    + "))) <> ''"
)
