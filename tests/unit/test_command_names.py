"""What the command is called, and by which names it takes a field."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from cli.field_names import column_named, compared_field, fields_named, mapped_fields
from cli.main import app
from foundation.errors import PregError
from foundation.settings import Settings


@pytest.mark.parametrize(
    "name",
    ["RegStatus", "reg_status", "Person.RegStatus", "person.reg_status", "Person.reg_status", "preg_person.reg_status"],
)
def test_a_field_is_found_by_any_of_its_names(name: str) -> None:
    fields = mapped_fields(Settings(), None)
    assert column_named(name, fields) == "preg_person.reg_status"
    assert compared_field(name, fields) == "Person.reg_status"


def test_a_name_that_means_none_stays_and_one_that_means_several_is_told() -> None:
    fields = mapped_fields(Settings(), None)
    assert {field["preg_entity"] for field in fields_named("NIN", fields)} == {"Person", "Address"}
    assert compared_field("NIN", fields) == "NIN"
    with pytest.raises(PregError, match="several fields"):
        column_named("NIN", fields)
    assert column_named("address.nin", fields) == "preg_address.nin"
    assert column_named("Person.DistrictCode", fields) == "Person.DistrictCode"
    assert column_named("", fields) == ""


def test_the_command_says_its_version_and_what_its_commands_are_for() -> None:
    version = CliRunner().invoke(app, ["--version"])
    assert version.exit_code == 0
    assert version.stdout.startswith("preg ")
    shown = CliRunner().invoke(app, ["-h"]).stdout
    panels = [shown.index(f"─ {name} ─") for name in ("Run", "Look", "Compare", "Release", "Sources", "Operate")]
    assert panels == sorted(panels)
    for arguments in (["release", "-h"], ["release", "list", "-h"], ["query", "-h"]):
        assert CliRunner().invoke(app, arguments).exit_code == 0


def test_a_command_that_is_nearly_right_is_proposed() -> None:
    wrong = CliRunner().invoke(app, ["relase", "list"])
    assert wrong.exit_code == 2
    assert "Did you mean 'release'" in wrong.output
