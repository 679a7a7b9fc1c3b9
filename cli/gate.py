"""`preg gate`: the checks, what they found in the candidate, and the failing rows of a check that fired."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from cli.checked_candidate import checked_candidate
from cli.console import console, line, value
from cli.listing import FormOption, ListForm, show_list
from cli.options import DataOption
from foundation.errors import PregError
from foundation.settings import Settings
from publication.store.audit_log import utc
from publication.store.look_ups import LookUp, who, write_look_up

if TYPE_CHECKING:
    from quality.result import CheckResult

app = typer.Typer(
    help="The checks between a candidate and its publication.", no_args_is_help=True, pretty_exceptions_enable=False
)


@app.command("list")
def list_command(
    markdown: Annotated[bool, typer.Option("--markdown", help="As docs/checks.md has them.")] = False,
    form: FormOption = ListForm.TABLE,
) -> None:
    """Every check: owner, severity, why it exists, what to do when it fires."""
    from quality.checks_document import as_markdown
    from quality.registry import checks

    if markdown:
        typer.echo(as_markdown(), nl=False)
        return
    rows = [
        {
            "check": check.name,
            "kind": str(check.kind),
            "severity": check.severity.value,
            "owner": check.answers,
            "why": check.why,
        }
        for check in checks()
    ]
    show_list(rows, ("check", "kind", "severity", "owner", "why"), form)


@app.command()
def show(form: FormOption = ListForm.TABLE, data: DataOption = None) -> None:
    """What the gate found in the last candidate: the checks that fired, those that block first."""
    results = _results(Settings.with_given(data_dir=data))
    fired = sorted((result for result in results if not result.passed), key=lambda result: not result.blocks)
    if form is not ListForm.TABLE:
        columns = ("check", "severity", "failures", "new", "unresolved", "resolved", "ran", "owner", "why", "to_do")
        show_list([_as_row(result) for result in fired], columns, form)
        return
    console.print(f"{len(results) - len(fired)} of {len(results)} checks passed")
    for result in fired:
        counts = result.since_last
        since = f", {counts.new} new, {counts.standing} unresolved, {counts.mended} resolved" if counts else ""
        console.print()
        console.print(
            line(
                value(result.name, "bold"), f"  {result.severity.value}  {result.failures}{since}  (", result.owner, ")"
            )
        )
        console.print(line("  why    ", result.why))
        console.print(line("  to do  ", result.todo))
        for example in result.sample:
            console.print(line("  for example  ", example))


@app.command()
def rows(
    check: Annotated[str, typer.Argument(help="The check, as preg gate show names it.")],
    whole: Annotated[
        bool, typer.Option("--all", help="Every column, not only the key and what the check looks at.")
    ] = False,
    unmask: Annotated[
        bool, typer.Option("--unmask", help="Persons and values as they are; needs --why, and is logged.")
    ] = False,
    why: Annotated[str, typer.Option("--why", help="The reason for --unmask; nothing about a person.")] = "",
    data: DataOption = None,
) -> None:
    """The failing rows of a check that fired, masked: persons by keyed hash, names and places by their shape."""
    from publication.candidate.candidate import read_candidate
    from quality.masked_rows import failing_rows

    if unmask and not why.strip():
        raise typer.BadParameter("who looks at persons has a reason", param_hint="--why")
    settings = Settings.with_given(data_dir=data)
    results = [result for result in _results(settings) if result.name == check]
    if not results:
        raise PregError(f"the gate has no result of {check}", todo="preg gate show lists those that fired")
    result = results[0]
    if not result.rows:
        for example in result.sample or ["this check looks at no single rows"]:
            console.print(value(example))
        return
    if unmask:
        _log_unmasked(settings, check, why.strip())
    found = failing_rows(settings, read_candidate(settings).database, result.rows, result.about, masked=not unmask)
    for row in found.rows:
        names = [name for name in row if whole or not found.first or name in found.first]
        # What a check looks at is shown where it is blank too: that may be what is wrong.
        said = [name for name in names if row[name] is not None or name in found.first]
        console.print(Text(" · ").join(line(name, " ", "(blank)" if row[name] is None else row[name]) for name in said))
    if found.rows and not whole and len(found.first) < len(found.rows[0]):
        console.print(Text(f"--all shows the other {len(found.rows[0]) - len(found.first)} columns", "dim"))
    if not found.rows:
        # A query that needs the warehouse too: the sample has what may be shown.
        for example in result.sample:
            console.print(value(example))
    for each in result.rows.splitlines():
        console.print(value(each))


def _as_row(result: CheckResult) -> dict[str, object]:
    counts = result.since_last
    return {
        "check": result.name,
        "severity": result.severity.value,
        "failures": result.failures,
        "new": counts.new if counts else None,
        "unresolved": counts.standing if counts else None,
        "resolved": counts.mended if counts else None,
        "ran": result.ran,
        "owner": result.owner,
        "why": result.why,
        "to_do": result.todo,
    }


def _log_unmasked(settings: Settings, check: str, why: str) -> None:
    """Write down who looks at the rows of a check. Raises `PregError` where somebody protected may be among them."""
    checked_candidate(settings)
    at = utc(dt.datetime.now(dt.UTC))
    write_look_up(settings, LookUp(at, "rows", check, "candidate", who(), why))


def _results(settings: Settings) -> list[CheckResult]:
    from publication.candidate.candidate import read_candidate
    from quality.result import read_results

    results = read_results(read_candidate(settings).check_results)
    if not results:
        raise PregError("the gate has not looked at the candidate", todo="run it: preg run")
    return results
