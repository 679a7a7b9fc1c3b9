"""Settings of the connection to Persontjenesten: on which legal basis it is asked, and for what."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from ingest.interface.settings import ConnectionSettings, Service

# The most that Persontjenesten takes in one bulk look-up.
MOST_IN_BULK = 100

PERSONTJENESTEN = Service(
    name="Persontjenesten",
    issuer="HelseID",
    refusals={
        401: "the token is not accepted: see to PREG_PERSONTJENESTEN_SCOPE and to the client's registration at HelseID",
        403: "we have no right to this: see to PREG_PERSONTJENESTEN_LEGAL_BASIS, the scope, and the agreement",
        404: "it is not there: see to PREG_PERSONTJENESTEN_BASE_URL",
    },
    outage="Norsk helsenett's operational messages",
    documentation="docs/persontjenesten.md",
)


class PersontjenestenSettings(ConnectionSettings):
    """Read from environment variables with the prefix `PREG_PERSONTJENESTEN_`, then from `.env`, then the defaults."""

    model_config = SettingsConfigDict(env_prefix="PREG_PERSONTJENESTEN_", env_file=".env", extra="ignore")
    service: ClassVar[Service] = PERSONTJENESTEN

    legal_basis: bool = Field(
        default=True, description="Whether we have a legal basis (/api/legal-basis) or not (/api/no-legal-basis)."
    )
    api_version: str = Field(default="", description="The interface's version (api-version); empty: its default.")
    information_parts: tuple[str, ...] = Field(
        default=(), description="Parts of a person to ask for (JSON list, as InformationPart); empty: all."
    )
    include_history: bool = Field(default=True, description="Whether entries that no longer hold come too.")
    scope: str = Field(default="nhn:hgd-persontjenesten-api/api", description="What the token is for.")
    concurrency: int = Field(default=6, ge=1, le=64, description="Calls at the same time.")
    bulk_size: int = Field(default=MOST_IN_BULK, ge=1, le=MOST_IN_BULK, description="Persons in one bulk look-up.")

    @property
    def resource_url(self) -> str:
        """The address before a resource: `{base}/api/legal-basis/`, or `no-legal-basis`."""
        return f"{self.base_url.rstrip('/')}/api/{'legal-basis' if self.legal_basis else 'no-legal-basis'}/"
