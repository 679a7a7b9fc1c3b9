"""The successor's own paths and schema, from the release that PREG is served from: `/persontjeneste/api/{basis}/…`.

A client that moves to Persontjenesten changes one address at a time, and compares. What differs from Persontjenesten
itself is told in docs/services.md.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import APIRouter, Depends, Path, Query
from fastapi.security import HTTPBasic
from pydantic import AfterValidator, BaseModel, Field, GetCoreSchemaHandler, create_model
from pydantic_core import CoreSchema, core_schema
from starlette.requests import Request
from starlette.responses import Response

from ingest.contracts.document import Element, Kind
from ingest.contracts.persontjenesten import person_contract
from ingest.contracts.tables import rows
from serving.access.entry import Caller
from serving.calls import Question, Services, checked_number
from serving.interfaces import http
from serving.interfaces.rest.bodies import EXAMPLE_ID, EXAMPLE_NUMBER, Given, described_body, let_in, read_body
from serving.interfaces.rest.problems import PROBLEMS, Problem
from serving.services.look_up import MOST_NUMBERS
from serving.services.persontjenesten import persons
from serving.services.persontjenesten.document import ALWAYS
from serving.services.persontjenesten.persons import Found, Selection, Sought
from serving.services.persontjenesten.words import words_of_release
from serving.services.search import Criteria
from serving.store.read_store import Reader

PLACE = "/persontjeneste/api/"

# The profile that the paths without a legal basis give no more than.
_NO_LEGAL_BASIS = "persontjenesten_no_legal_basis"
_LONGEST_ID = 100

Answer = TypeVar("Answer")


class Basis(StrEnum):
    """By which right is asked."""

    legal = "legal-basis"
    none = "no-legal-basis"


@dataclass(frozen=True)
class _OneOf:
    """A text of one of Persontjenesten's code lists."""

    name: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """What pydantic checks, and OpenAPI tells."""
        return core_schema.literal_schema(
            [row["value"] for row in rows("persontjenesten_enums") if row["enum"] == self.name]
        )


_Gender = Annotated[str, _OneOf("Gender")]
_EventType = Annotated[str, _OneOf("EventType")]

_VALUES: dict[Kind, Any] = {Kind.BOOLEAN: bool, Kind.INTEGER: int}


def _model(name: str, elements: tuple[Element, ...], always: tuple[str, ...] = ()) -> type[BaseModel]:
    """A model of elements for OpenAPI: every member is there, null where it is not known.

    always: where only some are there that were asked for, those that are there whichever these are.
    """
    fields: dict[str, Any] = {}
    for element in elements:
        inner: Any = _VALUES.get(element.kind, str)
        if element.children:
            inner = _model(f"{name}.{element.name}", element.children)
        default: Any = ... if not always or element.name in always else [] if element.repeated else None
        fields[element.name] = (list[inner] if element.repeated else inner | None, default)
    made: type[BaseModel] = create_model(name, **fields)
    return made


SuccessorPerson: Any = _model("Persontjenesten.Person", person_contract().elements, ALWAYS)


class ByNumber(Given):
    """A number."""

    nin: Annotated[str, Field(max_length=20, examples=[EXAMPLE_NUMBER])]


class ByNumbers(Given):
    """Numbers."""

    nins: Annotated[
        list[Annotated[str, Field(max_length=20)]], Field(max_length=MOST_NUMBERS, examples=[[EXAMPLE_NUMBER]])
    ]


class ByIds(Given):
    """Ids."""

    personIds: Annotated[
        list[Annotated[str, Field(max_length=_LONGEST_ID)]], Field(max_length=MOST_NUMBERS, examples=[[EXAMPLE_ID]])
    ]


def _day(text: str) -> str:
    if text:
        try:
            persons.day_of(text)
        except ValueError:
            raise ValueError(
                "give a day from 1800 to 2199 as 2026-01-31, or a time as 2026-01-31T00:00:00+01:00"
            ) from None
    return text


_Text = Annotated[str | None, Field(max_length=500)]
_Day = Annotated[str, AfterValidator(_day)]


