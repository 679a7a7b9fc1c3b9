"""The container image and the compose file: what they promise, as far as text can be held to it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from cli.main import app
from tests.support.running import REPOSITORY

COMPOSE: dict[str, Any] = yaml.safe_load((REPOSITORY / "compose.yaml").read_text(encoding="utf-8"))
OURS = ["webserver", "daemon", "pipeline", "services"]


@pytest.mark.parametrize("name", OURS)
def test_a_service_can_write_its_data_and_nothing_else(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["volumes"] == ["preg-data:/data"]
    assert int(service["user"]) > 0


@pytest.mark.parametrize("name", OURS)
def test_what_a_service_runs_is_a_command_of_ours(name: str) -> None:
    program, command, *_ = COMPOSE["services"][name]["command"]
    assert program == "preg"
    assert CliRunner().invoke(app, [command, "--help"]).exit_code == 0


def test_the_ui_is_open_to_this_machine_only_and_no_password_is_written_down() -> None:
    assert COMPOSE["services"]["webserver"]["ports"] == ["127.0.0.1:3000:3000"]
    assert COMPOSE["services"]["postgres"].get("ports") is None
    assert COMPOSE["services"]["postgres"]["environment"]["POSTGRES_PASSWORD"].startswith("${POSTGRES_PASSWORD:?")


def test_the_services_know_no_password_of_dagsters_and_wait_for_nothing() -> None:
    services = COMPOSE["services"]["services"]
    assert not [name for name in services["environment"] if "POSTGRES" in name or "DAGSTER" in name]
    assert services["depends_on"] == []
    assert "/ready" in services["healthcheck"]["test"][-1]


def test_the_image_is_of_pinned_packages_and_runs_as_nobody_special() -> None:
    lines = (REPOSITORY / "Containerfile").read_text(encoding="utf-8").splitlines()
    assert any("--require-hashes -r requirements.lock" in line for line in lines)
    assert [line for line in lines if line.startswith("USER")] == ["USER 10001"]
