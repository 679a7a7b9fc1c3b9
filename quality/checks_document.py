"""The registry of checks as docs/checks.md has it."""

from __future__ import annotations

from itertools import groupby

from quality.registry import checks


def as_markdown() -> str:
    """The checks by kind, each with owner, severity, why it exists and what to do when it fires."""
    lines = [
        "# The checks of the gate",
        "",
        "Written by `make checks` from `quality/checks/`; dbt's tests, which the gate reads too, are in dbt_project/.",
        "A *block* stops the publication. A warning that *needs approval* waits for a person: `preg release promote`.",
    ]
    for kind, of_kind in groupby(checks(), key=lambda each: each.kind):
        lines += [
            "",
            f"## {kind.value}",
            "",
            "| check | about | severity | owner | why | to do |",
            "|---|---|---|---|---|---|",
        ]
        for each in of_kind:
            severity = f"{each.severity.value}{', needs approval' if each.needs_approval else ''}"
            cells = (f"`{each.name}`", each.about, severity, each.answers, each.why, each.todo)
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"
