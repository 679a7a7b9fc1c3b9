"""The page about the gate (`gate.html`): every check with owner, why and what to do, its result and its trend."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import duckdb

from foundation.release import Manifest
from publication.reports.pages import page_templates
from publication.store.gate_history import MEASURES, RESULTS

# What a kind of check is about, in Norwegian and English.
_KINDS = {
    "protection": (
        "Skjerming: ingen adresse til en skjermet person slipper ut",
        "Protection: no address of a protected person leaves",
    ),
    "reconciliation": (
        "Avstemming: ingenting er blitt borte mellom leveransene og utgivelsen",
        "Reconciliation: nothing was lost between the deliveries and the release",
    ),
    "drift": (
        "Avvik: like mye og av samme art som sist, og som vanlig",
        "Drift: as much and of the same kind as in the last release, and as is usual",
    ),
    "plausibility": (
        "Rimelighet: det som neppe kan stemme for en person",
        "Plausibility: what can hardly be true of a person",
    ),
    "comparison": (
        "Sammenlikning: PREG mot Persontjenesten har ikke gjort et hopp",
        "Comparison: PREG against Persontjenesten has not jumped",
    ),
    "expectation": ("Form: det som hver rad må være", "Shape: what every row must be"),
    "dbt": ("Modellenes egne prøver", "Tests of the models"),
}
_RELEASES_IN_TREND = 30
_MEASURES = {
    "persons": ("Personer", "Persons"),
    "current_addresses": ("Nåværende adresser", "Present addresses"),
    "protected": ("Skjermede personer", "Protected persons"),
    "enriched": ("Adresser funnet i Matrikkelen", "Addresses found in Matrikkelen"),
    "documents_a_day": ("Dokumenter om dagen", "Documents a day"),
}


def write_gate_page(manifest: Manifest, database: Path, folder: Path) -> None:
    """Write `gate.html` into the report's folder; the database has the results of the releases before."""
    environment = page_templates("publication.reports")
    with duckdb.connect(str(database), read_only=True) as connection:
        trends = _trends(connection)
        measures = _measures(connection)
    checks = [{**check.model_dump(), "trend": trends.get(check.name, [])} for check in manifest.checks]
    groups = [
        (kind, title, sorted((check for check in checks if check["kind"] == kind), key=_fired_first))
        for kind, title in _KINDS.items()
    ]
    docs = {check["about"] for check in checks if check["kind"] == "expectation"}
    page = environment.get_template("gate.html").render(
        manifest=manifest, groups=groups, measures=measures, docs=docs, spark=_spark
    )
    (folder / "gate.html").write_text(page, encoding="utf-8")


def _fired_first(check: dict[str, Any]) -> tuple[bool, str]:
    return bool(check["passed"]), str(check["name"])


def _trends(connection: duckdb.DuckDBPyConnection) -> dict[str, list[int]]:
    """Failures of each check over the last releases, oldest first."""
    if not _has(connection, RESULTS):
        return {}
    trends: dict[str, list[int]] = defaultdict(list)
    for name, failures in connection.execute(
        f"""
        select check_name, failures from {RESULTS}
        where release_id in (
            select release_id from {RESULTS} group by 1 order by max(published_at) desc limit {_RELEASES_IN_TREND}
        )
        order by published_at
        """
    ).fetchall():
        trends[name].append(int(failures))
    return trends


def _measures(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    if not _has(connection, MEASURES):
        return []
    found: dict[str, list[float]] = defaultdict(list)
    for measure, value in connection.execute(
        f"select measure, value from {MEASURES} where dimension = '' order by published_at"
    ).fetchall():
        found[measure].append(float(value))
    return [
        {
            "name": name,
            "now": found[measure][-1],
            "before": found[measure][-2] if len(found[measure]) > 1 else None,
            "trend": found[measure][-_RELEASES_IN_TREND:],
        }
        for measure, name in _MEASURES.items()
        if found[measure]
    ]


def _has(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    ((found,),) = connection.execute("select count(*) from duckdb_tables() where table_name = ?", [table]).fetchall()
    return bool(found)


def _spark(values: list[float]) -> str:
    """The points of a small line: x from 0 to 100, y from 20 (least) to 2 (most)."""
    if len(values) < 2:
        return ""
    least, most = min(values), max(values)
    width = (most - least) or 1
    return " ".join(
        f"{100 * index / (len(values) - 1):.1f},{20 - 18 * (value - least) / width:.1f}"
        for index, value in enumerate(values)
    )
