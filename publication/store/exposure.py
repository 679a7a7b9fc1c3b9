"""What an older release would show of those who are protected today: asked before it becomes current again.

Who is hidden today is known from the models (every person whose protection is in force, and every place that nobody may
learn) and from the newest release (also anyone who lives with them).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from foundation.database import session, sql_text, tables_of
from foundation.errors import PregError
from foundation.release import Release
from foundation.settings import Settings
from ingest.contracts.places import ADDRESS_TABLES, TELLS_A_PLACE
from publication.store.release import newest_release

OLD, NEWEST = "old_release", "newest_release"


@dataclass(frozen=True)
class Exposure:
    """Persons who are hidden today, or shown where nobody may be, and how many rows of a release show them."""

    persons: int
    addresses: int


def exposure_of(settings: Settings, release: Release) -> Exposure:
    """What making `release` current would show again. The caller must hold the writer's lock."""
    with knowing_today(settings, release) as connection:
        ((persons, addresses),) = connection.execute("select count(distinct nin), count(*) from exposed").fetchall()
    return Exposure(int(persons), int(addresses))


def refuse_exposure(settings: Settings, release: Release, confirmed: int | None) -> None:
    """Raise `PregError` where a release shows persons who are hidden today, unless exactly that number was named."""
    found = exposure_of(settings, release)
    if found.persons and found.persons != confirmed:
        raise PregError(
            f"{release.release_id} shows {found.addresses} addresses of {found.persons} persons who are hidden today:"
            " they are protected, or are shown where somebody protected lives",
            where=str(release.folder),
            todo=(
                f"publish it without them: preg release clean {release.release_id} --approver NAME --why REASON;"
                f" or, if they are to be seen again, say so: --confirm-protected {found.persons}"
            ),
        )


@contextmanager
def knowing_today(settings: Settings, release: Release) -> Iterator[duckdb.DuckDBPyConnection]:
    """A session in which `release` is attached as `OLD`, with two temporary tables.

    hidden_today (nin, is_protected): the numbers in the release of anyone who is hidden today. exposed (table_name,
    row_number, nin): rows of its tables of addresses that disclose a place which is hidden today.

    Raises `PregError` when it is not known who is: without the models and without a release that is not older; and when
    the warehouse lacks what this version compares places with, so that a place would not be found.
    """
    database = settings.warehouse if settings.warehouse.is_file() else ":memory:"
    with session(settings, database) as connection:
        ((own,),) = connection.execute("select current_database()").fetchall()
        built = tables_of(connection, str(own))
        has_models = "int_person__protection" in built
        # An older version's warehouse, or one of which a build has failed, lacks some of what places are compared with.
        if has_models and not ("int_address__protected_key" in built and _has_functions(connection)):
            raise PregError(
                "the warehouse was built by another version, or not to the end: places cannot be compared",
                where=str(settings.warehouse),
                todo="build the models of today first: preg run",
            )
        connection.execute(f"attach {sql_text(release.database)} as {OLD} (read_only)")
        _list_hidden_today(connection, settings, release, has_models=has_models)
        connection.execute("create temp table exposed (table_name varchar, row_number bigint, nin varchar)")
        for table in sorted(set(ADDRESS_TABLES) & tables_of(connection, OLD)):
            connection.execute(f"insert into exposed {_exposed_rows(table, has_models=has_models)}")
        yield connection


def _has_functions(connection: duckdb.DuckDBPyConnection) -> bool:
    ((found,),) = connection.execute(
        "select count(distinct function_name) from duckdb_functions()"
        " where schema_name = 'place' and function_name in ('keys_of_texts', 'other_line')"
    ).fetchall()
    return found == 2


def _exposed_rows(table: str, *, has_models: bool) -> str:
    # Other addresses of anyone who only lives with a protected person, or has a client address, are not secret.
    household = "current_address" if table == "preg_address" else "false"
    of_persons = f"""
        select '{table}', rowid, nin from {OLD}.{table}
        where {TELLS_A_PLACE} and (
            nin in (select nin from hidden_today where is_protected)
            or ({household} and nin in (select nin from hidden_today))
        )
    """
    if not has_models:
        return of_persons
    # By the functions that the models compare places with.
    return f"""
        {of_persons}
        union
        select '{table}', keyed.row_number, keyed.nin
        from (
            select rowid as row_number, nin, place.dwelling_number(apartment_number) as dwelling_number,
                unnest(place.key_numbers(list_concat(
                    ['name|' || st || '|' || place.bare_street(street_name) || '|'
                        || nullif(place.bare_house(cast(house_number as varchar), house_letter), '')],
                    list_transform(
                        ['/*', '/-'],
                        lambda lease: 'plot|' || st || '|' || cadastral_number || '/' || property_number || lease
                    ),
                    place.keys_of_texts(
                        list_transform(
                            [address_line1, address_line2, address_line3, postal_address],
                            lambda line: place.other_line(line, concat(street_name, ' ', house_number, house_letter))
                        ),
                        [postal_code], [place.bare_place(postal_place)], [st], false
                    )
                ))) as key
            from {OLD}.{table}
        ) as keyed
        inner join intermediate.int_address__protected_key as protected on keyed.key = protected.key
        where keyed.dwelling_number is null or protected.dwelling_number is null
            or keyed.dwelling_number = protected.dwelling_number
    """


def _list_hidden_today(
    connection: duckdb.DuckDBPyConnection, settings: Settings, release: Release, *, has_models: bool
) -> None:
    newest = newest_release(settings)
    known = []
    numbers = f"{OLD}.person_number"
    if newest is not None:
        connection.execute(f"attach {sql_text(newest.database)} as {NEWEST} (read_only)")
        known.append(
            f"select nin, postal_type in (6, 7) as is_protected from {NEWEST}.preg_address"
            " where current_address and enrichment_method = 'hidden'"
        )
        numbers = f"{NEWEST}.person_number"
    if has_models:
        known.append(
            "select person_nin as nin, true as is_protected from intermediate.int_person__protection"
            " where is_present and grade is not null"
        )
    elif newest is None or newest.release_id == release.release_id:
        raise PregError(
            "it is not known who is protected today: there is no warehouse, and no later release",
            where=str(settings.data_dir),
            todo="build the models of today first: preg run",
        )
    connection.execute(
        f"""
        create or replace temp table hidden_today as
        with known as ({" union ".join(known)}),
        -- Under any number by which the older release has the person.
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
