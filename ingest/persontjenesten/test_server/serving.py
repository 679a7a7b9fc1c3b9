"""Running the test server on the loopback address, with TLS, and the settings with which a client reaches it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ingest.freg.test_server.misbehaviour import Misbehaviour
from ingest.persontjenesten.test_server.application import AUDIENCE, CLIENT_ID, TestServer
from ingest.persontjenesten.test_server.register import Register
from ingest.tls_server import serve_with_tls


@dataclass(frozen=True)
class Served:
    """A running test server: its state, its address, and the client's settings by their environment variables."""

    server: TestServer
    address: str
    environment: dict[str, str]


@contextmanager
def served(
    register: Register,
    folder: Path,
    misbehaviour: Misbehaviour | None = None,
    *,
    port: int = 0,
    key_type: str = "RSA",
    **behaviour: Any,
) -> Iterator[Served]:
    """Serve `register` until the block ends; keys and certificates are written to `folder`.

    key_type: of the client's key, RSA or EC. behaviour: see `TestServer`.
    """
    folder.mkdir(parents=True, exist_ok=True)
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
    server = TestServer(register, public_key.decode(), misbehaviour or Misbehaviour(), **behaviour)
    with serve_with_tls(server.application(), folder, port) as address:
        yield Served(
            server,
            address,
            {
                "PREG_PERSONTJENESTEN_BASE_URL": address,
                "PREG_PERSONTJENESTEN_TOKEN_URL": f"{address}/token",
                "PREG_PERSONTJENESTEN_AUDIENCE": AUDIENCE,
                "PREG_PERSONTJENESTEN_CLIENT_ID": CLIENT_ID,
                "PREG_PERSONTJENESTEN_KEY_FILE": str(key_file),
                "PREG_PERSONTJENESTEN_CA_BUNDLE": str(folder / "ca.pem"),
            },
        )
