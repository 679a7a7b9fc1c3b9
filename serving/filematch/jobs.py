"""Files that clients have uploaded, and their washes: `<data>/serving/filematch/<job_id>/`, readable by the owner only.

A folder is a job from the moment it has that name: `job.json`, `upload`; later `result` and `report.json`. An upload
that was cut is a folder whose name begins with a point, and is removed. Washes run in a process of their own, one at a
time; what a kill leaves is washed again, against the same release, and gives the same file.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import multiprocessing
import os
import resource
import secrets
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from foundation.database import machine_failures
from foundation.errors import MachineFailure, PregError
from foundation.files import flush_to_disk, write_json
from foundation.settings import Settings
from operations.log import open_log
from publication.access.access_profile import find_access_profile
from publication.store.release import check_database, current_release, find_release
from serving.access.access_log import AccessLog
from serving.filematch.wash import Asked, Register, spill_of, wash
from serving.settings import WashSettings

State = Literal["waiting", "running", "done", "failed"]

_JOB, _UPLOAD, _REPORT = "job.json", "upload", "report.json"
_LOCK = ".lock"
_WORK = "work"
# A wash that has taken its process with it so many times would do so again.
_MOST_ATTEMPTS = 3
_SECONDS_BETWEEN_LOOKS = 1.0
# Nearer to nothing than what is asked meanwhile.
_NICENESS = 10


@dataclass(frozen=True)
class Job:
    """An uploaded file and what has become of it.

    said: role → header. profile: as it was when the file came. form: of the result.
    profile_fingerprint: of the profile as it was washed with. release_id: what it is washed
    against; blank until it begins. what, todo: why it failed. created_at, ended_at: ISO 8601, UTC.
    """

    job_id: str
    client: str
    purpose: str
    profile: str
    said: dict[str, str]
    created_at: str
    state: State = "waiting"
    form: str = ""
    release_id: str = ""
    profile_fingerprint: str = ""
    attempts: int = 0
    ended_at: str = ""
    what: str = ""
    todo: str = ""


class Jobs:
    """The jobs of all clients, as any process sees them."""

    def __init__(self, settings: Settings, limits: WashSettings) -> None:
        self._settings = settings
        self._limits = limits
        self.folder = settings.serving_dir / "filematch"

    def begin_upload(self, client: str, arriving: int) -> Path:
        """A folder for a file that begins to arrive. arriving: how many others of the client's are arriving already.

        Raises `PregError` where the client has too many.
        """
        if sum(job.client == client for job in self.all()) + arriving >= self._limits.most_jobs:
            raise PregError(
                f"{self._limits.most_jobs} of your files are here already", todo="fetch their results and delete them"
            )
        with machine_failures(str(self.folder)):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            # Whose it is: that of a process that is no more is removed.
            folder = self.folder / f".{secrets.token_hex(16)}.{os.getpid()}.partial"
            folder.mkdir(mode=0o700)
        return folder

    def commit(self, folder: Path, client: str, purpose: str, profile: str, said: Mapping[str, str]) -> Job:
        """Make a job of a file that has arrived whole (`upload` in the folder): on the disk before it is answered."""
        job_id = folder.name.split(".")[1]
        job = Job(job_id, client, purpose, profile, dict(said), _now())
        with machine_failures(str(folder)):
            (folder / _UPLOAD).chmod(0o600)
            flush_to_disk(folder / _UPLOAD)
            _write(folder, job)
            flush_to_disk(folder)
            folder.rename(self.folder / job_id)
            flush_to_disk(self.folder)
        return job

    def find(self, client: str, job_id: str) -> Job | None:
        """A client's own job; None where there is none of that name, or it is another's."""
        if len(job_id) != 32 or not (job_id.isascii() and job_id.isalnum()):
            return None
        job = _read(self.folder / job_id)
        return job if job is not None and job.client == client and not self._is_old(job) else None

    def result_of(self, job: Job) -> Path:
        """Where the result of a job that is done is."""
        return self.folder / job.job_id / f"result.{job.form}"

    def report_of(self, job: Job) -> Path:
        """Where its report is."""
        return self.folder / job.job_id / _REPORT

    def delete(self, job: Job) -> None:
        """Remove a job with everything of it; a wash that is running ends."""
        _remove(self.folder / job.job_id)

    def all(self) -> list[Job]:
        """Every job, oldest first."""
        found = [_read(folder) for folder in self.folder.glob("[0-9a-f]*")]
        return sorted((job for job in found if job is not None), key=lambda job: (job.created_at, job.job_id))

    def remove_old(self) -> None:
        """Remove what has been here too long, what was made from a release that is withdrawn, and what was cut."""
        for job in self.all():
            withdrawn = job.release_id and (self._settings.withdrawn_dir / f"{job.release_id}.json").exists()
            if self._is_old(job) or withdrawn:
                self.delete(job)
        for folder in self.folder.glob(".*"):
            process = folder.name.split(".")[2:3]
            if process and process[0].isdecimal() and not Path("/proc", process[0]).exists():
                shutil.rmtree(folder, ignore_errors=True)

    def next(self) -> Job | None:
        """The job to be washed next; one that was running when its process ended comes first.

        Clients come in turn: of those that wait, the one whose last wash ended first, or that had none.
        """
        jobs = self.all()
        last = {job.client: job.ended_at for job in sorted(jobs, key=lambda job: job.ended_at)}
        open_jobs = [job for job in jobs if job.state in ("waiting", "running")]
        return min(open_jobs, key=lambda job: (job.state != "running", last[job.client], job.created_at), default=None)

    def _is_old(self, job: Job) -> bool:
        since = dt.datetime.fromisoformat(job.created_at)
        return dt.datetime.now(dt.UTC) - since > dt.timedelta(hours=self._limits.keep_hours)


def wash_next(settings: Settings, limits: WashSettings) -> bool:
    """Wash the job that is next, in this process; False where there is none, or another process washes."""
    jobs = Jobs(settings, limits)
    with _alone(jobs.folder) as is_alone:
        job = jobs.next() if is_alone else None
        if job is not None:
            _wash_job(settings, limits, jobs, job)
        return job is not None


@contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    """Whether no other process washes. One whose server was killed ends what it does, and is waited for."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(folder / _LOCK, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _wash_job(settings: Settings, limits: WashSettings, jobs: Jobs, job: Job) -> None:
    folder = jobs.folder / job.job_id
    job = replace(job, state="running", attempts=job.attempts + 1)
    try:
        if job.attempts > _MOST_ATTEMPTS:
            raise PregError(
                "the wash has ended its process each time", todo="send the file in parts; tell who runs the service"
            )
        if not job.release_id:
            release = current_release(settings)
            if release is None:
                raise PregError("no release can be washed against now", todo="send the file again later")
            job = replace(job, release_id=release.release_id)
        _write(folder, job)
        done = _wash(settings, limits, job, folder)
    except MachineFailure as error:
        # Space may be there the next time.
        open_log(settings).error("wash interrupted", job=job.job_id, why=error.what)
        done = job if job.attempts < _MOST_ATTEMPTS else replace(job, state="failed", what="the machine gave out")
    except PregError as error:
        done = replace(job, state="failed", what=error.as_text().partition("\n  to do")[0], todo=error.todo)
    # A client may have deleted it meanwhile.
    if folder.is_dir():
        _write(folder, done if done.state == "running" else replace(done, ended_at=_now()))


