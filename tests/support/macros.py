"""The dbt project's SQL without dbt: functions of the warehouse and rules of PREG's fields, on a test's own rows."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import jinja2

DBT = Path(__file__).parents[2] / "dbt_project"
MACROS = DBT / "macros"


@cache
def _macros() -> Any:
    """The module of all macros; a reference is the model's name."""
    environment = jinja2.Environment(autoescape=False, extensions=["jinja2.ext.do"])  # noqa: S701 - SQL, not markup
    environment.globals["return"] = lambda value: value
    environment.globals["ref"] = lambda model: model
    text = "\n".join(file.read_text(encoding="utf-8") for file in sorted(MACROS.glob("*.sql")))
    return environment.from_string(text).module


def macro_sql(name: str, *arguments: Any, **named: Any) -> str:
    """The SQL that a macro makes."""
    return str(getattr(_macros(), name)(*arguments, **named)).strip()


def with_functions(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """The connection, with the functions that a build makes (macros/functions.sql)."""
    connection.execute("set timezone = 'Europe/Oslo'")
    connection.execute(macro_sql("function_statements"))
    return connection


# Columns that the rules read and that are no texts, as macros/preg_person.sql and macros/preg_address.sql list them.
_TYPES = {
    "name_valid_from birth_date deceased_date status_valid_from marital_status_date citizenship_from"
    " responsibility_from deprived_of_legal_authority_from stay_from person_grade_from lines_from": "date",
    "immigrated_at emigrated_at": "timestamptz",
    "responsibility_types lines": "varchar[]",
    "is_deprived_of_legal_authority is_hidden is_unknown_residence is_abroad": "boolean",
    "cadastral_number property_number leasehold_number sub_number": "bigint",
    "valid_from valid_to starts_on": "date",
    "x_coord y_coord": "decimal(12, 2)",
}


def preg_person(**given: Any) -> dict[str, Any]:
    """The fields of PREG of a person from Freg with what is `given`, as macros/preg_person.sql names it."""
    read = "immigrated_from immigrated_at emigrated_to emigrated_at responsibility_types latest_responsibility"
    return _fields("preg_person", "persons", dict.fromkeys(read.split(), "varchar"), given)


def preg_address(**given: Any) -> dict[str, Any]:
    """The fields of PREG of an address from Freg of which `given` is known, as macros/preg_address.sql names it."""
    read = dict.fromkeys(("line_postal_code", "line_postal_place", "line_country"), "varchar")
    return _fields("preg_address", "addresses", read, {"is_hidden": False} | given)


def _fields(macro: str, alias: str, read: dict[str, str], given: dict[str, Any]) -> dict[str, Any]:
    made_within = {"moved_country", "responsibility", "three_lines"}
    named = set(re.findall(rf"\b{alias}\.(\w+)", (MACROS / f"{macro}.sql").read_text(encoding="utf-8"))) - made_within
    kinds = {name: kind for names, kind in _TYPES.items() for name in names.split()}
    types = {name: kinds.get(name, read.get(name, "varchar")) for name in sorted(named | set(read))}
    assert set(given) <= set(types), set(given) - set(types)
    with with_functions(duckdb.connect()) as connection:
        for seed in ("code_list", "landkode"):
            connection.execute(
                f"create table {seed} as from read_csv(?, all_varchar = true)", [str(DBT / "seeds" / f"{seed}.csv")]
            )
        selected = ", ".join(f"cast(${name} as {kind}) as {name}" for name, kind in types.items())
        connection.execute(f"create table given as select {selected}", {name: given.get(name) for name in types})
        cursor = connection.execute(macro_sql(macro, "given", "freg", []))
        names = [column[0] for column in cursor.description]
        (row,) = cursor.fetchall()
    return dict(zip(names, row, strict=True))
