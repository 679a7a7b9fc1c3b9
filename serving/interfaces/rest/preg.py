"""PREG's record as JSON, under PREG's own names: `/preg/…`; and `/compare/{nin}`."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import asdict
from operator import itemgetter
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import APIRouter, Depends, Path, Query
from fastapi.security import HTTPBasic
from pydantic import BaseModel, BeforeValidator, Field, create_model
from starlette.requests import Request
from starlette.responses import Response

from serving.access.entry import Caller
from serving.calls import Question, Services, checked_number
from serving.interfaces import http
from serving.interfaces.rest.bodies import EXAMPLE_NUMBER, Given, described_body, let_in, read_body
from serving.interfaces.rest.problems import KNOWN, PROBLEMS, Problem, response_to
from serving.services import look_up
from serving.services.compare import compare
from serving.services.records import Record, fields_of
from serving.services.search import MOST_PER_PAGE, Criteria, Page, search
from serving.store.read_store import Reader

_TYPES: dict[str, Any] = {"int": int, "date": dt.date, "bool": bool, "decimal": float}

Answer = TypeVar("Answer")


def _model(name: str, *entities: str, **more: Any) -> type[BaseModel]:
    """A model of PREG's entities for OpenAPI: every field there, null where it is blank."""
    described = {
        field.name: (_TYPES.get(field.type, str) | None, Field(description=field.meaning))
        for entity in entities
        for field in fields_of(entity)
    }
    made: type[BaseModel] = create_model(name, **described, **more)  # type: ignore[call-overload]
    return made


Address: Any = _model("Address", "Address")
Person: Any = _model("Person", "Person", "Store", Addresses=(list[Address], Field(description="Present ones first.")))


class Numbers(Given):
    """The numbers of several persons."""

    NIN: Annotated[list[str], Field(max_length=look_up.MOST_NUMBERS, examples=[[EXAMPLE_NUMBER]])]


class SearchRequest(Given):
    """What is sought: words in any order, found by how they sound, too; days; codes of a present address."""

    Name: Annotated[
        str, Field(description="Words of any of the names.", max_length=500, examples=["Kari Nordmann"])
    ] = ""
    FirstName: Annotated[str, Field(max_length=500)] = ""
    MiddleName: Annotated[str, Field(max_length=500)] = ""
    LastName: Annotated[str, Field(max_length=500)] = ""
    DateOfBirth: dt.date | None = None
    BornFrom: dt.date | None = None
    BornTo: dt.date | None = None
    Address: Annotated[str, Field(description="Street and house number.", max_length=500)] = ""
    PostalPlace: Annotated[str, Field(max_length=500)] = ""
    ZipCode: Annotated[str, Field(pattern=r"^(\d{4})?$")] = ""
    MunicipalityCode: Annotated[str, Field(pattern=r"^(\d{4})?$")] = ""
    BasicStatisticalUnit: Annotated[str, Field(description="Grunnkrets, eight digits.", pattern=r"^(\d{8})?$")] = ""
    Gender: Annotated[int | None, Field(ge=0, le=1)] = None
    RegStatus: Annotated[int | None, Field(ge=1, le=9)] = None
    SearchFhNumberPersonsToo: Annotated[
        bool, Field(description="Persons with a common help number, too; after the others.")
    ] = False
    Page: Annotated[int, Field(ge=1, le=1000)] = 1
    ResultsPerPage: Annotated[int, Field(ge=1, le=MOST_PER_PAGE)] = 20

    def criteria(self) -> Criteria:
        """As the search takes them."""
        return Criteria(
            name=self.Name,
            given_name=self.FirstName,
            middle_name=self.MiddleName,
            family_name=self.LastName,
            born=self.DateOfBirth,
            born_from=self.BornFrom,
            born_to=self.BornTo,
            street=self.Address,
            place=self.PostalPlace,
            postal_code=self.ZipCode,
            kommune=self.MunicipalityCode,
            grunnkrets=self.BasicStatisticalUnit,
            gender=self.Gender,
            status=self.RegStatus,
        )


class Found(BaseModel):
    """A page of persons."""

    Persons: list[Person]
    Page: int
    ResultsPerPage: int
    TotalPages: int
    TotalResults: int


class IdentityChange(BaseModel):
    """A number that was replaced."""

    NIN: str
    OldNIN: str
    DateStatus: dt.date | None


