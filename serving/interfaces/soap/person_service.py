"""PREG's own service, where clients know it: `/Personregister.WCF/PersonService.svc`."""

from __future__ import annotations

from urllib.parse import urlsplit

from lxml import etree
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from serving.access.entry import NotLetIn
from serving.calls import Question, Services
from serving.interfaces import http
from serving.interfaces.preg_xml import CONTRACT, read_request
from serving.interfaces.soap import envelope
from serving.interfaces.soap.envelope import CONTENT_TYPE, SECURITY, Fault
from serving.interfaces.xml_reader import read_xml
from serving.services.look_up import Refused
from serving.store.read_store import NothingServed

_FOLDER = "/Personregister.WCF"
_PLACE = f"{_FOLDER}/PersonService.svc"
_ACTION = "http://register.nhn.no/PR/IPersonService/"
# As the published WSDL has it.
_PUBLISHED = f"https://localhost{_PLACE}"
_RELEASE_HEADER = "Preg-Release"


async def answer_directly(request: Request, services: Services) -> Response | None:
    """The answer to a call of an operation; None for any other call."""
    if request.scope["path"] != _PLACE or request.method != "POST":
        return None
    return await _answer(request, services)


def routes(services: Services) -> list[Route]:
    """The WSDL of the service (`?wsdl`), and its schemas."""

    async def service(request: Request) -> Response:
        return _wsdl(request, services)

    async def schema(request: Request) -> Response:
        file = CONTRACT / f"PersonService{request.path_params['number']}.xsd"
        if not file.is_file():
            return Response("There is no such schema.", 404, media_type="text/plain")
        return Response(file.read_bytes(), media_type="text/xml; charset=utf-8")

    return [
        Route(_PLACE, service, methods=["GET"]),
        Route(f"{_FOLDER}/PersonService{{number:int}}.xsd", schema, methods=["GET"]),
    ]


def _wsdl(request: Request, services: Services) -> Response:
    if request.url.query.lower() not in ("wsdl", "singlewsdl"):
        return Response(f"PREG's SOAP service. Its description: {_PLACE}?wsdl\n", media_type="text/plain")
    # Without an address that is set, what the client itself asked by: it is the client's own answer.
    address = services.serving.address or f"{request.url.scheme}://{request.url.netloc}"
    tree = etree.parse(str(CONTRACT / "PersonService.wsdl"))
    host = urlsplit(address).hostname or ""
    for element in tree.iter():
        if element.get("location") == _PUBLISHED:
            element.set("location", f"{address}{_PLACE}")
        elif element.text == _PUBLISHED:
            element.text = f"{address}{_PLACE}"
        elif element.text == "localhost":
            element.text = host
    return Response(etree.tostring(tree, xml_declaration=True, encoding="utf-8"), media_type="text/xml; charset=utf-8")


async def _answer(request: Request, services: Services) -> Response:
    relates_to = ""
    try:
        root = read_xml(await http.body_of(request, services))
        relates_to = envelope.message_id_of(root)
        message = envelope.read_message(root)
        caller = await http.let_in(services, message.user_name, message.password, http.peer_of(request))
        operation = read_request(message.content)
        if message.action and message.action != f"{_ACTION}{operation.name}":
            raise Fault(
                f"The action of the message is not that of {operation.name}.",
                subcode=(envelope.ADDRESSING, "ActionMismatch"),
            )
        question = Question("soap", operation.name, operation.numbers(message.content))
        found, reader = await http.ask(
            services,
            caller,
            question,
            lambda reader: operation.ask(message.content, reader),
            is_quick=operation.is_quick,
        )
    except Fault as refused:
        return _fault(refused, relates_to)
    except NotLetIn as refused:
        status = 429 if refused.reason == "too_often" else 400
        subcode = None if refused.reason == "too_often" else (SECURITY, "FailedAuthentication")
        return _fault(Fault(f"{refused}.", subcode=subcode, status=status), relates_to, refused.retry_after)
    except Refused as refused:
        return _fault(Fault(_words(refused)), relates_to)
    except http.TooLarge:
        most = services.serving.largest_request
        return _fault(Fault(f"The message is too large: at most {most:,} bytes are taken.", status=413), relates_to)
    except http.TooSlow:
        return _fault(Fault("The message did not arrive in time.", status=408), relates_to)
    except NothingServed as refused:
        return _fault(Fault(_words(refused), code="Receiver", status=503), relates_to, 30)
    content = envelope.answer(f"{_ACTION}{operation.name}Response", relates_to, operation.write(found))
    return Response(content, media_type=CONTENT_TYPE, headers={_RELEASE_HEADER: reader.release_id})


def _words(refused: Refused | NothingServed) -> str:
    return f"{refused.what}: {refused.todo}." if refused.todo else f"{refused.what}."


def _fault(given: Fault, relates_to: str, retry_after: float = 0) -> Response:
    headers = {"Retry-After": str(max(1, round(retry_after)))} if retry_after else None
    return Response(envelope.fault(given, relates_to), given.status, headers, CONTENT_TYPE)
