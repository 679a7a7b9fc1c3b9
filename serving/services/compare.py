"""One person in PREG beside Persontjenesten: every field that has a value, what differs, why, what a client has to do.

From the comparison that the release was published with. Only what the profile sees of PREG is shown of either.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from serving.services.look_up import find_in_release
from serving.services.records import Record
from serving.store.read_store import Reader

_PAIR = "preg_persontjenesten"

_FIELDS = """
    select
        mapping.preg_entity as entity,
        mapping.preg_field as field,
        mapping.column_name as "column",
        mapping.persontjenesten_path,
        mapping.compare_rule is not null and mapping.persontjenesten_path is not null as is_compared,
        mapping.comment_en as comment,
        mapping.comment_no,
        catalogue.client_action,
        catalogue.client_steps,
        difference.difference_kind,
        difference.caused_by,
        difference.right_value
    from release.field_mapping as mapping
    left join release.field_catalogue as catalogue
        on catalogue.system = 'PREG'
            and catalogue.entity = mapping.preg_entity
            and catalogue.field = mapping.preg_field
    left join release.field_comparison_differences as difference
        on difference.pair = :pair
            and difference.nin = :nin
            and difference.entity = mapping.preg_entity
            and difference.field = mapping.column_name
    order by mapping.rowid
"""


@dataclass(frozen=True)
class ComparedField:
    """A field beside Persontjenesten's.

    column: PREG's field as our tables name it. persontjenesten: the value in PREG's form: PREG's own where the two are
    equal by the field's rule, None where Persontjenesten has none or it is not compared. difference: its kind
    (docs/comparison.md), None where there is none.
    """

    entity: str
    field: str
    column: str
    preg: Any
    persontjenesten_path: str | None
    persontjenesten: Any
    is_compared: bool
    difference: str | None
    caused_by: str | None
    comment: str | None
    comment_no: str | None
    client_action: str | None
    client_steps: str | None


@dataclass(frozen=True)
class Comparison:
    """A person's number, and the fields."""

    nin: str
    fields: list[ComparedField]

    @property
    def persons(self) -> list[Record]:
        """Whom it shows, for the log."""
        return [{"nin": self.nin}]


def compare(reader: Reader, number: str) -> Comparison | None:
    """A person beside Persontjenesten; None where nobody has the number now."""
    person = find_in_release(reader, number)
    if person is None or person["new_nin"]:
        return None
    address: Record = next((each for each in person["addresses"] if each["current_address"]), {})
    rows = reader.rows(_FIELDS, {"pair": _PAIR, "nin": person["nin"]})
    only_preg = any(row["column"] == "nin" and row["difference_kind"] == "only_left" for row in rows)
    # Of an address Persontjenesten's own is another kind perhaps than PREG's: it is told where every kind is received.
    kinds = {row["address_type"] for row in reader.rows("select address_type from release.address_type", {})}
    every_kind = kinds <= set(reader.profile.file.address_types)
    # Where one of the two hides the address, what PREG shows is not Persontjenesten's.
    hidden = any(row["entity"] == "Address" and row["difference_kind"] == "protection" for row in rows)
    fields = []
    for row in rows:
        preg = (address if row["entity"] == "Address" else person).get(row["column"])
        if preg is None and (row["difference_kind"] is None or not _receives(reader, row, address)):
            continue
        compared = bool(row["is_compared"]) and not only_preg
        if row["entity"] == "Address":
            differs = row["difference_kind"] is not None
            compared = compared and (every_kind or not differs) and (differs or not hidden)
        other = preg if row["difference_kind"] is None else row["right_value"]
        fields.append(
            ComparedField(
                row["entity"],
                row["field"],
                row["column"],
                preg,
                row["persontjenesten_path"],
                other if compared else None,
                compared,
                row["difference_kind"],
                row["caused_by"],
                row["comment"],
                row["comment_no"],
                row["client_action"],
                row["client_steps"],
            )
        )
    return Comparison(person["nin"], fields)


def _receives(reader: Reader, row: Record, address: Record) -> bool:
    """Whether the profile receives a field whatever its value; of one that is blank for some it is not known why."""
    if row["entity"] == "Address":
        profile = reader.profile
        return (
            bool(address)
            and profile.file.protected == "kind"
            and row["column"] not in profile.blank_columns("preg_address")
        )
    return row["column"] not in reader.profile.blank_conditions()
