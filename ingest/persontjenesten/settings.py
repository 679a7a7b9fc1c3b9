"""Settings of the connection to Persontjenesten: where it is, who we are, what we ask for, how patient we are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from foundation.errors import ConfigurationError

# The most that Persontjenesten takes in one bulk look-up.
MOST_IN_BULK = 100


class PersontjenestenSettings(BaseSettings):
    """Read from environment variables with the prefix `PREG_PERSONTJENESTEN_`, then from `.env`, then the defaults."""

    model_config = SettingsConfigDict(env_prefix="PREG_PERSONTJENESTEN_", env_file=".env", extra="ignore")

    base_url: str = Field(default="", description="The environment's address, up to and without /api.")
    legal_basis: bool = Field(
        default=True, description="Whether we have a legal basis (/api/legal-basis) or not (/api/no-legal-basis)."
    )
    api_version: str = Field(default="", description="The interface's version (api-version); empty: its default.")
    information_parts: tuple[str, ...] = Field(
        default=(), description="Parts of a person to ask for (JSON list, as InformationPart); empty: all."
    )
    include_history: bool = Field(default=True, description="Whether entries that no longer hold come too.")

    token_url: str = Field(default="", description="HelseID's token endpoint.")
    audience: str = Field(default="", description="HelseID's issuer: the `aud` of the client assertion.")
    client_id: str = Field(default="", description="Our client at HelseID.")
    scope: str = Field(default="nhn:hgd-persontjenesten-api/api", description="What the token is for.")
    key_id: str = Field(default="", description="The key's `kid` as registered at HelseID.")
    key: SecretStr | None = Field(default=None, description="The private key, PEM: RSA or P-256. Before key_file.")
    key_file: Path | None = Field(default=None, description="File with the private key, PEM.")

    proxy: str | None = Field(default=None, description="Address of an HTTP proxy.")
    ca_bundle: Path | None = Field(default=None, description="File with the certificates to trust instead of ours.")
    concurrency: int = Field(default=6, ge=1, le=64, description="Calls at the same time.")
    timeout_seconds: float = Field(default=30, gt=0, description="Longest silence within one call.")
    attempts: int = Field(default=8, ge=1, description="How often a call is tried before its failure is final.")
    longest_wait_seconds: float = Field(
        default=60, ge=0, description="Longest pause between two attempts, unless a longer one is asked for."
    )
    bulk_size: int = Field(default=MOST_IN_BULK, ge=1, le=MOST_IN_BULK, description="Persons in one bulk look-up.")
    events_in_delivery: int = Field(
        default=20_000, ge=1000, description="Events after which a delivery is ended and the next begun."
    )

    @property
    def resource_url(self) -> str:
        """The address before a resource: `{base}/api/legal-basis/`, or `no-legal-basis`."""
        return f"{self.base_url.rstrip('/')}/api/{'legal-basis' if self.legal_basis else 'no-legal-basis'}/"

    @classmethod
    def load(cls, **given: Any) -> PersontjenestenSettings:
        """The settings; raises `ConfigurationError` that names what is missing for a connection."""
        settings = cls(**given)
        missing = [name for name in ("base_url", "token_url", "audience", "client_id") if not getattr(settings, name)]
        if not settings.key and not settings.key_file:
            missing.append("key_file")
        if missing:
            names = ", ".join(f"PREG_PERSONTJENESTEN_{name.upper()}" for name in missing)
            raise ConfigurationError(
                "the connection to Persontjenesten is not configured",
                todo=f"set {names} in the environment or in the file .env (docs/persontjenesten.md)",
            )
        for name in ("key_file", "ca_bundle"):
            file = getattr(settings, name)
            if file and not file.is_file():
                raise ConfigurationError(
                    f"the file of PREG_PERSONTJENESTEN_{name.upper()} is not there",
                    where=str(file),
                    todo="put it there, or mend the setting",
                )
        return settings

    def private_key(self) -> str:
        """The private key as PEM text."""
        if self.key:
            return self.key.get_secret_value()
        assert self.key_file  # noqa: S101  `load` has seen to it
        return self.key_file.read_text(encoding="ascii")
