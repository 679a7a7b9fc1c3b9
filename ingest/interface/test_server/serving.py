"""Running a test server on the loopback address, with TLS by a certificate authority of its own."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import trustme
import uvicorn
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from starlette.applications import Starlette

from ingest.interface.settings import ConnectionSettings
from ingest.interface.test_server.application import CLIENT_ID, TestServer

Server = TypeVar("Server", bound=TestServer)

_HOST = "127.0.0.1"


@dataclass(frozen=True)
class Served(Generic[Server]):
    """A running test server: its state, its address, and the client's settings by their environment variables."""

    server: Server
    address: str
    environment: dict[str, str]


@contextmanager
def serving(
    start: Callable[[str], Server],
    settings: type[ConnectionSettings],
    folder: Path,
    *,
    port: int = 0,
    key_type: str = "RSA",
) -> Iterator[Served[Server]]:
    """Serve until the block ends; keys and certificates are written to `folder`.

    start: makes the server from the client's public key, PEM. settings: of its clients. key_type: of the client's key,
    RSA or EC. port: 0 for any that is free.
    """
    folder.mkdir(parents=True, exist_ok=True)
    key_file, public_key = _client_key(folder, key_type)
    server = start(public_key)
    with _serve_with_tls(server.application(), folder, port) as address:
        given = {
            "base_url": address,
            "token_url": f"{address}/token",
            "audience": server.audience,
            "client_id": CLIENT_ID,
            "key_file": str(key_file),
            "ca_bundle": str(folder / "ca.pem"),
        }
        yield Served(server, address, {settings.variable(name): value for name, value in given.items()})


def _client_key(folder: Path, key_type: str) -> tuple[Path, str]:
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    if key_type == "RSA":
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    else:
        key = ec.generate_private_key(ec.SECP256R1())
    key_file = folder / "client-key.pem"
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    key_file.chmod(0o600)
    public_key = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return key_file, public_key.decode()


@contextmanager
def _serve_with_tls(application: Starlette, folder: Path, port: int) -> Iterator[str]:
    """Serve until the block ends; gives the address. `folder` gets server.pem, and ca.pem for the client to trust."""
    authority = trustme.CA()
    certificate = folder / "server.pem"
    authority.issue_cert(_HOST, "localhost").private_key_and_cert_chain_pem.write_to_path(str(certificate))
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((_HOST, port))
        running = uvicorn.Server(
            uvicorn.Config(
                application,
                ssl_certfile=str(certificate),
                log_level="critical",
                lifespan="off",
                timeout_graceful_shutdown=1,
            )
        )
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            while not running.started:
                time.sleep(0.01)
            yield f"https://{_HOST}:{listening.getsockname()[1]}"
        finally:
            running.should_exit = True
            thread.join(timeout=10)
