"""The persons with a common help number, as the register has them when a candidate is made.

Like what has become of the comparison, this does not follow from the deliveries: it is no part of the content that two
builds of the same deliveries have in common.
"""

from __future__ import annotations

import duckdb

from foundation.database import insert_rows, put_comments
from foundation.help_number_register import register_rows
from foundation.release import TableContent
from foundation.settings import Settings
from publication.candidate.content_hash import content_sum

TABLE = "help_number_person"

# Under the names that PREG has for the same. A person who is linked to an official number is a row with that number
# and nothing else, as a retired number is; RegStatus is 5 for a dead person, and else blank (docs/services.md). No
# address and no birthplace: they are what somebody has told, and the person may be one whose address is protected under
# a number that is not known yet. The gate would find it here, and stop every release for it.
HELP_NUMBERS_QUERY = """
    select
        number as nin,
        nullif(linked_to, '') as new_nin,
        case state when 'active' then nullif(given_name, '') end as given_name,
        case state when 'active' then nullif(middle_name, '') end as middle_name,
        case state when 'active' then nullif(family_name, '') end as sn,
        case state when 'active' then gender end as gender,
        case state when 'active' then date_of_birth end as date_of_birth,
        case when state = 'active' and is_dead = 1 then 5 end as reg_status,
        case state when 'active' then date_of_death end as date_status,
        case state when 'active' then marital_status end as marital_status
    from help_person
    order by number
"""

_COLUMNS = {
    "nin": ("varchar", "The common help number."),
    "new_nin": ("varchar", "The official number of the same person; blank without one. Then the rest is blank."),
    "given_name": ("varchar", "Given name."),
    "middle_name": ("varchar", "Middle name."),
    "sn": ("varchar", "Family name."),
    "gender": ("integer", "0 woman, 1 man; blank where it is not known."),
    "date_of_birth": ("date", "Date of birth."),
    "reg_status": ("integer", "5 for a dead person; else blank."),
    "date_status": ("date", "The day of death."),
    "marital_status": ("integer", "Civil status (code list MaritalStatus)."),
}
_COMMENT = (
    "One row a person with a common help number, as the register of the services has them when the release is made."
    " Empty where no services are run."
)


def write_help_numbers(
    connection: duckdb.DuckDBPyConnection, candidate: str, settings: Settings
) -> dict[str, TableContent]:
    """Write the table into the attached database `candidate`; returns its rows and content hash."""
    table = f"{candidate}.{TABLE}"
    columns = ", ".join(f"{name} {kind}" for name, (kind, _) in _COLUMNS.items())
    connection.execute(f"create table {table} ({columns})")
    for rows in register_rows(settings, HELP_NUMBERS_QUERY):
        insert_rows(connection, table, rows)
    put_comments(connection, table, {"": _COMMENT, **{name: said for name, (_, said) in _COLUMNS.items()}})
    ((count,),) = connection.execute(f"select count(*) from {table}").fetchall()
    return {TABLE: TableContent(rows=int(count), content_hash=str(content_sum(connection, table)))}