def _wash(settings: Settings, limits: WashSettings, job: Job, folder: Path) -> Job:
    release = find_release(settings, job.release_id)
    check_database(release, settings)
    profile = find_access_profile(settings, job.profile)
    register = Register(settings, release, profile)
    work = folder / _WORK
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(mode=0o700)
    log = AccessLog(settings)

    def disclosed(asked: Iterator[tuple[str, list[str]]]) -> None:
        for outcome, numbers in asked:
            log.write(
                client=job.client,
                interface="filematch",
                operation="wash",
                numbers=numbers,
                outcome=outcome,
                purpose=job.purpose,
                release_id=release.release_id,
            )

    try:
        washed, report = wash(register, limits, Asked(folder / _UPLOAD, job.said), work, disclosed)
        form = washed.suffix.removeprefix(".")
        washed.chmod(0o600)
        flush_to_disk(washed)
        washed.replace(folder / f"result.{form}")
        write_json(folder / _REPORT, report.as_json())
        (folder / _REPORT).chmod(0o600)
    finally:
        log.close()
        shutil.rmtree(work, ignore_errors=True)
    # What was sent is in the result.
    (folder / _UPLOAD).unlink()
    return replace(job, state="done", form=form, profile_fingerprint=profile.fingerprint)


def look_after_jobs(settings: Settings, limits: WashSettings, stopped: threading.Event) -> None:
    """Wash what clients have sent, each file in a process of its own, until the server stops."""
    jobs = Jobs(settings, limits)
    spawn = multiprocessing.get_context("spawn")
    while not stopped.wait(_SECONDS_BETWEEN_LOOKS):
        with suppress(PregError, OSError):
            jobs.remove_old()
            job = jobs.next()
            with _alone(jobs.folder) as is_alone:
                if is_alone:
                    # What a wash that was killed has left of a client's file.
                    shutil.rmtree(spill_of(settings, _WORK), ignore_errors=True)
            if job is None or not is_alone:
                continue
            washing = spawn.Process(target=_wash_quietly, args=(settings, limits), daemon=True)
            washing.start()
            while washing.is_alive():
                washing.join(_SECONDS_BETWEEN_LOOKS)
                if stopped.is_set() or not (jobs.folder / job.job_id).is_dir():
                    washing.kill()


def _wash_quietly(settings: Settings, limits: WashSettings) -> None:
    """Wash the next job without taking the processor from those who ask."""
    os.nice(_NICENESS)
    os.umask(0o077)
    # A file may be small and what is in it vast: then this process ends, not the server.
    resource.setrlimit(resource.RLIMIT_DATA, (limits.process_memory, limits.process_memory))
    wash_next(settings, limits)


def _read(folder: Path) -> Job | None:
    try:
        return Job(**json.loads((folder / _JOB).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _write(folder: Path, job: Job) -> None:
    write_json(folder / _JOB, asdict(job))
    (folder / _JOB).chmod(0o600)


def _remove(folder: Path) -> None:
    going = folder.with_name(f".{folder.name}.{os.getpid()}.going")
    with suppress(FileNotFoundError):
        folder.rename(going)
    shutil.rmtree(going, ignore_errors=True)


def _now() -> str:
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
