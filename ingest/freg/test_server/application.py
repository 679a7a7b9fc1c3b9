"""The test server's ASGI application: Maskinporten's token endpoint, and Freg's resources behind it."""

from __future__ import annotations

import bisect
import hashlib
import itertools
import json
import secrets
import time
import uuid
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route

from ingest.freg.answers import FeedEntry
from ingest.freg.test_server.register import Event, Register
from ingest.freg.test_server.selecting import why_refused
from ingest.interface.test_server.application import Handler
from ingest.interface.test_server.application import TestServer as _TestServer
from ingest.interface.test_server.misbehaviour import Misbehaviour, Mode

SCOPE = "folkeregister:deling/offentligmedhjemmel"
PREFIX = "/folkeregisteret/offentlig-med-hjemmel/api/v1"
PAGE_SIZE = 1000

_FIREWALL = """<html><head><title>Request Rejected</title></head><body>The requested URL was rejected. Please consult
with your administrator.<br><br>Your support ID is: 1234567890123456789<br><br></body></html>"""


@dataclass(frozen=True)
class _Job:
    """An extract that was ordered: what its batches hold, and by which name."""

    member: str
    items: list[str]


class TestServer(_TestServer):
    """A running Freg: its register, and the state of every test server.

    errors_as_published: whether a refusal is reported in the form of the published description (`feilkode`), not in
    that of Freg's own answers (`kode`).
    """

    audience = "https://maskinporten.test/"

    def __init__(
        self,
        register: Register,
        public_key: str,
        misbehaviour: Misbehaviour,
        *,
        token_seconds: int = 120,
        batch_size: int = 1000,
        polls_until_ready: int = 1,
        errors_as_published: bool = False,
    ) -> None:
        super().__init__(public_key, misbehaviour, token_seconds)
        self.register = register
        self.batch_size = batch_size
        self.polls_until_ready = polls_until_ready
        self.errors_as_published = errors_as_published
        self.tokens: dict[str, float] = {}
        self._jobs: dict[str, _Job] = {}
        self._polls: dict[str, int] = {}
        self._refused_calls: set[str] = set()
        self._job_number = itertools.count(1)

    def application(self) -> Starlette:
        """The ASGI application."""
        resources: list[tuple[str, str, Handler]] = [
            ("GET", "/hendelser/feed", self.feed),
            ("GET", "/hendelser/siste/sekvensnummer", self.last_sequence_number),
            ("POST", "/hendelser/bulkoppslag", self.events),
            ("GET", "/hendelser/{document_id}", self.event),
            ("POST", "/personer/bulkoppslag/arkiv", self.documents),
            ("POST", "/personer/bulkoppslag", self.persons),
            ("GET", "/personer/arkiv/{document_id}", self.document),
            ("GET", "/personer/{number}", self.person),
            ("GET", "/uttrekk/komplett", self.order),
            ("POST", "/uttrekk/tilpasset", self.order_selection),
            ("GET", "/uttrekk/{job_id}/batch/{number:int}", self.batch),
        ]
        routes = [Route(path, self.guarded(handler), methods=[method]) for method, path, handler in resources]
        return Starlette(routes=[Route("/token", self.token, methods=["POST"]), Mount(PREFIX, routes=routes)])

    def expire_tokens(self, request: Request) -> None:
        """Let all tokens be expired, unless this call has come back for that."""
        if request.headers.get("Korrelasjonsid", "") not in self._refused_calls:
            self.tokens = dict.fromkeys(self.tokens, 0.0)

    def denied(self, request: Request) -> Response | None:
        """Freg's answer to a token that is not good."""
        call_id = request.headers.get("Korrelasjonsid", "")
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        # A call that came with an expired token and comes back with a newer one is answered, even if that one has
        # expired meanwhile: a client may refuse to try a third.
        good_until = self.tokens.get(token, -1.0)
        if good_until >= time.monotonic() or (call_id in self._refused_calls and good_until >= 0):
            return None
        self._refused_calls.add(call_id)
        return self._error(401, "FREG-002", "Autentiseringsinformasjon mangler")

    def refusal(self, mode: Mode | None) -> Response | None:
        """Freg's errors, in both of their forms."""
        if mode is Mode.TOO_MANY:
            return self._error(429, "FREG-003", "For mange kall", {"Retry-After": "20"})
        if mode is Mode.TOO_MANY_SILENT:
            return self._error(429, "FREG-003", "For mange kall")
        if mode is Mode.SERVER_ERROR:
            return _answered_error(500, "FREG-001", "Feil i tjenesten. Vennligst prøv igjen seinere.")
        if mode is Mode.SERVER_ERROR_AS_PUBLISHED:
            return _published_error(500, "FREG-001", "Feil i tjenesten. Vennligst prøv igjen seinere.")
        if mode is Mode.BAD_GATEWAY:
            return Response(status_code=502)
        if mode is Mode.HTML:
            return HTMLResponse(_FIREWALL)
        return None

    async def token(self, request: Request) -> Response:
        """Maskinporten: a grant for a token. A grant can be used once."""
        self.count("token")
        form = dict(item.partition("=")[::2] for item in (await request.body()).decode().split("&"))
        claims = self.statement(form.get("assertion", ""), ["RS256"], 120, "scope")
        if isinstance(claims, str) or claims.get("scope") != SCOPE:
            reason = claims if isinstance(claims, str) else "the scope is not this client's"
            return JSONResponse({"error": "invalid_grant", "error_description": reason}, 400)
        token = secrets.token_urlsafe(24)
        self.tokens[token] = time.monotonic() + self.token_seconds
        return JSONResponse({"access_token": token, "token_type": "Bearer", "expires_in": self.token_seconds})

    async def feed(self, request: Request) -> Response:
        """A page of the feed, as JSON or Atom."""
        first = int(request.query_params.get("seq", "1"))
        if first < 1:
            return _feed_error(404, "FREG-008", "Sekvensnummeret finnes ikke")
        events = self._events_from(first)
        numbers = {event.entry.sequence_number: event.number for event in events}
        page = self.misbehaviour.for_page([event.entry for event in events])
        if "atom" in request.headers.get("Accept", ""):
            body, kind = _atom(page, numbers), "application/atom+xml"
        else:
            body = json.dumps([_feed_entry(entry, numbers[entry.sequence_number]) for entry in page])
            kind = "application/json"
        etag = f'"{hashlib.md5(body.encode(), usedforsecurity=False).hexdigest()}"'
        if request.headers.get("If-None-Match") == etag:
            return Response(status_code=304, headers={"ETag": etag})
        return Response(body, media_type=kind, headers={"ETag": etag})

    def _events_from(self, first: int) -> list[Event]:
        start = bisect.bisect_left(self.register.events, first, key=lambda event: event.entry.sequence_number)
        return self.register.events[start : start + PAGE_SIZE]

    async def last_sequence_number(self, _request: Request) -> Response:
        """The newest event's number."""
        return JSONResponse(self.register.last_sequence_number)

    async def event(self, request: Request) -> Response:
        """One event's document."""
        document = self.register.event_document(request.path_params["document_id"])
        return _json(document) if document else self._error(404, "FREG-007", "Finnes ikke")

    async def events(self, request: Request) -> Response:
        """Events' documents."""
        wanted: list[str] = (await request.json())["dokumentidentifikator"]
        found = map(self.register.event_document, wanted)
        return _json(f'{{"oppslag":[{",".join(document for document in found if document)}]}}')

    async def document(self, request: Request) -> Response:
        """One person document."""
        document_id = request.path_params["document_id"]
        return self._person(self.register.documents.get(document_id))

    async def documents(self, request: Request) -> Response:
        """Person documents by id."""
        wanted: list[str] = (await request.json())["dokumentidentifikator"]
        if len(wanted) > 1000:
            return self._error(400, "FREG-004", "For mange dokumenter")
        parts = request.query_params.getlist("part")
        items = [
            f'{{"dokumentidentifikator":"{document_id}",'
            f'"folkeregisterperson":{_parts_of(self.register.documents[document_id], parts)}}}'
            for document_id in self.misbehaviour.for_documents(wanted)
            if document_id in self.register.documents
        ]
        return _json(f'{{"oppslag":[{",".join(items)}]}}')

    async def person(self, request: Request) -> Response:
        """The person with a number, as now."""
        return self._person(self.register.current_document(request.path_params["number"]))

    async def persons(self, request: Request) -> Response:
        """The persons with these numbers, as now, or a message; in the order asked for when that is asked for."""
        numbers: list[str] = (await request.json())["foedselsEllerDNummer"]
        if request.query_params.get("somBestilt") != "true":
            numbers = sorted(numbers, reverse=True)
        parts = request.query_params.getlist("part")
        items = [_look_up(number, self.register.current_document(number), parts) for number in numbers]
        return _json(f'{{"oppslag":[{",".join(items)}]}}')

    async def order(self, request: Request) -> Response:
        """Order an extract of the whole register."""
        documents = self.register.current_documents(int(request.query_params["feedsekvensnr"]))
        return self._ordered(_Job("dokumentidentifikator", documents))

    async def order_selection(self, request: Request) -> Response:
        """Order an extract of a part of the register."""
        criteria = await request.json()
        refused = why_refused(criteria)
        if refused:
            return self._error(400, "FREG-004", refused)
        return self._ordered(_Job("foedselsEllerDNummer", self.register.numbers_of_selection(criteria)))

    def _ordered(self, job: _Job) -> Response:
        """Take on a job; at most ten at a time."""
        if len(self._jobs) >= 10:
            return self._error(429, "FREG-003", "For mange jobber", {"Retry-After": "50"})
        job_id = f"job-{next(self._job_number)}"
        self._jobs[job_id] = job
        self._polls[job_id] = 0
        return JSONResponse({"jobbId": job_id})

    async def batch(self, request: Request) -> Response:
        """A batch of an extract: 404 until it is ready, {} after the last, 410 when there is no such job or batch."""
        job_id, number = request.path_params["job_id"], request.path_params["number"]
        job = self._jobs.get(job_id)
        if job is None:
            return self._error(410, "FREG-005", "Jobben finnes ikke")
        self._polls[job_id] += 1
        if self._polls[job_id] <= self.polls_until_ready:
            return self._error(404, "FREG-006", "Ikke klar")
        batch = job.items[number * self.batch_size : (number + 1) * self.batch_size]
        if batch:
            return JSONResponse({job.member: batch})
        if (number - 1) * self.batch_size >= max(1, len(job.items)):
            return self._error(410, "FREG-005", "Batchen finnes ikke")
        return JSONResponse({})

    def forget_jobs(self) -> None:
        """Let all extracts that were ordered be gone, as those are that nobody fetched in time."""
        self._jobs.clear()

    def _person(self, document: str | None) -> Response:
        if document is None:
            return self._error(404, "FREG-007", "Finnes ikke")
        return _json(f'{{"folkeregisterperson":{document}}}')

    def _error(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Response:
        form = _published_error if self.errors_as_published else _answered_error
        return form(status, code, message, headers)


def _json(body: str) -> Response:
    return Response(body, media_type="application/json")


def _answered_error(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"kode": code, "melding": message}, status_code=status, headers=headers)


