"""An export of the running PREG for trying the comparison: what a release of ours shows, with planted discrepancies.

PREG itself is not to be had here. Its export is made from our own view in PREG's format, so that all that differs is
what was planted: `expected_discrepancies.csv` next to the delivery (kind;entity;field;person_id;nin;pair) says where.
"""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import duckdb

from foundation.database import sql_text
from foundation.errors import ConfigurationError
from ingest.contracts.numbers import is_valid_number
from ingest.contracts.preg import snake_case
from ingest.contracts.tables import rows
from ingest.landing_writer import new_delivery
from ingest.synthetic.discrepancies import EXPECTED
from ingest.synthetic.legacy_discrepancies import LEGACY_DISCREPANCIES, LegacyDiscrepancy
from ingest.synthetic.text_files import write_lines

_FILE = "persons-0001.ndjson.zst"
_FLIPPED = {"only_left": "only_right", "only_right": "only_left"}
# Persontjenesten has no word for these.
_NOT_IN_PERSONTJENESTEN = ("x_coord", "y_coord")


@dataclass(frozen=True)
class LegacyExport:
    """What was written: the delivery's id, its persons, and in how many of them something was planted."""

    delivery_id: str
    persons: int
    planted: int


def write_legacy_export(database: Path, landing: Path, created_at: dt.datetime, newest: dt.datetime) -> LegacyExport:
    """Write a full delivery of source `preg` from the release in `database`.

    created_at: when the export was taken. newest: when Freg was last read; who was registered between the two may
    differ by timing. Raises `ConfigurationError` when the landing folder has such a delivery already.
    """
    delivery_id = f"{created_at:%Y%m%dT%H%M%SZ}-full"
    if (landing / "preg" / delivery_id).exists():
        raise ConfigurationError(
            "this export of PREG is there already",
            where=str(landing / "preg" / delivery_id),
            todo="a delivery never changes: make it in another landing folder",
        )
    with duckdb.connect() as connection:
        connection.execute(f"attach {sql_text(database)} as release (read_only)")
        _create_tables(connection)
        planted = _plant(connection, created_at, newest)
        (persons,) = connection.execute("select count(*) from legacy_person").fetchall()[0]
        with new_delivery(landing, "preg", delivery_id, kind="full", created_at=created_at) as writer:
            write_lines(connection, _lines_sql(), writer.folder / _FILE)
            writer.add(_FILE, persons)
            _write_expected(connection, writer.folder)
    return LegacyExport(delivery_id, persons, planted)


def _create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """
        create table legacy_person as select *, nin as person from release.preg_person order by nin;
        create table legacy_address as select * exclude (nin), nin as person from release.preg_address;
        create table planted (name varchar, person varchar primary key);
        create table eligible as
        select
            persons.*,
            addresses.* exclude (nin),
            registered.sequence_number,
            registered.shown_from as registered_at
        from release.preg_person as persons
        left join release.preg_address as addresses
            on persons.nin = addresses.nin and addresses.current_address and addresses.enrichment_method <> 'hidden'
        left join release.preg_state as registered on persons.nin = registered.nin and registered.shown_to is null
        where persons.reg_status = 1
            and persons.nin not in (select nin from release.field_comparison_differences)
            and persons.nin not in (
                select nin from release.preg_address where current_address and enrichment_method = 'hidden'
            )
        """
    )


def _plant(connection: duckdb.DuckDBPyConnection, created_at: dt.datetime, newest: dt.datetime) -> int:
    (persons,) = connection.execute("select count(*) from legacy_person").fetchall()[0]
    quota = max(1, persons // 5000)
    values = {"created_at": created_at, "newest": newest}
    for discrepancy in LEGACY_DISCREPANCIES:
        late = "registered_at > $created_at and registered_at <= $newest"
        when = late if discrepancy.registered_late else "registered_at <= $created_at and $newest is not null"
        connection.execute(
            f"""
            insert into planted
            select $name, nin from eligible
            where {when} and ({discrepancy.eligible}) and nin not in (select person from planted)
            order by md5($name || nin)
            limit {quota}
            """,
            {"name": discrepancy.name, **values},
        )
        _edit(connection, discrepancy)
    (planted,) = connection.execute("select count(*) from planted").fetchall()[0]
    return int(planted)


def _edit(connection: duckdb.DuckDBPyConnection, discrepancy: LegacyDiscrepancy) -> None:
    name = {"name": discrepancy.name}
    chosen = "person in (select person from planted where name = $name)"
    for column, value in discrepancy.person.items():
        connection.execute(f"update legacy_person set {column} = {value} where {chosen}", name)
    for column, value in discrepancy.address.items():
        connection.execute(f"update legacy_address set {column} = {value} where current_address and {chosen}", name)
    if discrepancy.removes:
        connection.execute(f"delete from legacy_person where {chosen}", name)
    if discrepancy.adds:
        for (person,) in connection.execute("select person from planted where name = $name", name).fetchall():
            number = _unused_number(connection)
            connection.execute(
                "insert into legacy_person select * replace (? as nin, ? as person) from legacy_person"
                " where person = ?",
                [number, number, person],
            )
            connection.execute("update planted set person = ? where person = ?", [number, person])


def _unused_number(connection: duckdb.DuckDBPyConnection) -> str:
    """A valid synthetic number that nobody has: month + 80."""
    taken = {
        number
        for (number,) in connection.execute(
            "select number from release.person_number where number like '0181%' union select nin from legacy_person"
            " where nin like '0181%'"
        ).fetchall()
    }
    candidates = (f"0181{number:07d}" for number in range(0, 10_000_000, 7))
    return next(number for number in candidates if is_valid_number(number) and number not in taken)


def _lines_sql() -> str:
    return f"""
        with their_addresses as (
            select
                addresses.person,
                list({{{_members("Address", "addresses", nin="persons.nin")}}} order by
                    addresses.current_address desc, addresses.date_adr_from desc nulls last, addresses.postal_address
                ) as addresses
            from legacy_address as addresses
            inner join legacy_person as persons using (person)
            group by addresses.person
        )
        select to_json({{
            {_members("Person", "persons")},
            {_members("Store", "persons")},
            'Addresses': coalesce(their_addresses.addresses, [])
        }}) as line
        from legacy_person as persons
        left join their_addresses using (person)
        order by persons.person
    """


def _members(entity: str, alias: str, nin: str = "") -> str:
    columns = [(row["field"], snake_case(row["field"])) for row in rows("preg_fields") if row["entity"] == entity]
    return ", ".join(
        f"'{field}': {nin if nin and column == 'nin' else f'{alias}.{column}'}" for field, column in columns
    )


def _write_expected(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    planted: dict[str, list[str]] = {}
    for name, person in connection.execute("select name, person from planted order by name, person").fetchall():
        planted.setdefault(name, []).append(person)
    with (folder / EXPECTED).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=";", lineterminator="\n")
        writer.writerow(["kind", "entity", "field", "person_id", "nin", "pair"])
        for discrepancy in LEGACY_DISCREPANCIES:
            for person in planted.get(discrepancy.name, []):
                for kind, entity, field in discrepancy.found:
                    writer.writerow([kind, entity, field, "", person, "preg_legacy"])
                    if field not in _NOT_IN_PERSONTJENESTEN:
                        flipped = _FLIPPED.get(kind, kind)
                        writer.writerow([flipped, entity, field, "", person, "legacy_persontjenesten"])
