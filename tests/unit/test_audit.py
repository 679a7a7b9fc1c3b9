"""`make audit`: both lock files are looked at, and an audit that failed is not taken for one without a connection."""

from __future__ import annotations

import json
import runpy
import subprocess
from pathlib import Path
from typing import Any

import pytest

AUDIT = Path(__file__).parents[2] / "deploy" / "audit.py"
_CLEAN = json.dumps({"dependencies": [{"name": "duckdb", "version": "1.5.5", "vulns": []}]})
_HOLED = json.dumps({"dependencies": [{"name": "duckdb", "version": "1.5.5", "vulns": [{"id": "PYSEC-1"}]}]})


@pytest.mark.parametrize(
    ("answers", "status", "reported"),
    [
        ({"requirements.lock": (_CLEAN, ""), "supply_chain.lock": (_CLEAN, "")}, 0, "no known hole"),
        ({"requirements.lock": (_CLEAN, ""), "supply_chain.lock": (_HOLED, "")}, 1, "duckdb 1.5.5: PYSEC-1"),
        (
            {"requirements.lock": ("", "ERROR: duplicate requirements"), "supply_chain.lock": (_CLEAN, "")},
            1,
            "nothing of requirements.lock was audited: the audit failed\nERROR: duplicate requirements",
        ),
        (
            {"requirements.lock": ("", "Max retries exceeded"), "supply_chain.lock": ("", "Max retries exceeded")},
            0,
            "nothing of supply_chain.lock was audited: the advisory database cannot be reached",
        ),
    ],
)
def test_what_an_audit_comes_to(
    answers: dict[str, tuple[str, str]],
    status: int,
    reported: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = []

    def answer(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        lock = Path(command[command.index("-r") + 1])
        assert lock.is_file()
        asked.append(lock.name)
        out, errors = answers[lock.name]
        return subprocess.CompletedProcess(command, 1 if errors else 0, out, f"WARNING: of no weight\n{errors}")

    monkeypatch.setattr(subprocess, "run", answer)
    assert runpy.run_path(str(AUDIT))["main"]() == status
    assert asked == ["requirements.lock", "supply_chain.lock"]
    assert reported in capsys.readouterr().out
