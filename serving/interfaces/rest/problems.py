"""What a REST client is told that is not answered: ProblemDetails (RFC 9457), with what to do."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from serving.access.entry import NotLetIn
from serving.help_numbers.person import Conflict
from serving.help_numbers.service import NotThere
from serving.interfaces.http import TooLarge, TooSlow, headers_of, status_of
from serving.services.look_up import NotForProfile, Refused
from serving.store.read_store import NothingServed

_TITLES = {
    400: "The question cannot be answered as it is asked",
    401: "Who asks is not known",
    403: "Your access profile may not ask this",
    404: "Not found",
    405: "The path has no such method",
    408: "The request did not arrive in time",
    409: "It cannot be done as things are",
    413: "The request is too large",
    422: "The request is not as the contract has it",
    429: "Too many requests",
    503: "Nothing can be answered now",
}


class ProblemDetails(BaseModel):
    """Why there is no answer."""

    type: str = Field(description="about:blank")
    title: str
    status: int
    detail: str = Field(description="What happened.")
    todo: str = Field(description="What to do; blank where nothing is known.")


PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": ProblemDetails, "description": title, "content": {"application/problem+json": {}}}
    for status, title in _TITLES.items()
    if status != 405
}


class Problem(Exception):
    """An answer that is a problem: HTTP status, what happened, what to do."""

    def __init__(self, status: int, detail: str, todo: str = "") -> None:
        self.status = status
        self.detail = detail
        self.todo = todo
        super().__init__(detail)


class WrongInput(Problem):
    """A body or a parameter that is not as the contract has it. It tells where and what, never the value."""

    def __init__(self, errors: Any) -> None:
        told = "; ".join(f"{'.'.join(str(part)[:40] for part in each['loc'])}: {each['msg']}" for each in errors[:5])
        super().__init__(422, told or "the request cannot be read", "see /openapi.json")


def response(problem: Problem, headers: dict[str, str] | None = None) -> Response:
    """A problem as it is sent."""
    content = {
        "type": "about:blank",
        "title": _TITLES.get(problem.status, "The request cannot be answered"),
        "status": problem.status,
        "detail": problem.detail,
        "todo": problem.todo,
    }
    return Response(orjson.dumps(content), problem.status, headers, "application/problem+json")


# What is answered with a problem; anything else is a mistake of the service.
KNOWN = (Problem, NotLetIn, Refused, NothingServed, TooLarge, TooSlow)


FROM_ELSEWHERE = response(
    Problem(403, "another site's page cannot ask here through a browser", "ask from a program, or from /support itself")
)
UNFORESEEN = response(Problem(500, "the service has made a mistake", "tell who runs it, with the time"))


def response_to(error: Exception) -> Response:
    """The answer to a call that ended in an error that is known. Raises an error that is not."""
    match error:
        case Problem():
            return response(error)
        case NotLetIn():
            return response(Problem(status_of(error), str(error)), headers_of(error))
        case Conflict():
            return response(Problem(409, error.what, error.todo))
        case NotThere():
            return response(Problem(404, error.what, error.todo))
        case Refused():
            return response(Problem(403 if isinstance(error, NotForProfile) else 400, error.what, error.todo))
        case NothingServed():
            return response(Problem(503, error.what, error.todo), {"Retry-After": "30"})
        case RequestValidationError():
            return response(WrongInput(error.errors()))
        case TooLarge():
            return response(Problem(413, "the request is too large"), {"Connection": "close"})
        case TooSlow():
            return response(Problem(408, "the request did not arrive in time"), {"Connection": "close"})
        case HTTPException():
            headers = dict(error.headers) if error.headers else None
            return response(Problem(error.status_code, "there is nothing here", "see /openapi.json"), headers)
    raise error


def answer_problems(app: FastAPI) -> None:
    """Let an application answer with problems."""

    async def told(_request: Request, error: Exception) -> Response:
        return response_to(error)

    async def unforeseen(_request: Request, _error: Exception) -> Response:
        return UNFORESEEN

    for kind in (*KNOWN, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, told)
    app.add_exception_handler(Exception, unforeseen)
