"""The commands that README and documentation name, and the links they give: each is there, with its options."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer.main

from cli.main import app
from tests.support.running import REPOSITORY

PAGES = [REPOSITORY / "README.md", REPOSITORY / "CONTRIBUTING.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
# In running text a command is in backticks, in an example it begins a line.
_NAMED = re.compile(r"`(preg [a-z][^`]*)`|^    (preg .+)$|`(make [a-z-]+)[^`]*`|^    (make [a-z-]+)", re.MULTILINE)


def _commands(page: Path) -> list[str]:
    return [next(filter(None, found)).split(" #")[0].strip() for found in _NAMED.findall(page.read_text("utf-8"))]


def _unknown(command: str, targets: set[str]) -> str:
    """What of a command there is not."""
    program, *words = shlex.split(command.replace("…", "X"))
    if program == "make":
        return "" if words[0] in targets else words[0]
    found: Any = typer.main.get_command(app)
    while hasattr(found, "commands") and words and not words[0].startswith("-"):
        if (name := words.pop(0)) not in found.commands:
            # `preg release` may be named as a group; a placeholder stands for any of its commands.
            return "" if name in ("COMMAND", "X") else name
        found = found.commands[name]
    options = {each for parameter in found.params for each in (*parameter.opts, *parameter.secondary_opts)}
    return ", ".join(word for word in words if word.startswith("--") and word.split("=")[0] not in options)


def test_the_pages_name_commands() -> None:
    assert len(_commands(REPOSITORY / "README.md")) >= 8


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_a_page_names_is_there(page: Path) -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    unknown = {command: missing for command in _commands(page) if (missing := _unknown(command, targets))}
    assert unknown == {}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_that_a_page_leads_to_is_there(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_index_of_the_documentation_has_every_page() -> None:
    index = (REPOSITORY / "docs" / "README.md").read_text(encoding="utf-8")
    missing = [page.name for page in PAGES if page.parent.name == "docs" and f"({page.name})" not in index]
    assert missing == ["README.md"]
