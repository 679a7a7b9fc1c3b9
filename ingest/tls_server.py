"""Serving a test server's application on the loopback address with TLS, by a certificate authority of its own."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import trustme
import uvicorn
from starlette.applications import Starlette

_HOST = "127.0.0.1"


@contextmanager
def serve_with_tls(application: Starlette, folder: Path, port: int = 0) -> Iterator[str]:
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
