"""What a command came to, for people."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from rich.table import Table

from cli.console import console, line, show_note, value
from cli.current_release import current
from cli.listing import ListForm, show_list
from cli.options import command
from foundation.errors import PregError
from foundation.settings import Settings
from ingest.landing import no_delivery
from publication.reports.as_of import person_shown, persons_shown
from publication.store.release import current_release, list_releases, store_problems
from publication.store.withdrawal import list_withdrawals

if TYPE_CHECKING:
    from ingest.deliveries import LoadReport
    from orchestration.run import RunOutcome

_FIELDS_SHOWN = 12
_NODES_SHOWN = 15
# A wait (seconds) that nobody has noticed.
_SHORT = 0.05


def show_outcome(outcome: RunOutcome) -> None:
    """The release in numbers, and where to look."""
    release = outcome.release
    if outcome.held:
        console.print(line("Nothing was published: release ", value(release.release_id, "bold"), " stays current."))
        return
    if not outcome.published:
        console.print(
            line(
                "Nothing new: release ",
                value(release.release_id, "bold"),
                f" has every delivery (Freg up to {release.manifest.sequence_number}).",
            )
        )
        return
    # Slow to import.
    from publication.reports.report import release_facts

    facts = release_facts(release.database)
    console.print()
    console.print(line("Published release ", value(release.release_id, "bold")))
    console.print()
    numbers = Table.grid(padding=(0, 2))
    numbers.add_row("persons", f"{facts['persons']:,}")
    numbers.add_row("addresses", f"{facts['addresses']:,}")
    numbers.add_row(
        "enriched",
        f"{facts['enriched_share']:.2%} of {facts['enrichable']:,} present addresses in Norway found in Matrikkelen",
    )
    checks = release.manifest.checks
    warnings = [check.name for check in checks if not check.passed]
    numbers.add_row("checks", value(f"{len(checks) - len(warnings)} of {len(checks)} passed{_named(warnings)}"))
    follow = f", and {facts['derived']:,} that follow from them" if facts["derived"] else ""
    differences = f"{facts['causes']:,} from Persontjenesten in {facts['compared']:,} persons{follow}"
    numbers.add_row("differences", differences)
    console.print(numbers)
    _show_differences(facts["fields"])
    console.print()
    console.print(line("  release  ", release.folder))
    console.print(line("  report   ", release.report_page))
    if warnings:
        console.print(line("  warnings ", command("preg gate show")))
    ask = command("preg query 'select * from field_comparison_summary order by causes desc'")
    console.print(line("  ask it   ", ask))


def show_profile(settings: Settings) -> None:
    """Where the time of the run that has just ended went: its steps, and the slowest of what dbt built and tested.

    Shows nothing for a run that never began, or was interrupted. Never fails: what cannot be shown becomes a note.
    """
    from operations.run_profile import write_profile
    from orchestration.dbt.environment import dbt_target

    try:
        written = write_profile(settings, dbt_target(settings))
    except (OSError, ValueError, LookupError, TypeError) as error:
        show_note(f"where the time went could not be written: {error}")
        return
    if written is None:
        return
    profile, file = written
    steps = Table(header_style="bold", title="Where the time went", title_justify="left")
    for name in ("step", "seconds", "share"):
        steps.add_column(name, justify="left" if name == "step" else "right")
    whole = profile.starting + profile.waiting + profile.seconds
    seconds_of = {"start the program": profile.starting}
    if profile.waiting >= _SHORT:
        seconds_of["wait for another run"] = profile.waiting
    seconds_of |= profile.steps
    seconds_of["between the steps"] = max(0.0, whole - sum(seconds_of.values()))
    for step, seconds in seconds_of.items():
        steps.add_row(value(step), f"{seconds:.2f}", f"{seconds / whole:.0%}")
    steps.add_row("all", f"{whole:.2f}", "100%", style="bold")
    console.print(steps)
    if profile.nodes:
        nodes = Table(header_style="bold", title="Slowest in dbt", title_justify="left")
        for name in ("name", "kind", "seconds"):
            nodes.add_column(name, justify="right" if name == "seconds" else "left")
        for node in profile.nodes[:_NODES_SHOWN]:
            nodes.add_row(value(node.name), node.kind, f"{node.seconds:.2f}")
        for kind in sorted({node.kind for node in profile.nodes}):
            of_kind = [node.seconds for node in profile.nodes if node.kind == kind]
            nodes.add_row(f"all {len(of_kind)} of kind {kind}", kind, f"{sum(of_kind):.2f}", style="bold")
        console.print(nodes)
    if profile.checks:
        checks = Table(header_style="bold", title="Checks by group, two at a time", title_justify="left")
        checks.add_column("group")
        checks.add_column("seconds", justify="right")
        for group, seconds in sorted(profile.checks.items(), key=lambda each: -each[1]):
            checks.add_row(value(group), f"{seconds:.2f}")
        console.print(checks)
    peak = profile.peak_mib
    console.print(
        f"  most memory  {peak['preg']:,.0f} MiB; the largest process that it called {peak['largest_called']:,.0f} MiB"
    )
    console.print(line("  profile      ", file))


def show_load(settings: Settings, report: LoadReport) -> None:
    """What was loaded, and what was not.

    Raises `PregError` when there was no delivery at all.
    """
    if not (report.loaded or report.known or report.refused):
        raise no_delivery(settings.landing_dir)
    for delivery, counts in report.loaded:
        shown = f": {counts.loaded:,} loaded, {counts.quarantined:,} in quarantine"
        console.print(line("  ", "/".join(delivery.key), shown))
    refused = f", {len(report.refused)} refused" if report.refused else ""
    console.print(f"{len(report.loaded)} deliveries loaded, {report.already_loaded} were loaded before{refused}")


def show_as_of(settings: Settings, shown_on: dt.date, number: str) -> None:
    """What PREG showed at the end of `shown_on`: each record with its addresses; without a number, a count.

    Raises `PregError` when nothing was shown of the number then.
    """
    release = current(settings)
    known_from = min(
        (entry.created_at[:10] for entry in release.manifest.inputs if entry.source == "freg"), default=str(shown_on)
    )
    if str(shown_on) < known_from:
        show_note(
            f"the first delivery is of {known_from}: of a day before it only those are known whose record has been the"
            " same since"
        )
    if not number:
        console.print(f"At the end of {shown_on}, PREG showed {persons_shown(release, shown_on):,} persons.")
        ask = command(f"preg query \"select * from preg_person_as_of('{shown_on}')\"")
        console.print(line("list them: ", ask))
        return
    shown = person_shown(release, shown_on, number)
    if not shown.persons:
        raise PregError(
            f"PREG showed nothing of this number at the end of {shown_on}",
            todo="look where the number leads (person_number), and since when it was shown (preg_state)",
        )
    for entity, records in (("person", shown.persons), ("address", shown.addresses)):
        for record in records:
            table = Table(entity, "", header_style="bold")
            for field, given in record.items():
                if given is not None:
                    table.add_row(value(field), value(given))
            console.print(table)


def show_releases(settings: Settings, form: ListForm) -> None:
    """The releases, the current one marked; as a table, also what is wrong with the folder, and what was withdrawn."""
    present = current_release(settings)
    rows = [
        {
            "release": release.release_id,
            "published": release.manifest.published_at,
            "Freg_up_to": release.manifest.sequence_number,
            "persons": release.manifest.tables["preg_person"].rows,
            "current": present is not None and present.release_id == release.release_id,
        }
        for release in list_releases(settings)
    ]
    show_list(
        rows,
        ("release", "published", "Freg_up_to", "persons", "current"),
        form,
        {"Freg_up_to": str, "current": lambda is_current: "●" if is_current else ""},
    )
    if form is not ListForm.TABLE:
        return
    for problem in store_problems(settings):
        show_note(f"{problem.name}: {problem.what}; {problem.todo}")
    for withdrawal in list_withdrawals(settings):
        shown = (withdrawal.withdrawn_at, ": ", withdrawal.release_id, " (", withdrawal.why, ")")
        console.print(line("withdrawn at ", *shown))


def _named(warnings: list[str]) -> str:
    return f"; warnings: {', '.join(warnings)}" if warnings else ""


def _show_differences(fields: list[dict[str, object]]) -> None:
    different = [field for field in fields if field["different"]]
    if not different:
        return
    # Slow to import.
    from publication.reports.migration.facts import KINDS

    table = Table(header_style="bold", title="Differences by field", title_justify="left")
    for name in ("field", "compared", "different", "of which"):
        table.add_column(name, justify="left" if name in ("field", "of which") else "right")
    for field in different[:_FIELDS_SHOWN]:
        kinds = ", ".join(f"{kind} {field[kind]}" for kind in KINDS if field[kind])
        named = value(f"{field['entity']}.{field['preg_field']}")
        table.add_row(named, f"{field['compared']:,}", f"{field['different']:,}", value(kinds))
    console.print(table)
    if len(different) > _FIELDS_SHOWN:
        console.print(f"  and {len(different) - _FIELDS_SHOWN} more fields")
