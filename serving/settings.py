"""Settings of the services, each with its default and its environment variable (prefix `PREG_SERVE_`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServingSettings(BaseSettings):
    """Where the services listen, and how much a client may ask."""

    model_config = SettingsConfigDict(env_prefix="PREG_SERVE_", env_file=".env", env_ignore_empty=True, extra="ignore")

    @classmethod
    def with_given(cls, **given: Any) -> ServingSettings:
        """The settings with those values replaced that are given; None is not given."""
        return cls(**{name: value for name, value in given.items() if value is not None})

    host: str = Field(default="127.0.0.1", description="The address that the services listen on.")
    port: int = Field(default=8443, ge=0, le=65535, description="The port that the services listen on.")
    workers: int = Field(default=1, ge=1, le=64, description="Processes that answer; one per core is the most of use.")
    certificate: Path | None = Field(
        default=None,
        description="Certificate (PEM, with its chain). Unset: one for development, made in <data>/serving/tls/.",
    )
    certificate_key: Path | None = Field(default=None, description="The private key of the certificate (PEM).")
    tls: Literal["on", "behind_proxy"] = Field(
        default="on",
        description="on: TLS here. behind_proxy: plain HTTP on the loopback, behind a proxy that has TLS.",
    )
    address: str = Field(
        default="",
        description="How clients reach the services, e.g. https://preg.example.no, for WSDLs; empty: as they asked.",
    )
    requests_per_second: float = Field(default=50, gt=0, description="How often a client may ask, by process.")
    burst: int = Field(default=200, ge=1, description="How many questions a client may ask at once, by process.")
    failures_until_locked: int = Field(
        default=10, ge=1, description="Wrong passwords for a user name, one after another, until it is locked."
    )
    lock_minutes: float = Field(default=15, gt=0, description="How long a user name is locked after them.")
    largest_request: int = Field(default=1 << 20, ge=1 << 10, description="Bytes that a request may have.")
    request_seconds: float = Field(default=20, gt=0, description="Seconds in which a request has to have arrived.")
    answer_seconds: float = Field(
        default=10,
        gt=0,
        description="Seconds that reading for an answer may take; a question that takes more is refused.",
    )
    metrics_from: str = Field(
        default="127.0.0.1,::1", description="Addresses, separated by commas, that /metrics is answered to."
    )
    processing_code: Literal["T", "D", "P"] = Field(
        default="T", description="HL7: what the server processes (T training, D debugging, P production)."
    )
    help_number_series: str = Field(
        default="",
        pattern=r"^([89][0-9]{0,3}(,[89][0-9]{0,3})*)?$",
        description="The first digits of the common help numbers that are issued, separated by commas: the series that"
        " were allotted. Empty: none are issued.",
    )


class WashSettings(BaseSettings):
    """What the wash of a file may take (prefix `PREG_WASH_`)."""

    model_config = SettingsConfigDict(env_prefix="PREG_WASH_", env_file=".env", env_ignore_empty=True, extra="ignore")

    memory: str = Field(
        default="2GB",
        pattern=r"^\d+(\.\d+)? ?[KMGT]i?B$",
        description="Memory that DuckDB may take for a wash; what is larger goes to <data>/work/spill.",
    )
    process_memory: int = Field(
        default=6 << 30, ge=1 << 30, description="The most bytes of memory that the process of a wash may have."
    )
    spill: str = Field(
        default="20GB",
        pattern=r"^\d+(\.\d+)? ?[KMGT]i?B$",
        description="Disk that a wash may take for what does not fit in its memory.",
    )
    threads: int = Field(default=0, ge=0, description="Threads of a wash; 0 means one per core.")
    most_rows: int = Field(default=10_000_000, ge=1, description="The most rows of a file.")
    largest_upload: int = Field(default=2 << 30, ge=1 << 10, description="The most bytes of a file that is uploaded.")
    upload_seconds: float = Field(default=3600, gt=0, description="Seconds in which an upload has to have arrived.")
    keep_hours: float = Field(default=24, gt=0, description="Hours after which an uploaded file and its result go.")
    most_jobs: int = Field(default=10, ge=1, description="The most files that a client may have here at a time.")
