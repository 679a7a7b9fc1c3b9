"""Ask the advisory database for known holes in the pinned dependencies: `make audit`.

Exit status 1 when there is one, and when the audit itself fails; what could not be asked about is reported, not passed.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

# One call for each: pip-audit refuses two files that pin the same package.
_LOCKS = (Path(__file__).parents[1] / "requirements.lock", Path(__file__).with_name("supply_chain.lock"))
# How pip-audit reports that it reaches no advisory database.
_OUT_OF_REACH = re.compile(r"ConnectionError|ConnectTimeout|ServiceError|Max retries exceeded|Could not connect")


class _AuditFailed(Exception):
    """Nothing was audited. out_of_reach: because the advisory database cannot be reached."""

    def __init__(self, lock: Path, message: str) -> None:
        self.out_of_reach = bool(_OUT_OF_REACH.search(message))
        reason = "the advisory database cannot be reached" if self.out_of_reach else "the audit failed"
        super().__init__(f"nothing of {lock.name} was audited: {reason}\n{message.strip()[:300]}")


def main() -> int:
    """Run pip-audit on the lock files, and report what it found in words."""
    status = 0
    for lock in _LOCKS:
        try:
            status |= _tell(lock, _audit(lock))
        except _AuditFailed as failure:
            print(failure)
            status |= 0 if failure.out_of_reach else 1
    return status


def _audit(lock: Path) -> list[dict[str, Any]]:
    """What pip-audit says of each dependency of a lock file."""
    result = subprocess.run(
        [sys.executable, "-m", "pip_audit", "-r", str(lock), "--no-deps", "--disable-pip", "--format", "json"],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        dependencies: list[dict[str, Any]] = json.loads(result.stdout)["dependencies"]
    except (ValueError, KeyError) as error:
        errors = [line for line in result.stderr.splitlines() if not line.startswith("WARNING")]
        raise _AuditFailed(lock, "\n".join(errors)) from error
    return dependencies


def _tell(lock: Path, dependencies: list[dict[str, Any]]) -> int:
    skipped = [each["name"] for each in dependencies if "skip_reason" in each]
    holes = [
        f"{each['name']} {each['version']}: {hole['id']}" for each in dependencies for hole in each.get("vulns", [])
    ]
    audited = len(dependencies) - len(skipped)
    print(f"{lock.name}: {audited} dependencies audited, {len(skipped)} not known to the advisory database")
    print("\n".join(holes) or ("no known hole" if audited else "nothing was audited: this machine sees no advisories"))
    return 1 if holes else 0


if __name__ == "__main__":
    sys.exit(main())
