"""Settings of a connection to a source: where it is, who we are, how patient we are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

from foundation.errors import ConfigurationError


@dataclass(frozen=True)
class Service:
    """An interface in the words of messages.

    name: of the service. issuer: who gives the tokens for it. refusals: what to do about a final answer that means
    something of its own here, by HTTP status. outage: where its operator announces outages. documentation: the
    document that describes the settings.
    """

    name: str
    issuer: str
    refusals: Mapping[int, str]
    outage: str
    documentation: str


class ConnectionSettings(BaseSettings):
    """What every connection has; a subclass says of which service, and under which prefix of variables."""

    service: ClassVar[Service]

    base_url: str = Field(default="", description="The environment's address, without the path of the interface.")
    token_url: str = Field(default="", description="The endpoint of the issuer of tokens (Maskinporten, HelseID).")
    audience: str = Field(default="", description="The issuer's name: the `aud` of what we sign.")
    client_id: str = Field(default="", description="Our client at the issuer.")
    scope: str = Field(default="", description="What the token is for.")
    key_id: str = Field(default="", description="The key's `kid` as registered at the issuer.")
    key: SecretStr | None = Field(default=None, description="The private key, PEM. Goes before key_file.")
    key_file: Path | None = Field(default=None, description="File with the private key, PEM.")

    proxy: str | None = Field(default=None, description="Address of an HTTP proxy.")
    ca_bundle: Path | None = Field(default=None, description="File with the certificates to trust instead of ours.")
    concurrency: int = Field(default=8, ge=1, le=64, description="Calls at the same time.")
    timeout_seconds: float = Field(default=30, gt=0, description="Longest silence within one call.")
    attempts: int = Field(default=8, ge=1, description="How often a call is tried before its failure is final.")
    longest_wait_seconds: float = Field(
        default=60, ge=0, description="Longest pause between two attempts, unless a longer one is asked for."
    )
    events_in_delivery: int = Field(
        default=20_000, ge=1000, description="Events after which a delivery is ended and the next begun."
    )

    @property
    def resource_url(self) -> str:
        """The address before the path of a resource, with its last slash."""
        raise NotImplementedError

    @classmethod
    def variable(cls, name: str) -> str:
        """The environment variable of a setting."""
        return f"{cls.model_config['env_prefix']}{name}".upper()

    @classmethod
    def load(cls, **given: Any) -> Self:
        """The settings; raises `ConfigurationError` that names what is missing for a connection."""
        settings = cls(**given)
        missing = [name for name in ("base_url", "token_url", "audience", "client_id") if not getattr(settings, name)]
        if not settings.key and not settings.key_file:
            missing.append("key_file")
        if missing:
            names = ", ".join(map(cls.variable, missing))
            raise ConfigurationError(
                f"the connection to {cls.service.name} is not configured",
                todo=f"set {names} in the environment or in the file .env ({cls.service.documentation})",
            )
        for name in ("key_file", "ca_bundle"):
            file = getattr(settings, name)
            if file and not file.is_file():
                raise ConfigurationError(
                    f"the file of {cls.variable(name)} is not there",
                    where=str(file),
                    todo="put it there, or correct the setting",
                )
        return settings

    def private_key(self) -> str:
        """The private key as PEM text."""
        if self.key:
            return self.key.get_secret_value()
        assert self.key_file  # noqa: S101  `load` has seen to it
        return self.key_file.read_text(encoding="ascii")

    def bad_key(self, why: str) -> ConfigurationError:
        """The error of a key that cannot sign; nothing of the key is in it."""
        return ConfigurationError(
            f"the private key cannot sign: {why}",
            where=str(self.key_file or self.variable("key")),
            todo=f"give the key whose public part is registered at {self.service.issuer}",
        )
