"""What finding a grunnkrets for every address costs, against a plain hash join of the same addresses and Matrikkelen.

Reads the warehouse of a data directory that a run has built, copies a million addresses and Matrikkelen's, made up to
2.6 million rows, into a database of its own, and runs both there, in one process. Seconds differ from day to day;
compare the ratio.

    python -m benchmarks.enrichment --data DIR
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import time
from pathlib import Path

import duckdb

from benchmarks.full_run import work_folder
from foundation.database import session
from foundation.settings import Settings
from orchestration.dbt.environment import dbt_executable, point_dbt_at

ADDRESSES = 1_000_000
MATRIKKEL = 2_600_000
ROUNDS = 3
MODEL = "int_address__enriched"


def prepare(connection: duckdb.DuckDBPyConnection, warehouse: Path) -> None:
    """The tables that the model reads, in the schema `bench`."""
    connection.execute(f"attach '{warehouse}' as built (read_only)")
    connection.execute("create schema bench")
    for table in ("int_matrikkel__grunnkrets", "int_kommune__present"):
        connection.execute(f"create table bench.{table} as from built.intermediate.{table}")
    connection.execute(
        f"create table bench.int_address__chosen as from built.intermediate.int_address__chosen limit {ADDRESSES}"
    )
    ((rows,),) = connection.execute("select count(*) from built.intermediate.int_matrikkel__adresse").fetchall()
    copies = -(-MATRIKKEL // rows)
    # The further addresses are other places: with keys of their own, they find nobody.
    connection.execute(
        f"""
        create table bench.int_matrikkel__adresse as
        select * replace (
            adresse_id || repeat('-', copy) as adresse_id, street_key || repeat('-', copy) as street_key,
            plot_key || repeat('-', copy) as plot_key, street_name_key || repeat('-', copy) as street_name_key
        )
        from built.intermediate.int_matrikkel__adresse, range({copies}) as copies(copy)
        order by copy
        limit {MATRIKKEL}
        """
    )


def model_query(settings: Settings, target: Path) -> str:
    """The model's SQL for a build of everything, reading the tables in `bench`."""
    point_dbt_at(settings)
    project = str(settings.dbt_project_dir)
    subprocess.run(
        [
            dbt_executable(), "--quiet", "--no-version-check", "compile", "--full-refresh", "--select", MODEL,
            "--project-dir", project, "--profiles-dir", project, "--target-path", str(target.resolve()),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    (file,) = target.rglob(f"compiled/**/{MODEL}.sql")
    return file.read_text(encoding="utf-8").replace('"warehouse"."intermediate".', "bench.")


def timed(connection: duckdb.DuckDBPyConnection, query: str) -> float:
    """The median seconds of making a table of a query."""
    seconds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        connection.execute(f"create or replace table bench.result as {query}")
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="a data directory that a run has built")
    parser.add_argument("--work", type=Path, help="where to work; kept afterwards")
    arguments = parser.parse_args()
    settings = Settings(data_dir=arguments.data)
    with work_folder(arguments.work) as work, session(settings, work / "enrichment.duckdb") as connection:
        query = model_query(settings, work / "dbt")
        prepare(connection, settings.warehouse)
        columns = "kommunenavn, grunnkretsnummer, valgkretsnummer, oest, nord"
        plain = timed(
            connection,
            f"select chosen.*, {columns} from bench.int_address__chosen as chosen"
            " left join bench.int_matrikkel__adresse on matrikkel_address_id = adresse_id",
        )
        enrichment = timed(connection, query)
        ((addresses, found),) = connection.execute(
            "select count(*), count(matrikkel_grunnkrets_number) from bench.result"
        ).fetchall()
    print(f"{addresses:,} addresses, {found:,} of them found in {MATRIKKEL:,} rows of Matrikkelen")
    print(f"plain hash join: {plain:.1f} s; enrichment: {enrichment:.1f} s; ratio {enrichment / plain:.2f}")


if __name__ == "__main__":
    main()
