"""The candidate, where it may be looked at: what the gate has not looked at may show anybody."""

from __future__ import annotations

from pathlib import Path

from foundation.errors import PregError
from foundation.settings import Settings


def checked_candidate(settings: Settings) -> Path:
    """The candidate's database, as the gate has checked it.

    Raises `PregError` where it has changed since, and where it may show somebody who is protected.
    """
    # Slow to import, and rarely needed.
    from publication.candidate.candidate import read_candidate
    from quality.checked_files import checksums_of, read_checked_files
    from quality.result import Kind, read_results

    candidate = read_candidate(settings)
    name = candidate.database.name
    checked = read_checked_files(candidate.check_results).get(name)
    if checked is None or checked != checksums_of(candidate.folder, [name]).get(name):
        raise PregError(
            "the candidate is not what the gate has looked at: it may show somebody who is protected",
            where=str(candidate.folder),
            todo="build and check it: preg run",
        )
    found = [each for each in read_results(candidate.check_results) if each.kind is Kind.PROTECTION and not each.passed]
    if found:
        raise PregError(
            f"the candidate may show somebody who is protected: {', '.join(each.name for each in found)}",
            where=str(candidate.folder),
            todo="look at the rows, masked: preg gate rows CHECK",
        )
    return candidate.database