class ComparedField(BaseModel):
    """A field of PREG beside Persontjenesten's."""

    Entity: str
    Field: str
    Preg: Any
    PersontjenestenPath: str | None
    Persontjenesten: Any
    Difference: str | None
    CausedBy: str | None
    Comment: str | None
    CommentNo: str | None
    ClientAction: str | None
    ClientSteps: str | None


class Comparison(BaseModel):
    """A person beside Persontjenesten."""

    NIN: str
    Fields: list[ComparedField]


def _iso(given: Any) -> Any:
    """A day or a time as ISO 8601 has it: a number of seconds since 1970 is taken for a mistake."""
    if isinstance(given, str) and not _ISO.match(given):
        raise ValueError("give a day from 1800 to 2199, as 2026-01-31; a time as 2026-01-31T00:00:00+01:00")
    return given


_ISO = re.compile(r"(18|19|20|21)\d{2}-\d{2}-\d{2}", re.ASCII)
Day = Annotated[dt.date, BeforeValidator(_iso)]
Time = Annotated[dt.datetime, BeforeValidator(_iso)]

NumberInPath = Annotated[
    str, Path(pattern=r"^\d{11}$", description="Any number the person has or had.", examples=[EXAMPLE_NUMBER])
]


_PERSON = re.compile(r"/preg/person/(\d{11})", re.ASCII)


async def person_directly(request: Request, services: Services) -> Response | None:
    """The answer to the call that is made most: a person by number, as the router below answers it.

    Without FastAPI around it it takes half of the time. None for any other call.
    """
    path = _PERSON.fullmatch(request.scope["path"])
    if path is None or request.method != "GET" or request.scope["query_string"]:
        return None
    try:
        caller = await http.let_in_by_header(services, request)
        return await _answer_person(services, caller, path[1], None)
    except KNOWN as error:
        return response_to(error)


async def _answer_person(services: Services, caller: Caller, nin: str, on: dt.date | None) -> Response:
    number = checked_number(nin)
    question = Question("rest", "person", [number])
    found, reader = await http.ask(
        services, caller, question, lambda reader: look_up.find_person(reader, number, on), is_quick=True
    )
    return _json(_person(_there(found)), http.told_of(reader))


