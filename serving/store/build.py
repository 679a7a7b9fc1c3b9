"""Making the read store of a release: `<data>/serving/stores/<release_id>/store.sqlite`.

The tables of the release under their own names, with indexes; `search_text` and `name_variant` for the search;
`release` with what it was made from. DuckDB orders and casts, ADBC carries rows over in bulk, SQLite indexes: chosen
by measurement (docs/benchmarks.md), a record by its number takes 16 µs in SQLite, 2 ms in DuckDB.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import adbc_driver_sqlite
import duckdb
from adbc_driver_manager import AdbcConnection, AdbcStatement

from foundation.database import column_types, machine_failures, sql_identifier, sql_text, tables_of
from foundation.errors import PregError
from foundation.files import flush_to_disk
from foundation.person_hash import VARIABLE, bind_key, load_key
from foundation.release import Release
from foundation.settings import Settings
from publication.access.profile_queries import TABLES_OF_PERSONS

STORE = "store.sqlite"

# What is answered from: the tables of persons but the log of changes, which no service shows, and the comparison.
SEEN = tuple(table for table in TABLES_OF_PERSONS if table != "preg_change_log")
_TABLES = (
    *SEEN,
    "field_mapping",
    "field_catalogue",
    "field_comparison_differences",
    "code_list",
    "preg_code",
    "landkode",
)

# A store that was made otherwise is made again: by another version of this file, or of other tables.
FORMAT = hashlib.sha256(Path(__file__).read_bytes() + repr(_TABLES).encode()).hexdigest()[:16]

_ADDRESSES = "current_address desc, date_adr_from desc nulls last, postal_address, address_type, street_number"

# What the ids that are ours begin with: no id of Persontjenesten does.
_OWN_ID = "'preg-'"

# Table → what its rows are found by, and the order of those that are found together. They are kept under that key in
# that order, `place` being its number: what is read together lies together, and nothing is sorted when it is read.
_CLUSTERED = {
    "preg_person": ("nin", ""),
    "preg_address": ("nin", _ADDRESSES),
    "person_number": ("number", ""),
    "preg_person_earlier": ("nin, sequence_number", ""),
    "preg_address_earlier": ("nin, sequence_number", _ADDRESSES),
}
PLACE = "place"

_INDEXES = (
    "create index person_by_mother on preg_person (mothers_nin) where mothers_nin is not null",
    "create index person_by_father on preg_person (fathers_nin) where fathers_nin is not null",
    "create index number_by_person on person_number (nin)",
    "create index retired_by_nin on preg_person_retired (nin)",
    "create index state_by_person on preg_state (person_nin)",
    "create index state_by_nin on preg_state (nin)",
    "create index state_by_begin on preg_state (shown_from)",
    "create index state_by_sequence_number on preg_state (sequence_number)",
    "create index person_id_by_nin on person_id (nin)",
    "create index difference_by_nin on field_comparison_differences (nin)",
    "create index variant_by_text on name_variant (variant)",
)

# Names as they are and were, each word as written and as it sounds; what else is sought, as tokens that no name has:
# b day of birth, k kommune, z postal code.
_SEARCH_TEXT = """
    with former as (
        unpivot (select person_nin as nin, given_name, middle_name, sn from preg_person_earlier)
        on given_name, middle_name, sn
        into name part value spelling
    ),

    former_word as (
        select distinct former.nin, spelt.word
        from former
        inner join (
            select spelling, unnest(list_distinct(string_split(folded_name(spelling), ' '))) as word
            from (select distinct spelling from former)
        ) as spelt using (spelling)
    ),

    word as (
        select nin, part, word, phonetic_key from person_name_word
        union all
        select former_word.nin, 'former', former_word.word, keyed.phonetic_key
        from former_word
        inner join (
            select word, phonetic_key(word) as phonetic_key from (select distinct word from former_word)
        ) as keyed using (word)
    ),

    names as (
        select
            nin,
            string_agg(word, ' ') filter (part = 'given_name') as given,
            string_agg(word, ' ') filter (part = 'middle_name') as middle,
            string_agg(word, ' ') filter (part = 'sn') as family,
            string_agg(word, ' ') filter (part = 'maiden_name') as maiden,
            string_agg(word, ' ') filter (part = 'former') as former,
            string_agg(phonetic_key, ' ') filter (part = 'given_name') as given_sound,
            string_agg(phonetic_key, ' ') filter (part = 'middle_name') as middle_sound,
            string_agg(phonetic_key, ' ') filter (part = 'sn') as family_sound,
            string_agg(phonetic_key, ' ') filter (part = 'maiden_name') as maiden_sound,
            string_agg(phonetic_key, ' ') filter (part = 'former') as former_sound
        from word
        group by nin
    ),

    places as (
        select
            nin,
            string_agg(distinct folded_name(postal_address), ' ') as street,
            string_agg(distinct folded_name(postal_place), ' ') as place,
            string_agg(distinct 'k' || st, ' ') as kommune,
            string_agg(distinct 'z' || postal_code, ' ') as postal_code
        from preg_address
        where current_address
        group by nin
    )

    select
        person.nin,
        names.* exclude (nin),
        places.street,
        places.place,
        concat_ws(
            ' ', 'b' || strftime(person.date_of_birth, '%Y%m%d'), places.kommune, places.postal_code
        ) as codes
    from preg_person as person
    left join names using (nin)
    left join places using (nin)
    order by person.nin
