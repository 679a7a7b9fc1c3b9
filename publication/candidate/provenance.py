"""What made a release besides its deliveries: the version of the code, and the dbt project as it was compiled."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
import subprocess
from pathlib import Path

import duckdb

from foundation.settings import REPOSITORY

DISTRIBUTION = "preg-warehouse"


def provenance(dbt_target: Path) -> dict[str, str | None]:
    """For the manifest: `version`, `commit` (None outside a repository), `dbt_manifest_hash`, `duckdb`, `python`."""
    return {
        "version": importlib.metadata.version(DISTRIBUTION),
        "commit": _commit(),
        "dbt_manifest_hash": dbt_manifest_hash(dbt_target),
        "duckdb": duckdb.__version__,
        "python": platform.python_version(),
    }


def dbt_manifest_hash(dbt_target: Path) -> str | None:
    """SHA-256 of the models, seeds, tests and macros in dbt's manifest; None where dbt has not run.

    dbt's file itself has the time and number of its run in it, and would differ every day.
    """
    file = dbt_target / "manifest.json"
    if not file.is_file():
        return None
    manifest = json.loads(file.read_text(encoding="utf-8"))
    content = {
        **{name: node.get("checksum") for name, node in manifest["nodes"].items()},
        **{name: macro.get("macro_sql") for name, macro in manifest["macros"].items()},
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _commit() -> str | None:
    try:
        found = subprocess.run(
            ["git", "-C", str(REPOSITORY), "rev-parse", "HEAD"],
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return None
    return found.stdout.strip() or None if found.returncode == 0 else None
