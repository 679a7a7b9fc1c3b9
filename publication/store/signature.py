"""The signature of a release: Ed25519 over its manifest, which has the checksum of every file.

Optional. Who publishes has the private key (`PREG_SIGNING_KEY`), who reads the public one (`PREG_VERIFY_KEY`), both PEM
as `openssl genpkey -algorithm ed25519` and `openssl pkey -pubout` write them.
"""

from __future__ import annotations

import base64
from pathlib import Path

from foundation.errors import ConfigurationError
from foundation.release import SIGNATURE
from foundation.settings import Settings


def sign_manifest(settings: Settings, manifest: Path) -> None:
    """Write the signature next to the manifest; nothing without a key. Raises `ConfigurationError` for a wrong one."""
    if settings.signing_key is None:
        return
    # Slow to import, and only needed with a key.
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(settings.signing_key.get_secret_value().encode(), password=None)
    except (ValueError, TypeError) as error:
        raise _wrong_key("PREG_SIGNING_KEY") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _wrong_key("PREG_SIGNING_KEY")
    signature = base64.b64encode(key.sign(manifest.read_bytes())).decode()
    manifest.with_name(SIGNATURE).write_text(signature + "\n", encoding="ascii")


def signature_problem(settings: Settings, manifest: Path) -> str:
    """What is wrong with the signature of a manifest; blank when nothing is, or when no public key is known."""
    if not settings.verify_key:
        return ""
    # As above.
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(settings.verify_key.encode())
    except ValueError as error:
        raise _wrong_key("PREG_VERIFY_KEY") from error
    if not isinstance(key, Ed25519PublicKey):
        raise _wrong_key("PREG_VERIFY_KEY")
    file = manifest.with_name(SIGNATURE)
    if not file.is_file():
        return f"{SIGNATURE}: missing, and releases are to be signed here"
    try:
        key.verify(base64.b64decode(file.read_text(encoding="ascii")), manifest.read_bytes())
    except (InvalidSignature, ValueError):
        return f"{SIGNATURE}: does not fit the manifest"
    return ""


def _wrong_key(variable: str) -> ConfigurationError:
    return ConfigurationError(
        "the key is not an Ed25519 key in PEM",
        where=variable,
        todo="make one: openssl genpkey -algorithm ed25519 (docs/releases.md)",
    )
