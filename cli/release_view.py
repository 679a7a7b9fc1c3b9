"""Releases, shown: one of them, what was done with them, what changed between two, whether they are whole."""

from __future__ import annotations

from rich.table import Table

from cli.console import console, line, value
from cli.field_names import column_named, mapped_fields
from foundation.errors import PregError
from foundation.person_hash import load_key
from foundation.release import Release
from foundation.settings import Settings
from publication.reports.release_diff import diff_detail, diff_releases
from publication.store.audit_log import audit_entries
from publication.store.release import find_release, list_releases, release_before, verify_release

_FIELDS_SHOWN = 25


def show_audit_log(settings: Settings) -> None:
    """What was done with releases: when, by whom and why; publications by a run are left out."""
    entries = [entry for entry in audit_entries(settings) if entry.by != "automatic" or entry.action == "withdrawn"]
    if not entries:
        return
    table = Table(
        "at", "what", "release", "by", "why", header_style="bold", title="Done by people", title_justify="left"
    )
    for entry in entries:
        table.add_row(*map(value, (entry.at, entry.action, entry.release_id, entry.by, entry.why)))
    console.print(table)


def show_release(settings: Settings, release_id: str) -> None:
    """A release as its manifest describes it."""
    release = find_release(settings, release_id)
    manifest = release.manifest
    made_by, approver, checks = manifest.made_by, manifest.approver, manifest.checks
    approved = f"{approver.name}: {approver.why}" if approver else "automatic"
    facts = Table.grid(padding=(0, 2))
    for name, fact in (
        ("release", release.release_id),
        ("published", manifest.published_at),
        ("approved by", approved),
        ("Freg up to", manifest.sequence_number),
        ("newest event", manifest.newest_event_at),
        ("version", f"{made_by.get('version')} ({made_by.get('commit') or 'no commit'})"),
        ("dbt manifest", made_by.get("dbt_manifest_hash")),
        ("code", manifest.rules.get("code_hash")),
        ("content", manifest.content_hash),
        ("checks", f"{sum(check.passed for check in checks)} of {len(checks)} passed"),
        ("folder", release.folder),
    ):
        facts.add_row(name, value(str(fact)))
    console.print(facts)
    inputs = Table("delivery", "kind", "up to", "loaded", "quarantined", header_style="bold")
    for entry in manifest.inputs:
        inputs.add_row(
            value(f"{entry.source}/{entry.delivery_id}"),
            value(entry.kind),
            value(entry.sequence_to or entry.extracted_at),
            f"{entry.rows_loaded:,}",
            f"{entry.rows_quarantined:,}",
        )
    console.print(inputs)
    tables = Table("table", "rows", "content", header_style="bold")
    for name, table in {**manifest.tables, **manifest.since_last}.items():
        tables.add_row(value(name), f"{table.rows:,}", value(table.content_hash[:12]))
    console.print(tables)
    for check in checks:
        if not check.passed:
            console.print(line(f"{check.severity}  {check.name}: {check.failures} (", check.why, ")"))


def show_diff(settings: Settings, before_id: str, after_id: str, detail: str, rows: int) -> None:
    """What changed from one release to another; with `detail` (a field), masked examples."""
    after = find_release(settings, after_id)
    before = find_release(settings, before_id) if before_id else release_before(settings, after.release_id)
    # Before the whole of it is shown: a name that means nothing is told at once.
    details = _detail(settings, before, after, detail, rows) if detail else None
    found = diff_releases(before, after)
    console.print(line(found.before, " → ", found.after))
    for diff in found.tables:
        counts = f": {diff.new:,} new, {diff.gone:,} gone, {diff.changed:,} changed"
        console.print()
        console.print(line(value(diff.table, "bold"), counts))
        table = Table("field", "persons in whom it changed", header_style="bold")
        for name, count in list(diff.fields.items())[:_FIELDS_SHOWN]:
            table.add_row(value(name), f"{count:,}")
        if diff.fields:
            console.print(table)
    if found.rows:
        others = Table("table", "rows before", "rows after", header_style="bold")
        for name, (old, new) in found.rows.items():
            others.add_row(value(name), f"{old:,}", f"{new:,}")
        console.print(others)
    if not found.tables and not found.rows:
        console.print("no difference")
    if details is not None:
        console.print(details)


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
        console.print(line(release.release_id, f": {len(release.manifest.files)} files are as they were published"))


def _detail(settings: Settings, before: Release, after: Release, detail: str, rows: int) -> Table:
    column = column_named(detail, mapped_fields(settings, after))
    table, _, name = column.partition(".")
    shown = Table("person", "before", "after", header_style="bold", title=value(column), title_justify="left")
    for row in diff_detail(before, after, table, name, load_key(settings), rows):
        shown.add_row(*map(value, (row["person"], row["before"] or "-", row["after"] or "-")))
    return shown
