"""Common help numbers (felles hjelpenummer, FH) as JSON: `/help-number`.

Who may have them issued, changed and linked is in the register of clients; a person is shown to any client, as its
profile has it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal, TypeVar

import orjson
from fastapi import APIRouter, Depends, Header, Path
from fastapi.security import HTTPBasic
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from serving.access.entry import Caller
from serving.calls import Question, Services, checked_number
from serving.help_numbers.person import LONGEST_CO_ADDRESS, LONGEST_TEXT, Details
from serving.help_numbers.seen import Seen
from serving.help_numbers.service import By, Duplicates, NotThere
from serving.interfaces import http
from serving.interfaces.rest.bodies import EXAMPLE_NUMBER, Given, described_body, let_in, read_body
from serving.interfaces.rest.problems import PROBLEMS, ProblemDetails
from serving.services.records import Record
from serving.store.read_store import Reader

Answer = TypeVar("Answer")

# For examples only, nobody's: a help number of the series for tests.
_EXAMPLE = "89000000281"

_Text = Annotated[str, Field(max_length=LONGEST_TEXT)]


class HelpNumberAddress(Given):
    """Where the person lives, as far as it is known."""

    CoAddress: Annotated[str, Field(max_length=LONGEST_CO_ADDRESS)] = ""
    PostalAddress: Annotated[str, Field(max_length=LONGEST_TEXT, description="Street and house number.")] = ""
    PostalCode: Annotated[str, Field(pattern=r"^([0-9]{4})?$")] = ""
    PostalPlace: _Text = ""
    St: Annotated[str, Field(pattern=r"^([0-9]{4})?$", description="Kommunenummer.")] = ""
    Country: _Text = ""


class HelpNumberChange(Given):
    """What is known of the person: all of it, since what is left out is blank from then on. At least one name."""

    GivenName: Annotated[str, Field(max_length=LONGEST_TEXT, examples=["Kari"])] = ""
    MiddleName: _Text = ""
    Sn: Annotated[str, Field(max_length=LONGEST_TEXT, description="Family name.", examples=["Nordmann"])] = ""
    Gender: Annotated[Literal[0, 1] | None, Field(description="0 woman, 1 man.")] = None
    DateOfBirth: Annotated[dt.date | None, Field(examples=["1980-02-01"])] = None
    Dead: bool = False
    DateOfDeath: dt.date | None = None
    MaritalStatus: Annotated[int | None, Field(ge=0, le=9, description="PREG's code list MaritalStatus.")] = None
    BirthPlace: _Text = ""
    Address: HelpNumberAddress = HelpNumberAddress()
    Why: Annotated[str, Field(max_length=LONGEST_TEXT, description="The reason; it is kept with the change.")] = ""

    def details(self) -> Details:
        """As the register has it."""
        return Details(
            given_name=self.GivenName,
            middle_name=self.MiddleName,
            family_name=self.Sn,
            gender=self.Gender,
            date_of_birth=self.DateOfBirth,
            is_dead=self.Dead,
            date_of_death=self.DateOfDeath,
            co_address=self.Address.CoAddress,
            street=self.Address.PostalAddress,
            postal_code=self.Address.PostalCode,
            postal_place=self.Address.PostalPlace,
            kommune=self.Address.St,
            country=self.Address.Country,
            marital_status=self.MaritalStatus,
            birthplace=self.BirthPlace,
        )


class HelpNumberRequisition(HelpNumberChange):
    """What is known of the person who needs a number."""

    NoneOfThese: Annotated[
        bool, Field(description="The person is none of the duplicates that were proposed: a number is issued.")
    ] = False


class Link(Given):
    """Who the person has turned out to be."""

    NIN: Annotated[str, Field(description="Any official number that the person has or had.", examples=[EXAMPLE_NUMBER])]
    Why: _Text = ""


class Unlink(Given):
    """Why the link is undone."""

    Why: _Text = ""


class HelpNumberPerson(BaseModel):
    """A person with a help number; what the profile does not receive is null. A linked one has the link alone."""

    Number: str
    State: Literal["active", "linked"]
    NewNIN: Annotated[str | None, Field(description="The official number of the same person.")]
    GivenName: str | None
    MiddleName: str | None
    Sn: str | None
    Gender: int | None
    DateOfBirth: dt.date | None
    Dead: bool | None
    DateOfDeath: dt.date | None
    MaritalStatus: int | None
    BirthPlace: str | None
    Address: HelpNumberAddress | None
    IssuedAt: dt.datetime
    ChangedAt: dt.datetime


class Duplicate(BaseModel):
    """A person who may be the same."""

    NIN: str
    GivenName: str | None
    MiddleName: str | None
    Sn: str | None
    Gender: int | None
    DateOfBirth: dt.date | None


class DuplicatesFound(ProblemDetails):
    """Why no number was issued; with the persons who may be the same, where that is why."""

    Duplicates: Annotated[list[Duplicate], Field(default_factory=list)]


HelpNumberInPath = Annotated[
    str, Path(pattern=r"^[0-9]{11}$", description="A common help number.", examples=[_EXAMPLE])
]
_Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        description="The client's own name of the call: repeated with the same content, it is answered as before.",
        max_length=200,
        examples=["8f14e45f-ceea-467f-9f3b-0d2c1f6a7b11"],
    ),
]


def router(services: Services) -> APIRouter:
    """The paths."""
    api = APIRouter(
        responses=PROBLEMS, tags=["Common help number"], dependencies=[Depends(HTTPBasic(auto_error=False))]
    )

    by = let_in(services)
    help_numbers = services.help_numbers

    async def answer(
        caller: Caller, operation: str, numbers: Sequence[str], asked: Callable[[Reader], Answer]
    ) -> tuple[Answer, dict[str, str]]:
        found, reader = await http.ask(services, caller, Question("rest", operation, numbers), asked)
        return found, http.told_of(reader)

    @api.post(
        "/help-number",
        response_model=HelpNumberPerson,
        status_code=201,
        summary="A new common help number",
        openapi_extra=described_body(HelpNumberRequisition),
        responses={409: {"model": DuplicatesFound}},
    )
    async def requisition(request: Request, key: _Key = "", caller: Caller = by) -> Response:
        """A number for a person who has none, or whose number is not known.

        Likely duplicates (the same day of birth, and a name that sounds alike) are proposed first, with status 409:
        look at them, and send NoneOfThese where it is none of them. Needs an Idempotency-Key.
        """
        given = await read_body(HelpNumberRequisition, request, services)
        found, headers = await answer(
            caller,
            "requisition",
            [],
            lambda reader: help_numbers.requisition(
                By(caller.client, reader, key, given.Why), given.details(), none_of_these=given.NoneOfThese
            ),
        )
        if isinstance(found, Duplicates):
            return _json(_proposed(found), headers, 409, "application/problem+json")
        return _json(_person(found), headers | {"Location": f"/help-number/{found.record['nin']}"}, 201)

    @api.get("/help-number/{number}", response_model=HelpNumberPerson, summary="A person by common help number")
    async def person(number: HelpNumberInPath, caller: Caller = by) -> Response:
        """The person; of a linked number the official number alone."""
        checked = checked_number(number)
        found, headers = await answer(
            caller, "help_number", [checked], lambda reader: help_numbers.find(reader, checked)
        )
        if found is None:
            raise NotThere("nobody whom your profile may know of has this common help number")
        return _json(_person(found), headers)

    @api.get(
        "/help-number/linked-to/{nin}",
        response_model=list[HelpNumberPerson],
        summary="The common help numbers of a person with an official number",
    )
    async def linked(
        nin: Annotated[str, Path(pattern=r"^[0-9]{11}$", examples=[EXAMPLE_NUMBER])], caller: Caller = by
    ) -> Response:
        """The numbers that are linked to any number of the person; an empty list also where nobody has the number."""
        checked = checked_number(nin)
        found, headers = await answer(
            caller, "help_numbers_linked_to", [checked], lambda reader: help_numbers.linked_to(reader, checked)
        )
        return _json([_person(each) for each in found.seen], headers)

    @api.put(
        "/help-number/{number}",
        response_model=HelpNumberPerson,
        summary="Change what is registered of a person",
        openapi_extra=described_body(HelpNumberChange),
    )
    async def change(request: Request, number: HelpNumberInPath, key: _Key = "", caller: Caller = by) -> Response:
        """Other details of a person: all of them are replaced. Not of a number that is linked."""
        checked = checked_number(number)
        given = await read_body(HelpNumberChange, request, services)
        found, headers = await answer(
            caller,
            "change_help_number",
            [checked],
            lambda reader: help_numbers.change(By(caller.client, reader, key, given.Why), checked, given.details()),
        )
        return _json(_person(found), headers)

    @api.post(
        "/help-number/{number}/link",
        response_model=HelpNumberPerson,
        summary="Link a common help number to an official number",
        openapi_extra=described_body(Link),
    )
    async def link(request: Request, number: HelpNumberInPath, key: _Key = "", caller: Caller = by) -> Response:
        """The person has turned out to be one with an official number, which is kept."""
        checked = checked_number(number)
        given = await read_body(Link, request, services)
        official = checked_number(given.NIN, "NIN")
        found, headers = await answer(
            caller,
            "link_help_number",
            [checked, official],
            lambda reader: help_numbers.link(By(caller.client, reader, key, given.Why), checked, official),
        )
        return _json(_person(found), headers)

    @api.post(
        "/help-number/{number}/unlink",
        response_model=HelpNumberPerson,
        summary="Undo a link",
        openapi_extra=described_body(Unlink),
    )
    async def unlink(request: Request, number: HelpNumberInPath, key: _Key = "", caller: Caller = by) -> Response:
        """They are two persons after all. The address of the help number stays blank until it is given anew."""
        checked = checked_number(number)
        given = await read_body(Unlink, request, services)
        found, headers = await answer(
            caller,
            "unlink_help_number",
            [checked],
            lambda reader: help_numbers.unlink(By(caller.client, reader, key, given.Why), checked),
        )
        return _json(_person(found), headers)

    return api


def _json(content: Any, headers: dict[str, str], status: int = 200, media_type: str = "application/json") -> Response:
    return Response(orjson.dumps(content), status, headers, media_type)


def _person(seen: Seen) -> dict[str, Any]:
    record = seen.record
    address = next(iter(record["addresses"]), None)
    return {
        "Number": record["nin"],
        "State": seen.state,
        "NewNIN": record["new_nin"],
        **_who(record),
        "Dead": seen.is_dead,
        "DateOfDeath": record["date_status"] if seen.is_dead else None,
        "MaritalStatus": record["marital_status"],
        "BirthPlace": seen.birthplace,
        "Address": None if address is None else _address(address),
        "IssuedAt": seen.issued_at,
        "ChangedAt": seen.changed_at,
    }


def _who(record: Record) -> dict[str, Any]:
    return {
        "GivenName": record["given_name"],
        "MiddleName": record["middle_name"],
        "Sn": record["sn"],
        "Gender": record["gender"],
        "DateOfBirth": record["date_of_birth"],
    }


def _address(address: Record) -> dict[str, Any]:
    columns = ("co_address", "postal_address", "postal_code", "postal_place", "st", "country")
    return {name: address[column] or "" for name, column in zip(HelpNumberAddress.model_fields, columns, strict=True)}


def _proposed(found: Duplicates) -> dict[str, Any]:
    return {
        "type": "about:blank",
        "title": "The person may have a number already",
        "status": 409,
        "detail": f"persons with the same day of birth and a name that sounds alike: {len(found.persons)}",
        "todo": "look at Duplicates; if the person is none of them, send the call again with NoneOfThese true",
        "Duplicates": [{"NIN": person["nin"], **_who(person)} for person in found.persons],
    }
