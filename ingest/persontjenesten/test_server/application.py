"""The test server's ASGI application: HelseID's token endpoint, and Persontjenesten's operations behind it."""

from __future__ import annotations

import bisect
import secrets
import time
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs

import jwt
from jwt import PyJWK
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route

from ingest.interface.test_server.application import Handler
from ingest.interface.test_server.application import TestServer as _TestServer
from ingest.interface.test_server.misbehaviour import Misbehaviour, Mode
from ingest.persontjenesten.dpop import thumbprint_of, thumbprint_of_key
from ingest.persontjenesten.test_server.register import Register, given

SCOPE = "nhn:hgd-persontjenesten-api/api"
PAGE_SIZE = 1000
MOST_IN_BULK = 100
_ALGORITHMS = ["PS256", "RS256", "ES256"]


class TestServer(_TestServer):
    """A running Persontjenesten: its register, and the state of every test server."""

    audience = "https://helseid.test"

    def __init__(
        self, register: Register, public_key: str, misbehaviour: Misbehaviour, *, token_seconds: int = 120
    ) -> None:
        super().__init__(public_key, misbehaviour, token_seconds)
        self.register = register
        # Token → until when it is good, and the thumbprint of the key that it is bound to.
        self.tokens: dict[str, tuple[float, str]] = {}
        self.nonce = secrets.token_urlsafe(12)

    def application(self) -> Starlette:
        """The ASGI application: the operations of persontjenesten_paths.csv, under both legal bases."""
        operations: list[tuple[str, str, Handler]] = [
            ("GET", "/event/latest", self.latest_event),
            ("GET", "/event", self.events),
            ("GET", "/person/{id}", self.person),
            ("POST", "/person/get-by-nin", self.person_by_number),
            ("POST", "/person/bulk-by-id", self.persons),
            ("POST", "/person/bulk-by-nin", self.persons_by_number),
            ("POST", "/search/person", self.search_person),
            ("POST", "/search/match-list", self.match_list),
            ("POST", "/search/paged-match-list", self.paged_match_list),
            ("POST", "/search/match-count", self.match_count),
        ]
        routes = [Route(path, self.guarded(handler), methods=[method]) for method, path, handler in operations]
        return Starlette(
            routes=[
                Route("/token", self.token, methods=["POST"]),
                Mount("/api/legal-basis", routes=routes),
                Mount("/api/no-legal-basis", routes=routes),
            ]
        )

    async def token(self, request: Request) -> Response:
        """HelseID: a client assertion and a proof for a token that is bound to the proof's key."""
        self.count("token")
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        claims = self.statement(form.get("client_assertion", ""), _ALGORITHMS, 60, "sub")
        if isinstance(claims, str):
            return _oauth_error("invalid_client", claims)
        if form.get("grant_type") != "client_credentials" or form.get("scope") != SCOPE:
            return _oauth_error("invalid_scope", "the scope is not this client's")
        proof = self._proof(request, "")
        if isinstance(proof, str):
            headers = {"DPoP-Nonce": self.nonce} if proof == "use_dpop_nonce" else None
            return _oauth_error(proof, "the proof is not good", headers)
        token = secrets.token_urlsafe(24)
        self.tokens[token] = (time.monotonic() + self.token_seconds, proof["key"])
        return JSONResponse({"access_token": token, "token_type": "DPoP", "expires_in": self.token_seconds})

    def _proof(self, request: Request, token: str) -> dict[str, str] | str:
        """The proof of a call, checked; else the error of RFC 9449."""
        text = request.headers.get("DPoP", "")
        try:
            header = jwt.get_unverified_header(text)
            jwk = header["jwk"]
            if header["typ"] != "dpop+jwt" or "d" in jwk:
                return "invalid_dpop_proof"
            claims = jwt.decode(text, PyJWK(jwk, header["alg"]).key, algorithms=_ALGORITHMS)
            good = (
                claims["htm"] == request.method
                and claims["htu"] == str(request.url).partition("?")[0]
                and claims["jti"] not in self._used
                and abs(time.time() - claims["iat"]) < 60
                and (not token or claims["ath"] == thumbprint_of(token))
            )
        except (jwt.PyJWTError, KeyError, TypeError, ValueError):
            return "invalid_dpop_proof"
        if not good:
            return "invalid_dpop_proof"
        if claims.get("nonce") != self.nonce:
            return "use_dpop_nonce"
        self._used.add(claims["jti"])
        return {"key": thumbprint_of_key(jwk)}

    def expire_tokens(self, _request: Request) -> None:
        """Let the nonce grow old."""
        self.nonce = secrets.token_urlsafe(12)

    def denied(self, request: Request) -> Response | None:
        """The answer to a token that is not good, or not bound to the key of the proof."""
        token = request.headers.get("Authorization", "").removeprefix("DPoP ")
        until, key = self.tokens.get(token, (-1.0, ""))
        proof = self._proof(request, token)
        if not isinstance(proof, str) and until >= time.monotonic() and proof["key"] == key:
            return None
        error = proof if isinstance(proof, str) else "invalid_token"
        return _problem(401, "Unauthorized", {"WWW-Authenticate": f'DPoP error="{error}"', "DPoP-Nonce": self.nonce})

    def refusal(self, mode: Mode | None) -> Response | None:
        """Errors as problem documents."""
        if mode is Mode.TOO_MANY:
            return _problem(429, "Too Many Requests", {"Retry-After": "0"})
        if mode is Mode.TOO_MANY_SILENT:
            return _problem(429, "Too Many Requests")
        if mode is Mode.SERVER_ERROR:
            return _problem(500, "Internal Server Error")
        if mode is Mode.BAD_GATEWAY:
            return Response(status_code=502)
        if mode is Mode.HTML:
            return HTMLResponse("<html><body>Request Rejected</body></html>")
        return None

    async def latest_event(self, _request: Request) -> Response:
        """The newest event."""
        if not self.register.events:
            return _problem(404, "Not Found")
        return JSONResponse(_event(self.register.events[-1]))

    async def events(self, request: Request) -> Response:
        """At most a thousand events from a sequence number on, ascending."""
        first = int(request.query_params.get("sequenceNumber", "0"))
        events = self.register.events
        start = bisect.bisect_left(events, first, key=lambda event: event.sequence_number)
        types = request.query_params.getlist("eventTypes")
        page = [event for event in events[start:] if not types or event.event_type in types][:PAGE_SIZE]
        return JSONResponse([_event(event) for event in page])

    async def person(self, request: Request) -> Response:
        """The person with an id."""
        return self._one(request, self.register.persons.get(request.path_params["id"]))

    async def person_by_number(self, request: Request) -> Response:
        """The person with a number."""
        return self._one(request, self.register.by_number((await request.json()).get("nin", "")))

    async def persons(self, request: Request) -> Response:
        """Persons by id."""
        wanted = (await request.json()).get("personIds") or []
        if len(wanted) > MOST_IN_BULK:
            return _problem(400, "Too many ids")
        wanted = self.misbehaviour.for_documents(wanted)
        return self._many(request, [self.register.persons[each] for each in wanted if each in self.register.persons])

    async def persons_by_number(self, request: Request) -> Response:
        """Persons by number."""
        wanted = (await request.json()).get("nins") or []
        if len(wanted) > MOST_IN_BULK:
            return _problem(400, "Too many numbers")
        found = [self.register.by_number(number) for number in wanted]
        return self._many(request, [person for person in found if person])

    async def search_person(self, request: Request) -> Response:
        """The persons who match, at most a hundred."""
        found = self._matching(await request.json())[:MOST_IN_BULK]
        persons = [self._given(request, person) for person in found]
        return JSONResponse({"results": persons, "startIndex": 0, "endIndex": max(0, len(persons) - 1)})

    async def match_list(self, request: Request) -> Response:
        """The ids of those who match, at most a hundred."""
        ids = [person["id"] for person in self._matching(await request.json())[:MOST_IN_BULK]]
        return JSONResponse(ids)

    async def paged_match_list(self, request: Request) -> Response:
        """The ids of those who match, page by page."""
        asked = await request.json()
        start, size = int(asked.get("IndexOffset") or 0), int(asked.get("PageSize") or MOST_IN_BULK)
        ids = [person["id"] for person in self._matching(asked)]
        page = ids[start : start + size]
        return JSONResponse({"results": page, "startIndex": start, "endIndex": start + max(0, len(page) - 1)})

    async def match_count(self, request: Request) -> Response:
        """How many match."""
        return JSONResponse({"matchCount": len(self._matching(await request.json()))})

    def _matching(self, asked: dict[str, Any]) -> list[dict[str, Any]]:
        return [person for person in self.register.persons.values() if _matches(person, asked)]

    def _given(self, request: Request, person: dict[str, Any]) -> dict[str, Any]:
        return given(
            person,
            legal_basis="/no-legal-basis/" not in request.url.path,
            parts=request.query_params.getlist("informationParts"),
            history=request.query_params.get("includeHistory") == "true",
        )

    def _one(self, request: Request, person: dict[str, Any] | None) -> Response:
        return JSONResponse(self._given(request, person)) if person else _problem(404, "Not Found")

    def _many(self, request: Request, persons: Iterable[dict[str, Any]]) -> Response:
        return JSONResponse([self._given(request, person) for person in persons])


