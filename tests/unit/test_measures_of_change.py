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


@settings(deadline=None, max_examples=60)
@given(now=releases, before=releases, few=st.sampled_from([0, 1000]))
def test_changes_are_those_that_comparing_everybody_gives(
    now: tuple[Rows, Rows], before: tuple[Rows, Rows], few: int
) -> None:
    with pytest.MonkeyPatch.context() as patch, _connection(now, before) as connection:
        patch.setattr(measures, "list_delivered", lambda *_: None)
        # With copies of the rows of those who have changed, and without.
        patch.setattr(measures, "_FEW", few)
        found = _measured(connection)
        pairs = {
            "preg_person": f"candidate.preg_person as now inner join {ALIAS}.preg_person as before using (nin)",
            "preg_address": f"(from candidate.preg_address where {SHOWN}) as now"
            f" inner join (from {ALIAS}.preg_address where {SHOWN}) as before using (nin)",
        }
        for table, joined in pairs.items():
            columns = [each.split()[0] for each in (PERSON if table == "preg_person" else ADDRESS).split(", ")]
            for column in columns[1:]:
                changed, total = _one(
                    connection,
                    f"select count(*) filter (now.{column} is distinct from before.{column}), count(*) from {joined}",
                )
                assert found.get(("changed_by_field", f"{table}.{column}")) == ((changed, total) if total else None)
        deaths, total = _one(
            connection,
            "select count(*) filter (now.reg_status = 5 and before.reg_status is distinct from 5), count(*)"
            f" from {pairs['preg_person']}",
        )
        assert found.get(("deaths_a_day", "")) == ((deaths, total) if total else None)
        moved = connection.execute(
            f"""
            select before.st, count(*) filter (now.st is distinct from before.st), count(*)
            from (from {ALIAS}.preg_address where current_address and st is not null) as before
            inner join (from candidate.preg_address where {SHOWN}) as now using (nin)
            group by before.st
            """
        ).fetchall()
        assert {key[1]: value for key, value in found.items() if key[0] == "moved_from_kommune"} == {
            kommune: (count, total) for kommune, count, total in moved
        }


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
