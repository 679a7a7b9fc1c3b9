"""A JSON body of REST: read within its bounds, after its caller was let in, and described for OpenAPI."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from serving.calls import Services
from serving.interfaces import http
from serving.interfaces.rest.problems import WrongInput

Model = TypeVar("Model", bound=BaseModel)


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
