"""The server: uvicorn with TLS, one or more processes, and next to them what makes the store of a new release."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import socket
import ssl
import threading
from pathlib import Path
from typing import Any

import trustme
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from foundation.errors import ConfigurationError, PregError
from foundation.settings import Settings
from operations.log import open_log
from publication.store.release import check_database, current_release, release_folders
from serving.app import create_app
from serving.filematch.jobs import look_after_jobs
from serving.settings import ServingSettings, WashSettings
from serving.store.build import build_store, is_whole, store_file

_SECONDS_BETWEEN_LOOKS = 2.0
_SECONDS_AFTER_FAILURE = 60.0
_SECONDS_TO_END = 20
# Connections of one process at the same time; more are told to come again.
_MOST_CONNECTIONS = 1000
# How many stores stay: that of the current release, and of the one before, to which one may roll back.
_KEPT_STORES = 2
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class _InTime(HttpToolsProtocol):
    """A connection whose request line and headers have to arrive in time; uvicorn waits for them for ever."""

    seconds = 20.0

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._late = self.loop.call_later(self.seconds, transport.abort)

    def on_message_begin(self) -> None:
        self._late.cancel()
        self._late = self.loop.call_later(self.seconds, self.transport.abort)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._late.cancel()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._late.cancel()
        super().connection_lost(exc)


def serve(settings: Settings, serving: ServingSettings) -> None:
    """Serve the current release until the process is told to end.

    Raises `ConfigurationError` for what cannot be served by the settings.
    """
    if serving.tls == "behind_proxy" and serving.host not in _LOOPBACK:
        raise ConfigurationError(
            f"without TLS the services listen on this machine only, not on {serving.host}",
            todo="set PREG_SERVE_HOST=127.0.0.1, with the proxy on this machine, or PREG_SERVE_TLS=on",
        )
    _refuse_taken(serving)
    make_store_of_current(settings)
    _export(settings, serving)
    options: dict[str, Any] = {
        "factory": True,
        "host": serving.host,
        "port": serving.port,
        "workers": serving.workers,
        "http": _InTime,
        "loop": "uvloop",
        # Lines of a log of calls would have numbers of persons in them.
        "access_log": False,
        "log_level": "warning",
        "server_header": False,
        "date_header": True,
        "limit_concurrency": _MOST_CONNECTIONS,
        "timeout_keep_alive": 30,
        "timeout_graceful_shutdown": _SECONDS_TO_END,
        "proxy_headers": serving.tls == "behind_proxy",
    }
    if serving.tls == "on":
        certificate, key = certificate_of(settings, serving)
        options |= {
            "ssl_certfile": str(certificate),
            "ssl_keyfile": str(key),
            "ssl_version": ssl.PROTOCOL_TLS_SERVER,
        }
    _InTime.seconds = serving.request_seconds
    stopped = threading.Event()
    threading.Thread(target=_look_after_stores, args=(settings, stopped), daemon=True).start()
    threading.Thread(target=look_after_jobs, args=(settings, WashSettings(), stopped), daemon=True).start()
    try:
        uvicorn.run("serving.server:application", **options)
    finally:
        stopped.set()


def _refuse_taken(serving: ServingSettings) -> None:
    """Raise `ConfigurationError` where the address cannot be listened on: uvicorn would tell it in its own words."""
    family = socket.AF_INET6 if ":" in serving.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((serving.host, serving.port))
        except OSError as error:
            raise ConfigurationError(
                f"{serving.host} port {serving.port} cannot be listened on: {error.strerror}",
                todo="end what listens there, or choose another port: preg serve --port",
            ) from error


def application() -> Any:
    """What each process of uvicorn serves, by the settings in the environment."""
    return create_app(Settings(), ServingSettings()).asgi


def make_store_of_current(settings: Settings) -> None:
    """Make the store of the current release where it is not there, and remove those that nobody may ask any more."""
    release = current_release(settings)
    if release is not None:
        check_database(release, settings)
        build_store(settings, release)
    there = release_folders(settings)
    stores = sorted(folder for folder in settings.serving_stores_dir.glob("*") if not folder.name.startswith("."))
    kept = [folder for folder in stores if folder.name in there][-_KEPT_STORES:]
    for folder in stores:
        if folder not in kept and (release is None or folder.name != release.release_id):
            # A process that serves it keeps what it has opened.
            shutil.rmtree(folder, ignore_errors=True)


def certificate_of(settings: Settings, serving: ServingSettings) -> tuple[Path, Path]:
    """The certificate and its key: as set, else one for development, which its own authority signs.

    `<data>/serving/tls/ca.pem` is what a client trusts who is to trust it.
    """
    if serving.certificate is not None and serving.certificate_key is not None:
        return serving.certificate, serving.certificate_key
    if serving.certificate is not None or serving.certificate_key is not None:
        raise ConfigurationError(
            "a certificate and its key belong together",
            todo="set PREG_SERVE_CERTIFICATE and PREG_SERVE_CERTIFICATE_KEY, or neither",
        )
    folder = settings.serving_dir / "tls"
    certificate, key = folder / "server.pem", folder / "server.key"
    if not (certificate.is_file() and key.is_file()):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        authority = trustme.CA(organization_name="PREG, for development")
        own = authority.issue_cert("localhost", "127.0.0.1", "::1", os.uname().nodename)
        authority.cert_pem.write_to_path(folder / "ca.pem")
        own.private_key_pem.write_to_path(key)
        key.chmod(0o600)
        certificate.write_bytes(b"".join(blob.bytes() for blob in own.cert_chain_pems))
    return certificate, key


def _export(settings: Settings, serving: ServingSettings) -> None:
    """Give the processes of uvicorn the settings as they are here."""
    os.environ["PREG_DATA_DIR"] = str(settings.data_dir.resolve())
    for name, given in serving.model_dump(exclude_none=True).items():
        os.environ[f"PREG_SERVE_{name.upper()}"] = str(given)


def _look_after_stores(settings: Settings, stopped: threading.Event) -> None:
    """Make the store of a release that was published meanwhile, in a process of its own: others are answered."""
    spawn = multiprocessing.get_context("spawn")
    while not stopped.wait(_SECONDS_BETWEEN_LOOKS):
        try:
            release = current_release(settings)
        except PregError:
            continue
        if release is not None and not is_whole(store_file(settings, release.release_id)):
            maker = spawn.Process(target=_make_store, args=(settings,), daemon=True)
            maker.start()
            maker.join()
            if maker.exitcode:
                # What is wrong does not pass in two seconds; the release before is served meanwhile.
                stopped.wait(_SECONDS_AFTER_FAILURE)


def _make_store(settings: Settings) -> None:
    try:
        make_store_of_current(settings)
    except PregError as error:
        open_log(settings).error("store not made", why=error.what)
        raise SystemExit(error.exit_code) from None
