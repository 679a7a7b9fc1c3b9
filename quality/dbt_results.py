"""What dbt's own tests said when the candidate's models were built, as check results."""

from __future__ import annotations

import json
from pathlib import Path

from quality.result import CheckResult, Kind, Severity

_PASSED = {"pass", "success"}
_NOT_RUN = {"skipped", "partial success"}


def read_dbt_results(target: Path) -> list[CheckResult]:
    """The data tests in `<target>/run_results.json`; none when dbt has not run there."""
    run_results = target / "run_results.json"
    manifest = target / "manifest.json"
    if not run_results.is_file() or not manifest.is_file():
        return []
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"]
    results = []
    for result in json.loads(run_results.read_text(encoding="utf-8"))["results"]:
        node = nodes.get(result["unique_id"], {})
        if node.get("resource_type") == "test":
            results.append(_as_check_result(node, result))
    return results


def _as_check_result(node: dict[str, object], result: dict[str, object]) -> CheckResult:
    config = node.get("config")
    is_warning = isinstance(config, dict) and str(config.get("severity", "error")).lower() == "warn"
    status = str(result["status"])
    passed = status in _PASSED
    ran = status not in _NOT_RUN
    attached = str(node.get("attached_node") or "")
    return CheckResult(
        name=f"dbt_{node['name']}",
        kind=Kind.DBT,
        about=attached.rsplit(".", 1)[-1],
        severity=Severity.WARN if is_warning else Severity.BLOCK,
        passed=passed,
        failures=0 if passed or not ran else max(1, int(str(result.get("failures") or 0))),
        why=str(node.get("description") or "a test of the dbt project"),
        todo=f"run the test's query: {node.get('original_file_path')}",
        ran=ran,
    )
