"""The application of one process: every interface over the same services."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import anyio.to_thread
from fastapi import FastAPI
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from foundation.errors import PregError
from foundation.settings import Settings
from serving.calls import Services
from serving.interfaces import http, personregister_xml, test_page
from serving.interfaces.hl7 import person_registry
from serving.interfaces.rest import filematch, help_numbers, persontjenesten, preg
from serving.interfaces.rest.description import description_of
from serving.interfaces.rest.problems import FROM_ELSEWHERE, UNFORESEEN, Problem, answer_problems, response
from serving.interfaces.soap import person_service
from serving.interfaces.support import pages as support
from serving.settings import ServingSettings
from serving.spelling import words_of

_Scope = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
_Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

# Threads that answer what takes longer than a look-up.
_THREADS = 8

# What is answered without FastAPI around it.
_DIRECT = (
    preg.person_directly,
    person_service.answer_directly,
    personregister_xml.answer_directly,
    person_registry.answer_directly,
)

# What a browser that is led to the services may do with an answer: nothing but read it.
_SAFE = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"strict-transport-security", b"max-age=31536000"),
]


@dataclass(frozen=True)
class Application:
    """What a server calls, and the paths that OpenAPI describes."""

    asgi: Any
    api: FastAPI
    services: Services


def create_app(settings: Settings, serving: ServingSettings) -> Application:
    """The application of this process; it closes what it has opened when the server stops."""
    services = Services(settings, serving)

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        # What the first search would wait for.
        words_of("Kari Nordmann")
        # Each of them has a connection for each profile; more of them than cores answer nothing sooner.
        anyio.to_thread.current_default_thread_limiter().total_tokens = _THREADS
        try:
            yield
        finally:
            services.close()

    app = FastAPI(
        title="PREG",
        version=version("preg-warehouse"),
        description="PREG's record from a published release, under PREG's own names. User name and password (basic"
        " authentication) with every call; what an access profile does not receive is null.",
        lifespan=lifespan,
        # Their pages fetch scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
    )
    answer_problems(app)
    app.include_router(preg.router(services))
    app.include_router(help_numbers.router(services))
    app.include_router(persontjenesten.router(services))
    app.include_router(filematch.router(services))
    app.router.routes.extend(
        [
            *person_service.routes(services),
            *person_registry.routes(services),
            *test_page.routes(services),
            *support.routes(services),
        ]
    )
    app.openapi = description_of(app, services)  # type: ignore[method-assign]
    measured = _Measured(services)
    app.router.routes.extend(measured.routes())
    return Application(measured.around(app), app, services)


class _Measured:
    """What every call has: headers, metrics, and an answer also where nobody foresaw what went wrong."""

    def __init__(self, services: Services) -> None:
        self._services = services
        registry = CollectorRegistry()
        self._registry = registry
        self._counted: dict[tuple[str, int], tuple[Counter, Histogram]] = {}
        self._calls = Counter("preg_calls", "Calls that were answered.", ["interface", "status"], registry=registry)
        self._seconds = Histogram(
            "preg_call_seconds",
            "How long an answer took.",
            ["interface"],
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5),
            registry=registry,
        )

    def routes(self) -> list[Route]:
        """Health, readiness and metrics, for who runs the service; metrics are for `metrics_from` only."""
        return [
            Route("/health", self._health),
            Route("/ready", self._ready),
            Route("/metrics", self._metrics),
        ]

    def around(self, inner: Callable[[_Scope, _Receive, _Send], Awaitable[None]]) -> Any:
        """The application with what every call has."""

        async def call(scope: _Scope, receive: _Receive, send: _Send) -> None:
            if scope["type"] != "http":
                await inner(scope, receive, send)
                return
            interface = _interface_of(scope["path"])
            began = asyncio.get_running_loop().time()
            status = 0

            async def sending(message: MutableMapping[str, Any]) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = message["status"]
                    own = list(message.get("headers", ()))
                    there = {name.lower() for name, _ in own}
                    message["headers"] = own + [each for each in _SAFE if each[0] not in there]
                await send(message)

            try:
                request = Request(scope, receive)
                if not _is_for_anybody(request) and http.is_from_elsewhere(request):
                    await FROM_ELSEWHERE(scope, receive, sending)
                    return
                for directly in _DIRECT:
                    if (answered := await directly(request, self._services)) is not None:
                        await answered(scope, receive, sending)
                        break
                else:
                    await inner(scope, receive, sending)
            except Exception as error:
                # Nothing of it goes to the client or the log: it may have a person in it.
                _keep_crash(self._services.settings, error)
                self._services.events.error("unforeseen", interface=interface, kind=type(error).__name__)
                if not status:
                    await UNFORESEEN(scope, receive, sending)
            finally:
                self._count(interface, status, asyncio.get_running_loop().time() - began)

        return call

    def _count(self, interface: str, status: int, seconds: float) -> None:
        counted = self._counted.get((interface, status))
        if counted is None:
            # Finding them by their labels takes longer than counting.
            counted = self._calls.labels(interface, str(status)), self._seconds.labels(interface)
            self._counted[interface, status] = counted
        counted[0].inc()
        counted[1].observe(seconds)

    async def _health(self, _request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def _ready(self, _request: Request) -> Response:
        try:
            store = self._services.current.store()
        except PregError as error:
            return JSONResponse({"status": "not ready", "why": error.what}, 503)
        current = self._services.current.release_id()
        return JSONResponse({"status": "ready", "release": store.release_id, "is_current": store.release_id == current})

    async def _metrics(self, request: Request) -> Response:
        # How much is asked is nobody's business outside.
        served = {address.strip() for address in self._services.serving.metrics_from.split(",")}
        if request.client is None or request.client.host not in served:
            return response(Problem(404, "there is nothing here"))
        return Response(generate_latest(self._registry), media_type=CONTENT_TYPE_LATEST)


def _is_for_anybody(request: Request) -> bool:
    """Pages and contracts without a person, which other sites may lead to."""
    path = request.scope["path"]
    is_contract = path == "/openapi.json" or path.endswith((".svc", ".xsd"))
    return request.method == "GET" and (path in ("/", support.PLACE) or is_contract)


def _interface_of(path: str) -> str:
    for begins, name in (
        ("/preg/", "rest"),
        ("/compare/", "rest"),
        (persontjenesten.PLACE, "persontjenesten"),
        (support.PLACE, "support"),
        ("/help-number", "rest"),
        ("/filematch", "filematch"),
        ("/Personregister.WCF/", "soap"),
        (personregister_xml.PLACE, "personregister-xml"),
        (person_registry.PLACE, "hl7"),
    ):
        if path.startswith(begins):
            return name
    return "other"


def _keep_crash(settings: Settings, error: Exception) -> None:
    """The stack trace, for who mends it; readable by the owner only."""
    with contextlib.suppress(OSError):
        settings.crashes_dir.mkdir(parents=True, exist_ok=True)
        name = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S.%fZ-serve.txt")
        (settings.crashes_dir / name).write_text("".join(traceback.format_exception(error)), encoding="utf-8")
