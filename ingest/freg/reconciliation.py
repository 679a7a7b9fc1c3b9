"""Has the state that events have made drifted from Freg's? A fresh extract, compared with it person by person.

The extract is ordered as of the last event that was loaded, so both sides are of the same moment. It goes to a landing
folder and a database of its own, `<data>/freg/reconciliation/`, never into the register.
"""

from __future__ import annotations

import csv
import datetime as dt
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from foundation.database import session, sql_text
from foundation.errors import PregError
from foundation.files import written_whole
from foundation.person_hash import bind_key, load_key, person_hash_sql
from foundation.settings import Settings
from ingest.contracts.freg import person_elements
from ingest.deliveries import load_new
from ingest.freg.extract import extract_register
from ingest.freg.settings import FregSettings

# What a difference is called when it is not in an element.
ONLY_BY_EVENTS = "only by events"
ONLY_IN_EXTRACT = "only in the extract"

# Called with what is being done, for anyone who waits.
OnStep = Callable[[str], None]


@dataclass
class Reconciled:
    """What a reconciliation found.

    sequence_number: as of which event. persons: records compared. differences: by element (or `ONLY_BY_EVENTS`,
    `ONLY_IN_EXTRACT`), the number of persons. file: CSV with one line per difference: person (keyed hash), element, and
    the ids of the two documents, by which they can be looked up.
    """

    sequence_number: int
    persons: int
    differences: Counter[str] = field(default_factory=Counter)
    file: Path | None = None


def reconcile_with_extract(settings: Settings, freg: FregSettings, on_step: OnStep = lambda _step: None) -> Reconciled:
    """Fetch an extract as of the last event loaded, and compare. The caller holds the writer's lock.

    Raises `PregError` when nothing is built yet, `ServiceError` when Freg cannot be asked.
    """
    folder = settings.data_dir / "freg" / "reconciliation"
    apart = settings.model_copy(update={"landing_dir": folder / "landing", "data_dir": folder / "data"})
    for path in (apart.landing_dir, apart.data_dir):
        shutil.rmtree(path, ignore_errors=True)
    try:
        position = _position(settings)
        on_step(f"fetch the register as of {position}")
        extract_register(apart, freg, as_of=position)
        on_step("load the extract")
        load_new(apart, ["freg"]).raise_if_refused()
        on_step("compare")
        with session(settings, settings.warehouse) as connection:
            connection.execute(f"attach {sql_text(apart.warehouse)} as extract (read_only)")
            return _compare(connection, settings, position, folder)
    finally:
        for path in (apart.landing_dir, apart.data_dir):
            shutil.rmtree(path, ignore_errors=True)


def _position(settings: Settings) -> int:
    if not settings.warehouse.is_file():
        raise PregError("there is no warehouse yet", where=str(settings.warehouse), todo="load deliveries: preg run")
    with session(settings, settings.warehouse) as connection:
        built = connection.execute(
            "select 1 from duckdb_tables() where schema_name = 'intermediate' and table_name = 'int_person__document'"
        ).fetchone()
        row = connection.execute("select max(sequence_to) from raw.delivery where source = 'freg'").fetchone()
    position = row[0] if built and row else None
    if position is None:
        raise PregError("no register is built yet", where=str(settings.warehouse), todo="build it: preg run")
    return int(position)


def _compare(connection: duckdb.DuckDBPyConnection, settings: Settings, position: int, folder: Path) -> Reconciled:
    bind_key(connection, load_key(settings))
    elements = [element.name for element in person_elements()]
    differing = ", ".join(
        f'case when ours.person."{name}" is distinct from theirs.person."{name}" then \'{name}\' end'
        for name in elements
    )
    connection.execute(
        f"""
        create or replace temp table drift as
        with ours as (
            select state.own_number, documents.dokumentidentifikator, documents.folkeregisterperson as person,
                state.own_number in (select number from intermediate.int_person__successor) as is_taken_over
            from intermediate.int_person__document as state
            inner join raw.freg_document as documents using (document_number)
        ),
        theirs as (
            select
                coalesce(
                    list_filter(numbers, lambda entry: entry.status = 'iBruk')[1], numbers[1]
                ).foedselsEllerDNummer as own_number,
                dokumentidentifikator,
                person
            from (
                select dokumentidentifikator, folkeregisterperson as person,
                    folkeregisterperson.identifikasjonsnummer as numbers
                from extract.raw.freg_document
            )
        )
        select
            coalesce(ours.own_number, theirs.own_number) as own_number,
            ours.dokumentidentifikator as our_document,
            theirs.dokumentidentifikator as their_document,
            case
                when theirs.own_number is null then ['{ONLY_BY_EVENTS}']
                when ours.own_number is null then ['{ONLY_IN_EXTRACT}']
                else list_filter([{differing}], lambda name: name is not null)
            end as elements
        from ours
        full join theirs on ours.own_number = theirs.own_number
        -- A record that another has taken over is no person any more; whether Freg still gives it says nothing.
        where not (coalesce(ours.is_taken_over, false) and theirs.own_number is null)
        """
    )
    ((persons,),) = connection.execute("select count(*) from drift").fetchall()
    rows = connection.execute(
        f"""
        select {person_hash_sql("own_number")} as person, unnest(elements) as element, our_document, their_document
        from drift
        where len(elements) > 0
        order by all
        """
    ).fetchall()
    found = Reconciled(position, int(persons), Counter(element for _, element, _, _ in rows))
    if rows:
        found.file = folder / f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%SZ}-as-of-{position}.csv"
        with written_whole(found.file) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["person", "element", "document_by_events", "document_in_extract"])
            writer.writerows(rows)
    return found
