"""What an older release would show of those who are protected today: asked before it becomes current again.

Who is hidden today is known from the models (every person whose protection is in force) and from the newest release
(also whoever lives with them).
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from foundation.database import session, sql_text, tables_of
from foundation.errors import PregError
from foundation.settings import Settings
from ingest.contracts.places import ADDRESS_TABLES, TELLS_A_PLACE
from publication.release import Release, newest_release

OLD, NEWEST, WAREHOUSE = "old_release", "newest_release", "warehouse_now"


@dataclass(frozen=True)
class Exposure:
    """Persons who are hidden today and whose addresses a release shows, and how many rows do."""

    persons: int
    addresses: int


def exposure_of(settings: Settings, release: Release) -> Exposure:
    """What making `release` current would show again. Only for who holds the writer's lock."""
    with session(settings, ":memory:") as connection:
        attach_today(connection, settings, release)
        # Of whoever only lives with a protected person, or has a client address, other addresses are nobody's secret.
        shown = " union all ".join(
            f"select nin from {OLD}.{table} where {TELLS_A_PLACE}"
            f" and (nin in (select nin from hidden_today where is_protected)"
            f" or ({'current_address' if table == 'preg_address' else 'false'}"
            " and nin in (select nin from hidden_today)))"
            for table in ADDRESS_TABLES
            if table in tables_of(connection, OLD)
        )
        ((persons, addresses),) = connection.execute(f"select count(distinct nin), count(*) from ({shown})").fetchall()
    return Exposure(int(persons), int(addresses))


def refuse_exposure(settings: Settings, release: Release, although: int | None) -> None:
    """Raise `PregError` where a release shows persons who are hidden today, unless exactly so many were named."""
    found = exposure_of(settings, release)
    if found.persons and found.persons != although:
        raise PregError(
            f"{release.release_id} shows {found.addresses} addresses of {found.persons} persons who are hidden today:"
            " they are protected, or live with somebody who is",
            where=str(release.folder),
            todo=(
                f"publish it without them: preg release clean {release.release_id} --approver NAME --why REASON;"
                f" or, if they are to be seen again, say so: --although-protected {found.persons}"
            ),
        )


def attach_today(connection: duckdb.DuckDBPyConnection, settings: Settings, release: Release) -> None:
    """Attach `release` as `OLD`, and make `hidden_today` (nin, is_protected): the numbers in it of whoever is hidden
    today.

    Raises `PregError` when it is not known who is: without the models and without a release that is not older.
    """
    newest = newest_release(settings)
    connection.execute(f"attach {sql_text(release.database)} as {OLD} (read_only)")
    known = []
    numbers = f"{OLD}.person_number"
    if newest is not None:
        connection.execute(f"attach {sql_text(newest.database)} as {NEWEST} (read_only)")
        known.append(
            f"select nin, postal_type in (6, 7) as is_protected from {NEWEST}.preg_address"
            " where current_address and enrichment_method = 'hidden'"
        )
        numbers = f"{NEWEST}.person_number"
    models = False
    if settings.warehouse.is_file():
        connection.execute(f"attach {sql_text(settings.warehouse)} as {WAREHOUSE} (read_only)")
        models = "int_person__protection" in tables_of(connection, WAREHOUSE)
    if models:
        known.append(
            f"select person_nin as nin, true as is_protected from {WAREHOUSE}.intermediate.int_person__protection"
            " where is_present and grade is not null"
        )
    if not models and (newest is None or newest.release_id == release.release_id):
        raise PregError(
            "it is not known who is protected today: there is no warehouse, and no later release",
            where=str(settings.data_dir),
            todo="build the models of today first: preg run",
        )
    connection.execute(
        f"""
        create or replace temp table hidden_today as
        with known as ({" union ".join(known)}),
        -- Under whatever number the older release has the person.
        numbered as (
            select number, is_protected from {numbers} inner join known using (nin)
            union all
            select number, is_protected from {OLD}.person_number inner join known using (nin)
            union all
            select nin, is_protected from known
        )
        select number as nin, bool_or(is_protected) as is_protected from numbered group by number
        """
    )
