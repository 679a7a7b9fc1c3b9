"""Macros of the dbt project as SQL, without dbt: what a test calls on rows of its own."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2

MACROS = Path(__file__).parents[2] / "dbt_project" / "macros"


@cache
def _macros() -> Any:
    environment = jinja2.Environment(autoescape=False, extensions=["jinja2.ext.do"])  # noqa: S701 - SQL, not markup
    environment.globals["return"] = lambda value: value
    environment.globals["adapter"] = SimpleNamespace(dispatch=lambda name, _package: _macro(f"duckdb__{name}"))
    files = [file for folder in ("engine", "comparison", "rules") for file in sorted((MACROS / folder).glob("*.sql"))]
    return environment.from_string("\n".join(file.read_text(encoding="utf-8") for file in files)).module


def _macro(name: str) -> Any:
    return getattr(_macros(), name)


def macro_sql(name: str, *arguments: Any, **named: Any) -> str:
    """The SQL for DuckDB that a macro of macros/engine, macros/comparison or macros/rules makes."""
    return str(_macro(name)(*arguments, **named)).strip()
