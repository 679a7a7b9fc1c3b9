"""`preg serve`: PREG's services from the current release."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.console import ConsoleListener, console, line
from cli.options import DataOption
from foundation.errors import PregError
from foundation.settings import Settings

# So many that somebody is in every situation.
_TEST_PERSONS = 6000
_TEST_DAYS = 3
_TEST_SEED = 1
# Of common help numbers.
_TEST_SERIES = "89"
# In a directory of synthetic persons only: the first page of its services is open to everybody.
_MARK = "test_environment"


def serve(
    data: DataOption = None,
    host: Annotated[str | None, typer.Option("--host", help="The address to listen on.")] = None,
    port: Annotated[int | None, typer.Option("--port", help="The port to listen on.", min=0, max=65535)] = None,
    workers: Annotated[int | None, typer.Option("--workers", help="Processes that answer.", min=1, max=64)] = None,
    sample: Annotated[
        bool, typer.Option("--sample", help="A test environment: synthetic persons and a client for each profile.")
    ] = False,
) -> None:
    """Serve the current release: SOAP, Personregister-XML and REST, until the process is told to end.

    With --sample everything is made first, in data/test_environment unless --data says otherwise.
    """
    # Slow to import.
    from publication.store.release import current_release
    from serving.server import certificate_of, serve
    from serving.settings import ServingSettings

    serving = ServingSettings.with_given(host=host, port=port, workers=workers)
    settings = Settings.with_given(data_dir=data or (Path("data/test_environment") if sample else None))
    if sample:
        settings = _make_test_environment(settings)
        serving = serving.model_copy(update={"help_number_series": serving.help_number_series or _TEST_SERIES})
    release = current_release(settings)
    scheme = "https" if serving.tls == "on" else "http"
    served = release.release_id if release else "nothing until a release is published,"
    console.print(line("serving ", served, f" on {scheme}://", serving.host, f":{serving.port}"))
    if serving.tls == "on" and serving.certificate is None:
        certificate, _ = certificate_of(settings, serving)
        console.print(line("  clients trust  ", certificate.with_name("ca.pem")))
    if sample:
        console.print(line("  persons, clients and requests to try  ", f"{scheme}://localhost:{serving.port}/"))
    serve(settings, serving)


def _make_test_environment(settings: Settings) -> Settings:
    """A register of synthetic persons, published; what is there from before stays as it is."""
    from ingest.synthetic.sample import SampleSize, write_sample
    from orchestration.run import run
    from publication.store.release import current_release
    from serving.test_environment import make_test_clients

    settings = settings.model_copy(update={"landing_dir": settings.data_dir / "landing"})
    mark = settings.data_dir / _MARK
    if not mark.is_file() and settings.data_dir.is_dir() and any(settings.data_dir.iterdir()):
        # The first page of a test environment shows passwords and persons to everybody.
        raise PregError(
            "this directory was not made as a test environment",
            where=str(settings.data_dir),
            todo="give one that is not there yet: preg serve --sample --data DIR",
        )
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    mark.touch()
    if current_release(settings) is None:
        with ConsoleListener() as listener:
            if not settings.landing_dir.is_dir():
                write_sample(SampleSize(_TEST_PERSONS, _TEST_DAYS, _TEST_SEED), settings.landing_dir, listener.begin)
            run(settings, listener)
    make_test_clients(settings)
    return settings
