"""What a build of the models has to make: everything, or only the persons in the documents that are new.

`build.progress` in the warehouse says how far the last whole build came, and by which rules; dbt takes its word back
when a build begins (`macros/build.sql`), and `record_build` gives it when the build has succeeded. So a
build that was killed, failed, or made only a selection of the models is followed by one that makes everything.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass

import duckdb

from foundation.database import session
from foundation.settings import Settings
from ingest.contracts.sources import DOCUMENT_TABLES
from publication.candidate.fingerprint import rules_of

# Sources whose deliveries hold documents of persons, so that a change touches only the persons in it.
_BY_PERSON = ("freg", "persontjenesten", "preg")
# From how many new documents on, and from which share of those before on, a build of everything is quicker than one
# that looks for the affected persons (docs/benchmarks.md).
_MANY = 50_000
_LARGE_SHARE = 0.1
# The models that say which persons a build touches.
_AFFECTED = ("int_affected__number", "int_affected__person", "int_affected__pair")


@dataclass(frozen=True)
class BuildPlan:
    """What to build, and what the warehouse held when that was decided.

    whole: everything. reason: why everything; empty otherwise. new_documents: those that the models lack.
    """

    whole: bool
    reason: str
    new_documents: int
    last_document_number: int
    last_delivery_number: int

    @property
    def dbt_arguments(self) -> list[str]:
        """The arguments of dbt for this plan."""
        return ["build", *(["--full-refresh"] if self.whole else [])]


def plan_build(settings: Settings, *, only_a_part: bool = False) -> BuildPlan:
    """Decide what the next build has to make. Reads the warehouse; changes nothing.

    only_a_part: a selection of the models is asked for. They are made for everybody: what a model needs of those before
    it is there, but not the rows that only a build of them all makes.
    """
    with session(settings, settings.warehouse) as connection:
        last_document = max(_number(connection, f"select max(document_number) from {t}") for t in _document_tables())
        last_delivery = _number(connection, "select max(delivery_number) from raw.delivery")
        progress = _progress(connection)
        reason = "a selection of the models" if only_a_part else _why_everything(connection, settings, progress)
        built = 0 if progress is None else progress[1]
        new = sum(
            _number(connection, f"select count(*) from {table} where document_number > ?", built)
            for table in _document_tables()
        )
        known = sum(_number(connection, f"select count(*) from {table}") for table in _document_tables()) - new
        if not reason and new > _MANY and new > _LARGE_SHARE * known:
            reason = f"{new:,} new documents are so many that it is quicker"
    return BuildPlan(bool(reason), reason, new, last_document, last_delivery)


def record_build(settings: Settings, plan: BuildPlan) -> None:
    """Record that the models are built as planned, and which persons it affected. Only after every model was built.

    A build of everything begins a new series (`lineage`), see `publication.candidate.base`.
    """
    with session(settings, settings.warehouse) as connection:
        connection.execute("begin transaction")
        connection.execute("create table if not exists build.affected (built_after bigint, number varchar)")
        if plan.whole:
            lineage = uuid.uuid4().hex
            connection.execute("delete from build.affected")
            # What an older version called it: numbers of persons, which nothing reads.
            connection.execute("drop table if exists build.touched")
        else:
            ((lineage, built_after),) = connection.execute(
                "select lineage, last_document_number from build.progress"
            ).fetchall()
            affected = " union ".join(f"select number from intermediate.{model}" for model in _AFFECTED)
            connection.execute(f"insert into build.affected select ?, number from ({affected})", [built_after])
        connection.execute("delete from build.progress")
        connection.execute(
            "insert into build.progress values (true, ?, ?, ?, ?)",
            [plan.last_document_number, plan.last_delivery_number, _rules(settings), lineage],
        )
        connection.execute("commit")


def _document_tables() -> list[str]:
    return [f"raw.{DOCUMENT_TABLES[source].name}" for source in _BY_PERSON]


def _rules(settings: Settings) -> str:
    return json.dumps(rules_of(settings), sort_keys=True)


def _progress(connection: duckdb.DuckDBPyConnection) -> tuple[bool, int, int, str] | None:
    there = connection.execute(
        "select count(*) from information_schema.tables where table_schema = 'build' and table_name = 'progress'"
    ).fetchone()
    if not there or not there[0]:
        return None
    row = connection.execute(
        "select is_whole, last_document_number, last_delivery_number, rules from build.progress"
    ).fetchone()
    return None if row is None else (bool(row[0]), int(row[1]), int(row[2]), str(row[3]))


def _why_everything(
    connection: duckdb.DuckDBPyConnection, settings: Settings, progress: tuple[bool, int, int, str] | None
) -> str:
    if progress is None:
        return "nothing has been built yet"
    is_whole, _, last_delivery, rules = progress
    if not is_whole:
        return "the last build did not end well, or made only a part"
    if rules != _rules(settings):
        return "the code, the settings or what was loaded before has changed"
    new = connection.execute(
        """
        with known as (
            select source, max((position, created_at, delivery_id)) as last_place
            from raw.delivery
            where delivery_number <= $last
            group by source
        )
        select source, delivery_id, kind, known.source is null, (position, created_at, delivery_id) < last_place
        from raw.delivery
        left join known using (source)
        where delivery_number > $last
        order by delivery_number
        """,
        {"last": last_delivery},
    ).fetchall()
    for source, delivery_id, kind, is_first, is_late in new:
        name = f"{source}/{delivery_id}"
        if source not in _BY_PERSON:
            return f"{name} may change the addresses of anybody"
        if kind == "full" or is_first:
            return f"{name} is a full delivery" if kind == "full" else f"{name} is the first of its source"
        if is_late:
            return f"{name} belongs before deliveries that are built already"
    return ""


def _number(connection: duckdb.DuckDBPyConnection, query: str, *parameters: object) -> int:
    row = connection.execute(query, list(parameters)).fetchone()
    return int(row[0] or 0) if row else 0
