"""The command line: each command calls the package that does the work, and shows what came of it.

Exit status: 0 published, or nothing new; 3 the gate stopped the publication; 1 anything else.
"""

from __future__ import annotations

import datetime as dt
import os
import secrets
import traceback
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from typer.core import TyperGroup

from cli import (
    access_log,
    client,
    compare,
    freg,
    gate,
    legacy,
    operations,
    overview,
    persontjenesten,
    profile,
    quarantine,
    release,
)
from cli.console import ConsoleListener, console, line, show_error, value
from cli.options import DataOption, LandingOption, settings_of_command
from cli.output import refuse_no_file, refuse_own_files
from cli.person import person
from cli.query import Form
from cli.report import report
from cli.serve import serve as serve_command
from cli.signoff import signoff
from cli.wash import wash
from foundation.errors import PregError
from foundation.files import create_private_files, make_private
from foundation.settings import Settings, refused_settings

# What commands are for, in the order in which `preg --help` shows them.
_RUN = "Run"
_LOOK = "Look"
_COMPARE = "Compare"
_RELEASE = "Release"
_SERVE = "Serve"
_SOURCES = "Sources"
_OPERATE = "Operate"
_PROJECT = "This project"
_PANELS = (_RUN, _LOOK, _COMPARE, _RELEASE, _SERVE, _SOURCES, _OPERATE, _PROJECT)


class _ByPanel(TyperGroup):
    """The commands in the order of their panels: by themselves, groups come after all other commands."""

    def list_commands(self, ctx: Any) -> list[str]:
        def place(name: str) -> int:
            return _PANELS.index(str(getattr(self.commands[name], "rich_help_panel", _PROJECT)))

        return sorted(super().list_commands(ctx), key=place)


