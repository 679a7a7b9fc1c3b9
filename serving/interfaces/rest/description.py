"""OpenAPI's description of the paths; in a test environment its examples are of a person who is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from fastapi import FastAPI

from serving.calls import Services
from serving.interfaces.rest.bodies import EXAMPLE_ID, EXAMPLE_NUMBER
from serving.services.persontjenesten.persons import ids_of
from serving.store.read_store import NothingServed
from serving.test_environment import persons_by_situation, read_test_clients, widest_reader


def description_of(app: FastAPI, services: Services) -> Callable[[], dict[str, Any]]:
    """What describes an application, asked anew at each call: another release has other persons."""
    described = app.openapi

    def description() -> dict[str, Any]:
        found = described()
        try:
            reader = (
                widest_reader(services.current, services.settings) if read_test_clients(services.settings) else None
            )
        except NothingServed:
            return found
        numbers = [number for _, some in persons_by_situation(reader) for number in some] if reader else []
        if reader is None or not numbers:
            return found
        text = orjson.dumps(found).replace(EXAMPLE_NUMBER.encode(), numbers[0].encode())
        examples: dict[str, Any] = orjson.loads(
            text.replace(EXAMPLE_ID.encode(), ids_of(reader, numbers[:1])[0].encode())
        )
        return examples

    return description
