"""A wash: from a client's file to the same file with who each row is, and the report.

The way: `reading.py` makes the table `original` of the file; `rules/given.sql` makes what a row says comparable;
`rules/numbers.sql` finds who a number is, `rules/agreement.sql` whether the rest of the row is that person's;
`rules/candidates.sql`, `scoring.py` and `rules/decision.sql` find who a row without a known number is;
`rules/result.sql` puts them together, and `writing.py` writes the rows in their order. The register is read through the
queries of the client's profile alone (`publication/access/profile_queries.py`).
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from foundation.database import column_types, insert_rows, machine_failures, session, tables_of
from foundation.errors import PregError
from foundation.help_number_register import register_rows
from foundation.release import Release
from foundation.settings import Settings
from ingest.contracts.numbers import is_help_number_sql, is_placeholder_number_sql, is_valid_number_sql
from publication.access.access_profile import AccessProfile
from publication.access.profile_queries import TABLES_OF_PERSONS, profile_queries
from publication.access.profile_release import address_types
from publication.candidate.candidate import view_statements
from serving.filematch.columns import ROLES, WASHED, Columns, find_columns, received_roles
from serving.filematch.reading import Source, read_file
from serving.filematch.report import MOST_LINES, STATUSES, Report
from serving.filematch.scoring import create_predicted
from serving.filematch.writing import FIELDS, OURS, create_changes, write_result
from serving.settings import WashSettings

_RULES = Path(__file__).with_name("rules")
_PERSONS_AT_A_TIME = 1000


@dataclass(frozen=True)
class Asked:
    """What is washed, and how.

    said: role → header, where the headers do not say it. previous: an earlier washed file to compare with; None where
    the file itself may be one. form: how the result is written, csv | xlsx | parquet; blank: as the file is.
    """

    file: Path
    said: Mapping[str, str] = field(default_factory=dict)
    previous: Path | None = None
    form: str = ""


@dataclass(frozen=True)
class Register:
    """What is washed against: a release as a profile receives it."""

    settings: Settings
    release: Release
    profile: AccessProfile


def wash(
    register: Register,
    limits: WashSettings,
    asked: Asked,
    work: Path,
    disclosed: Callable[[Iterator[tuple[str, list[str]]]], None],
) -> tuple[Path, Report]:
    """Wash a file: the result, in `work`, and its report.

    work: a folder of this wash alone. disclosed: is given the numbers of every person of whom the result has
    something, and those that were asked for, some at a time with an outcome of the access log, before there is a
    result. Raises `PregError` for a file that cannot be washed and `MachineFailure`.
    """
    began = dt.datetime.now(dt.UTC)
    with compared(register, limits, asked, work) as (connection, source, columns):
        _decide(connection)
        create_changes(connection)
        disclosed(_asked_for(connection))
        target = write_result(connection, source, columns, asked.form or source.form, register.release, work)
        seconds = (dt.datetime.now(dt.UTC) - began).total_seconds()
        return target, _report(connection, register, source, columns, began, seconds)


@contextmanager
def compared(
    register: Register, limits: WashSettings, asked: Asked, work: Path
) -> Iterator[tuple[duckdb.DuckDBPyConnection, Source, Columns]]:
    """The session of a wash in which numbers are found, and the rows and persons that are compared by name stand ready.

    It reaches the file, the release and `work`, and nothing else. Raises as `wash`.
    """
    settings = register.settings
    spill = spill_of(settings, work.name)
    of_wash = settings.model_copy(update={"memory_limit": limits.memory, "threads": limits.threads or settings.threads})
    files = [asked.file, *([asked.previous] if asked.previous else [])]
    try:
        with (
            machine_failures("the wash"),
            session(
                of_wash,
                ":memory:",
                reads_only=[work, *(file.resolve().parent for file in files)],
                attached={"release": register.release.database},
                keeps_order=True,
                spill=spill.name,
                most_spill=limits.spill,
            ) as connection,
        ):
            source = read_file(connection, asked.file, work, limits.most_rows)
            columns = find_columns(source.headers, asked.said, OURS, asked.file.name)
            _see_register(connection, register)
            _create_earlier(connection, columns, asked, work, limits)
            _create_told(connection, columns, received_roles(register.profile))
            _compare(connection, register)
            yield connection, source, columns
    finally:
        shutil.rmtree(spill, ignore_errors=True)


def spill_of(settings: Settings, work: str) -> Path:
    """Where a wash spills, by the name of its folder."""
    return settings.work_dir / "spill" / f"wash-{work.strip('.')}"


def _see_register(connection: duckdb.DuckDBPyConnection, register: Register) -> None:
    """Let the tables of the release be seen under their own names, as the profile receives them."""
    there = tables_of(connection, "release")
    columns = {table: column_types(connection, "release", table) for table in TABLES_OF_PERSONS if table in there}
    queries = profile_queries(register.profile, columns, address_types(connection, there))
    for table in ("preg_person", "preg_address", "person_number"):
        if table not in there:
            raise PregError(
                f"the release cannot be washed against: it has no {table}",
                where=register.release.release_id,
                todo="publish again: preg run",
            )
        connection.execute(f"create view {table} as {queries[table]}")
    connection.execute(view_statements("name_spelling"))
    # The day up to which two digits of a year are this century's.
    known = register.release.manifest.newest_event_at or register.release.manifest.published_at
    connection.execute("create table washed_on as select cast(? as date) as day", [known[:10]])


def _create_earlier(
    connection: duckdb.DuckDBPyConnection, columns: Columns, asked: Asked, work: Path, limits: WashSettings
) -> None:
    """Make `earlier`: what the wash before said, by row where the file is a washed one, else by person."""
    if asked.previous is None:
        washed = columns.washed
        key = "rowid as row, cast(null as varchar) as nin"
        table = "original"
    else:
        connection.execute("alter table original rename to original_now")
        source = read_file(connection, asked.previous, work, limits.most_rows)
        connection.execute("alter table original rename to previous")
        connection.execute("alter table original_now rename to original")
        lowered = {header.strip().casefold(): place for place, header in enumerate(source.headers)}
        washed = {name: lowered[name] for name in OURS if name in lowered}
        if not set(WASHED) <= washed.keys():
            raise PregError(
                "the earlier file is not one that was washed",
                where=asked.previous.name,
                todo=f"give a file that a wash has made: it has the columns {', '.join(WASHED)}",
            )
        # A person may have another number now. Of one who had several rows the first of the newest wash.
        number = f"previous.c{washed['preg_nin']}"
        key = f"previous.rowid as row, coalesce(person_number.nin, {number}) as nin"
        table = f"previous left join person_number on {number} = person_number.number"
    chosen = [
        f"nullif(cast(c{washed[name]} as varchar), '') as {name}"
        if name in washed
        else f"cast(null as varchar) as {name}"
        for name in ("preg_release", *FIELDS)
    ]
    if not washed:
        connection.execute(f"create table earlier as select {key}, {', '.join(chosen)} from {table} limit 0")
    elif asked.previous is None:
        connection.execute(f"create table earlier as select {key}, {', '.join(chosen)} from {table}")
    else:
        connection.execute(
            f"create table earlier as select distinct on (nin) * from (select {key}, {', '.join(chosen)} from {table})"
            " where nin is not null order by nin, preg_release desc, row"
        )
    connection.execute("create table is_by_row as select ? as answer", [asked.previous is None])


def _create_told(connection: duckdb.DuckDBPyConnection, columns: Columns, received: set[str]) -> None:
    """Make the view `told`: what the columns of a row say, by role; blank where the profile may not be asked by it."""
    chosen = []
    for role in ROLES:
        place = columns.by_role.get(role)
        known = place is not None and role in received
        said = f"nullif(trim(cast(c{columns.places[place]} as varchar)), '')" if known and place is not None else "null"
        chosen.append(f"cast({said} as varchar) as {role}")
    connection.execute(f"create view told as select rowid as row, unreadable, {', '.join(chosen)} from original")


def _compare(connection: duckdb.DuckDBPyConnection, register: Register) -> None:
    """Make what each row says, who its number is, and the rows and persons that are compared by name."""
    is_number = f"({is_valid_number_sql('number')} or {is_help_number_sql('number')})"
    connection.execute(f"create macro is_number(number) as {is_number} and not {is_placeholder_number_sql('number')}")
    _run(connection, "given")
    _create_help_links(connection, register)
    for rule in ("numbers", "agreement", "candidates"):
        _run(connection, rule)


def _decide(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `matched`: what each row is."""
    if connection.execute("select count(*) from compared_row").fetchall()[0][0]:
        create_predicted(connection)
        _run(connection, "decision")
    else:
        connection.execute("create table by_name (row bigint, nin varchar, status varchar, score double)")
    _run(connection, "result")


