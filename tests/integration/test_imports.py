"""Imports point one way, and Dagster is where it belongs."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]

# Package → what of ours it may import.
ALLOWED = {
    "foundation": {"foundation"},
    "ingest": {"foundation", "ingest"},
    "quality": {"foundation", "quality", "ingest.contracts"},
    "publication": {"foundation", "publication", "ingest.contracts"},
    "operations": {"foundation", "ingest", "quality", "publication", "operations"},
    "serving": {"foundation", "ingest.contracts", "publication", "operations.log", "serving"},
    "orchestration": {"foundation", "ingest", "quality", "publication", "operations", "serving", "orchestration"},
    "cli": {"foundation", "ingest", "quality", "publication", "operations", "serving", "orchestration", "cli"},
}


def _imported(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


@pytest.mark.parametrize("package", ALLOWED)
def test_a_package_imports_only_what_it_may(package: str) -> None:
    for file in (REPOSITORY / package).rglob("*.py"):
        for name in _imported(file):
            if name.split(".")[0] not in ALLOWED:
                continue
            assert any(name == allowed or name.startswith(f"{allowed}.") for allowed in ALLOWED[package]), (file, name)


@pytest.mark.parametrize("package", [package for package in ALLOWED if package != "orchestration"])
def test_dagster_is_imported_in_orchestration_only(package: str) -> None:
    for file in (REPOSITORY / package).rglob("*.py"):
        assert not {name for name in _imported(file) if name.split(".")[0].startswith("dagster")}, file


def test_the_running_project_reads_nothing_outside_itself() -> None:
    for package in ALLOWED:
        for file in (REPOSITORY / package).rglob("*.py"):
            assert "shared/" not in file.read_text(encoding="utf-8"), file


def test_the_command_starts_without_dagster_and_great_expectations() -> None:
    code = "import cli.main, sys; print([m for m in ('dagster', 'great_expectations', 'dbt') if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert result.stdout.strip() == "[]"
