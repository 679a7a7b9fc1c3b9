"""The pages under `/support`: HTML without scripts; who asks is a client, as in every interface.

What is asked stands in the body, so that no name or number is in an address, a history or a log of addresses.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from publication.reports.pages import page_templates
from serving.access.entry import Caller, NotLetIn
from serving.calls import Question, Services, checked_number
from serving.interfaces import http
from serving.interfaces.http import TooLarge, TooSlow
from serving.interfaces.support.content import name_of, person
from serving.interfaces.support.words import NO_NUMBER, Both, refusal
from serving.services.look_up import NotForProfile, Refused
from serving.services.search import Criteria, search
from serving.store.read_store import NothingServed

PLACE = "/support"

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
_PER_PAGE = 25
# What the form has, in its order: name, words, its kind in HTML, a pattern.
FIELDS: tuple[tuple[str, Both, str, str], ...] = (
    (
        "number",
        ("Fødselsnummer, D-nummer eller hjelpenummer", "Number: foedselsnummer, D-number, help number"),
        "text",
        "[0-9 ]*",
    ),
    ("name", ("Navn", "Name"), "text", ""),
    ("born", ("Født", "Born"), "date", ""),
    ("street", ("Gate og husnummer", "Street and house number"), "text", ""),
    ("postal_code", ("Postnummer", "Postal code"), "text", "[0-9]{4}"),
    ("place", ("Poststed", "Postal place"), "text", ""),
    ("kommune", ("Kommunenummer", "Kommune number"), "text", "[0-9]{4}"),
)
_LANGUAGES = ("no", "en")

_NOBODY: Both = (
    "Ingen som tilgangsprofilen kan vite om, har dette nummeret.",
    "Nobody whom the access profile may know of has this number.",
)
_NO_SUCH_DAY: Both = ("Datoen finnes ikke: skriv den som 1980-02-01.", "There is no such day: write it as 1980-02-01.")
_FAILURES: tuple[tuple[type[Exception], int, Both], ...] = (
    (
        NothingServed,
        503,
        ("Ingen utgivelse er publisert nå. Prøv igjen om litt.", "No release is published now. Try again later."),
    ),
    (TooLarge, 413, ("Det som ble sendt, er for stort.", "What was sent is too large.")),
    (TooSlow, 408, ("Det som ble sendt, kom ikke fram i tide.", "What was sent did not arrive in time.")),
)


class _Told(Exception):
    """What the page tells instead of an answer: HTTP status, words, and headers."""

    def __init__(self, status: int, words: Both, headers: dict[str, str] | None = None) -> None:
        self.status = status
        self.words = words
        self.headers = headers or {}
        super().__init__(words[1])


def routes(services: Services) -> list[Route]:
    """The pages."""
    templates = page_templates("serving.interfaces.support")

    def page(
        name: str, given: dict[str, str], *, status: int = 200, headers: dict[str, str] | None = None, **content: Any
    ) -> Response:
        content = {"told": None, "found": None, "release_id": "", **content}
        text = templates.get_template(name).render(
            place=PLACE, fields=FIELDS, given=given, language=given["language"], name_of=name_of, **content
        )
        return HTMLResponse(text, status, {"Content-Security-Policy": _POLICY, **(headers or {})})

    def told(
        handler: Callable[[Request, Caller, dict[str, str]], Awaitable[Response]],
    ) -> Callable[[Request], Awaitable[Response]]:
        async def answered(request: Request) -> Response:
            given = {"language": _language(request)}
            try:
                caller = await http.let_in_by_header(services, request)
                if request.method == "POST":
                    given |= _form(await http.body_of(request, services))
                return await handler(request, caller, given)
            except NotLetIn as error:
                words = ("Du er ikke sluppet inn.", f"You are not let in: {error}.")
                return page(
                    "search.html", given, status=http.status_of(error), headers=http.headers_of(error), told=words
                )
            except _Told as error:
                return page("search.html", given, status=error.status, headers=error.headers, told=error.words)
            except Refused as error:
                status = 403 if isinstance(error, NotForProfile) else 400
                return page("search.html", given, status=status, told=refusal(error))
            except (NothingServed, TooLarge, TooSlow) as error:
                status, words = next((status, words) for kind, status, words in _FAILURES if isinstance(error, kind))
                return page("search.html", given, status=status, told=words)

        return answered

    async def form(_request: Request, _caller: Caller, given: dict[str, str]) -> Response:
        return page("search.html", given)

    async def found(_request: Request, caller: Caller, given: dict[str, str]) -> Response:
        if number := given.get("number", "").replace(" ", ""):
            return await one(_request, caller, {**given, "nin": number})
        criteria = Criteria(
            name=given.get("name", ""),
            born=_day(given.get("born", "")),
            street=given.get("street", ""),
            postal_code=given.get("postal_code", ""),
            place=given.get("place", ""),
            kommune=given.get("kommune", ""),
        )
        asked = given.get("page", "1")
        number_of_page = int(asked) if asked.isdecimal() and len(asked) < 4 else 1
        persons, reader = await http.ask(
            services,
            caller,
            Question("support", "search"),
            lambda reader: search(reader, criteria, max(1, number_of_page), _PER_PAGE, help_numbers_too=True),
        )
        return page("search.html", given, found=persons, release_id=reader.release_id, headers=http.told_of(reader))

    async def one(_request: Request, caller: Caller, given: dict[str, str]) -> Response:
        try:
            number = checked_number(given.get("nin", ""))
        except Refused as error:
            raise _Told(400, refusal(error, NO_NUMBER)) from error
        shown, reader = await http.ask(
            services, caller, Question("support", "person", [number]), lambda reader: person(reader, number)
        )
        if shown is None:
            raise _Told(404, _NOBODY)
        return page("person.html", given, person=shown, release_id=reader.release_id, headers=http.told_of(reader))

    return [
        Route(PLACE, told(form), methods=["GET"]),
        Route(f"{PLACE}/search", told(found), methods=["POST"]),
        Route(f"{PLACE}/person", told(one), methods=["POST"]),
    ]


def _language(request: Request) -> str:
    """The language that the browser asks for first of those that the page has."""
    for part in request.headers.get("accept-language", "").split(","):
        wanted = part.partition(";")[0].strip().lower()[:2]
        if wanted in ("no", "nb", "nn"):
            return "no"
        if wanted == "en":
            return "en"
    return "no"


def _form(body: bytes) -> dict[str, str]:
    """The fields of a form; of one that is there twice the last. Raises `_Told`."""
    try:
        fields = parse_qs(body.decode("utf-8"), max_num_fields=30, encoding="utf-8", errors="strict")
    except ValueError:
        raise _Told(400, ("Skjemaet kan ikke leses.", "The form cannot be read.")) from None
    known = {name for name, *_ in FIELDS} | {"nin", "page", "language"}
    given = {name: values[-1].strip() for name, values in fields.items() if name in known}
    if given.get("language") not in _LANGUAGES:
        given.pop("language", None)
    return given


def _day(text: str) -> dt.date | None:
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise _Told(400, _NO_SUCH_DAY) from None