def _run(connection: duckdb.DuckDBPyConnection, rule: str) -> None:
    connection.execute((_RULES / f"{rule}.sql").read_text(encoding="utf-8"))


def _create_help_links(connection: duckdb.DuckDBPyConnection, register: Register) -> None:
    """Make `help_link`: the common help numbers, with the official number that each is linked to; NULL: to none."""
    connection.execute("create table help_link (number varchar, linked_to varchar)")
    # Which number is whose is not for a profile that receives no former numbers.
    numbers = {"Person.old_nin", "Person.new_nin"}.isdisjoint(register.profile.withheld)
    only = "" if numbers else " where state = 'active'"
    query = f"select number, nullif(linked_to, '') as linked_to from help_person{only}"
    for rows in register_rows(register.settings, query):
        insert_rows(connection, "help_link", rows)


def _asked_for(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, list[str]]]:
    """The numbers of the persons of whom the result has something ("shown"), and those that were given and are nobody's
    who is shown ("nothing found"), some at a time."""
    for outcome, query in (
        ("shown", "select distinct nin from matched where nin is not null order by nin"),
        (
            "nothing found",
            "select distinct number from given where number is not null"
            " and number not in (select nin from matched where nin is not null) order by number",
        ),
    ):
        found = connection.cursor().execute(query)
        while rows := found.fetchmany(_PERSONS_AT_A_TIME):
            yield outcome, [number for (number,) in rows]


