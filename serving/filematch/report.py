"""What came of a wash, in numbers: for who sent the file. There is no person in it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

# What a row may be, in the order of the report, and what it means to who reads it.
STATUSES = {
    "exact_number": "the number is the person's present one, and what else the row says is the person's",
    "replaced_number": "the number was replaced: preg_nin has the present one",
    "help_number_linked": "a common help number that is linked to an official one: preg_nin has it",
    "help_number": "a common help number that is linked to none",
    "number_contradicted": "the number is somebody's whose day of birth or given name is another: look first",
    "name_birth_date": "no number that is known; one person has this name and day of birth",
    "probable": "no number that is known; one person is as good as certain (preg_score)",
    "ambiguous": "several persons it may be: none is chosen",
    "none": "nobody whom your profile may know of",
    "unreadable": "the row could not be read: preg_remark says why",
}
# How many rows that could not be read a report names.
MOST_LINES = 100


@dataclass(frozen=True)
class Report:
    """The report of a wash.

    form, encoding, separator, sheet: how the file was read. columns: role → header that said it. not_used: headers
    that the profile's fields do not let rows be matched on. statuses, number_checks, changes: how many rows.
    changed_fields: how many persons' field has changed. compared_with: the releases of the earlier wash. several_rows:
    how many persons have more than one row. seconds: how long it took.
    """

    release_id: str
    data_until: str
    profile: str
    form: str
    encoding: str
    separator: str
    sheet: str
    columns: dict[str, str]
    not_used: list[str]
    rows: int
    statuses: dict[str, int]
    number_checks: dict[str, int]
    days_unreadable: int
    unreadable: list[str]
    several_rows: int
    compared_with: list[str]
    changes: dict[str, int]
    changed_fields: dict[str, int]
    began: str
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """As it is given to programs."""
        return asdict(self)

    def as_text(self) -> str:
        """As a person reads it."""
        read = ", ".join(
            each
            for each in (self.encoding, f"separator {self.separator!r}" if self.separator else "", self.sheet)
            if each
        )
        lines = [
            f"{self.rows:,} rows washed against release {self.release_id} (registered until {self.data_until}),"
            f" profile {self.profile}, in {self.seconds:.1f} s",
            f"read as {self.form}{f' ({read})' if read else ''};"
            f" columns: {', '.join(f'{role} = {header}' for role, header in self.columns.items())}",
        ]
        if self.not_used:
            lines.append(f"not matched on, as the profile does not receive it: {', '.join(self.not_used)}")
        lines.append("")
        lines += [f"{count:>12,}  {status:<20}  {STATUSES[status]}" for status, count in self.statuses.items() if count]
        lines.append("")
        lines.append("numbers: " + ", ".join(f"{name} {count:,}" for name, count in self.number_checks.items()))
        if self.days_unreadable:
            lines.append(f"birth dates that are no day: {self.days_unreadable:,}")
        if self.several_rows:
            lines.append(f"persons with more than one row: {self.several_rows:,}")
        lines += [f"not read: {each}" for each in self.unreadable]
        if self.compared_with:
            lines.append(f"compared with the wash against {', '.join(self.compared_with)}:")
            lines.append("  " + ", ".join(f"{name} {count:,}" for name, count in self.changes.items()))
            lines += [f"{count:>12,}  {name}" for name, count in self.changed_fields.items()]
        return "\n".join(lines)
