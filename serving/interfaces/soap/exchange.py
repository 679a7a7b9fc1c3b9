"""A call of a SOAP service, from its bytes to those of the answer: the same for PREG's own service and HL7."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml import etree
from starlette.requests import Request
from starlette.responses import Response

from serving.access.entry import Caller, NotLetIn
from serving.calls import Question, Services
from serving.interfaces import http
from serving.interfaces.preg_xml import Operation
from serving.interfaces.soap import envelope
from serving.interfaces.soap.envelope import CONTENT_TYPE, SECURITY, Fault
from serving.interfaces.xml_reader import read_xml
from serving.services.look_up import Refused
from serving.store.read_store import NothingServed


@dataclass(frozen=True)
class SoapService:
    """A service. interface: its name in the log. action: what the names of operations are appended to.

    read: the operation that an element of a body asks for, by a caller; raises `Refused`. timestamp_needed: whether a
    message without one is refused.
    """

    interface: str
    action: str
    read: Callable[[etree._Element, Services, Caller], Operation]
    timestamp_needed: bool = False


async def answer(request: Request, services: Services, service: SoapService) -> Response:
    """The answer to a call, or the fault that says why there is none."""
    relates_to = ""
    try:
        root = read_xml(await http.body_of(request, services))
        relates_to = envelope.message_id_of(root)
        message = envelope.read_message(root, timestamp_needed=service.timestamp_needed)
        caller = await http.let_in(services, message.user_name, message.password, http.peer_of(request))
        operation = service.read(message.content, services, caller)
        if message.action and message.action != f"{service.action}{operation.name}":
            raise Fault(
                f"The action of the message is not that of {operation.name}.",
                subcode=(envelope.ADDRESSING, "ActionMismatch"),
            )
        question = Question(service.interface, operation.name, operation.numbers(message.content))
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
    written = await http.write(lambda: operation.write(found), is_quick=operation.is_quick)
    content = envelope.answer(f"{service.action}{operation.name}Response", relates_to, written)
    return Response(content, media_type=CONTENT_TYPE, headers=http.told_of(reader))


def _words(refused: Refused | NothingServed) -> str:
    return f"{refused.what}: {refused.todo}." if refused.todo else f"{refused.what}."


def _fault(given: Fault, relates_to: str, retry_after: float = 0) -> Response:
    headers = {"Retry-After": str(max(1, round(retry_after)))} if retry_after else None
    return Response(envelope.fault(given, relates_to), given.status, headers, CONTENT_TYPE)


def described(file: etree._ElementTree, request: Request, services: Services, place: str, published: set[str]) -> bytes:
    """A WSDL with the address of this server in the place of those that it was published with."""
    # Without an address that is set, what the client itself asked by: it is the client's own answer.
    address = services.serving.address or f"{request.url.scheme}://{request.url.netloc}"
    for element in file.iter():
        if element.get("location") in published:
            element.set("location", f"{address}{place}")
        elif element.text in published:
            element.text = f"{address}{place}"
        elif element.text == "localhost":
            element.text = urlsplit(address).hostname or ""
    return etree.tostring(file, xml_declaration=True, encoding="utf-8")
