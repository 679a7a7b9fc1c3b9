"""`preg-dbt`: dbt with the project parsed already. What Dagster calls in a run.

dbt parses the project anew whenever a variable of the environment that its profile reads has changed, as the paths of
another data directory are; that is a third of a small build. `orchestration.dbt.project` has parsed it when a file had
changed; here it is taken from there. Without, or when another version of dbt wrote it, dbt parses for itself.
"""

from __future__ import annotations

import os
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

# Names the parsed project: the file that `orchestration.dbt.project` keeps beside the manifest.
PARSED = "PREG_DBT_PARSED"


def main() -> int:
    """Run dbt with the arguments of this process.

    Returns dbt's own exit status: 1 when something that it ran has failed, 2 when it could not run.
    """
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        # dbt itself would ask a registry whether there is a newer one.
        print(f"Core:\n  - installed: {version('dbt-core')}")
        return 0
    # Slow to import.
    from dbt.cli.main import dbtRunner

    result = dbtRunner(manifest=_parsed()).invoke(arguments)
    if result.exception is not None:
        print(result.exception, file=sys.stderr)
        return 2
    return 0 if result.success else 1


def _parsed() -> Manifest | None:
    """The parsed project, or None where dbt has to parse it."""
    from dbt.contracts.graph.manifest import Manifest

    file = Path(os.environ.get(PARSED, ""))
    if not file.is_file():
        return None
    try:
        manifest = Manifest.from_msgpack(file.read_bytes())
    except Exception:  # Whatever it holds, dbt can do without.
        return None
    if manifest.metadata.dbt_version != version("dbt-core"):
        return None
    manifest.build_flat_graph()
    return manifest


if __name__ == "__main__":
    sys.exit(main())
