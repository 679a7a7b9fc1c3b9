"""What a candidate can be built upon: an earlier release, when it is known who has changed since.

The warehouse names each series of builds that began with a build of everything (`build.progress.lineage`), and keeps
whom each build since then has affected (`build.affected`). A release knows the series and its build's last document.
"""

from __future__ import annotations

import duckdb

from foundation.files import sha256_of
from foundation.release import DATABASE, Lineage, Release


def lineage_of(connection: duckdb.DuckDBPyConnection) -> Lineage | None:
    """The state of the models of the warehouse; None when they are not known to be whole."""
    there = connection.execute(
        "select count(*) from information_schema.tables where table_schema = 'build' and table_name = 'progress'"
    ).fetchone()
    if not there or not there[0]:
        return None
    row = connection.execute("select lineage, last_document_number from build.progress where is_whole").fetchone()
    return None if row is None else Lineage(name=str(row[0]), last_document_number=int(row[1]))


def is_usable(release: Release, now: Lineage) -> bool:
    """Whether only persons whom the warehouse can name have changed since `release`, and its file is as published."""
    lineage = release.manifest.lineage
    return (
        lineage is not None
        and lineage.name == now.name
        and release.database.is_file()
        and sha256_of(release.database) == release.manifest.sha256_of(DATABASE)
    )


def create_affected(connection: duckdb.DuckDBPyConnection, lineage: Lineage) -> None:
    """Put the persons who may have changed since the build at `lineage` into the temp table `affected` (number)."""
    connection.execute(
        "create or replace temp table affected as select distinct number from build.affected where built_after >= ?",
        [lineage.last_document_number],
    )