class MatchRequest(Given):
    """What is sought. Names and streets are words in any order; a name is found by how it sounds, too."""

    FullName: Annotated[str | None, Field(max_length=500, examples=["Kari Nordmann"])] = None
    GivenName: _Text = None
    MiddleName: _Text = None
    FamilyName: _Text = None
    StreetAddress: _Text = None
    PostalCode: Annotated[str | None, Field(pattern=r"^(\d{4})?$")] = None
    MunicipalityNumber: Annotated[str | None, Field(pattern=r"^(\d{4})?$")] = None
    BasicStatisticalUnit: Annotated[
        str | None, Field(description="Grunnkrets, eight digits.", pattern=r"^(\d{8})?$")
    ] = None
    BirthDateFrom: _Day | None = None
    BirthDateTo: _Day | None = None
    Gender: _Gender | None = None
    PersonStatuses: list[Annotated[str, _OneOf("PersonStatusType")]] | None = None

    def sought(self, reader: Reader) -> Sought:
        """As the search takes it."""
        return Sought(
            _criteria(self, reader, born_from=_date(self.BirthDateFrom), born_to=_date(self.BirthDateTo)),
            tuple(self.PersonStatuses or ()),
        )


class PagedMatchRequest(MatchRequest):
    """What is sought, and which of those who are found: `PageSize` from `IndexOffset` on."""

    PageSize: Annotated[int, Field(ge=1, le=1000)] = persons.MOST_MATCHES
    IndexOffset: Annotated[int, Field(ge=0, le=1_000_000)] = 0


class SearchPersonRequest(Given):
    """What is sought, as in a match list; the day of birth is one day."""

    BirthDate: _Day | None = None
    Gender: _Gender | None = None
    FullName: Annotated[str | None, Field(max_length=500, examples=["Kari Nordmann"])] = None
    GivenName: _Text = None
    MiddleName: _Text = None
    FamilyName: _Text = None
    StreetAddress: _Text = None
    PostalCode: Annotated[str | None, Field(pattern=r"^(\d{4})?$")] = None
    CityName: _Text = None
    MunicipalityNumber: Annotated[str | None, Field(pattern=r"^(\d{4})?$")] = None

    def sought(self, reader: Reader) -> Sought:
        """As the search takes it."""
        return Sought(_criteria(self, reader, born=_date(self.BirthDate)))


class PersonSearchResult(BaseModel):
    """The first hundred of those who are found."""

    results: list[SuccessorPerson]
    startIndex: int
    endIndex: int


class StringSearchResult(BaseModel):
    """Ids of those who are found."""

    results: list[str]
    startIndex: int
    endIndex: int


class SearchMatchCountResult(BaseModel):
    """How many are found."""

    matchCount: int


class EventDocument(BaseModel):
    """Something has happened to a person."""

    sequenceNumber: str
    personId: str | None
    eventType: _EventType


def _selection(
    basis: Basis,
    parts: Annotated[
        list[Annotated[str, _OneOf("InformationPart")]] | None,
        Query(alias="informationParts", description="Which elements; all of them without."),
    ] = None,
    history: Annotated[bool, Query(alias="includeHistory", description="What does not hold any more, too.")] = False,
) -> Selection:
    return Selection(_legal(basis), tuple(parts or ()), history)


def _version(_version: Annotated[str | None, Query(alias="api-version", max_length=20)] = None) -> None:
    """Persontjenesten's parameter: it is taken, and nothing depends on it."""


def _without_number(
    _too: Annotated[
        bool,
        Query(
            alias="includeAinResults",
            description="Persons with an alternate identification number: PREG has none of them.",
        ),
    ] = False,
) -> None:
    """Persontjenesten's parameter: it is taken, and nothing depends on it."""


_SELECTED = Depends(_selection)
_TOO = [Depends(_without_number)]


