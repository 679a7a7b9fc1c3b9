"""`preg-dbt`: dbt with the project parsed already. What Dagster calls in a run.

dbt parses the project again whenever a variable of the environment that its profile reads has changed, as the paths of
another data directory are; that is a third of a small build. `orchestration.dbt.project` has parsed it when a file had
changed; here it is taken from there. Without, or when another version of dbt wrote it, dbt parses for itself.

Where a dbt waits (`orchestration.dbt.waiting`), that one runs.
"""

from __future__ import annotations

import gc
import os
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.dbt.waiting import WAIT, hand_over, wait

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

# Names the parsed project: the file that `orchestration.dbt.project` keeps next to the manifest.
PARSED = "PREG_DBT_PARSED"
# After how many new objects Python looks for garbage, and how often it looks at the older ones.
_GARBAGE = (20_000, 50, 100)


def main() -> int:
    """Run dbt with the arguments of this process.

    Returns dbt's own exit status: 1 when something that it ran has failed, 2 when it could not run.
    """
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        # dbt itself would ask a registry whether there is a newer one.
        print(f"Core:\n  - installed: {version('dbt-core')}")
        return 0
    if arguments[:1] == [WAIT]:
        return _wait(int(arguments[1]))
    status = hand_over(arguments)
    return _run(arguments, None) if status is None else status


def _wait(listener: int) -> int:
    """Be the dbt that waits: everything that a call needs and that does not depend on it is loaded before it comes."""
    loaded = _Loaded()
    return wait(listener, loaded.load, lambda arguments: _run(arguments, loaded))


class _Loaded:
    """The parsed project, and the file that it is of."""

    def __init__(self) -> None:
        self.manifest: Manifest | None = None
        self._state: tuple[str, int, int] | None = None

    def load(self) -> None:
        """Import dbt with its adapter, and take the parsed project as it is now."""
        # Slow to import.
        import dbt.adapters.duckdb
        import dbt.cli.main  # noqa: F401

        self._state = _state_of(_parsed_file())
        self.manifest = _parsed()

    def is_present(self) -> bool:
        """Whether the file that the environment names now is the one that was loaded, untouched."""
        return self.manifest is not None and self._state == _state_of(_parsed_file())


def _run(arguments: list[str], loaded: _Loaded | None) -> int:
    # Slow to import.
    from dbt.cli.main import dbtRunner

    # What dbt writes down as the command that it was called with.
    sys.argv[1:] = arguments
    manifest = loaded.manifest if loaded is not None and loaded.is_present() else _parsed()
    # The project is a million objects that stay: looking through them for garbage takes a tenth of a small build.
    gc.freeze()
    gc.set_threshold(*_GARBAGE)
    result = dbtRunner(manifest=manifest).invoke(arguments)
    if result.exception is not None:
        print(result.exception, file=sys.stderr)
        return 2
    return 0 if result.success else 1


def _parsed_file() -> Path:
    return Path(os.environ.get(PARSED, ""))


def _state_of(file: Path) -> tuple[str, int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return str(file), status.st_ino, status.st_mtime_ns


def _parsed() -> Manifest | None:
    """The parsed project, or None where dbt has to parse it."""
    from dbt.contracts.graph.manifest import Manifest

    file = _parsed_file()
    if not file.is_file():
        return None
    try:
        manifest = Manifest.from_msgpack(file.read_bytes())
    except Exception:  # dbt can do without it.
        return None
    if manifest.metadata.dbt_version != version("dbt-core"):
        return None
    manifest.build_flat_graph()
    return manifest


if __name__ == "__main__":
    sys.exit(main())
