"""Running the test server, with the settings with which a client reaches it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from ingest.interface.test_server.misbehaviour import Misbehaviour
from ingest.interface.test_server.serving import Served, serving
from ingest.persontjenesten.settings import PersontjenestenSettings
from ingest.persontjenesten.test_server.application import TestServer
from ingest.persontjenesten.test_server.register import Register


def served(
    register: Register,
    folder: Path,
    misbehaviour: Misbehaviour | None = None,
    *,
    port: int = 0,
    key_type: str = "RSA",
    **behaviour: Any,
) -> AbstractContextManager[Served[TestServer]]:
    """Serve `register` until the block ends; keys and certificates are written to `folder`.

    key_type: of the client's key, RSA or EC. behaviour: see `TestServer`.
    """

    def start(public_key: str) -> TestServer:
        return TestServer(register, public_key, misbehaviour or Misbehaviour(), **behaviour)

    return serving(start, PersontjenestenSettings, folder, port=port, key_type=key_type)