def router(services: Services) -> APIRouter:
    """The paths."""
    api = APIRouter(
        prefix=f"{PLACE}{{basis}}",
        responses=PROBLEMS,
        tags=["Persontjenesten"],
        dependencies=[Depends(HTTPBasic(auto_error=False)), Depends(_version)],
    )
    by = let_in(services)

    def narrowed(basis: Basis, caller: Caller = by) -> Caller:
        return caller if basis is Basis.legal else services.entry.narrowed(caller, _NO_LEGAL_BASIS)

    asker = Depends(narrowed)

    async def answer(
        caller: Caller, operation: str, numbers: list[str], asked: Callable[[Reader], Answer]
    ) -> tuple[Answer, dict[str, str]]:
        question = Question("persontjenesten", operation, numbers)
        found, reader = await http.ask(services, caller, question, asked)
        return found, http.told_of(reader)

    @api.get("/event/latest", response_model=EventDocument, summary="The newest event")
    async def latest_event(basis: Basis, caller: Caller = asker) -> Response:
        """The event with the highest sequence number."""
        found, headers = await answer(
            caller, "latest_event", [], lambda reader: persons.latest_event(reader, legal_basis=_legal(basis))
        )
        if not found.events:
            raise Problem(404, "nothing has happened")
        return _json(_event(found.events[-1]), headers)

    @api.get("/event", response_model=list[EventDocument], summary="Events")
    async def events(
        basis: Basis,
        first: Annotated[int, Query(alias="sequenceNumber", ge=0, le=2**62)] = 0,
        types: Annotated[list[_EventType] | None, Query(alias="eventTypes")] = None,
        caller: Caller = asker,
    ) -> Response:
        """At most a thousand events from a sequence number on, ascending. The numbers are Freg's."""
        found, headers = await answer(
            caller,
            "events",
            [],
            lambda reader: persons.events(reader, first, types or (), legal_basis=_legal(basis)),
        )
        return _json([_event(event) for event in found.events], headers)

    @api.get("/person/{id}", response_model=SuccessorPerson, summary="A person by id")
    async def person(
        person_id: Annotated[str, Path(alias="id", max_length=_LONGEST_ID, examples=[EXAMPLE_ID])],
        selection: Selection = _SELECTED,
        caller: Caller = asker,
    ) -> Response:
        """The person with an id, which stays when the number changes."""
        found, headers = await answer(
            caller, "person", [], lambda reader: persons.person_by_id(reader, person_id, selection)
        )
        return _json(_there(found).documents[0], headers)

    @api.post(
        "/person/get-by-nin",
        response_model=SuccessorPerson,
        summary="A person by number",
        openapi_extra=described_body(ByNumber),
    )
    async def person_by_number(
        request: Request,
        selection: Selection = _SELECTED,
        caller: Caller = asker,
    ) -> Response:
        """The person who has, or had, a number."""
        asked = await read_body(ByNumber, request, services)
        number = checked_number(asked.nin)
        found, headers = await answer(
            caller, "person_by_number", [number], lambda reader: persons.person_by_number(reader, number, selection)
        )
        return _json(_there(found).documents[0], headers)

    @api.post(
        "/person/bulk-by-id",
        response_model=list[SuccessorPerson],
        summary="Several persons by id",
        openapi_extra=described_body(ByIds),
    )
    async def persons_by_id(
        request: Request,
        selection: Selection = _SELECTED,
        caller: Caller = asker,
    ) -> Response:
        """The persons of at most 100 ids; who is not found is left out."""
        asked = await read_body(ByIds, request, services)
        found, headers = await answer(
            caller, "persons", [], lambda reader: persons.persons_by_id(reader, asked.personIds, selection)
        )
        return await http.write(lambda: _json(found.documents, headers), is_quick=False)

    @api.post(
        "/person/bulk-by-nin",
        response_model=list[SuccessorPerson],
        summary="Several persons by number",
        openapi_extra=described_body(ByNumbers),
    )
    async def persons_by_number(
        request: Request,
        selection: Selection = _SELECTED,
        caller: Caller = asker,
    ) -> Response:
        """The persons of at most 100 numbers; who is not found is left out."""
        asked = await read_body(ByNumbers, request, services)
        numbers = [checked_number(each, f"number {place}") for place, each in enumerate(asked.nins, 1)]
        found, headers = await answer(
            caller, "persons_by_number", numbers, lambda reader: persons.persons_by_number(reader, numbers, selection)
        )
        return await http.write(lambda: _json(found.documents, headers), is_quick=False)

    @api.post(
        "/search/person",
        dependencies=_TOO,
        response_model=PersonSearchResult,
        summary="Search",
        openapi_extra=described_body(SearchPersonRequest),
    )
    async def search_person(
        request: Request,
        selection: Selection = _SELECTED,
        caller: Caller = asker,
    ) -> Response:
        """The first hundred persons whom every criterion fits, those first whose name is written as it is sought."""
        asked = await read_body(SearchPersonRequest, request, services)
        found, headers = await answer(
            caller,
            "search_person",
            [],
            lambda reader: persons.search_persons(reader, asked.sought(reader), selection),
        )
        content = {
            "results": found.documents,
            "startIndex": 0,
            "endIndex": max(0, len(found.documents) - 1),
        }
        return await http.write(lambda: _json(content, headers), is_quick=False)

    @api.post("/search/match-list", response_model=list[str], summary="Ids", openapi_extra=described_body(MatchRequest))
    async def match_list(request: Request, caller: Caller = asker) -> Response:
        """The ids of the first hundred whom every criterion fits."""
        asked = await read_body(MatchRequest, request, services)
        found, headers = await answer(
            caller, "match_list", [], lambda reader: _ids(reader, asked, 0, persons.MOST_MATCHES)
        )
        return _json(found.ids, headers)

    @api.post(
        "/search/paged-match-list",
        dependencies=_TOO,
        response_model=StringSearchResult,
        summary="Ids, page by page",
        openapi_extra=described_body(PagedMatchRequest),
    )
    async def paged_match_list(
        request: Request,
        caller: Caller = asker,
    ) -> Response:
        """The ids of those whom every criterion fits, `PageSize` from `IndexOffset` on."""
        asked = await read_body(PagedMatchRequest, request, services)
        found, headers = await answer(
            caller, "paged_match_list", [], lambda reader: _ids(reader, asked, asked.IndexOffset, asked.PageSize)
        )
        content = {
            "results": found.ids,
            "startIndex": asked.IndexOffset,
            "endIndex": asked.IndexOffset + max(0, len(found.ids) - 1),
        }
        return _json(content, headers)

    @api.post(
        "/search/match-count",
        dependencies=_TOO,
        response_model=SearchMatchCountResult,
        summary="How many",
        openapi_extra=described_body(MatchRequest),
    )
    async def match_count(
        request: Request,
        caller: Caller = asker,
    ) -> Response:
        """How many persons every criterion fits; more than 500 are refused, as in every search."""
        asked = await read_body(MatchRequest, request, services)
        found, headers = await answer(
            caller, "match_count", [], lambda reader: _Counted(persons.matches(reader, asked.sought(reader)))
        )
        return _json({"matchCount": len(found.counted)}, headers)

    return api