app = typer.Typer(
    help="""PREG as a warehouse: deliveries in, checked releases out.

To begin, with a synthetic register:

- `preg sample --out data/landing --persons 1000`

- `preg run`

- `preg query "select reg_status, count(*) from preg_person group by all"`

- `preg dev`
""",
    cls=_ByPanel,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    # Every command inherits it.
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(asked: bool) -> None:
    if asked:
        from publication.candidate.provenance import DISTRIBUTION

        typer.echo(f"preg {version(DISTRIBUTION)}")
        raise typer.Exit


@app.callback()
def preg(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Only what `preg` itself is asked; the help is the application's."""


def _settings(landing: Path | None, data: Path | None, wait: float | None = None) -> Settings:
    return Settings.with_given(landing_dir=landing, data_dir=data, lock_wait_seconds=wait)


@app.command(rich_help_panel=_RUN)
def run(
    landing: LandingOption = None,
    data: DataOption = None,
    wait: Annotated[float | None, typer.Option("--wait", help="Seconds to wait for another run to end.", min=0)] = None,
    now: Annotated[bool, typer.Option("--now", help="Publish outside a publication window, too; needs --why.")] = False,
    why: Annotated[str, typer.Option("--why", help="The reason for --now, kept with the release.")] = "",
    profiled: Annotated[bool, typer.Option("--profile", help="Show where the time went, and record it.")] = False,
) -> None:
    """Load what is new, build, check, publish."""
    from cli.summary import show_outcome, show_profile
    from orchestration.run import EndedWithout
    from orchestration.run import run as run_job

    if now and not why.strip():
        raise typer.BadParameter("a publication outside its window has a reason", param_hint="--why")
    settings = _settings(landing, data, wait)
    if now:
        settings = settings.model_copy(update={"publish_now": why.strip()})
    try:
        with ConsoleListener() as listener:
            outcome = run_job(settings, listener)
        show_outcome(outcome)
    except EndedWithout as ended:
        if ended.outcome.published:
            show_outcome(ended.outcome)
        raise
    finally:
        # After the run's own error, if there is one: that one is reported, and decides the status.
        if profiled:
            show_profile(settings)


@app.command(rich_help_panel=_RUN)
def sample(
    out: Annotated[Path, typer.Option("--out", help="Folder to write the deliveries to.")],
    persons: Annotated[int | None, typer.Option("--persons", help="How many persons.  [default: 20000]")] = None,
    days: Annotated[
        int | None, typer.Option("--days", help="How many days of changes after the first.  [default: 0]")
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", help="Which register: the same seed gives the same files.  [default: 1]")
    ] = None,
    next_day: Annotated[
        bool, typer.Option("--next", help="Write the next day of the sample that is in the folder, and nothing else.")
    ] = False,
) -> None:
    """Make deliveries of a synthetic register: Freg, Matrikkelen and Persontjenesten."""
    from ingest.synthetic.sample import SampleSize, write_next_day, write_sample

    if next_day and (persons, days, seed) != (None, None, None):
        raise typer.BadParameter("the sample in the folder says --persons, --days and --seed", param_hint="--next")
    with ConsoleListener() as listener:
        if next_day:
            size = write_next_day(out, listener.begin)
        else:
            size = SampleSize(
                persons=20_000 if persons is None else persons,
                seed=1 if seed is None else seed,
                days=0 if days is None else days,
            )
            write_sample(size, out, listener.begin)
    console.print(line(f"{size.persons:,} persons, {size.days} days of changes: deliveries in ", value(out, "bold")))


@app.command(rich_help_panel=_RUN)
def load(landing: LandingOption = None, data: DataOption = None) -> None:
    """Load what is new in the landing folder, and nothing more."""
    from cli.summary import show_load
    from foundation.writer_lock import writer_lock
    from orchestration.landing.loading import load_before_the_job
    from orchestration.progress import listening

    settings = _settings(landing, data)
    with ConsoleListener() as listener, writer_lock(settings, on_wait=listener.note), listening(listener):
        report = load_before_the_job(settings)
    show_load(settings, report)
    report.raise_if_refused()


# A question that begins with a comment (-- …) is no option.
@app.command(rich_help_panel=_LOOK, context_settings={"ignore_unknown_options": True})
def query(
    sql: Annotated[str, typer.Argument(help="What to ask, in DuckDB's SQL.")] = "",
    file: Annotated[Path | None, typer.Option("--file", "-f", help="A file with what to ask.")] = None,
    release_id: Annotated[
        str, typer.Option("--release", help="The release to ask, as preg release list names it.")
    ] = "current",
    candidate: Annotated[bool, typer.Option("--candidate", help="Ask the candidate that the gate looks at.")] = False,
    data: DataOption = None,
    rows: Annotated[int, typer.Option("--rows", help="How many rows to show as a table.")] = 20,
    form: Annotated[
        Form | None,
        typer.Option(
            "--format", help="table, csv, json or parquet; all but a table have every row. By --out's ending."
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="File to write to; parquet needs one.")] = None,
) -> None:
    """Ask a release one question; it reads the release and nothing else, and is never in the way of a run.

    In CSV a text that a spreadsheet would take for a formula (it begins with = + - @ and is no number) gets a leading
    apostrophe; JSON and Parquet have every value exactly.
    """
    from cli.query import Asked, answer, question

    asked = Asked(release_id, candidate)
    answer(_settings(None, data), question(sql, file), form, rows=rows, out=out, asked=asked)


@app.command("as-of", rich_help_panel=_LOOK)
def as_of(
    shown_on: Annotated[dt.datetime, typer.Argument(formats=["%Y-%m-%d"], metavar="DATE", help="The day, YYYY-MM-DD.")],
    number: Annotated[str, typer.Option("--number", help="Any number that the person ever had.")] = "",
    data: DataOption = None,
) -> None:
    """What PREG showed at the end of a day: of a person, or how many persons."""
    from cli.summary import show_as_of

    show_as_of(_settings(None, data), shown_on.date(), number)


@app.command(rich_help_panel=_LOOK)
def lineage(
    column: Annotated[
        str,
        typer.Argument(
            help="A column (preg_address.district_code), a field of PREG (DistrictCode) or a table (preg_address).",
            metavar="NAME",
        ),
    ],
    data: DataOption = None,
) -> None:
    """Where a column's values come from, or those of a table: through the models, down to what was delivered."""
    from cli.lineage import show_lineage

    show_lineage(_settings(None, data), column)


@app.command(rich_help_panel=_PROJECT)
def dictionary() -> None:
    """Print the data dictionary: every field of PREG, where it comes from and the rule that makes it (Markdown)."""
    from publication.reports.data_dictionary import data_dictionary

    typer.echo(data_dictionary(_settings(None, None).dbt_project_dir), nl=False)


@app.command(rich_help_panel=_PROJECT)
def docs(
    out: Annotated[Path | None, typer.Option("--out", help="The file; left out, docs.html in the data folder.")] = None,
    data: DataOption = None,
) -> None:
    """Write the models as one page: what each is, its columns and SQL, what it comes from (dbt docs)."""
    from foundation.writer_lock import writer_lock
    from orchestration.dbt.docs_page import write_docs_page

    settings = _settings(None, data)
    if out is not None:
        refuse_own_files(settings, out)
    file = settings.data_dir / "docs.html" if out is None else out
    refuse_no_file(file)
    with writer_lock(settings):
        write_docs_page(settings, file)
    console.print(line("written  ", value(file, "bold")))


@app.command(rich_help_panel=_PROJECT)
def columns() -> None:
    """Write the models' YAML again where it comes from the field mapping, or from the comments that open the models."""
    from publication.reports.column_docs import column_docs, model_docs

    project = _settings(None, None).dbt_project_dir
    for path, text in {**column_docs(project), **model_docs(project)}.items():
        path.write_text(text, encoding="utf-8")
        console.print(line("written ", str(path)))


@app.command(rich_help_panel=_RUN)
def dev(
    landing: LandingOption = None,
    data: DataOption = None,
    port: Annotated[int, typer.Option("--port", help="Port of the Dagster UI.")] = 3000,
    host: Annotated[str, typer.Option("--host", help="Address that the UI listens on.")] = "127.0.0.1",
) -> None:
    """Open the Dagster UI, with its daemon for schedules and sensors."""
    settings = _settings(landing, data)
    _prepare_dagster(settings)
    # Dagster reads its home when it is imported.
    from orchestration.web_server import serve_with_daemon

    console.print(line("Dagster on ", value(f"http://{host}:{port}", "bold"), " (ends with Ctrl-C)"))
    serve_with_daemon(settings, host, port)


@app.command(rich_help_panel=_OPERATE)
def dagster(
    service: Annotated[str, typer.Argument(help="webserver or daemon.")],
    landing: LandingOption = None,
    data: DataOption = None,
    port: Annotated[int, typer.Option("--port", help="Port of the web server.")] = 3000,
    host: Annotated[str, typer.Option("--host", help="Address that the web server listens on.")] = "127.0.0.1",
) -> None:
    """Run one of Dagster's services, as compose.yaml does; `preg dev` runs both."""
    import sys

    if service not in ("webserver", "daemon"):
        raise typer.BadParameter("webserver or daemon", param_hint="service")
    settings = _settings(landing, data)
    _prepare_dagster(settings)
    if service == "webserver":
        from orchestration.web_server import serve

        serve(settings, host, port)
        return
    program = str(Path(sys.executable).with_name("dagster-daemon"))
    os.execv(program, [program, "run", "-m", "orchestration.definitions"])  # noqa: S606


app.command(rich_help_panel=_LOOK)(person)
app.command(rich_help_panel=_COMPARE)(signoff)
app.command(rich_help_panel=_COMPARE)(report)
app.command(rich_help_panel=_SERVE)(serve_command)
app.command(rich_help_panel=_SERVE)(wash)
for _command in (operations.doctor, operations.metrics, operations.backup, operations.restore, operations.retention):
    app.command(rich_help_panel=_OPERATE)(_command)
for _group, _name, _panel in (
    (quarantine.app, "quarantine", _LOOK),
    (gate.app, "gate", _LOOK),
    (overview.app, "overview", _LOOK),
    (compare.app, "compare", _COMPARE),
    (legacy.app, "legacy", _COMPARE),
    (release.app, "release", _RELEASE),
    (profile.app, "profile", _RELEASE),
    (client.app, "client", _SERVE),
    (access_log.app, "access-log", _SERVE),
    (freg.app, "freg", _SOURCES),
    (persontjenesten.app, "persontjenesten", _SOURCES),
):
    app.add_typer(_group, name=_name, rich_help_panel=_panel)


def _prepare_dagster(settings: Settings) -> None:
    from orchestration.run import export_settings, prepare_dagster_home

    make_private(settings.data_dir)
    make_private(settings.landing_dir)
    prepare_dagster_home(settings)
    export_settings(settings)


def main() -> None:
    """Run the command; an error of ours is a message and an exit status, never a stack trace."""
    create_private_files()
    try:
        app(standalone_mode=True)
    except PregError as error:
        show_error(error)
        raise SystemExit(error.exit_code) from None
    except Exception as error:
        refused = refused_settings(error) if isinstance(error, ValidationError) else None
        show_error(refused or _unexpected(error))
        raise SystemExit(PregError.exit_code) from None


def _unexpected(error: Exception) -> PregError:
    """An error that we did not foresee: where its stack trace is, for anyone who fixes it."""
    try:
        where = str(_write_trace(settings_of_command().crashes_dir))
    except (OSError, ValidationError):
        where = "(could not be written)"
    message = str(error).strip().splitlines()[0] if str(error).strip() else ""
    return PregError(
        f"unexpected {type(error).__name__}: {message}",
        where=where,
        todo="report this error with the file; nothing was published that had not passed its checks",
    )


def _write_trace(folder: Path) -> Path:
    """The stack trace of the error, in a file of its owner's under a name that nobody can guess beforehand."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(8)}.log"
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
        stream.write(traceback.format_exc())
    return file
