"""What has changed since the last release, counted among those who have: it is what comparing everybody gives."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.release import Release
from quality import measures
from quality.last_release import ALIAS

PERSON = "nin varchar, reg_status integer, given_name varchar, sn varchar, date_of_birth date, gender integer"
ADDRESS = (
    "nin varchar, current_address boolean, enrichment_method varchar, st varchar, street_name varchar,"
    " house_number integer, house_letter varchar"
)
SHOWN = "current_address and enrichment_method is distinct from 'hidden'"
LAST = cast(Release, SimpleNamespace(manifest=SimpleNamespace(sequence_number=1, newest_event_at=None)))

numbers = st.sampled_from([f"{number:011d}" for number in range(1, 7)])
persons = st.tuples(
    st.sampled_from([1, 5, None]),
    st.sampled_from(["Kari", "Ola", None]),
    st.sampled_from(["Ås", None]),
    st.sampled_from(["1990-01-01", "2026-01-01", None]),
    st.sampled_from([0, 1]),
)
addresses = st.tuples(
    st.sampled_from([True, None]),
    st.sampled_from(["hidden", "street", None]),
    st.sampled_from(["0301", "4601", None]),
    st.sampled_from(["Storgata", None]),
    st.sampled_from([1, None]),
    st.sampled_from(["A", None]),
)
releases = st.tuples(st.dictionaries(numbers, persons), st.dictionaries(numbers, addresses))
Rows = dict[str, tuple[Any, ...]]


def _connection(now: tuple[Rows, Rows], before: tuple[Rows, Rows]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for database, (of_persons, of_addresses) in (("candidate", now), (ALIAS, before)):
        connection.execute(f"attach ':memory:' as {database}")
        for table, columns, rows in (("preg_person", PERSON, of_persons), ("preg_address", ADDRESS, of_addresses)):
            connection.execute(f"create table {database}.{table} ({columns})")
            for nin, row in rows.items():
                marks = ", ".join("?" * (len(row) + 1))
                connection.execute(f"insert into {database}.{table} values ({marks})", [nin, *row])
    connection.execute("create temp table delivered_person (nin varchar)")
    measures.create_measures(connection, "found")
    return connection


def _measured(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], tuple[float, float | None]]:
    measures.change_measures(connection, "candidate", LAST, None, "found")
    return {
        (measure, dimension): (value, total)
        for measure, dimension, value, total in connection.execute("from found").fetchall()
    }


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> Sequence[Any]:
    return connection.execute(sql).fetchall()[0]


@pytest.fixture(autouse=True)
def nothing_is_delivered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measures, "list_delivered", lambda *_: None)


def _by_comparing_everybody(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], tuple[float, float | None]]:
    """All measures of change but those of who has changed, counted from whole tables."""
    persons = f"candidate.preg_person as now inner join {ALIAS}.preg_person as before using (nin)"
    addresses = (
        f"(from candidate.preg_address where {SHOWN}) as now"
        f" inner join (from {ALIAS}.preg_address where {SHOWN}) as before using (nin)"
    )

    def otherwise(*columns: str) -> str:
        return " or ".join(f"now.{column} is distinct from before.{column}" for column in columns)

    def share(condition: str, joined: str) -> tuple[float, float | None]:
        counted, total = _one(connection, f"select count(*) filter ({condition}), count(*) from {joined}")
        return counted, total

    found: dict[tuple[str, str], tuple[float, float | None]] = {}
    for table, columns, joined in (("preg_person", PERSON, persons), ("preg_address", ADDRESS, addresses)):
        for column in [each.split()[0] for each in columns.split(", ")][1:]:
            found["changed_by_field", f"{table}.{column}"] = share(otherwise(column), joined)
    found["deaths_a_day", ""] = share("now.reg_status = 5 and before.reg_status is distinct from 5", persons)
    found["names_a_day", ""] = share(otherwise("given_name", "sn"), persons)
    found["identities_a_day", ""] = share(otherwise("date_of_birth", "gender"), persons)
    found["moves_a_day", ""] = share(otherwise("street_name", "house_number", "house_letter", "st"), addresses)
    (born,) = _one(
        connection,
        "select count(*) from candidate.preg_person where date_of_birth > current_date - 400"
        f" and nin not in (select nin from {ALIAS}.preg_person)",
    )
    found["births_a_day", ""] = born, share("true", persons)[1]
    # A share of nobody is no measure.
    found = {key: each for key, each in found.items() if each[1]}
    for kommune, moved, total in connection.execute(
        f"""
        select before.st, count(*) filter (now.st is distinct from before.st), count(*)
        from (from {ALIAS}.preg_address where current_address and st is not null) as before
        inner join (from candidate.preg_address where {SHOWN}) as now using (nin)
        group by before.st
        """
    ).fetchall():
        found["moved_from_kommune", kommune] = moved, total
    came_back = share("before.reg_status = 5 and now.reg_status is distinct from 5", persons)[0]
    (hidden,) = _one(
        connection,
        f"select count(*) from (from {ALIAS}.preg_address where {SHOWN}) as before inner join"
        " (from candidate.preg_address where current_address and enrichment_method = 'hidden') as now using (nin)",
    )
    return {**found, ("came_back_to_life", ""): (came_back, None), ("newly_hidden", ""): (hidden, None)}


@settings(deadline=None, max_examples=60)
@given(now=releases, before=releases, few=st.sampled_from([0, 1000]))
def test_changes_are_those_that_comparing_everybody_gives(
    now: tuple[Rows, Rows], before: tuple[Rows, Rows], few: int
) -> None:
    with pytest.MonkeyPatch.context() as patch, _connection(now, before) as connection:
        # With copies of the rows of those who have changed, and without.
        patch.setattr(measures, "_FEW", few)
        found = _measured(connection)
        expected = _by_comparing_everybody(connection)
    assert {key: each for key, each in found.items() if not key[0].startswith("changed_") or key[1]} == expected


def test_where_nothing_has_changed_everybody_is_counted() -> None:
    same: tuple[Rows, Rows] = (
        {"00000000001": (1, "Kari", "Ås", "1990-01-01", 0)},
        {"00000000001": (True, "street", "0301", "Storgata", 1, None)},
    )
    with _connection(same, same) as connection:
        found = _measured(connection)
    assert found["changed_by_field", "preg_person.sn"] == (0, 1)
    assert found["changed_by_field", "preg_address.st"] == (0, 1)
    assert found["changed_persons", ""] == (0, None)


def test_columns_that_have_changed_places_are_compared_by_their_names() -> None:
    with _connection(({"00000000001": (1, "Kari", "Ås", None, 0)}, {}), ({}, {})) as connection:
        connection.execute(f"drop table {ALIAS}.preg_person")
        connection.execute(
            f"create table {ALIAS}.preg_person as select nin, reg_status, given_name as sn, sn as given_name,"
            " date_of_birth, gender from candidate.preg_person"
        )
        found = _measured(connection)
    assert found["changed_by_field", "preg_person.sn"] == (1, 1)
    assert found["changed_by_field", "preg_person.reg_status"] == (0, 1)


def test_a_row_without_a_number_is_nobodys() -> None:
    with _connection(({"00000000001": (1, "Kari", "Ås", None, 0)}, {}), ({}, {})) as connection:
        connection.execute(f"insert into {ALIAS}.preg_person from candidate.preg_person")
        connection.execute("insert into candidate.preg_person (sn) values ('Nobody')")
        found = _measured(connection)
    assert found["changed_by_field", "preg_person.sn"] == (0, 1)
