"""Every row of PREG, held against the same rules in plain Python: no difference, in any field of any person."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import zstandard

from ingest.synthetic.sample import SampleSize, write_sample
from tests.support import preg_in_python
from tests.support.running import preg_run

# What no rule fills, and the two fields of an element of a later schema, which the sample does not have.
NOT_HERE = {"new_nin", "without_legal_capacity", "date_without_legal_capacity"}


def documents(landing: Path) -> Iterator[dict[str, Any]]:
    """The persons of the full Freg delivery."""
    for file in sorted(landing.glob("freg/*-full/*.zst")):
        with file.open("rb") as packed:
            for line in io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(packed), encoding="utf-8"):
                yield json.loads(line)["folkeregisterperson"]


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


def _rows(release: duckdb.DuckDBPyConnection, table: str) -> dict[str, list[dict[str, Any]]]:
    cursor = release.execute(f"select * from {table}")
    names = [column[0] for column in cursor.description]
    rows = defaultdict(list)
    while batch := cursor.fetchmany(50_000):
        for values in batch:
            row = dict(zip(names, map(_plain, values), strict=True))
            rows[row["nin"]].append(row)
    return rows


def differences(landing: Path, release: Path) -> tuple[Counter[str], list[Any], int]:
    """Fields that differ, with how often and examples (numbers of synthetic persons only), and the persons compared."""
    matrikkel = preg_in_python.Matrikkel.read(next(landing.glob("matrikkel/*-full")))
    secret: set[Any] = set()
    for person in documents(landing):
        secret |= preg_in_python.protected_dwellings(person)
    with duckdb.connect(str(release / "preg.duckdb"), read_only=True) as connection:
        persons, addresses = _rows(connection, "preg_person"), _rows(connection, "preg_address")
        present = dict(connection.execute("select number, nin from person_number").fetchall())
    found: Counter[str] = Counter()
    examples: list[Any] = []
    compared = 0

    def hold(field: str, nin: str, expected: Any, shown: Any) -> None:
        if expected != shown:
            found[field] += 1
            if found[field] <= 3:
                examples.append((field, nin, expected, shown))

    for person in documents(landing):
        expected = preg_in_python.person_row(person)
        nin = expected["nin"]
        if present.get(nin) != nin:
            continue  # another record took this one over: person_number says which
        compared += 1
        (shown,) = persons.pop(nin)
        for field in shown.keys() - NOT_HERE:
            hold(field, nin, expected[field], shown[field])
        wanted = preg_in_python.address_rows(person, secret, matrikkel)
        rows = addresses.pop(nin, [])
        hold("number of addresses", nin, len(wanted), len(rows))
        for pair in zip(sorted(wanted, key=_place), sorted(rows, key=_place), strict=False):
            for field in pair[1].keys() - {"enrichment_reason"}:
                hold(f"address.{field}", nin, pair[0].get(field), pair[1][field])
    found["persons that the deliveries do not have"] += len(persons)
    return +found, examples, compared


def _place(row: dict[str, Any]) -> tuple[Any, ...]:
    keys = ("current_address", "address_type", "date_adr_from", "postal_type", "valid_to", "postal_address")
    return tuple(str(row.get(key)) for key in keys)


@pytest.mark.slow
def test_a_hundred_thousand_persons_have_the_rows_that_the_rules_say(tmp_path: Path) -> None:
    landing, data = tmp_path / "landing", tmp_path / "data"
    write_sample(SampleSize(persons=100_000, days=0, seed=3), landing)
    result = preg_run(landing, data)
    assert result.returncode == 0, result.stdout + result.stderr
    found, examples, compared = differences(landing, data / "releases" / "current")
    assert found == {}, examples
    assert compared > 99_000
