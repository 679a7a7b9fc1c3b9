"""Running the test server on the loopback address, with TLS, and the settings with which a client reaches it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trustme
import uvicorn
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from ingest.freg.test_server.application import AUDIENCE, CLIENT_ID, TestServer
from ingest.freg.test_server.misbehaviour import Misbehaviour
from ingest.freg.test_server.register import Register

_HOST = "127.0.0.1"


@dataclass(frozen=True)
class Served:
    """A running test server: its state, its address, and the client's settings by their environment variables."""

    server: TestServer
    address: str
    environment: dict[str, str]


@contextmanager
def served(
    register: Register, folder: Path, misbehaviour: Misbehaviour | None = None, *, port: int = 0, **behaviour: Any
) -> Iterator[Served]:
    """Serve `register` until the block ends; keys and certificates are written to `folder`.

    behaviour: see `TestServer`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    authority = trustme.CA()
    certificate = folder / "server.pem"
    authority.issue_cert(_HOST, "localhost").private_key_and_cert_chain_pem.write_to_path(str(certificate))
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    key_file = folder / "client-key.pem"
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    key_file.chmod(0o600)
    public_key = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    server = TestServer(register, public_key.decode(), misbehaviour or Misbehaviour(), **behaviour)
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((_HOST, port))
        address = f"https://{_HOST}:{listening.getsockname()[1]}"
        running = uvicorn.Server(
            uvicorn.Config(
                server.application(),
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
            yield Served(
                server,
                address,
                {
                    "PREG_FREG_BASE_URL": address,
                    "PREG_FREG_TOKEN_URL": f"{address}/token",
                    "PREG_FREG_AUDIENCE": AUDIENCE,
                    "PREG_FREG_CLIENT_ID": CLIENT_ID,
                    "PREG_FREG_KEY_FILE": str(key_file),
                    "PREG_FREG_CA_BUNDLE": str(folder / "ca.pem"),
                },
            )
        finally:
            running.should_exit = True
            thread.join(timeout=10)
