"""Where the time of the last run went: `preg run --profile`."""

from __future__ import annotations

import json
import os
import resource
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from foundation.files import write_json
from foundation.settings import Settings
from operations.recorder import last_run
from publication.candidate.candidate import candidate_folder


@dataclass(frozen=True)
class NodeTime:
    """A node of the dbt project: its name, what it is (model, seed, test), the seconds that it took."""

    name: str
    kind: str
    seconds: float


@dataclass(frozen=True)
class RunProfile:
    """Seconds of a run, from the start of the program to its end.

    starting: imports, mostly. waiting: for another run to end. steps: step → seconds, in their order. nodes: what dbt
    built and tested, the slowest first. checks: group of the gate's checks → seconds. peak_mib: the most memory (MiB)
    that this process held (`preg`), and the largest process that it called (`largest_called`).
    """

    outcome: str
    seconds: float
    starting: float
    waiting: float
    steps: dict[str, float]
    nodes: list[NodeTime] = field(default_factory=list)
    checks: dict[str, float] = field(default_factory=dict)
    peak_mib: dict[str, float] = field(default_factory=dict)


def write_profile(settings: Settings, dbt_target: Path) -> tuple[RunProfile, Path] | None:
    """Write the profile of the run that this process has just ended, and return it with its file.

    None where this process has ended none: another run went on, or it was interrupted. dbt_target: where the run's dbt
    wrote its results; they count only where the run built models. Raises OSError; ValueError, LookupError or TypeError
    for results that are no results of dbt.
    """
    record = last_run(settings)
    if record is None or record.process != os.getpid() or record.outcome == "running":
        return None
    built = any(step.startswith("build and test the models") for step in record.steps)
    profile = RunProfile(
        record.outcome,
        record.seconds,
        record.starting,
        record.waiting,
        record.steps,
        _nodes(dbt_target / "run_results.json") if built else [],
        _checks(candidate_folder(settings).check_seconds) if "check the candidate" in record.steps else {},
        {
            "preg": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "largest_called": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
        },
    )
    file = settings.work_dir / "last_run_profile.json"
    write_json(file, asdict(profile))
    return profile, file


def _checks(seconds: Path) -> dict[str, float]:
    if not seconds.is_file():
        return {}
    return {str(group): float(taken) for group, taken in json.loads(seconds.read_text(encoding="utf-8")).items()}


def _nodes(results: Path) -> list[NodeTime]:
    if not results.is_file():
        return []
    content: dict[str, Any] = json.loads(results.read_text(encoding="utf-8"))
    nodes = [
        NodeTime(name.split(".")[2], name.split(".")[0], float(result["execution_time"]))
        for result in content["results"]
        if (name := result["unique_id"])
    ]
    return sorted(nodes, key=lambda node: (-node.seconds, node.name))
