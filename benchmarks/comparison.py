"""What comparing PREG with Persontjenesten costs, compared with a scan of both sides and with other tools.

On a data directory that has been built (`preg run`): the compiled SQL of the comparison's models is run in one DuckDB
process, into temporary tables. The unit is one reading of every compared column of both sides in the same process.
dbt-audit-helper's way is its SQL, a full outer join a column; datacompy's is pandas on the same tables, fetched before
the clock starts. For both, persons are matched and addresses chosen beforehand.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

_MATCHING = ("intermediate/comparison/int_comparison__record", "intermediate/comparison/int_comparison__pair")
_COMPARING = (
    "intermediate/comparison/int_comparison__blank",
    "intermediate/comparison/int_comparison__field",
    "marts/comparison/field_comparison_summary",
    "marts/comparison/field_comparison_by_class",
    "marts/comparison/field_comparison_by_kommune",
)

_SIDES = """
    create temp table a_person as select persons.* from marts.preg_person as persons;
    create temp table b_person as
    select persons.* replace (records.person as nin)
    from intermediate.int_persontjenesten__person as persons
    inner join intermediate.int_comparison__record as records using (document_number)
    where records.side = 'persontjenesten' and records.row_rank = 1;
    create temp table a_address as
    select * from marts.preg_address where current_address and enrichment_method <> 'hidden';
    create temp table b_address as
    select addresses.*, records.person as nin
    from intermediate.int_persontjenesten__address as addresses
    inner join intermediate.int_comparison__record as records using (document_number)
    where records.side = 'persontjenesten' and records.row_rank = 1;
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("data"), help="A data directory that has been built.")
    parser.add_argument("--rounds", type=int, default=3, help="Best of this many.")
    data = parser.parse_args().data
    rounds = parser.parse_args().rounds
    compiled = data / "work" / "dbt" / "compiled" / "preg" / "models"
    with duckdb.connect(str(data / "warehouse.duckdb"), read_only=True) as connection:
        connection.execute("set enable_progress_bar = false; set timezone = 'Europe/Oslo'")
        columns = _compared_columns(connection)
        connection.execute(_SIDES)
        (persons,) = connection.execute("select count(*) from a_person").fetchall()[0]
        print(f"{persons:,} persons, {sum(map(len, columns.values()))} compared fields", flush=True)
        scan = _best(rounds, "a scan of both sides", lambda: _scan(connection, columns))
        ours = _best(rounds, "the comparison", lambda: _compare(connection, compiled, _MATCHING + _COMPARING))
        matched = _best(rounds, "  after the matching", lambda: _compare(connection, compiled, _COMPARING))
        helper = _best(1, "dbt-audit-helper's SQL", lambda: _audit_helper(connection, columns))
        print(f"the comparison takes {ours / scan:.2f} scans")
        # The others are given persons that are matched already.
        print(
            f"dbt-audit-helper's way: {helper / matched:.1f} times ours after the matching, {helper / ours:.1f} of all"
        )
        pandas = _datacompy(connection, columns)
        if pandas:
            print(
                f"datacompy on pandas: {pandas / matched:.1f} times ours after the matching, {pandas / ours:.1f} of all"
            )


def _compared_columns(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"person": [], "address": []}
    for entity, column in connection.execute(
        """
        select preg_entity, column_name from marts.field_mapping
        where coalesce(compare_rule, '') <> '' and coalesce(persontjenesten_path, '') <> '' and column_name <> 'nin'
        order by all
        """
    ).fetchall():
        found["address" if entity == "Address" else "person"].append(column)
    return found


def _best(rounds: int, name: str, work: Callable[[], None]) -> float:
    seconds = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    print(f"{name:24} {min(seconds):7.2f} s", flush=True)
    return min(seconds)


def _scan(connection: duckdb.DuckDBPyConnection, columns: dict[str, list[str]]) -> None:
    for entity, names in columns.items():
        for side in ("a", "b"):
            connection.execute(f"select bit_xor(hash(nin, {', '.join(names)})) from {side}_{entity}").fetchall()


def _compare(connection: duckdb.DuckDBPyConnection, compiled: Path, models: tuple[str, ...]) -> None:
    for model in models:
        sql = (compiled / f"{model}.sql").read_text(encoding="utf-8")
        connection.execute(f"create or replace temp table benchmarked as {sql}")


def _audit_helper(connection: duckdb.DuckDBPyConnection, columns: dict[str, list[str]]) -> None:
    """What compare_all_columns asks: for each column a full outer join of both sides on the key, then counts."""
    for entity, names in columns.items():
        of_columns = " union all ".join(
            f"""
            select
                '{name}' as column_name,
                coalesce(a.{name} = b.{name} and a.nin is not null and b.nin is not null, false)
                    or (a.{name} is null and b.{name} is null) as perfect_match,
                a.{name} is null as null_in_a,
                b.{name} is null as null_in_b,
                a.nin is null as missing_from_a,
                b.nin is null as missing_from_b,
                coalesce(a.{name} <> b.{name}, false) as conflicting_values
            from a_{entity} as a
            full outer join b_{entity} as b on a.nin = b.nin
            """
            for name in names
        )
        connection.execute(
            f"""
            select column_name, count(*) filter (perfect_match), count(*) filter (null_in_a),
                count(*) filter (null_in_b), count(*) filter (missing_from_a), count(*) filter (missing_from_b),
                count(*) filter (conflicting_values)
            from ({of_columns}) group by column_name
            """
        ).fetchall()


def _datacompy(connection: duckdb.DuckDBPyConnection, columns: dict[str, list[str]]) -> float:
    try:
        import datacompy
    except ImportError:
        print("datacompy is not there: make bench-comparison installs it")
        return 0.0
    seconds = 0.0
    for entity, names in columns.items():
        frames = [
            connection.execute(f"select nin, {', '.join(names)} from {side}_{entity}").df() for side in ("a", "b")
        ]
        began = time.perf_counter()
        compare = datacompy.PandasCompare(frames[0], frames[1], join_columns=["nin"])
        compare.report()
        seconds += time.perf_counter() - began
    print(f"{'datacompy on pandas':24} {seconds:7.2f} s", flush=True)
    return seconds


if __name__ == "__main__":
    main()
