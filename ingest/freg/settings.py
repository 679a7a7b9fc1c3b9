"""Settings of the connection to Freg: which interface, which package of rights, how it is read."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from ingest.interface.settings import ConnectionSettings, Service

FREG = Service(
    name="Freg",
    issuer="Maskinporten",
    refusals={
        401: "Freg does not accept our token: see to PREG_FREG_SCOPE and to the package that the scope belongs to",
        403: "we have no right to this: see to PREG_FREG_PACKAGE, the scope, and the agreement with Skatteetaten",
        404: "Freg does not have it: see to PREG_FREG_BASE_URL, PREG_FREG_PACKAGE and PREG_FREG_VERSION",
        406: "Freg does not give the answer in that format: see to PREG_FREG_VERSION",
        410: "Freg has no such extract, or no longer: order it again (preg freg extract)",
    },
    outage="Skatteetaten's operational messages",
    documentation="docs/settings.md",
)


class FregSettings(ConnectionSettings):
    """Read from environment variables with the prefix `PREG_FREG_`, then from a file `.env`, then the defaults."""

    model_config = SettingsConfigDict(env_prefix="PREG_FREG_", env_file=".env", extra="ignore")
    service: ClassVar[Service] = FREG

    package: str = Field(default="offentlig-med-hjemmel/api", description="The package of rights.")
    version: str = Field(default="v1", description="The version of the interface.")
    parts: tuple[str, ...] = Field(
        default=(), description="Parts of a person document to ask for (JSON list); empty: all that the package gives."
    )
    scope: str = Field(default="folkeregister:deling/offentligmedhjemmel", description="What the token is for.")
    bulk_size: int = Field(default=500, ge=1, le=1000, description="Documents asked for in one bulk look-up.")
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
