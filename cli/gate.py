"""`preg gate`: the checks, what they found in the candidate, and the failing rows of a check that fired."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from cli.console import console, line, value
from cli.options import DataOption
from foundation.errors import PregError
from foundation.settings import Settings

app = typer.Typer(
    help="The checks between a candidate and its publication.", no_args_is_help=True, pretty_exceptions_enable=False
)


@app.command("list")
def list_command(
    markdown: Annotated[bool, typer.Option("--markdown", help="As docs/checks.md has them.")] = False,
) -> None:
    """Every check: owner, severity, why it exists, what to do when it fires."""
    from quality.checks_document import as_markdown
    from quality.registry import checks

    if markdown:
        typer.echo(as_markdown(), nl=False)
        return
    table = Table("check", "kind", "severity", "owner", "why", header_style="bold")
    for check in checks():
        table.add_row(*map(value, (check.name, check.kind, check.severity.value, check.answers, check.why)))
    console.print(table)


@app.command()
def show(data: DataOption = None) -> None:
    """What the gate found in the last candidate: the checks that fired."""
    results = _results(Settings.with_given(data_dir=data))
    fired = [result for result in results if not result.passed]
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
    check: Annotated[str, typer.Argument(help="The check, as preg gate show names it.")], data: DataOption = None
) -> None:
    """The failing rows of a check that fired, masked: persons by keyed hash."""
    from publication.candidate.candidate import read_candidate
    from quality.masked_rows import masked_rows

    settings = Settings.with_given(data_dir=data)
    found = [result for result in _results(settings) if result.name == check]
    if not found:
        raise PregError(f"the gate has no result of {check}", todo="preg gate show lists those that fired")
    result = found[0]
    if not result.rows:
        for example in result.sample or ["this check looks at no single rows"]:
            console.print(value(example))
        return
    shown = masked_rows(settings, read_candidate(settings).database, result.rows, result.about)
    for row in shown:
        console.print(Text(" · ").join(line(name, " ", each) for name, each in row.items() if each is not None))
    if not shown:
        # A query that needs the warehouse too: the sample has what may be shown.
        for example in result.sample:
            console.print(value(example))
    for each in result.rows.splitlines():
        console.print(value(each))


def _results(settings: Settings):  # type: ignore[no-untyped-def]
    from publication.candidate.candidate import read_candidate
    from quality.result import read_results

    results = read_results(read_candidate(settings).check_results)
    if not results:
        raise PregError("the gate has not looked at the candidate", todo="run it: preg run")
    return results
