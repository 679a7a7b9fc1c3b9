"""What Persontjenesten can be asked: its events, and persons by their ids and numbers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, NamedTuple, TypeVar

from ingest.interface.failures import UnexpectedAnswer
from ingest.persontjenesten.settings import PersontjenestenSettings
from ingest.persontjenesten.transport import PersontjenestenTransport

Answer = TypeVar("Answer")


class Event(NamedTuple):
    """Something has happened to a person. sequence_number: Persontjenesten's own, not Freg's."""

    sequence_number: int
    person_id: str
    event_type: str


class PersontjenestenClient:
    """A connection to Persontjenesten; use it as an asynchronous context manager.

    Every method raises `Refused` for a final no and `Unreachable` when it could not be asked. Persons are Python
    objects as the interface's JSON has them.
    """

    def __init__(self, settings: PersontjenestenSettings) -> None:
        self.settings = settings
        self._transport = PersontjenestenTransport(settings)

    async def __aenter__(self) -> PersontjenestenClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.__aexit__(kind, error, trace)

    async def latest_event(self) -> Event:
        """The newest event."""
        return await self._call("GET", "event/latest", _event, params=self._version())

    async def events(self, sequence_number: int) -> list[Event]:
        """At most 1000 events from `sequence_number` on, ascending."""
        return await self._call("GET", "event", _events, params={"sequenceNumber": sequence_number, **self._version()})

    async def person(self, person_id: str) -> Any:
        """The person with an id."""
        return await self._call("GET", f"person/{person_id}", _object, shown="person/…", params=self._selection())

    async def person_by_number(self, number: str) -> Any:
        """The person with a number; the number is in the body, not in the address."""
        return await self._call("POST", "person/get-by-nin", _object, params=self._selection(), content={"nin": number})

    async def persons(self, person_ids: Sequence[str]) -> dict[str, Any]:
        """Persons by their ids, in bulk look-ups side by side. Raises for one that is not given."""
        return await self._bulk("person/bulk-by-id", "personIds", list(dict.fromkeys(person_ids)), whole=True)

    async def persons_by_number(self, numbers: Sequence[str]) -> dict[str, Any]:
        """Persons by their numbers, keyed by id; a number that nobody has gives none."""
        return await self._bulk("person/bulk-by-nin", "nins", list(dict.fromkeys(numbers)), whole=False)

    async def _bulk(self, path: str, name: str, wanted: list[str], *, whole: bool) -> dict[str, Any]:
        async def chunk(items: Sequence[str]) -> dict[str, Any]:
            def read(answer: Any) -> dict[str, Any]:
                # No name of a list around the persons is published: the only list there is.
                found = {str(person["id"]): person for person in _list(answer)}
                missing = [item for item in items if whole and item not in found]
                if missing:
                    raise UnexpectedAnswer(
                        f"{len(missing)} of {len(items)} persons are not given",
                        where=f"POST {path}",
                        todo="pull again later; if it goes on, ask Norsk helsenett for the persons with these ids",
                    )
                return found

            return await self._call("POST", path, read, params=self._selection(), content={name: list(items)})

        size = self.settings.bulk_size
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(chunk(wanted[start : start + size])) for start in range(0, len(wanted), size)
                ]
        except ExceptionGroup as failures:
            # The others were cancelled, or failed of the same cause.
            raise failures.exceptions[0] from failures
        return {key: person for task in tasks for key, person in task.result().items()}

    async def _call(self, method: str, path: str, read: Callable[[Any], Answer], **request: Any) -> Answer:
        """Call a resource and return what `read` makes of its JSON."""
        return await self._transport.call(method, path, lambda response: read(response.json()), **request)

    def _version(self) -> dict[str, Any]:
        return {"api-version": self.settings.api_version} if self.settings.api_version else {}

    def _selection(self) -> dict[str, Any]:
        parts = {"informationParts": list(self.settings.information_parts)} if self.settings.information_parts else {}
        return {**parts, "includeHistory": str(self.settings.include_history).lower(), **self._version()}


def _event(answer: Any) -> Event:
    return Event(int(answer["sequenceNumber"]), str(answer["personId"]), str(answer.get("eventType") or ""))


def _events(answer: Any) -> list[Event]:
    return sorted(_event(each) for each in _list(answer))


def _object(answer: Any) -> Any:
    if not isinstance(answer, dict):
        raise TypeError("not an object")
    return answer


def _list(answer: Any) -> list[Any]:
    if isinstance(answer, list):
        return answer
    (found,) = [value for value in answer.values() if isinstance(value, list)]
    return list(found)
