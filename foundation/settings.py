"""Settings of the warehouse, each with its default and its environment variable.

Read, in this order, from explicit arguments (command-line options), environment variables with the prefix
`PREG_`, a file `.env` in the working directory, and the defaults below.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from foundation.errors import ConfigurationError

REPOSITORY = Path(__file__).resolve().parent.parent


def refused_settings(error: ValidationError) -> ConfigurationError | None:
    """The message about settings that cannot be used; None for an error that is not about settings.

    It names the variables, and no value: a value may be a secret.
    """
    prefixes = {each.__name__: each.model_config.get("env_prefix", "") for each in _kinds_of(BaseSettings)}
    if error.title not in prefixes:
        return None
    refused = "; ".join(
        f"{prefixes[error.title]}{'.'.join(map(str, each['loc']))}".upper() + f": {each['msg']}"
        for each in error.errors(include_input=False, include_url=False)
    )
    return ConfigurationError(
        f"settings that cannot be used: {refused}",
        where="the environment, or .env in the working directory",
        todo="correct them; docs/settings.md has each with an example",
    )


def _kinds_of(settings: type[BaseSettings]) -> Iterator[type[BaseSettings]]:
    for each in settings.__subclasses__():
        yield each
        yield from _kinds_of(each)


class Settings(BaseSettings):
    """Where things are, and how much of the machine a run may take."""

    model_config = SettingsConfigDict(env_prefix="PREG_", env_file=".env", env_ignore_empty=True, extra="ignore")

    landing_dir: Path = Field(
        default=Path("data/landing"),
        description="Folder with the deliveries: <landing>/<source>/<delivery>/.",
    )
    data_dir: Path = Field(
        default=Path("data"), description="Folder of the warehouse: warehouse.duckdb, work/, releases/."
    )
    dbt_project_dir: Path = Field(
        default=REPOSITORY / "dbt_project", description="The dbt project with the models of the warehouse."
    )
    threads: int = Field(default=0, ge=0, description="Threads of DuckDB; 0 means one per core.")
    memory_limit: str = Field(
        default="",
        description="Memory that DuckDB may take, for example '8GB'; empty means half of the machine.",
    )
    lock_wait_seconds: float = Field(
        default=600, ge=0, description="How long a run waits for another run to leave the warehouse."
    )
    household_protection: Literal["dwelling", "none"] = Field(
        default="dwelling",
        description=(
            "Whose address is hidden besides that of a protected person: everybody's at the same dwelling, or nobody's."
        ),
    )
    help_number_database: SecretStr | None = Field(
        default=None,
        description=(
            "The PostgreSQL database that has the register of common help numbers (postgresql://…). Unset: it is "
            "<data>/serving/help_numbers.sqlite, which processes of one machine share."
        ),
    )
    person_hash_key: SecretStr | None = Field(
        default=None,
        description=(
            "Key of the hash by which logs and reports show a person. Unset: a random key, kept in "
            "<data>/person_hash.key, readable by the owner only."
        ),
    )
    first_day: dt.date = Field(
        default=dt.date(2026, 1, 1),
        ge=dt.date(1900, 1, 1),
        le=dt.date(2199, 12, 31),
        description="The day from which Dagster shows, day by day, what was delivered and loaded.",
    )
    keep_releases: int = Field(
        default=60,
        ge=0,
        description=(
            "How many of the newest releases are kept, besides the last of each of thirteen months; 0 keeps all."
        ),
    )
    keep_days: int = Field(
        default=90,
        ge=1,
        description=(
            "How many days `preg retention` keeps what runs leave besides releases: texts of quarantined documents,"
            " Dagster's runs, logs, crash traces."
        ),
    )
    release_windows: bool = Field(
        default=False,
        description=(
            "Whether a publication waits for its window (21:00 on weekdays, 19:00 on Sundays, Oslo); outside it needs"
            " preg run --now and a reason."
        ),
    )
    window_minutes: int = Field(default=120, ge=1, description="How long a publication window stays open.")
    publish_now: str = Field(default="", description="The reason for publishing outside a window (preg run --now).")
    dagster_storage: Literal["sqlite", "postgres"] = Field(
        default="sqlite",
        description=(
            "Where Dagster keeps its runs: files below <data>/dagster, or the Postgres of DAGSTER_POSTGRES_HOST, _USER,"
            " _PASSWORD and _DB."
        ),
    )
    ui_hosts: str = Field(
        default="",
        description=(
            "Names, separated by commas, under which the Dagster UI is asked for besides localhost, 127.0.0.1 and the"
            " address that it listens on: that of a proxy in front of it."
        ),
    )
    alert_webhook: SecretStr | None = Field(
        default=None,
        description="Address that failures, stopped publications and lag are sent to (JSON by POST); unset: none.",
    )
    signing_key: SecretStr | None = Field(
        default=None, description="Ed25519 private key (PEM) that signs the manifest of each release; unset: none is."
    )
    verify_key: str = Field(
        default="", description="Ed25519 public key (PEM); set, a release without its signature is not opened."
    )

    largest_document: int = Field(
        default=4 << 20,
        ge=1 << 10,
        le=64 << 20,
        description="Bytes of a line of a delivery; a longer one goes to quarantine (too_large). Memory of a load grows"
        " with it.",
    )
    deepest_document: int = Field(
        default=64,
        ge=16,
        le=500,
        description="How deep lists and objects of a document may be nested; a deeper one goes to quarantine"
        " (too_deep).",
    )
    most_elements: int = Field(
        default=20_000,
        ge=100,
        le=100_000,
        description="Values of a document, members of objects and of lists; one with more goes to quarantine"
        " (too_many_elements).",
    )
    most_unpacked: int = Field(
        default=200,
        ge=1,
        description="How many times its own bytes a compressed file may unpack to (64 MB always); beyond, the delivery"
        " is refused.",
    )
    refuse_share: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="Share of a delivery's records in quarantine above which the delivery is refused (from five records"
        " on, and a full delivery of which nothing fits).",
    )

    @field_validator("memory_limit")
    @classmethod
    def _with_unit(cls, given: str) -> str:
        if given and not re.fullmatch(r"\d+(\.\d+)? ?[KMGT]i?B", given):
            raise ValueError("give a number with its unit, as 8GB or 500MiB")
        return given

    @classmethod
    def with_given(cls, **given: Any) -> Settings:
        """The settings with those values replaced that are given; None is not given."""
        return cls(**{name: value for name, value in given.items() if value is not None})

    @property
    def ui_host_names(self) -> list[str]:
        """The names of `ui_hosts`, one by one."""
        return [name.strip() for name in self.ui_hosts.split(",") if name.strip()]

    @property
    def warehouse(self) -> Path:
        """The DuckDB file that one run at a time writes."""
        return self.data_dir / "warehouse.duckdb"

    @property
    def work_dir(self) -> Path:
        """Scratch: candidates, DuckDB's spill files, dbt's artefacts. Safe to delete between runs."""
        return self.data_dir / "work"

    @property
    def releases_dir(self) -> Path:
        """The published releases and the link `current`."""
        return self.data_dir / "releases"

    @property
    def profile_releases_dir(self) -> Path:
        """Releases as profiles of clients may have them: <profile>/<release_id>/."""
        return self.data_dir / "profile_releases"

    @property
    def serving_dir(self) -> Path:
        """What the services have: the read stores, their clients, the log of what was looked up."""
        return self.data_dir / "serving"

    @property
    def serving_stores_dir(self) -> Path:
        """The read store of each release that is served: <release_id>/store.sqlite."""
        return self.serving_dir / "stores"

    @property
    def help_numbers_file(self) -> Path:
        """The register of common help numbers: who has one, what was changed, by whom."""
        return self.serving_dir / "help_numbers.sqlite"

    @property
    def withdrawn_dir(self) -> Path:
        """A record of each release that was withdrawn."""
        return self.data_dir / "withdrawn"

    @property
    def audit_log_dir(self) -> Path:
        """What was done with releases, by whom and why."""
        return self.data_dir / "audit_log"

    @property
    def notices_dir(self) -> Path:
        """Announcements and incidents, as the delivery overview shows them."""
        return self.data_dir / "notices"

    @property
    def logs_dir(self) -> Path:
        """The log of runs, JSON a line."""
        return self.data_dir / "logs"

    @property
    def stray_dir(self) -> Path:
        """What was in the folder of releases and was no release."""
        return self.data_dir / "stray"

    @property
    def crashes_dir(self) -> Path:
        """Stack traces of errors that nobody foresaw; for anyone who fixes them."""
        return self.data_dir / "crashes"

    @property
    def dagster_home(self) -> Path:
        """Dagster's own storage: runs, events, schedules."""
        return self.data_dir / "dagster"