"""

# Every word of a name under each text that is left of it when no letter or one is taken out: two words that share one
# are a slip of the pen apart (Damerau-Levenshtein distance 1, and some at 2).
_NAME_VARIANT = """
    with word as (select distinct word from person_name_word where length(word) between 3 and 60)

    select distinct
        unnest(list_prepend(word, list_transform(
            range(1, length(word) + 1), lambda place: substring(word, 1, place - 1) || substring(word, place + 1)
        ))) as variant,
        word
    from word
    order by variant, word
"""

# By which id Persontjenesten's paths name a person: Persontjenesten's own; of who is not in its deliveries one of ours,
# which nobody can compute without the installation's key.
_PERSON_ID = f"""
    select
        coalesce(theirs.persontjenesten_id, {_OWN_ID} || left(sha256(getvariable('{VARIABLE}') || ':id:' || nin), 32))
            as person_id,
        nin
    from preg_person
    left join persontjenesten_person as theirs using (nin)
    order by person_id
"""

SEARCH_COLUMNS = (
    *("given", "middle", "family", "maiden", "former"),
    *("given_sound", "middle_sound", "family_sound", "maiden_sound", "former_sound"),
    *("street", "place", "codes"),
)


def store_file(settings: Settings, release_id: str) -> Path:
    """Where the store of a release is."""
    return settings.serving_stores_dir / release_id / STORE


def build_store(settings: Settings, release: Release) -> Path:
    """Make the store of a release, or find the one that is there. Raises `PregError` when the release is too old.

    It is made under another name and renamed when it is whole: what a kill leaves is made again. Two processes that
    make the same one do not meet: each writes under a name of its own.
    """
    target = store_file(settings, release.release_id)
    if is_whole(target):
        return target
    _remove_left_over(settings)
    partial = target.parent.with_name(f".{release.release_id}.{os.getpid()}.partial")
    with machine_failures(str(partial)):
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        try:
            _write(release, partial / STORE, load_key(settings))
            shutil.rmtree(target.parent, ignore_errors=True)
            flush_to_disk(partial)
            partial.rename(target.parent)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        if not release.folder.is_dir():
            # It was withdrawn meanwhile: what is left of it goes, too.
            shutil.rmtree(target.parent)
            raise PregError("the release was withdrawn while its store was made", where=release.release_id)
        flush_to_disk(target.parent.parent)
    return target


def _remove_left_over(settings: Settings) -> None:
    """Remove what processes that are no more have left half made."""
    for folder in settings.serving_stores_dir.glob(".*.partial"):
        process = folder.name.split(".")[-2]
        if not Path("/proc", process).exists():
            shutil.rmtree(folder, ignore_errors=True)


def is_whole(file: Path) -> bool:
    """Whether there is a store of this format."""
    if not file.is_file():
        return False
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            return bool(connection.execute("select format = ? from release", [FORMAT]).fetchone()[0])
    except sqlite3.Error:
        return False


def _write(release: Release, file: Path, key: str) -> None:
    staging = file.with_name("staging.sqlite")
    with release.open() as source:
        source.execute("set TimeZone = 'UTC'")
        bind_key(source, key)
        name = release.database.stem
        there = tables_of(source, name)
        if missing := sorted({*_TABLES, "persontjenesten_person"} - there):
            raise PregError(
                f"the release cannot be served: it has no {', '.join(missing)}",
                where=release.release_id,
                todo="publish again: preg run",
            )
        types = {table: column_types(source, name, table) for table in _TABLES}
        with closing(sqlite3.connect(file)) as store:
            for table, columns in types.items():
                store.execute(_definition(table, columns))
            store.execute("create table person_id (person_id text primary key, nin text) without rowid")
            store.commit()
        for table, columns in types.items():
            _carry(source, _as_stored(table, columns), file, table)
        _carry(source, _PERSON_ID, file, "person_id")
        _carry(source, _NAME_VARIANT, staging, "name_variant")
        _carry(source, _SEARCH_TEXT, staging, "search_row")
    with closing(sqlite3.connect(file)) as store:
        store.execute("pragma journal_mode = off")
        store.execute("pragma synchronous = off")
        store.execute(f"attach {sql_text(staging)} as staging")
        store.execute("create table name_variant as select * from staging.name_variant")
        columns_text = ", ".join(SEARCH_COLUMNS)
        # Words are folded already. Where a word stands is kept: one with a sign in it is several tokens in a row.
        store.execute(
            f"create virtual table search_text using fts5({columns_text}, content='',"
            " tokenize='unicode61 remove_diacritics 0')"
        )
        store.execute(
            f"insert into search_text (rowid, {columns_text}) select rowid, {columns_text}"
            " from staging.search_row order by rowid"
        )
        # Whose text it is: a full text has numbers for keys.
        store.execute("create table search_person (number integer primary key, nin text)")
        store.execute("insert into search_person select rowid, nin from staging.search_row order by rowid")
        store.execute("insert into search_text (search_text) values ('optimize')")
        for index in _INDEXES:
            store.execute(index)
        # Which kinds of address there are decides what a profile is asked for: found once, not at each opening.
        store.execute(
            "create table address_type as select address_type from preg_address where address_type is not null"
            " union select address_type from preg_address_earlier where address_type is not null"
        )
        store.execute("create table release (format text, release_id text, data_until text)")
        store.execute(
            "insert into release select ?, ?, coalesce(max(shown_from), '') from preg_state",
            [FORMAT, release.release_id],
        )
        store.execute("analyze")
        store.commit()
    staging.unlink()
    flush_to_disk(file)


def _definition(table: str, columns: dict[str, str]) -> str:
    """The table as SQLite keeps it."""
    defined = [f"{sql_identifier(name)} {_kind(data_type)}" for name, data_type in columns.items()]
    if table not in _CLUSTERED:
        return f"create table {table} ({', '.join(defined)})"
    key, order = _CLUSTERED[table]
    if order:
        defined.append(f"{PLACE} integer")
        key = f"{key}, {PLACE}"
    return f"create table {table} ({', '.join(defined)}, primary key ({key})) without rowid"


def _kind(data_type: str) -> str:
    """What SQLite keeps of a type: integers (truth values, too), decimals as numbers, all else as text."""
    if data_type in ("BOOLEAN", "INTEGER", "BIGINT"):
        return "integer"
    return "real" if data_type.startswith("DECIMAL") else "text"


def _as_stored(table: str, columns: dict[str, str]) -> str:
    """The rows of a table as SQLite keeps them: days and points in time in ISO 8601 (UTC)."""
    chosen = []
    for name, data_type in columns.items():
        column = sql_identifier(name)
        if data_type == "BOOLEAN":
            chosen.append(f"cast({column} as integer) as {column}")
        elif data_type.startswith("TIMESTAMP"):
            chosen.append(f"strftime({column}, '%Y-%m-%dT%H:%M:%S.%fZ') as {column}")
        elif data_type.startswith("DECIMAL"):
            chosen.append(f"cast({column} as double) as {column}")
        elif _kind(data_type) == "text" and data_type != "VARCHAR":
            chosen.append(f"cast({column} as varchar) as {column}")
        else:
            chosen.append(column)
    key, order = _CLUSTERED.get(table, ("all", ""))
    if order:
        chosen.append(f"row_number() over (partition by {key} order by {order}) as {PLACE}")
    return f"select {', '.join(chosen)} from {table} order by {f'{key}, {PLACE}' if order else key}"


def _carry(source: duckdb.DuckDBPyConnection, query: str, file: Path, table: str) -> None:
    """Append the rows of a query to a table of a SQLite file, which is made where it is not there."""
    with (
        adbc_driver_sqlite.connect(str(file)) as database,
        AdbcConnection(database) as connection,
        AdbcStatement(connection) as statement,
    ):
        statement.set_options(
            **{"adbc.ingest.target_table": table, "adbc.ingest.mode": "adbc.ingest.mode.create_append"}
        )
        statement.bind_stream(source.sql(query))
        statement.execute_update()
