"""Dagster's web server as we serve it: its own application, behind `origin_guard`; alone, or with the daemon."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import uvicorn
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import ModuleTarget
from dagster_webserver.app import create_app_from_workspace_process_context
from dagster_webserver.version import __version__ as webserver_version

from foundation.errors import PregError
from foundation.settings import Settings
from orchestration.origin_guard import guarded

DEFINITIONS = "orchestration.definitions"

_SECONDS_TO_END = 30.0
_SECONDS_BETWEEN_LOOKS = 2.0
# As Dagster's own command has them: how long a question to its storage may take (ms), how long a connection is kept.
_STATEMENT_TIMEOUT = 15_000
_POOL_RECYCLE = 3600
_POOL_OVERFLOW = 20


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve the UI until the process is told to end. Dagster's home and the environment must be prepared."""
    with _server(settings, host, port) as server:
        server.run()


def serve_with_daemon(settings: Settings, host: str, port: int) -> None:
    """Serve the UI next to Dagster's daemon; both end when this process is told to end, or when one of them ends.

    Raises `PregError` when the daemon ended by itself.
    """
    with _daemon() as daemon, _server(settings, host, port) as server:
        ended_by_itself = threading.Event()
        stopped = threading.Event()

        def look_after_daemon() -> None:
            while not stopped.wait(_SECONDS_BETWEEN_LOOKS):
                if daemon.poll() is not None:
                    ended_by_itself.set()
                    server.should_exit = True
                    return

        watch = threading.Thread(target=look_after_daemon, daemon=True)
        watch.start()
        try:
            server.run()
        finally:
            stopped.set()
        if ended_by_itself.is_set():
            raise PregError(
                f"Dagster's daemon ended with status {daemon.returncode}",
                where=str(settings.dagster_home),
                todo="see what it printed above, and start again",
            )


@contextmanager
def _server(settings: Settings, host: str, port: int) -> Iterator[uvicorn.Server]:
    # uvicorn gives a signal on when it has ended: SIGTERM, too, must end what is opened here.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    logging.getLogger("dagster").setLevel(logging.WARNING)
    try:
        with dg.DagsterInstance.get() as instance:
            instance.optimize_for_webserver(_STATEMENT_TIMEOUT, _POOL_RECYCLE, _POOL_OVERFLOW)
            target = ModuleTarget(DEFINITIONS, attribute=None, working_directory=None, location_name=None)
            with WorkspaceProcessContext(
                instance, version=webserver_version, read_only=False, workspace_load_target=target
            ) as workspace:
                app = guarded(create_app_from_workspace_process_context(workspace), host, settings.ui_host_names)
                yield uvicorn.Server(uvicorn.Config(app, host=host, port=port, log_level="warning"))
    except KeyboardInterrupt:
        # Ctrl-C is how it is meant to end.
        return


@contextmanager
def _daemon() -> Iterator[subprocess.Popen[bytes]]:
    program = str(Path(sys.executable).with_name("dagster-daemon"))
    process = subprocess.Popen([program, "run", "-m", DEFINITIONS])
    try:
        yield process
    finally:
        # A terminal signals both; a signal to this process alone does not reach it.
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        try:
            process.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
