"""Filematch: `/filematch`. A client uploads its register, and fetches it when it is washed."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query
from fastapi import Path as InPath
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, Response

from foundation.errors import MachineFailure, PregError
from serving.access.entry import Caller
from serving.calls import Services
from serving.filematch.columns import ROLES
from serving.filematch.jobs import Job, Jobs
from serving.interfaces.http import TooLarge, TooSlow
from serving.interfaces.rest.bodies import let_in
from serving.interfaces.rest.problems import PROBLEMS, Problem
from serving.settings import WashSettings

_MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}
_FILE = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_RESULT: dict[int | str, dict[str, Any]] = {
    200: {"content": {name.partition(";")[0]: {} for name in _MEDIA_TYPES.values()}, "description": "The washed file."}
}

# Files of a client, and of all, that may arrive at a process at a time: each has a connection as long as it takes.
_MOST_ARRIVING, _MOST_ARRIVING_OF_ALL = 3, 50

JobId = Annotated[str, InPath(description="As the upload was answered.", max_length=64)]


class FilematchJob(BaseModel):
    """A file that was uploaded, and what has become of it."""

    JobId: str
    State: str = Field(description="waiting, running, done or failed.")
    CreatedAt: str
    EndedAt: str = Field(description="Blank until it has ended.")
    Release: str = Field(description="What it is washed against; blank until it begins.")
    Detail: str = Field(description="Why it failed; blank otherwise.")
    Todo: str = Field(description="What to do about it.")


def router(services: Services) -> APIRouter:
    """The paths."""
    limits = WashSettings()
    jobs = Jobs(services.settings, limits)
    api = APIRouter(responses=PROBLEMS, tags=["Filematch"])
    by = let_in(services)
    # How many files of each client are arriving at this process.
    arriving: Counter[str] = Counter()

    def own(caller: Caller, job_id: str) -> Job:
        job = jobs.find(caller.client.user_name, job_id)
        if job is None:
            raise Problem(404, "you have no such file here", "it may have been deleted or been here too long")
        return job

    def done(caller: Caller, job_id: str) -> Job:
        job = own(caller, job_id)
        if job.state == "failed":
            raise Problem(409, job.what, job.todo)
        if job.state != "done":
            raise Problem(409, "the file is not washed yet", "ask for its state: GET /filematch/{id}")
        if job.profile_fingerprint != caller.profile.fingerprint:
            raise Problem(409, "your access profile is another one since the file was washed", "send the file again")
        if (services.settings.withdrawn_dir / f"{job.release_id}.json").exists():
            raise Problem(409, "the release that it was washed against has been withdrawn", "send the file again")
        return job

    @api.post(
        "/filematch",
        status_code=202,
        response_model=FilematchJob,
        summary="Upload a register (CSV, .xlsx, Parquet) to be washed",
        openapi_extra=_FILE,
    )
    async def upload(
        request: Request,
        column: Annotated[
            list[str] | None,
            Query(
                description=f"Which column says what, where its header does not: role=header ({', '.join(ROLES)}).",
                max_length=20,
            ),
        ] = None,
        caller: Caller = by,
    ) -> Response:
        """Take a file: the bytes as they are, of whatever kind. It is washed when it has arrived whole."""
        said = _said(column or [])
        client = caller.client
        # Between here and the first wait nobody else counts.
        others = arriving[client.user_name]
        if others >= _MOST_ARRIVING or arriving.total() >= _MOST_ARRIVING_OF_ALL:
            raise Problem(429, "too many files are arriving", "send them one after another")
        arriving[client.user_name] += 1
        try:
            try:
                folder = await run_in_threadpool(jobs.begin_upload, client.user_name, others)
            except MachineFailure:
                raise
            except PregError as error:
                raise Problem(409, error.what, error.todo) from error
            try:
                await _receive(request, folder / "upload", limits, services.serving.request_seconds)
                job = await run_in_threadpool(
                    jobs.commit, folder, client.user_name, client.purpose, caller.profile.name, said
                )
            finally:
                # Of what was committed nothing is left under this name.
                await run_in_threadpool(shutil.rmtree, folder, ignore_errors=True)
        finally:
            arriving[client.user_name] -= 1
        return _json(job, 202, {"Location": f"/filematch/{job.job_id}"})

    @api.get("/filematch/{job_id}", response_model=FilematchJob, summary="What has become of a file")
    async def state(job_id: JobId, caller: Caller = by) -> Response:
        """Whether a file is washed."""
        return _json(own(caller, job_id))

    @api.get("/filematch/{job_id}/result", response_class=Response, responses=_RESULT, summary="The washed file")
    async def result(job_id: JobId, caller: Caller = by) -> Response:
        """The file with who each row is, in the form that it was sent in."""
        job = done(caller, job_id)
        _log(services, caller, job)
        return FileResponse(
            jobs.result_of(job),
            media_type=_MEDIA_TYPES[job.form],
            filename=f"washed.{job.form}",
            headers={"Preg-Release": job.release_id},
        )

    @api.get("/filematch/{job_id}/report", summary="The report of a wash: numbers of rows, no person")
    async def report(job_id: JobId, caller: Caller = by) -> Response:
        """What came of the wash, in numbers."""
        job = done(caller, job_id)
        return Response(
            jobs.report_of(job).read_bytes(),
            media_type="application/json",
            headers={"Preg-Release": job.release_id},
        )

    @api.delete("/filematch/{job_id}", status_code=204, summary="Delete a file and its result")
    async def delete(job_id: JobId, caller: Caller = by) -> Response:
        """Delete a file, its result and its report; a wash that is running ends."""
        job = own(caller, job_id)
        await run_in_threadpool(jobs.delete, job)
        return Response(status_code=204)

    return api


async def _receive(request: Request, file: Path, limits: WashSettings, silence: float) -> None:
    """Write the body of a request to a file as it comes. silence: seconds in which something has to come.

    Raises `TooLarge` and `TooSlow`.
    """
    size = 0
    try:
        async with asyncio.timeout(limits.upload_seconds):
            with file.open("wb") as out:
                parts = request.stream()
                while part := await asyncio.wait_for(anext(parts, b""), silence):
                    size += len(part)
                    if size > limits.largest_upload:
                        raise TooLarge
                    await run_in_threadpool(out.write, part)
    except (TimeoutError, ClientDisconnect) as error:
        raise TooSlow from error


def _said(given: list[str]) -> dict[str, str]:
    said = {}
    for each in given:
        role, is_one, header = each.partition("=")
        if not is_one or role not in ROLES or not header or len(header) > 200:
            raise Problem(422, "column: is given as role=header", f"roles: {', '.join(ROLES)}")
        said[role] = header
    return said


def _log(services: Services, caller: Caller, job: Job) -> None:
    """Say that a result goes out: whom it discloses the log has had since the wash, under the same job's release."""
    services.log.write(
        client=caller.client.user_name,
        interface="filematch",
        operation="result",
        numbers=[],
        outcome="shown",
        purpose=caller.client.purpose,
        release_id=job.release_id,
    )


def _json(job: Job, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    content = FilematchJob(
        JobId=job.job_id,
        State=job.state,
        CreatedAt=job.created_at,
        EndedAt=job.ended_at,
        Release=job.release_id,
        Detail=job.what,
        Todo=job.todo,
    )
    return Response(orjson.dumps(content.model_dump()), status, headers, "application/json")
