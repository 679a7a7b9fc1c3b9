"""`preg freg`: the feed, the whole register, and a server to try them against."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.console import ConsoleListener, console, line, value
from cli.options import DataOption, LandingOption
from foundation.settings import Settings

if TYPE_CHECKING:
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
    """Hold a fresh extract against the register that the events have made. Exit status 1 when they differ."""
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
    from ingest.freg.test_server.misbehaviour import Misbehaviour, Mode
    from ingest.freg.test_server.register import read_register
    from ingest.freg.test_server.serving import served

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
