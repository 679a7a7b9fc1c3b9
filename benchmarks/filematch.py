"""The wash: how surely it finds who a row without a number is, and how long it takes.

    python -m benchmarks.filematch quality --data DIR [--persons N]
    python -m benchmarks.filematch speed --data DIR --rows 1000000
    python -m benchmarks.filematch train --data DIR

quality: precision and recall on rows with the slips of `benchmarks.filematch_rows`, whose truth is known. --persons N:
in a register of so many persons, whose names, days and addresses are drawn from those of the release one by one: as
many persons a day as in a country. speed: a wash as a ratio to reading and writing the same files. train: m and u
of `serving/filematch/model.json` estimated anew, by splink, from rows of another seed than quality is measured with.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb

from benchmarks.filematch_rows import EMPTY, NOT_THERE, RATES, dirty_rows, without_some, write_rows
from foundation.database import sql_text
from foundation.release import Release
from foundation.settings import Settings
from publication.access.access_profile import find_access_profile
from publication.store.release import current_release
from serving.filematch.scoring import MODEL
from serving.filematch.wash import Asked, Register, compared, wash
from serving.settings import WashSettings

_SEED, _SEED_OF_TRAINING = 1, 2
# What a level that did not occur is given: m of rows that were seen, u of pairs.
_LEAST = {"m_probability": 1e-4, "u_probability": 1e-7}


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["quality", "speed", "train"])
    parser.add_argument("--data", type=Path, required=True, help="a data directory with a release")
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--persons", type=int, default=0, help="quality: in a register of so many persons, drawn")
    parser.add_argument("--profile", default="helseforetak")
    arguments = parser.parse_args()
    release = current_release(Settings(data_dir=arguments.data))
    assert release is not None  # noqa: S101
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        if arguments.what == "quality":
            print(json.dumps(quality(release, work, arguments.rows, arguments.persons, arguments.profile), indent=2))
        elif arguments.what == "speed":
            print(json.dumps(speed(release, work, arguments.rows), indent=2))
        else:
            train(release, work, arguments.rows)


def quality(
    release: Release, work: Path, rows: int, persons: int, profile: str, seed: int = _SEED
) -> dict[str, object]:
    """Precision and recall of the persons that rows without a number are given."""
    whole = release.database
    if persons:
        whole = work / "drawn.duckdb"
        _draw_register(release.database, whole, persons)
    register = _register(release, whole, work, profile, seed)
    file = work / "rows.csv"
    truth = write_rows(dirty_rows(whole, register.release.database, rows, seed), file)
    began = time.perf_counter()
    found = _washed(register, file, work)
    outcomes: Counter[str] = Counter()
    wrong = []
    for place, status, nin in found:
        right = truth[place]
        outcomes[status] += 1
        if nin:
            outcomes["given"] += 1
            outcomes["right"] += nin == right
            if nin != right:
                wrong.append((place, status, right, nin))
    there = sum(bool(nin) for nin in truth.values())
    return {
        "persons": persons or "those of the release",
        "rows": len(truth),
        "not in the register": len(truth) - there,
        "precision": outcomes["right"] / max(1, outcomes["given"]),
        "recall": outcomes["right"] / max(1, there),
        "statuses": {name: count for name, count in outcomes.items() if name not in ("given", "right")},
        "wrong": len(wrong),
        "seconds": round(time.perf_counter() - began, 1),
        "rates": RATES,
    }


def speed(release: Release, work: Path, rows: int) -> dict[str, object]:
    """A wash of rows of which nine in ten have a number, compared with reading the file and writing the result."""
    register = Register(Settings(data_dir=work), release, find_access_profile(Settings(data_dir=work), "helseforetak"))
    file = work / "rows.csv"
    with duckdb.connect(str(release.database), read_only=True) as connection:
        ((numbers,),) = connection.execute("select count(*) from person_number").fetchall()
        connection.execute(
            f"""
            copy (
                select
                    range as row,
                    case when range % 10 > 0 then number end as fnr,
                    given_name as fornavn, sn as etternavn, strftime(date_of_birth, '%d.%m.%Y') as fdato,
                    postal_address as adresse, postal_code as postnr
                from range({rows}) as counted
                inner join (
                    select row_number() over (order by hash(number)) - 1 as place,
                        person_number.number, preg_person.*, address.postal_address, address.postal_code
                    from person_number
                    inner join preg_person using (nin)
                    left join (select * from preg_address where current_address) as address using (nin)
                ) as person on person.place = counted.range % {numbers}
                order by row
            ) to {sql_text(file)} (format csv, header, delimiter ';')
            """
        )
    limits = WashSettings()
    out = work / "washing"
    out.mkdir()
    began = time.perf_counter()
    washed, report = wash(register, limits, Asked(file), out, _nobody)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    reading, writing, writing_same = 0.0, 0.0, 0.0
    with duckdb.connect() as connection:
        for place, (copied, what) in enumerate(((file, "given"), (washed, "washed"))):
            began = time.perf_counter()
            kinds = _text_columns(copied)
            connection.execute(
                f"create table {what} as from read_csv({sql_text(copied)}, columns = {kinds}, delim = ';',"
                " quote = '\"', escape = '\"', header = true, auto_detect = false)"
            )
            read = time.perf_counter() - began
            began = time.perf_counter()
            connection.execute(f"copy {what} to {sql_text(work / f'{what}.csv')} (format csv, header, delimiter ';')")
            written = time.perf_counter() - began
            if place == 0:
                reading, writing_same = read, written
            else:
                writing = written
    return {
        "rows": rows,
        "persons": release.manifest.tables["preg_person"].rows,
        "seconds": round(seconds, 2),
        "reading the file, s": round(reading, 2),
        "writing the result, s": round(writing, 2),
        "writing the file, s": round(writing_same, 2),
        "ratio to reading the file and writing the result": round(seconds / (reading + writing), 2),
        "ratio to reading and writing the file": round(seconds / (reading + writing_same), 2),
        "peak memory of the wash, MiB": peak,
        "statuses": {name: count for name, count in report.statuses.items() if count},
    }


def train(release: Release, work: Path, rows: int) -> None:
    """Estimate m and u of the model anew and write them; conditions and rules stay as they are."""
    from splink import DuckDBAPI, Linker

    register = _register(release, release.database, work, "helseforetak", _SEED_OF_TRAINING)
    file = work / "rows.csv"
    truth = write_rows(dirty_rows(release.database, register.release.database, rows, _SEED_OF_TRAINING), file)
    before = json.loads(MODEL.read_text(encoding="utf-8"))
    with compared(register, WashSettings(), Asked(file), work) as (connection, _, _):
        ids = "source_dataset_l text, unique_id_l text, source_dataset_r text, unique_id_r text"
        connection.execute(f"create table label ({ids})")
        connection.executemany(
            "insert into label values ('a_row', ?, 'b_person', ?)",
            [[str(place), nin] for place, nin in truth.items() if nin],
        )
        database = DuckDBAPI(connection)
        sides = [
            database.register("compared_row", dataset_display_name="a_row"),
            database.register("compared_person", dataset_display_name="b_person"),
        ]
        linker = Linker(sides, MODEL, log_level=None)
        linker.training.estimate_u_using_random_sampling(max_pairs=2e7, seed=_SEED)
        linker.training.estimate_m_from_pairwise_labels(database.register("label"))
        after = linker.misc.save_model_to_json()
    for comparison, estimated in zip(before["comparisons"], after["comparisons"], strict=True):
        for level, new in zip(comparison["comparison_levels"], estimated["comparison_levels"], strict=True):
            for name in ("m_probability", "u_probability"):
                if name in level:
                    # What did not occur may occur all the same.
                    level[name] = float(f"{max(new.get(name) or 0, _LEAST[name]):.3g}")
    MODEL.write_text(json.dumps(before, indent=2) + "\n", encoding="utf-8")


def _register(release: Release, whole: Path, work: Path, profile: str, seed: int) -> Register:
    """What is washed against: the persons of a database, without those whose rows have to find nobody."""
    folder = work / "release"
    folder.mkdir()
    settings = Settings(data_dir=work)
    partial = dataclasses.replace(release, folder=folder)
    without_some(whole, partial.database, NOT_THERE, seed)
    return Register(settings, partial, find_access_profile(settings, profile))


def _washed(register: Register, file: Path, work: Path) -> list[tuple[int, str, str | None]]:
    """Place in the file, status and number of every row."""
    folder = work / "washing"
    folder.mkdir()
    washed, _ = wash(register, WashSettings(), Asked(file, form="parquet"), folder, _nobody)
    with duckdb.connect() as connection:
        return connection.execute(
            f"select cast(row as integer), preg_status, preg_nin from read_parquet({sql_text(washed)})"
        ).fetchall()


def _text_columns(file: Path) -> dict[str, str]:
    """The columns of a CSV file, all of them texts, as DuckDB takes them."""
    with file.open(encoding="utf-8") as stream:
        return dict.fromkeys(stream.readline().strip().split(";"), "VARCHAR")


def _draw_register(release: Path, target: Path, persons: int) -> None:
    """Write a register of persons none of whom is in the release: each name, day and address is somebody else's."""
    with duckdb.connect(str(target)) as connection:
        connection.execute(f"attach {sql_text(release)} as release (read_only)")
        connection.execute("select setseed(0.5)")
        for name, query in {
            "p": "select * from release.preg_person where date_of_birth is not null",
            "a": "select * from release.preg_address where current_address and postal_code is not null",
        }.items():
            connection.execute(f"create table {name} as select *, row_number() over () - 1 as place from ({query})")
        ((of_p,), (of_a,)) = connection.execute("select count(*) from p union all select count(*) from a").fetchall()
        drawn = ("given_name", "middle_name", "sn", "maiden_name", "date_of_birth")
        places = ", ".join(f"hash(range || '{name}') % {of_p} as at_{name}" for name in drawn)
        joins = " ".join(f"inner join p as of_{name} on of_{name}.place = at_{name}" for name in drawn)
        values = ", ".join(f"of_{name}.{name} as {name}" for name in drawn if name != "date_of_birth")
        connection.execute(
            f"create table preg_person as select p.* replace (lpad(cast(range as varchar), 11, '0') as nin, {values},"
            # Another day of the same year: the days of a small register are few.
            f" cast(make_date(year(of_date_of_birth.date_of_birth), 1, 1) + cast(hash(range || 'd') % 365 as integer)"
            f" as date) as date_of_birth) from (select range, {places}, hash(range || 'p') % {of_p} as at_p"
            f" from range({persons})) inner join p on p.place = at_p {joins}".replace(
                "p.* replace", "p.* exclude (place) replace"
            )
        )
        connection.execute(
            f"create table preg_address as select a.* exclude (place) replace (preg_person.nin as nin) from preg_person"
            f" inner join a on a.place = hash(preg_person.nin || 'a') % {of_a}"
        )
        connection.execute(
            "create table person_number as select nin as number, nin, 'foedselsnummer' as kind, '' as status"
            " from preg_person"
        )
        for name in EMPTY:
            connection.execute(f"create table {name} as select * from release.{name} limit 0")
        connection.execute("drop table p; drop table a")


def _nobody(persons: Iterator[list[str]]) -> None:
    """Nobody is told of these persons: they are synthetic."""
    for _ in persons:
        pass


if __name__ == "__main__":
    main()
