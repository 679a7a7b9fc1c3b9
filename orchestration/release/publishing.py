"""Publishing the candidate, from Dagster and from the command line alike."""

import datetime as dt
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from foundation.errors import ApprovalNeeded, GateStopped, PregError
from foundation.release import Release, ReleaseFolder
from foundation.settings import Settings
from orchestration.dbt.environment import dbt_target
from publication.candidate.candidate import Candidate, content_of, read_candidate
from publication.candidate.fingerprint import rules_of
from publication.candidate.provenance import provenance
from publication.reports.report import report_writer
from publication.store.audit_log import audit_entries, rollback_in_effect
from publication.store.cleaned_release import publish_cleaned
from publication.store.release import (
    Approval,
    check_database,
    current_release,
    find_release,
    list_releases,
    publish,
    refuse_unchecked,
)
from publication.store.release_windows import is_in_window, windows_after
from publication.store.retention import prune
from publication.store.withdrawal import list_withdrawals
from quality.checked_files import checksums_of, read_checked_files
from quality.gate import raise_if_blocked
from quality.release_file_scan import file_scan
from quality.result import read_results


def was_published_before(settings: Settings) -> bool:
    """Whether there ever was a release, also one that is withdrawn or lost."""
    return bool(audit_entries(settings) or list_withdrawals(settings) or list_releases(settings))


def _refuse_unlike_checked(candidate: Candidate) -> None:
    """A candidate may wait for days: what is published is what the gate has checked, byte for byte."""
    checked = read_checked_files(candidate.check_results)
    if not checked or checked != checksums_of(candidate.folder, checked):
        raise GateStopped(
            "the candidate is not what the gate has looked at: its files have changed since",
            where=str(candidate.folder),
            todo="build and check it again: preg run",
        )


def _by_the_window(settings: Settings) -> str:
    """Blank within a window, or where windows are not kept; outside it, the reason that was given for `--now`.

    A reason opens the window and nothing else: warnings that wait, and a rollback, need a person's name as ever.

    Raises `ApprovalNeeded` outside a window without a reason.
    """
    now = dt.datetime.now(dt.UTC)
    if not settings.release_windows or is_in_window(now, settings.window_minutes):
        return ""
    if settings.publish_now:
        return settings.publish_now
    opens = next(windows_after(now))
    raise ApprovalNeeded(
        f"the candidate waits for the publication window that opens at {opens:%Y-%m-%d %H:%M} in Oslo",
        todo='it is published then (the schedule publication_windows), or now: preg run --now --why "REASON"',
    )


def release_of_candidate(settings: Settings) -> Release | None:
    """The release that the candidate has become, where it was rolled back; None otherwise."""
    current = current_release(settings)
    if current is None or rollback_in_effect(settings) is None:
        return None
    candidate = read_candidate(settings)
    # What is equal by its content only may be of other deliveries, and other checks.
    became = (content_of(candidate.tables), candidate.sequence_number)
    same = [
        release
        for release in list_releases(settings)
        if (release.manifest.content_hash, release.manifest.sequence_number) == became
        and release.release_id != current.release_id
    ]
    return same[-1] if same else None


def promote_candidate(settings: Settings, approval: Approval) -> Release:
    """Publish the candidate that waits, with a person's approval. Raises `PregError` when it is published already."""
    current = current_release(settings)
    if current is not None and content_of(read_candidate(settings).tables) == current.manifest.content_hash:
        raise PregError(
            f"nothing waits: the current release {current.release_id} has the content of the candidate",
            where=str(settings.releases_dir),
            todo="to make another release current, name it: preg release promote RELEASE",
        )
    return publish_candidate(settings, approval)


def clean_release(settings: Settings, release_id: str, approval: Approval) -> Release:
    """Publish a copy of an older release without the places of who is hidden today, searched like every release."""
    chosen = find_release(settings, release_id)
    check_database(chosen, settings)
    return publish_cleaned(
        settings,
        chosen,
        approval,
        report_writer(settings),
        lambda folder: _scan_cleaned(settings, folder),
    )


def _scan_cleaned(settings: Settings, folder: Path) -> None:
    with file_scan(settings, ReleaseFolder(folder).database) as scan:
        _scan_or_remove(scan, folder)


def _scan_or_remove(scan: Callable[[Path], None], folder: Path) -> None:
    """Scan the files of a release that is about to be published; one that does not pass is gone."""
    try:
        scan(folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def publish_candidate(settings: Settings, approval: Approval | None = None) -> Release:
    """Publish the candidate that the gate has looked at, then withdraw what is beyond retention.

    Raises `GateStopped` when a check blocks or a file holds what no file may, and `ApprovalNeeded` where a name is
    needed.
    """
    candidate = read_candidate(settings)
    results: Sequence[Any] = read_results(candidate.check_results)
    raise_if_blocked(results)
    _refuse_unlike_checked(candidate)
    reason = _by_the_window(settings) if approval is None else ""
    # `publish` refuses it too: here before anything is gathered for it.
    refuse_unchecked(settings, results, approval)
    with file_scan(settings, candidate.database) as scan:
        published = publish(
            settings,
            candidate,
            results,
            rules_of(settings),
            report_writer(settings),
            approval=approval,
            outside_window=reason,
            made_by=provenance(dbt_target(settings)),
            scan=lambda folder: _scan_or_remove(scan, folder),
        )
    prune(settings)
    return published