def _published_error(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Response:
    answer = {
        "feilkode": code,
        "feilmelding": message,
        "httpStatus": status,
        "alvorlighetsgrad": "FEIL",
        "tilleggsinformasjon": "",
    }
    return JSONResponse(answer, status_code=status, headers=headers)


def _feed_error(status: int, code: str, message: str) -> Response:
    answer = {"code": code, "message": message, "httpStatus": status, "feilreferanse": str(uuid.uuid4())}
    return JSONResponse(answer, status_code=status)


def _look_up(number: str, document: str | None, parts: list[str]) -> str:
    """What a bulk look-up gives for a number: the person, or a message."""
    if document is None:
        return json.dumps({"foedselsEllerDNummer": number, "feilmelding": {"feilmelding": "Fant ikke personen"}})
    return f'{{"foedselsEllerDNummer":"{number}","folkeregisterperson":{_parts_of(document, parts)}}}'


def _parts_of(document: str, parts: list[str]) -> str:
    """The document with the numbers, which always come, and the elements asked for by name."""
    if not parts:
        return document
    person = json.loads(document)
    return json.dumps({name: value for name, value in person.items() if name in {"identifikasjonsnummer", *parts}})


def _feed_entry(entry: FeedEntry, number: str) -> dict[str, Any]:
    return {
        "sekvensnummer": entry.sequence_number,
        "hendelse": {
            "folkeregisteridentifikator": number,
            "hendelsetype": entry.event_type,
            "hendelsesdokument": entry.event_document,
            "persondokument": entry.person_document,
            "ajourholdstidspunkt": entry.registered_at,
        },
    }


def _atom(entries: list[FeedEntry], numbers: dict[int, str]) -> str:
    def element(name: str, text: object) -> str:
        return f"<f:{name}>{escape(str(text))}</f:{name}>"

    def atom_entry(entry: FeedEntry) -> str:
        event = _feed_entry(entry, numbers[entry.sequence_number])["hendelse"]
        members = "".join(element(name, text) for name, text in event.items())
        return (
            f"<entry><id>urn:event:{entry.sequence_number}</id><title>{entry.event_type}</title>"
            f"<updated>{entry.registered_at}</updated><content type='application/xml'><f:lagretHendelse>"
            f"{element('sekvensnummer', entry.sequence_number)}<f:hendelse>{members}</f:hendelse>"
            "</f:lagretHendelse></content></entry>"
        )

    return (
        '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom"'
        ' xmlns:f="folkeregisteret:tilgjengeliggjoering:hendelse:v1"><title>hendelser</title>'
        + "".join(map(atom_entry, entries))
        + "</feed>"
    )
