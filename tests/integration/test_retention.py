"""`preg retention`: what may no longer be kept is gone, from the bytes too, and the rest goes on as before."""

from __future__ import annotations

import datetime as dt
import os
import sqlite3

import duckdb
import pytest

from foundation.settings import Settings
from operations.retention import apply_retention
from orchestration.retention import forget_old_runs
from tests.support.file_bytes import places_of
from tests.support.running import preg, preg_run

pytestmark = pytest.mark.xdist_group("built sample")

MARK = "Zqxvzveien"
LATER = dt.datetime.now(dt.UTC) + dt.timedelta(days=400)


def test_texts_of_quarantined_documents_are_gone_from_the_warehouse(sample_copy: Settings) -> None:
    with duckdb.connect(str(sample_copy.warehouse)) as warehouse:
        warehouse.execute(
            "insert into raw.quarantine select delivery_number, 'persons-0001.ndjson', 1, null, 'not_json', 'why', ?"
            " from raw.delivery limit 1",
            [f"{MARK} 7"],
        )
        before = warehouse.execute("select max(document_number) from raw.freg_document").fetchall()
    assert places_of(MARK, sample_copy.data_dir)

    assert apply_retention(sample_copy, LATER).quarantined == 1

    assert places_of(MARK, sample_copy.data_dir) == {}
    with duckdb.connect(str(sample_copy.warehouse)) as warehouse:
        assert warehouse.execute("select max(document_number) from raw.freg_document").fetchall() == before
        ((next_number,),) = warehouse.execute("select nextval('raw.document_number_sequence')").fetchall()
        ((last,),) = warehouse.execute(
            "select max(document_number) from (from raw.freg_document select document_number union all"
            " from raw.persontjenesten_person select document_number union all from raw.preg_person"
            " select document_number)"
        ).fetchall()
        assert next_number > last


def test_a_warehouse_that_was_written_anew_is_the_same(sample_copy: Settings) -> None:
    assert preg("retention", "--data", sample_copy.data_dir).returncode == 0
    again = preg_run(sample_copy.landing_dir, sample_copy.data_dir)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "Nothing new" in again.stdout


def test_old_logs_traces_and_runs_go_and_new_ones_stay(sample_copy: Settings) -> None:
    sample_copy.crashes_dir.mkdir(exist_ok=True)
    old, new = sample_copy.crashes_dir / "old.txt", sample_copy.crashes_dir / "new.txt"
    for file in (old, new):
        file.write_text(MARK, encoding="utf-8")
    os.utime(old, (0, 0))
    apply_retention(sample_copy)
    assert (old.exists(), new.exists()) == (False, True)

    assert forget_old_runs(sample_copy) == 0
    assert forget_old_runs(sample_copy, LATER) == 1
    databases = list(sample_copy.dagster_home.rglob("*.db"))
    assert databases
    for database in databases:
        connection = sqlite3.connect(database)
        assert connection.execute("pragma freelist_count").fetchall() == [(0,)]
        connection.close()
