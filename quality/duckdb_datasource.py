"""Great Expectations over DuckDB, in the database.

duckdb-engine closes its connection before Great Expectations fetches, so every result would come back empty; this
datasource's engine freezes the result first. No copy of a table is made in Python.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import great_expectations.expectations as gxe
from great_expectations.datasource.fluent import SQLDatasource
from great_expectations.execution_engine import SqlAlchemyExecutionEngine


class FrozenResultExecutionEngine(SqlAlchemyExecutionEngine):
    """Takes a result whole while its connection is open."""

    def execute_query(self, query: Any) -> Any:
        """Run a query and return its result, detached from the connection."""
        with self.get_connection() as connection:
            return self._execute_query_with_recovery(connection, query).freeze()()


class PregDuckDBDatasource(SQLDatasource):
    """A DuckDB file, opened for reading only."""

    type: Literal["preg_duckdb"] = "preg_duckdb"

    @property
    def execution_engine_type(self) -> Any:
        """The engine that Great Expectations runs its queries on."""
        return FrozenResultExecutionEngine


class CountedRowsExpectation(gxe.UnexpectedRowsExpectation):
    """No row may be what a query selects: the rows are counted, and not fetched, which would run the query again."""

    metric_dependencies: ClassVar[tuple[str, ...]] = ("unexpected_rows_query.row_count",)

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,  # noqa: ARG002  the signature is Great Expectations'
        execution_engine: Any = None,  # noqa: ARG002
    ) -> dict[str, Any]:
        rows = metrics["unexpected_rows_query.row_count"]
        return {"success": rows == 0, "result": {"observed_value": rows}}