def _report(
    connection: duckdb.DuckDBPyConnection,
    register: Register,
    source: Source,
    columns: Columns,
    began: dt.datetime,
    seconds: float,
) -> Report:
    def counts(query: str) -> dict[str, int]:
        return {str(name): int(count) for name, count in connection.execute(query).fetchall()}

    def count(query: str) -> int:
        return int(connection.execute(query).fetchall()[0][0])

    statuses = counts("select status, count(*) from matched group by status")
    received = received_roles(register.profile)
    unreadable = connection.execute(
        "select unreadable from original where unreadable is not null order by rowid limit ?", [MOST_LINES]
    ).fetchall()
    return Report(
        release_id=register.release.release_id,
        data_until=register.release.manifest.newest_event_at or "",
        profile=register.profile.name,
        form=source.form,
        encoding=source.encoding,
        separator=source.separator,
        sheet=source.sheet,
        columns={role: columns.headers[place] for role, place in columns.by_role.items() if role in received},
        not_used=[columns.headers[place] for role, place in columns.by_role.items() if role not in received],
        rows=count("select count(*) from original"),
        statuses={status: statuses.get(status, 0) for status in STATUSES},
        number_checks=counts(
            "select number_check, count(*) from matched where number_check is not null group by all order by all"
        ),
        days_unreadable=count("select count(*) filter (is_day_unreadable) from given"),
        unreadable=[text for (text,) in unreadable],
        several_rows=count(
            "select count(*) from (select nin from matched where nin is not null group by nin having count(*) > 1)"
        ),
        compared_with=[
            name
            for (name,) in connection.execute(
                "select distinct preg_release from earlier where preg_release is not null order by preg_release"
            ).fetchall()
        ],
        changes=counts("select change, count(*) from changed where change is not null group by all order by all"),
        changed_fields=counts(
            "select field, count(*) from (select unnest(string_split(fields, ', ')) as field from changed"
            " where change = 'changed') group by all order by all"
        ),
        began=began.strftime("%Y-%m-%dT%H:%M:%SZ"),
        seconds=round(seconds, 1),
    )
