"""Releases, shown: one of them, what was done with them, what changed between two, whether they are whole."""

from __future__ import annotations

from rich.markup import escape
from rich.table import Table

from cli.console import console
from foundation.errors import PregError
from foundation.person_hash import load_key
from foundation.settings import Settings
from publication.acts import list_acts
from publication.release import Release, find_release, list_releases, release_before, verify_release
from publication.release_diff import diff_detail, diff_releases

_FIELDS_SHOWN = 25


def show_acts(settings: Settings) -> None:
    """What was done with releases: when, by whom and why; publications by a run are left out."""
    acts = [act for act in list_acts(settings) if act.by != "automatic" or act.act == "withdrawn"]
    if not acts:
        return
    table = Table(
        "at", "what", "release", "by", "why", header_style="bold", title="Done by people", title_justify="left"
    )
    for act in acts:
        table.add_row(act.at, act.act, act.release_id, escape(act.by), escape(act.why))
    console.print(table)


def show_release(settings: Settings, release_id: str) -> None:
    """A release as its manifest tells of it."""
    release = find_release(settings, release_id)
    manifest = release.manifest
    made_by = manifest.get("made_by") or {}
    approver = manifest.get("approver")
    checks = manifest["checks"]
    facts = Table.grid(padding=(0, 2))
    facts.add_row("release", release.release_id)
    facts.add_row("published", manifest["published_at"])
    facts.add_row("approved by", escape(f"{approver['name']}: {approver['why']}") if approver else "automatic")
    facts.add_row("Freg up to", str(manifest["sequence_number"]))
    facts.add_row("newest event", str(manifest["newest_event_at"]))
    facts.add_row("version", f"{made_by.get('version')} ({made_by.get('commit') or 'no commit'})")
    facts.add_row("dbt manifest", str(made_by.get("dbt_manifest_hash")))
    facts.add_row("code", str(manifest["rules"].get("code_hash")))
    facts.add_row("content", manifest["content_hash"])
    facts.add_row("checks", f"{sum(check['passed'] for check in checks)} of {len(checks)} passed")
    facts.add_row("folder", str(release.folder))
    console.print(facts)
    inputs = Table("delivery", "kind", "up to", "loaded", "quarantined", header_style="bold")
    for entry in manifest["inputs"]:
        inputs.add_row(
            f"{entry['source']}/{entry['delivery_id']}",
            entry["kind"],
            str(entry["sequence_to"] or entry["extracted_at"]),
            f"{entry['rows_loaded']:,}",
            f"{entry['rows_quarantined']:,}",
        )
    console.print(inputs)
    tables = Table("table", "rows", "content", header_style="bold")
    for name, table in {**manifest["tables"], **manifest["since_last"]}.items():
        tables.add_row(name, f"{table['rows']:,}", table["content_hash"][:12])
    console.print(tables)
    for check in checks:
        if not check["passed"]:
            console.print(f"{check['severity']}  {check['name']}: {check['failures']} ({escape(check['why'])})")


def show_diff(settings: Settings, before_id: str, after_id: str, detail: str, rows: int) -> None:
    """What changed from one release to another; with `detail` (TABLE.COLUMN), masked examples."""
    after = find_release(settings, after_id)
    before = find_release(settings, before_id) if before_id else release_before(settings, after.release_id)
    found = diff_releases(before, after)
    console.print(f"{found.before} → {found.after}")
    for diff in found.tables:
        console.print(f"\n[bold]{diff.table}[/bold]: {diff.new:,} new, {diff.gone:,} gone, {diff.changed:,} changed")
        table = Table("field", "persons in whom it changed", header_style="bold")
        for name, count in list(diff.fields.items())[:_FIELDS_SHOWN]:
            table.add_row(name, f"{count:,}")
        if diff.fields:
            console.print(table)
    if found.rows:
        others = Table("table", "rows before", "rows after", header_style="bold")
        for name, (old, new) in found.rows.items():
            others.add_row(name, f"{old:,}", f"{new:,}")
        console.print(others)
    if not found.tables and not found.rows:
        console.print("no difference")
    if detail:
        _show_detail(settings, before, after, detail, rows)


def show_verified(settings: Settings, release_id: str | None) -> None:
    """Whether a release, or every one, is as it was published. Raises `PregError` when one is not."""
    chosen = list_releases(settings) if release_id is None else [find_release(settings, release_id)]
    broken = {release.release_id: verify_release(release, settings) for release in chosen}
    problems = [f"  {name}: {problem}" for name, found in broken.items() for problem in found]
    if problems:
        raise PregError(
            "the release is not as it was published:\n" + "\n".join(problems),
            where=str(settings.releases_dir),
            todo="restore the folder from a copy, publish again, or go back: preg release rollback",
        )
    for release in chosen:
        console.print(f"{release.release_id}: {len(release.manifest['files'])} files are as they were published")


def _show_detail(settings: Settings, before: Release, after: Release, detail: str, rows: int) -> None:
    table, _, column = detail.partition(".")
    shown = Table("person", "before", "after", header_style="bold", title=detail, title_justify="left")
    for row in diff_detail(before, after, table, column, load_key(settings), rows):
        shown.add_row(row["person"], str(row["before"] or "-"), str(row["after"] or "-"))
    console.print(shown)