def router(services: Services) -> APIRouter:
    """The paths."""
    api = APIRouter(responses=PROBLEMS, tags=["PREG"], dependencies=[Depends(HTTPBasic(auto_error=False))])

    by = let_in(services)

    async def answer(
        caller: Caller, operation: str, numbers: list[str], asked: Callable[[Reader], Any], *, is_quick: bool = False
    ) -> tuple[Any, dict[str, str]]:
        question = Question("rest", operation, numbers)
        found, reader = await http.ask(services, caller, question, asked, is_quick=is_quick)
        return found, http.told_of(reader)

    @api.get("/preg/person/{nin}", response_model=Person, summary="A person by number")
    async def person(nin: NumberInPath, date: Day | None = None, caller: Caller = by) -> Response:
        """The person whom a number leads to; of a retired number a record with NewNIN alone.

        date: as PREG showed it at the end of that day.
        """
        return await _answer_person(services, caller, nin, date)

    @api.get("/preg/person/{nin}/addresses", response_model=list[Address], summary="A person's addresses")
    async def addresses(nin: NumberInPath, date: Day | None = None, caller: Caller = by) -> Response:
        """The addresses of a person, present ones first."""
        number = checked_number(nin)
        found, headers = await answer(
            caller, "addresses", [number], lambda reader: look_up.find_person(reader, number, date), is_quick=True
        )
        return _json(_person(_there(found))["Addresses"], headers)

    @api.get("/preg/person/{nin}/children", response_model=list[Person], summary="A person's children")
    async def children(nin: NumberInPath, caller: Caller = by) -> Response:
        """The persons whose mother or father it is; an empty list also where nobody has the number."""
        number = checked_number(nin)
        found, headers = await answer(caller, "children", [number], lambda reader: look_up.children(reader, number))
        return await http.write(lambda: _json([_person(each) for each in found], headers), is_quick=False)

    @api.post(
        "/preg/persons",
        response_model=list[Person],
        summary="Several persons by number",
        openapi_extra=described_body(Numbers),
    )
    async def persons(request: Request, caller: Caller = by) -> Response:
        """The persons of at most 100 numbers, in their order; who is not found is left out."""
        given = await read_body(Numbers, request, services)
        numbers = [checked_number(each, f"number {place}") for place, each in enumerate(given.NIN, 1)]
        found, headers = await answer(caller, "persons", numbers, lambda reader: look_up.find_persons(reader, numbers))
        return await http.write(lambda: _json([_person(each) for each in found], headers), is_quick=False)

    @api.post("/preg/search", response_model=Found, summary="Search", openapi_extra=described_body(SearchRequest))
    async def search_persons(request: Request, caller: Caller = by) -> Response:
        """The persons whom every criterion fits, those first whose name is written as it is sought."""
        given = await read_body(SearchRequest, request, services)
        page: Page
        page, headers = await answer(
            caller,
            "search",
            [],
            lambda reader: search(
                reader,
                given.criteria(),
                given.Page,
                given.ResultsPerPage,
                help_numbers_too=given.SearchFhNumberPersonsToo,
            ),
        )
        content = {
            "Persons": [_person(each) for each in page.persons],
            "Page": page.page,
            "ResultsPerPage": page.per_page,
            "TotalPages": page.pages,
            "TotalResults": page.total,
        }
        return _json(content, headers)

    @api.get("/preg/identity-changes", response_model=list[IdentityChange], summary="Numbers that were replaced")
    async def identity_changes(
        begins: Annotated[Day, Query(alias="from", examples=["2026-01-01"])],
        ends: Annotated[Day | None, Query(alias="to")] = None,
        caller: Caller = by,
    ) -> Response:
        """The numbers that were replaced on a day from `from` to `to` (today)."""
        last = ends or look_up.today()
        found, headers = await answer(
            caller, "identity_changes", [], lambda reader: look_up.identity_changes(reader, begins, last)
        )
        content = [{"NIN": each["nin"], "OldNIN": each["old_nin"], "DateStatus": each["date_status"]} for each in found]
        return _json(content, headers)

    @api.get("/preg/changes", response_model=list[Person], summary="Persons that have changed")
    async def changes(
        begins: Annotated[Time, Query(alias="from", examples=["2026-01-01T00:00:00+01:00"])],
        ends: Annotated[Time | None, Query(alias="to")] = None,
        caller: Caller = by,
    ) -> Response:
        """The persons, as they are now, whose record has changed from `from` until before `to` (now)."""
        last = ends or dt.datetime.now(dt.UTC)
        found, headers = await answer(caller, "changes", [], lambda reader: look_up.changes(reader, begins, last))
        return await http.write(lambda: _json([_person(each) for each in found], headers), is_quick=False)

    @api.get("/compare/{nin}", response_model=Comparison, summary="PREG beside Persontjenesten", tags=["Migration"])
    async def comparison(nin: NumberInPath, caller: Caller = by) -> Response:
        """Every field that has a value, with Persontjenesten's in PREG's form, what differs, and what a client does."""
        number = checked_number(nin)
        found, headers = await answer(caller, "compare", [number], lambda reader: compare(reader, number))
        told = _there(found)
        fields = [
            {name: each for name, each in _pascal(asdict(field)).items() if name in ComparedField.model_fields}
            for field in told.fields
        ]
        return _json({"NIN": told.nin, "Fields": fields}, headers)

    return api


def _pascal(given: dict[str, Any]) -> dict[str, Any]:
    return {"".join(word.capitalize() for word in name.split("_")): each for name, each in given.items()}


def _there(found: Answer | None) -> Answer:
    if found is None:
        raise Problem(404, "nobody whom your profile may know of has this number")
    return found


def _json(content: Any, headers: dict[str, str]) -> Response:
    return Response(orjson.dumps(content), media_type="application/json", headers=headers)


_PERSON_FIELDS = (*fields_of("Person"), *fields_of("Store"))
_PERSON_NAMES = tuple(field.name for field in _PERSON_FIELDS)
_ADDRESS_NAMES = tuple(field.name for field in fields_of("Address"))
_of_person = itemgetter(*(field.column for field in _PERSON_FIELDS))
_of_address = itemgetter(*(field.column for field in fields_of("Address")))


def _person(record: Record) -> dict[str, Any]:
    """A record under PREG's own names."""
    person = dict(zip(_PERSON_NAMES, _of_person(record), strict=True))
    person["Addresses"] = [_address(address) for address in record["addresses"]]
    return person


def _address(record: Record) -> dict[str, Any]:
    address = dict(zip(_ADDRESS_NAMES, _of_address(record), strict=True))
    # SQLite has no truth values.
    address["CurrentAddress"] = bool(address["CurrentAddress"])
    return address
