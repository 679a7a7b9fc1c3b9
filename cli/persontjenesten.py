"""`preg persontjenesten`: its events as deliveries, and a server to try them against."""

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
    from ingest.persontjenesten.event_reader import Pulled

app = typer.Typer(help="Fetch deliveries from Persontjenesten.", no_args_is_help=True, pretty_exceptions_enable=False)


@app.command()
def events(landing: LandingOption = None, data: DataOption = None) -> None:
    """Read the events from where the landing folder ends, into deliveries of the persons as they are now."""
    from ingest.persontjenesten.event_reader import pull_events
    from ingest.persontjenesten.settings import PersontjenestenSettings

    settings = Settings.with_given(landing_dir=landing, data_dir=data)
    with ConsoleListener() as listener:
        listener.begin("read Persontjenesten's events")

        def delivered(so_far: Pulled) -> None:
            listener.note(f"{so_far.deliveries[-1]}: {so_far.events:,} events so far")

        pulled = pull_events(settings, PersontjenestenSettings.load(), delivered)
    if pulled.events:
        console.print(
            line(
                f"{pulled.events:,} events ({pulled.sequence_from}-{pulled.sequence_to}), {pulled.persons:,} persons,"
                f" {len(pulled.deliveries)} deliveries in ",
                value(settings.landing_dir, "bold"),
            )
        )
    else:
        console.print("Nothing new.")


@app.command("serve-test")
def serve_test(
    landing: LandingOption = None,
    port: Annotated[int, typer.Option("--port", help="Port on the loopback address; 0: a free one.")] = 8444,
) -> None:
    """Serve the Persontjenesten deliveries of a landing folder as it would itself, to try the client against."""
    from ingest.persontjenesten.test_server.register import read_register
    from ingest.persontjenesten.test_server.serving import served

    register = read_register(Settings.with_given(landing_dir=landing).landing_dir)
    with (
        tempfile.TemporaryDirectory(prefix="preg-persontjenesten-") as folder,
        served(register, Path(folder), port=port) as running,
    ):
        console.print(
            line(
                "Persontjenesten for tests on ",
                value(running.address, "bold"),
                f": {len(register.persons):,} persons (Ctrl-C ends)",
            )
        )
        console.print("In another terminal:")
        for name, given in running.environment.items():
            console.print(value(f"  export {name}={given}"))
        console.print("  preg persontjenesten events --landing data/try/landing --data data/try")
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            console.print("ended")
