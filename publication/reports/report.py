"""The report of a release: the migration page (`index.html`), the page of all fields (`fields.html`), the page about
the release (`release.html`): what is in it, what it was made from, and the page about its checks (`gate.html`).

Counts, and masked examples; no person's data.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from foundation.person_hash import load_key
from foundation.release import DATA_DOCS, Check, Manifest, Release
from foundation.settings import Settings
from publication.access.client_profile import read_profiles
from publication.reports.delivery_overview import overview, read_published
from publication.reports.gate_page import write_gate_page
from publication.reports.migration.facts import KINDS, kind_words, migration_facts
from publication.reports.migration.page_files import write_pages
from publication.reports.overview_files import write_overview_files
from publication.reports.pages import page_templates
from publication.reports.signoff import read_signoffs


def report_writer(settings: Settings) -> Callable[[Manifest, Path, Path], None]:
    """What writes the report of a release into a folder: with the installation's key, sign-offs and client profiles."""
    key, signoffs, profiles = load_key(settings), read_signoffs(settings), read_profiles(settings)

    def write(manifest: Manifest, database: Path, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        release = {"id": manifest.release_id, "publishedAt": manifest.published_at}
        write_pages(migration_facts(database, release, key, signoffs, profiles), database, folder)
        _write_release_page(manifest, database, folder)
        write_gate_page(manifest, database, folder)

    return write


def write_report_now(settings: Settings, release: Release, folder: Path, now: dt.datetime) -> None:
    """Write the pages of a release into an empty folder, with what is signed and said of it by `now`."""
    report_writer(settings)(release.manifest, release.database, folder)
    write_overview_files(overview(settings, read_published(release.database), now), folder, now)
    docs = release.report / DATA_DOCS
    if docs.is_dir():
        shutil.copytree(docs, folder / DATA_DOCS)


def _write_release_page(manifest: Manifest, database: Path, folder: Path) -> None:
    environment = page_templates("publication.reports")
    page = environment.get_template("report.html").render(
        manifest=manifest,
        kinds=KINDS,
        kind_names={kind: (words["no"][0], words["en"][0]) for kind, words in kind_words().items()},
        facts=release_facts(database),
        checks=_sorted_checks(manifest),
    )
    (folder / "release.html").write_text(page, encoding="utf-8")


def release_facts(database: Path) -> dict[str, Any]:
    """What the report and the summary of a run contain: persons, addresses, share enriched, differences by field.

    causes, derived: differences that follow from no other, and those that do.
    """
    with duckdb.connect(str(database), read_only=True) as connection:
        persons, addresses, current, enriched, enrichable = connection.execute(
            """
            select
                (select count(*) from preg_person),
                count(*),
                count(*) filter (current_address),
                count(*) filter (
                    current_address and enrichment_method not in ('freg_grunnkrets', 'none', 'hidden')
                ),
                count(*) filter (
                    current_address and enrichment_method <> 'hidden'
                    and address_type in ('bostedsadresse', 'oppholdsadresse')
                    and country = 'Norge' and postal_type <> 5
                )
            from preg_address
            """
        ).fetchall()[0]
        methods = connection.execute(
            "select enrichment_method, count(*) from preg_address where current_address group by 1 order by 2 desc"
        ).fetchall()
        statuses = connection.execute("select reg_status, count(*) from preg_person group by 1 order by 1").fetchall()
        cursor = connection.execute(
            """
            select summary.* exclude (pair), mapping.preg_field
            from field_comparison_summary as summary
            inner join field_mapping as mapping
                on summary.entity = mapping.preg_entity and summary.field = mapping.column_name
            where summary.pair = 'preg_persontjenesten'
            order by summary.causes desc, summary.different desc, summary.entity, summary.field
            """
        )
        names = [column[0] for column in cursor.description]
        fields = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return {
        "persons": persons,
        "addresses": addresses,
        "current_addresses": current,
        "enriched": enriched,
        "enrichable": enrichable,
        "enriched_share": enriched / enrichable if enrichable else 0.0,
        "methods": methods,
        "statuses": statuses,
        "fields": fields,
        "compared": max((field["compared"] for field in fields), default=0),
        "causes": sum(field["causes"] for field in fields),
        "derived": sum(field["derived"] for field in fields),
    }


def _sorted_checks(manifest: Manifest) -> list[Check]:
    """Those that fired first, then by kind and name."""
    return sorted(manifest.checks, key=lambda check: (check.passed, check.kind, check.name))