@dataclass(frozen=True)
class _Counted:
    """Who was counted: that somebody is there is told by a count, too."""

    counted: list[str]


class _Ids:
    """Ids that are found; `persons` for the log."""

    def __init__(self, numbers: list[str], ids: list[str]) -> None:
        self.persons = [{"nin": number} for number in numbers]
        self.ids = ids


def _ids(reader: Reader, asked: MatchRequest, first: int, most: int) -> _Ids:
    numbers = persons.matches(reader, asked.sought(reader))[first : first + most]
    return _Ids(numbers, persons.ids_of(reader, numbers))


def _criteria(
    asked: MatchRequest | SearchPersonRequest,
    reader: Reader,
    *,
    born: dt.date | None = None,
    born_from: dt.date | None = None,
    born_to: dt.date | None = None,
) -> Criteria:
    return Criteria(
        name=asked.FullName or "",
        given_name=asked.GivenName or "",
        middle_name=asked.MiddleName or "",
        family_name=asked.FamilyName or "",
        street=asked.StreetAddress or "",
        postal_code=asked.PostalCode or "",
        kommune=asked.MunicipalityNumber or "",
        place=getattr(asked, "CityName", None) or "",
        grunnkrets=getattr(asked, "BasicStatisticalUnit", None) or "",
        born=born,
        born_from=born_from,
        born_to=born_to,
        # A gender of theirs is one code of PREG's.
        gender=words_of_release(reader).codes("Gender", asked.Gender)[0] if asked.Gender else None,
    )


def _date(text: str | None) -> dt.date | None:
    return persons.day_of(text) if text else None


def _legal(basis: Basis) -> bool:
    return basis is Basis.legal


def _there(found: Found | None) -> Found:
    if found is None:
        raise Problem(404, "nobody whom your profile may know of is found")
    return found


def _event(event: persons.Event) -> dict[str, Any]:
    return {
        "sequenceNumber": str(event.sequence_number),
        "personId": event.person_id,
        "eventType": event.event_type,
    }


def _json(content: Any, headers: dict[str, str]) -> Response:
    return Response(orjson.dumps(content), media_type="application/json", headers=headers)
