"""The content hash describes the content of a table, not the order or place of its rows."""

from __future__ import annotations

from random import Random

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from publication.candidate.content_hash import content_hash

_rows = st.lists(
    st.tuples(st.one_of(st.none(), st.text(max_size=5)), st.one_of(st.none(), st.integers(-5, 5))), max_size=8
)


def _hash(rows: list[tuple[str | None, int | None]]) -> str:
    with duckdb.connect() as connection:
        connection.execute("create table t (a varchar, b integer)")
        if rows:
            connection.executemany("insert into t values (?, ?)", [list(row) for row in rows])
        return content_hash(connection, "t")


@given(_rows, st.randoms(use_true_random=False))
def test_order_does_not_matter(rows: list[tuple[str | None, int | None]], random: Random) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert _hash(rows) == _hash(shuffled)


@given(_rows, _rows)
def test_other_content_has_another_hash(
    one: list[tuple[str | None, int | None]], other: list[tuple[str | None, int | None]]
) -> None:
    same = sorted(one, key=repr) == sorted(other, key=repr)
    assert (_hash(one) == _hash(other)) == same


def test_a_row_twice_is_not_a_row_once() -> None:
    assert _hash([("a", 1)]) != _hash([("a", 1), ("a", 1)])
    assert _hash([]) != _hash([("a", 1), ("a", 1)])


def test_null_is_not_blank() -> None:
    assert _hash([(None, 1)]) != _hash([("", 1)])


def test_values_do_not_run_into_each_other() -> None:
    assert _hash([("a1", None)]) != _hash([("a", 1)])
