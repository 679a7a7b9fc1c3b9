"""The scan of a release's files: every text file of a release that is about to be published, when all are written.

The gate looks at tables; the report, the pages and the manifest are made from them afterwards, and are searched here
for a protected address and for the number of any person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import duckdb

from foundation.database import session, sql_text
from foundation.errors import GateStopped
from foundation.settings import Settings
from quality.protected_text import list_protected_texts, read_secrets, search_files
from quality.protection import list_protected

_SHOWN = 5

# The name under which the candidate is attached.
_ALIAS = "candidate"


@contextmanager
def file_scan(settings: Settings, candidate: Path) -> Iterator[Callable[[Path], None]]:
    """Give what searches the text files below a folder, within the block.

    It raises `GateStopped` naming files and lines, never what is there. What the files may not hold is gathered from
    the warehouse while they are being written.
    """
    with (
        session(settings, settings.warehouse, at_a_time=2) as warehouse,
        ThreadPoolExecutor(max_workers=1) as pool,
    ):
        warehouse.execute(f"attach {sql_text(candidate)} as {_ALIAS} (read_only)")
        secrets = pool.submit(_secrets, warehouse, settings)
        try:
            yield lambda folder: _search(warehouse, folder, secrets.result())
        except BaseException:
            warehouse.interrupt()
            raise


def _secrets(warehouse: duckdb.DuckDBPyConnection, settings: Settings) -> list[str]:
    list_protected(warehouse)
    list_protected_texts(warehouse, settings.household_protection == "dwelling")
    return read_secrets(warehouse, _ALIAS)


def _search(warehouse: duckdb.DuckDBPyConnection, folder: Path, secrets: Sequence[str]) -> None:
    findings = search_files(folder, secrets, lambda numbers: _known(warehouse, numbers))
    if findings:
        lines = [f"  {finding.what}: {finding.file}, line {finding.line}" for finding in findings[:_SHOWN]]
        raise GateStopped(
            "the scan of its files stopped the publication: a file holds what no file may\n" + "\n".join(lines),
            where=f"{len(findings)} places",
            todo="do not publish; find what wrote it there (publication/reports/report.py, quality/data_docs.py)",
        )


def _known(warehouse: duckdb.DuckDBPyConnection, numbers: set[str]) -> set[str]:
    return {
        number
        for (number,) in warehouse.execute(
            f"select number from {_ALIAS}.person_number where number in (select unnest($numbers))",
            {"numbers": sorted(numbers)},
        ).fetchall()
    }
