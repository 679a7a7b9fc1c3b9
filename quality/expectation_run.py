"""Run the expectations on a candidate's DuckDB file and turn what Great Expectations says into check results."""

from __future__ import annotations

import datetime as dt
import logging
import os
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

import sqlalchemy
import sqlalchemy.exc

from quality.data_docs import write_data_docs
from quality.registry import Check, checks_of
from quality.result import CheckResult, Kind

SAMPLE_SIZE = 5

# Masks the number of a person.
Mask = Callable[[str], str]


def run_expectations(
    database: Path,
    mask: Mask,
    expectations: Sequence[Check] | None = None,
    data_docs: Path | None = None,
    options: Mapping[str, Any] | None = None,
) -> list[CheckResult]:
    """Validate every expectation on its table in `database` (opened read-only), table by table.

    expectations: None for those of the registry.

    data_docs: the folder to write Great Expectations' pages to; none are written without it.

    options: DuckDB's, as `foundation.database.session_options` gives them.
    """
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    # Great Expectations is slow to import, and only needed here.
    import great_expectations as gx
    import great_expectations.expectations as gxe

    import quality.duckdb_datasource  # noqa: F401  registers the datasource type

    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    datasource = context.data_sources.add_preg_duckdb(
        name="candidate",
        connection_string=f"duckdb:///{database}",
        kwargs={"connect_args": {"read_only": True, "config": dict(options or {})}},
    )
    engine = datasource.get_engine()
    try:
        return _validate(gx, gxe, datasource, engine, expectations, data_docs, mask)
    finally:
        # Both hold the file open for the rest of the process otherwise, and nobody else could attach it.
        datasource.get_execution_engine().close()
        engine.dispose()


def _validate(
    gx: Any,
    gxe: Any,
    datasource: Any,
    engine: sqlalchemy.Engine,
    expectations: Sequence[Check] | None,
    data_docs: Path | None,
    mask: Mask,
) -> list[CheckResult]:
    results = []
    validations = {}
    if expectations is None:
        expectations = checks_of(Kind.EXPECTATION)
    about = attrgetter("about")
    for table, of_table in groupby(sorted(expectations, key=about), key=about):
        checks = list(of_table)
        if not sqlalchemy.inspect(engine).has_table(table):
            results += [check.not_run(f"the candidate has no table {table}") for check in checks]
            continue
        validations[table] = _validate_table(gx, gxe, datasource, table, checks)
        by_name = {result.expectation_config.meta["name"]: result for result in validations[table].results}
        for check in checks:
            result = by_name[check.name]
            sample = [] if result.success else _sample(check, engine, mask)
            results.append(_as_check_result(check, result, sample))
    if data_docs is not None:
        write_data_docs(validations, data_docs)
    return results


def _validate_table(gx: Any, gxe: Any, datasource: Any, table: str, checks: list[Check]) -> Any:
    suite = gx.ExpectationSuite(name=table)
    for check in checks:
        expectation = _expectation(gxe, check)
        expectation.meta = {"name": check.name}
        suite.add_expectation(expectation)
    batch = datasource.add_table_asset(name=table, table_name=table).add_batch_definition_whole_table("all")
    result = batch.get_batch().validate(suite, result_format="SUMMARY")
    # The pages show when it was.
    result.meta["run_id"] = gx.RunIdentifier(run_time=dt.datetime.now(dt.UTC))
    return result


def _expectation(gxe: Any, check: Check) -> Any:
    """The entry as Great Expectations has it: `{batch}` is the table, as it names it; other braces are doubled."""
    from quality.duckdb_datasource import CountedRowsExpectation

    expect = check.expect
    if expect is None:
        escaped = check.rows_of("").replace("{", "{{").replace("}", "}}")
        rows = re.sub(rf"\bfrom {check.about}\b", "from {batch}", escaped)
        return CountedRowsExpectation(unexpected_rows_query=rows, description=check.why)
    if expect.not_null:
        return gxe.ExpectColumnValuesToNotBeNull(column=expect.not_null)
    if expect.unique:
        return gxe.ExpectColumnValuesToBeUnique(column=expect.unique)
    if expect.in_set:
        return gxe.ExpectColumnValuesToBeInSet(column=expect.in_set, value_set=list(expect.values))
    return gxe.ExpectTableRowCountToBeBetween(min_value=expect.rows_at_least)


def _as_check_result(check: Check, result: Any, sample: list[str]) -> CheckResult:
    if not result.success and not result.result:
        return check.not_run(_exception(result))
    return check.result(
        0 if result.success else max(1, _failures(result.result)), sample, rows=check.rows_of("").strip()
    )


def _failures(result: dict[str, Any]) -> int:
    if "unexpected_count" in result:
        return int(result["unexpected_count"] or 0)
    if "details" in result or isinstance(result.get("observed_value"), int):
        return int(result.get("observed_value") or 0)
    return 1


def _exception(result: Any) -> str:
    info = result.exception_info or {}
    messages = [str(part.get("exception_message")) for part in info.values() if isinstance(part, dict)]
    return (messages or [str(info.get("exception_message"))])[0].splitlines()[0]


def _sample(check: Check, engine: sqlalchemy.Engine, mask: Mask) -> list[str]:
    """Persons of the failing rows by keyed hash, where the query of the check selects persons."""
    rows = check.rows_of("")
    if not rows:
        return []
    try:
        with engine.connect() as connection:
            found = connection.exec_driver_sql(
                f"select distinct nin from ({rows}) where nin is not null limit {SAMPLE_SIZE}"
            ).fetchall()
    except sqlalchemy.exc.SQLAlchemyError:
        # A check that could not run, or that is not about persons, has none to show.
        return []
    return sorted(mask(str(nin)) for (nin,) in found)
