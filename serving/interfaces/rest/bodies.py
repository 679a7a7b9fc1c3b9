"""What the paths of REST have in common: who asks is let in first; a JSON body is read within its bounds, and
described for OpenAPI."""

from __future__ import annotations

from typing import Any, TypeVar

from fastapi import Depends
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request

from serving.access.entry import Caller
from serving.calls import Services
from serving.interfaces import http
from serving.interfaces.rest.problems import WrongInput

# A synthetic person's number and id, in the examples; in a test environment those of a person who is there
# (`serving.interfaces.rest.description`).
EXAMPLE_NUMBER = "01815700143"
EXAMPLE_ID = "94790af4-6bd0-95fa-2886-21ac89874680"

Model = TypeVar("Model", bound=BaseModel)


class Given(BaseModel):
    """What a client sends: nothing that is not known, and no number in the place of a text."""

    model_config = ConfigDict(extra="forbid", strict=True)


def let_in(services: Services) -> Any:
    """The caller, as a dependency: who is not let in is told nothing of what else is wrong."""

    async def caller(request: Request) -> Caller:
        return await http.let_in_by_header(services, request)

    return Depends(caller)


def described_body(model: type[BaseModel]) -> dict[str, Any]:
    """What OpenAPI says of a body that we read ourselves: within its bounds, and before anything of it is kept."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": model.model_json_schema()}}}}


async def read_body(model: type[Model], request: Request, services: Services) -> Model:
    """The body of a request. Raises `WrongInput`, `TooLarge` and `TooSlow`."""
    body = await http.body_of(request, services)
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise WrongInput(error.errors(include_input=False, include_url=False, include_context=False)) from None
