"""What a run needs later, brought up while it waits for something else: dbt, Dagster's definitions, Great Expectations.

Their imports take longer than the work of a small run, and there is a second core. Nothing depends on it: what has not
come up, or could not, is imported where it is needed, and fails there.
"""

from __future__ import annotations

import importlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar

from foundation.settings import Settings
from orchestration.dbt.environment import dbt_executable, point_dbt_at
from orchestration.dbt.waiting import waiting_dbt

# In the order in which a run needs them. A run that ends early waits for the one that is being imported.
_OF_THE_JOB = ("dagster", "dagster_dbt", "orchestration.definitions", "orchestration.event_log", "orchestration.jobs")
_OF_THE_GATE = ("great_expectations.expectations", "quality.duckdb_datasource", "quality.data_docs")

# Whether the gate follows the models in this process.
_gate_follows: ContextVar[bool] = ContextVar("gate_follows", default=False)


@contextmanager
def job_warmed_up(settings: Settings) -> Iterator[None]:
    """Import dbt and the job in parallel with the block. The settings are in the environment (`export_settings`)."""
    point_dbt_at(settings)
    ended = threading.Event()
    importing = threading.Thread(target=_import, args=(_OF_THE_JOB, ended))
    follows = _gate_follows.set(True)
    with waiting_dbt(dbt_executable()):
        importing.start()
        try:
            yield
        finally:
            _gate_follows.reset(follows)
            ended.set()
            importing.join()


def warm_up_gate() -> None:
    """Bring up what the gate and the pages need, while dbt builds the models in its own process.

    Nothing outside `job_warmed_up`: another job may end with the models.
    """
    if not _gate_follows.get():
        return
    # Read when it is imported.
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    threading.Thread(target=_warm_up_gate).start()


def _warm_up_gate() -> None:
    _import(_OF_THE_GATE, threading.Event())
    with suppress(Exception):
        from publication.reports.migration.page_files import charts

        charts()


def _import(names: tuple[str, ...], ended: threading.Event) -> None:
    # Any error is reported where the module is needed: there the import fails again.
    with suppress(Exception):
        for name in names:
            if ended.is_set():
                return
            importlib.import_module(name)