def _matches(person: dict[str, Any], asked: dict[str, Any]) -> bool:
    names = [name for name in person.get("name", []) if name.get("isValid")]
    addresses = [address for address in person.get("residentialAddress", []) if address.get("isValid")]
    streets = [address.get("streetAddress") or {} for address in addresses]
    births = [str(birth.get("birthDate") or "")[:10] for birth in person.get("birth", [])]
    held = {
        "GivenName": [name.get("givenName") for name in names],
        "MiddleName": [name.get("middleName") for name in names],
        "FamilyName": [name.get("familyName") for name in names],
        "FullName": [
            " ".join(filter(None, (name.get("givenName"), name.get("middleName"), name.get("familyName"))))
            for name in names
        ],
        "StreetAddress": [street.get("addressName") for street in streets],
        "PostalCode": [(street.get("city") or {}).get("postalCode") for street in streets],
        "CityName": [(street.get("city") or {}).get("cityName") for street in streets],
        "MunicipalityNumber": [street.get("municipalityNumber") for street in streets],
        "BasicStatisticalUnit": [address.get("fullBasicStatisticalUnitNumber") for address in addresses],
        "Gender": [gender.get("gender") for gender in person.get("gender", []) if gender.get("isValid")],
        "BirthDate": births,
    }
    for name, values in held.items():
        if asked.get(name) and str(asked[name])[:60].lower() not in {str(value).lower() for value in values if value}:
            return False
    statuses = [status.get("status") for status in person.get("status", []) if status.get("isValid")]
    if asked.get("PersonStatuses") and not set(asked["PersonStatuses"]) & set(statuses):
        return False
    first, last = str(asked.get("BirthDateFrom") or "")[:10], str(asked.get("BirthDateTo") or "9999")[:10]
    return not (asked.get("BirthDateFrom") or asked.get("BirthDateTo")) or any(first <= day <= last for day in births)


def _event(event: Any) -> dict[str, str]:
    return {
        "sequenceNumber": str(event.sequence_number),
        "personId": event.person_id,
        "eventType": event.event_type,
    }


def _problem(status: int, title: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse(
        {"type": "about:blank", "title": title, "status": status}, status, headers, "application/problem+json"
    )


def _oauth_error(error: str, description: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"error": error, "error_description": description}, 400, headers)
