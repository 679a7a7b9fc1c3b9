"""Ask the advisory database for known holes in the pinned dependencies: `make audit`.

Exit status 1 when there is one; what could not be asked about is told, and is no pass.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

_LOCKS = (Path(__file__).parents[1] / "requirements.lock", Path(__file__).with_name("supply_chain.lock"))


def main() -> int:
    """Run pip-audit on the lock files, and tell what it found in words."""
    result = subprocess.run(
        [
            *(sys.executable, "-m", "pip_audit", "--no-deps", "--disable-pip", "--format", "json"),
            *(argument for lock in _LOCKS for argument in ("-r", str(lock))),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        dependencies = json.loads(result.stdout)["dependencies"]
    except (ValueError, KeyError):
        print(f"nothing was audited: the advisory database cannot be reached\n{result.stderr.strip()[-300:]}")
        return 0
    skipped = [each["name"] for each in dependencies if "skip_reason" in each]
    holes = [
        f"{each['name']} {each['version']}: {hole['id']}" for each in dependencies for hole in each.get("vulns", [])
    ]
    print(f"{len(dependencies) - len(skipped)} dependencies audited, {len(skipped)} not known to the advisory database")
    audited = len(dependencies) - len(skipped)
    print("\n".join(holes) or ("no known hole" if audited else "nothing was audited: this machine sees no advisories"))
    return 1 if holes else 0


if __name__ == "__main__":
    sys.exit(main())
