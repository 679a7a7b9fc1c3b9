"""Settings of the connection to Freg: where it is, who we are, how patient we are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from foundation.errors import ConfigurationError

_HINT = "set {name} in the environment or in the file .env (docs/settings.md)"


class FregSettings(BaseSettings):
    """Read from environment variables with the prefix `PREG_FREG_`, then from a file `.env`, then the defaults."""

    model_config = SettingsConfigDict(env_prefix="PREG_FREG_", env_file=".env", extra="ignore")

    base_url: str = Field(default="", description="The environment's address, up to and without /folkeregisteret.")
    package: str = Field(default="offentlig-med-hjemmel/api", description="The package of rights.")
    version: str = Field(default="v1", description="The version of the interface.")
    parts: tuple[str, ...] = Field(
        default=(), description="Parts of a person document to ask for (JSON list); empty: all that the package gives."
    )

    token_url: str = Field(default="", description="Maskinporten's token endpoint.")
    audience: str = Field(default="", description="Maskinporten's issuer: the `aud` of the signed grant.")
    client_id: str = Field(default="", description="Our client at Maskinporten: the `iss` of the signed grant.")
    scope: str = Field(default="folkeregister:deling/offentligmedhjemmel", description="What the token is for.")
    key_id: str = Field(default="", description="The key's `kid` as registered at Maskinporten.")
    key: SecretStr | None = Field(default=None, description="The private RSA key, PEM. Goes before key_file.")
    key_file: Path | None = Field(default=None, description="File with the private RSA key, PEM.")

    proxy: str | None = Field(default=None, description="Address of an HTTP proxy.")
    ca_bundle: Path | None = Field(default=None, description="File with the certificates to trust instead of ours.")
    concurrency: int = Field(default=8, ge=1, le=64, description="Calls at the same time.")
    timeout_seconds: float = Field(default=30, gt=0, description="Longest silence within one call.")
    attempts: int = Field(default=8, ge=1, description="How often a call is tried before its failure is final.")
    longest_wait_seconds: float = Field(
        default=60, ge=0, description="Longest pause between two attempts, unless Freg itself asks for a longer one."
    )
    bulk_size: int = Field(default=500, ge=1, le=1000, description="Documents asked for in one bulk look-up.")
    events_in_delivery: int = Field(
        default=20_000, ge=1000, description="Events after which the feed reader ends a delivery and begins the next."
    )
    gap_rereads: int = Field(
        default=5, ge=0, description="How often a gap in the feed is read again before it is reported."
    )
    extract_wait_seconds: float = Field(
        default=6 * 3600, gt=0, description="How long an extract that was ordered may take to become ready."
    )

    freshness_hours: float = Field(
        default=26, gt=0, description="How old the newest published event may be before the freshness check warns."
    )

    @property
    def resource_url(self) -> str:
        """The address before a resource: `{env}/folkeregisteret/{package}/{version}/`."""
        return f"{self.base_url.rstrip('/')}/folkeregisteret/{self.package.strip('/')}/{self.version}/"

    @classmethod
    def load(cls, **given: Any) -> FregSettings:
        """The settings; raises `ConfigurationError` that names what is missing for a connection."""
        settings = cls(**given)
        missing = [name for name in ("base_url", "token_url", "audience", "client_id") if not getattr(settings, name)]
        if not settings.key and not settings.key_file:
            missing.append("key_file")
        if missing:
            names = ", ".join(f"PREG_FREG_{name.upper()}" for name in missing)
            raise ConfigurationError("the connection to Freg is not configured", todo=_HINT.format(name=names))
        for name in ("key_file", "ca_bundle"):
            file = getattr(settings, name)
            if file and not file.is_file():
                raise ConfigurationError(
                    f"the file of PREG_FREG_{name.upper()} is not there",
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
