"""`preg freg`: the feed, the whole register, documents compared with the contract, and a server to try it against."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer
from rich.table import Table

from cli.console import ConsoleListener, console, line, value
from cli.options import DataOption, LandingOption
from foundation.settings import Settings

if TYPE_CHECKING:
    from ingest.freg.check import Checked
    from ingest.freg.feed_reader import Pulled

app = typer.Typer(help="Fetch deliveries from Folkeregisteret.", no_args_is_help=True, pretty_exceptions_enable=False)


@app.command()
def feed(
    landing: LandingOption = None,
    data: DataOption = None,
    atom: Annotated[bool, typer.Option("--atom", help="Read the feed as Atom instead of JSON.")] = False,
) -> None:
    """Read the event feed from where the last reading ended, into deliveries in the landing folder."""
    from ingest.freg.feed_reader import pull_feed
    from ingest.freg.settings import FregSettings

    settings = Settings.with_given(landing_dir=landing, data_dir=data)
    with ConsoleListener() as listener:
        listener.begin("read the feed")

        def delivered(so_far: Pulled) -> None:
            listener.note(f"{so_far.deliveries[-1]}: {so_far.events:,} events so far")

        pulled = pull_feed(settings, FregSettings.load(), delivered, atom=atom)
    if pulled.events:
        console.print(
            line(
                f"{pulled.events:,} events ({pulled.sequence_from}-{pulled.sequence_to}), {pulled.documents:,}"
                f" documents, {len(pulled.deliveries)} deliveries in ",
                value(settings.landing_dir, "bold"),
            )
        )
    else:
        console.print("Nothing new in the feed.")


@app.command()
def extract(landing: LandingOption = None, data: DataOption = None) -> None:
    """Order the whole register and write it as a full delivery; the feed is read on from there."""
    from ingest.freg.extract import extract_register
    from ingest.freg.settings import FregSettings

    settings = Settings.with_given(landing_dir=landing, data_dir=data)
    with ConsoleListener() as listener:
        listener.begin("fetch the register")
        extracted = extract_register(settings, FregSettings.load())
    console.print(
        line(
            f"{extracted.documents:,} documents as of sequence number {extracted.sequence_number}: ",
            value(settings.landing_dir / "freg" / extracted.delivery_id, "bold"),
        )
    )


@app.command()
def reconcile(landing: LandingOption = None, data: DataOption = None) -> None:
    """Compare a fresh extract with the register that the events have made. Exit status 1 when they differ."""
    from foundation.writer_lock import writer_lock
    from ingest.freg.reconciliation import reconcile_with_extract
    from ingest.freg.settings import FregSettings

    settings = Settings.with_given(landing_dir=landing, data_dir=data)
    with ConsoleListener() as listener, writer_lock(settings, on_wait=listener.note):
        found = reconcile_with_extract(settings, FregSettings.load(), listener.begin)
    console.print(f"{found.persons:,} persons compared as of sequence number {found.sequence_number}")
    if found.differences:
        for element, persons in found.differences.most_common():
            console.print(line("  ", element, f": {persons:,} persons"))
        console.print(line("each difference: ", value(found.file, "bold")))
        raise typer.Exit(1)
    console.print("no difference")


@app.command()
def check(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE…", help="Documents: JSON or JSON lines (.json, .ndjson), .gz and .zst too."),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="The findings as JSON, for a program.")] = False,
) -> None:
    """Compare documents with the contract before a go-live: what is unknown, missing, of another form, of another code.

    Exit status 1 when a document would be refused or quarantined, a file cannot be read, or a code is unknown. No value
    of a document is shown, but for a code that is one word.
    """
    from ingest.freg.check import check_files

    checked = check_files(Settings.with_given(), files)
    if as_json:
        console.file.write(_as_json(checked))
    else:
        _show_checked(checked)
    if not checked.fits:
        raise typer.Exit(1)


def _as_json(checked: Checked) -> str:
    answer = {
        "fits": checked.fits,
        "files": checked.files,
        "documents": dict(checked.documents),
        "without_document": checked.without_document,
        "findings": [
            {
                "finding": str(found.finding),
                "path": found.path,
                "detail": found.detail,
                "documents": found.documents,
                "where": found.where,
                "is_note": found.is_note,
            }
            for found in checked.found
        ],
    }
    return orjson.dumps(answer, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def _show_checked(checked: Checked) -> None:
    if checked.found:
        table = Table("finding", "path", "what", "documents", "for example")
        for found in checked.found:
            style = "yellow" if found.is_note else "red"
            documents = f"{found.documents:,}" if found.documents else ""
            row = map(value, (found.path, found.detail, documents, found.where))
            table.add_row(value(found.finding, style), *row)
        console.print(table)
    sorts = ", ".join(
        f"{count:,} {sort}{'' if count == 1 else 's'}" for sort, count in sorted(checked.documents.items())
    )
    files = f"{checked.files:,} file{'' if checked.files == 1 else 's'}"
    console.print(line(f"{files}: ", sorts or "no document that can be compared with the contract"))
    if checked.without_document:
        console.print(f"{checked.without_document:,} look-ups have a message of Freg's and no document.")
    if not checked.fits:
        console.print(
            "Not everything fits: what is red would be refused or quarantined, or is a code that nobody knows."
        )
    elif checked.found:
        console.print("Every document fits; what is yellow is read all the same.")
    else:
        console.print("Every document is as the contract says.")


@app.command("accept-gap")
def accept_gap(
    first: Annotated[int, typer.Argument(help="First missing sequence number.", min=1)],
    last: Annotated[int, typer.Argument(help="Last missing sequence number.", min=1)],
    landing: LandingOption = None,
    data: DataOption = None,
) -> None:
    """Note that sequence numbers will never come, as Skatteetaten has confirmed, and read past them from now on."""
    from ingest.freg.feed_pointer import accept_gap as note_gap

    if last < first:
        raise typer.BadParameter("the last number is before the first", param_hint="last")
    note_gap(Settings.with_given(landing_dir=landing, data_dir=data), first, last)
    console.print(f"The feed will be read past {first}-{last}.")


@app.command("serve-test")
def serve_test(
    landing: LandingOption = None,
    port: Annotated[int, typer.Option("--port", help="Port on the loopback address; 0: a free one.")] = 8443,
    misbehave: Annotated[
        list[str] | None, typer.Option("--misbehave", help="A way to misbehave; may be given more than once.")
    ] = None,
    share: Annotated[float, typer.Option("--share", help="Share of the calls that go wrong.", min=0, max=0.9)] = 0.3,
) -> None:
    """Serve the Freg deliveries of a landing folder as Freg would, to try the client against."""
    from ingest.freg.test_server.register import read_register
    from ingest.freg.test_server.serving import served
    from ingest.interface.test_server.misbehaviour import Misbehaviour, Mode

    try:
        modes = {Mode(name) for name in misbehave or []}
    except ValueError:
        raise typer.BadParameter(f"one of {', '.join(Mode)}", param_hint="--misbehave") from None
    register = read_register(Settings.with_given(landing_dir=landing).landing_dir)
    with (
        tempfile.TemporaryDirectory(prefix="preg-freg-") as folder,
        served(register, Path(folder), Misbehaviour(modes, share), port=port) as running,
    ):
        console.print(
            line(
                "Freg for tests on ",
                value(running.address, "bold"),
                f": {len(register.events):,} events (Ctrl-C ends)",
            )
        )
        console.print("In another terminal:")
        for name, given in running.environment.items():
            console.print(value(f"  export {name}={given}"))
        console.print("  preg freg feed --landing data/try/landing --data data/try")
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            console.print("ended")
