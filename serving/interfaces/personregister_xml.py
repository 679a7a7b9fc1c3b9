"""Personregister-XML: the elements of PREG's own service over plain HTTPS, without an envelope.

`POST /personregister-xml/` with a request element (`<GetPerson xmlns="http://register.nhn.no/PR">…`) and HTTP's basic
authentication; the answer is the response element, or `<Error>` with `Message` and `ToDo`. Same schema as the SOAP
service.
"""

from __future__ import annotations

from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import Response

from serving.access.entry import NotLetIn
from serving.calls import Question, Services
from serving.interfaces import http
from serving.interfaces.preg_xml import PREG, read_request
from serving.interfaces.xml_reader import read_xml
from serving.services.look_up import Refused
from serving.store.read_store import NothingServed

PLACE = "/personregister-xml/"
_CONTENT_TYPE = "application/xml; charset=utf-8"


async def answer_directly(request: Request, services: Services) -> Response | None:
    """The answer to a call; None for a call of something else."""
    if request.scope["path"] != PLACE or request.method != "POST":
        return None
    try:
        caller = await http.let_in_by_header(services, request)
        element = read_xml(await http.body_of(request, services))
        operation = read_request(element)
        question = Question("personregister-xml", operation.name, operation.numbers(element))
        found, reader = await http.ask(
            services, caller, question, lambda reader: operation.ask(element, reader), is_quick=operation.is_quick
        )
    except NotLetIn as refused:
        return _error(http.status_of(refused), str(refused), headers=http.headers_of(refused))
    except Refused as refused:
        return _error(400, refused.what, refused.todo)
    except http.TooLarge:
        return _error(413, "the request is too large", f"send at most {services.serving.largest_request:,} bytes")
    except http.TooSlow:
        return _error(408, "the request did not arrive in time")
    except NothingServed as refused:
        return _error(503, refused.what, headers={"Retry-After": "30"})
    written = await http.write(lambda: operation.write(found), is_quick=operation.is_quick)
    content = f'<?xml version="1.0" encoding="utf-8"?>\n{written}'
    return Response(content, media_type=_CONTENT_TYPE, headers=http.told_of(reader))


def _error(status: int, what: str, todo: str = "", headers: dict[str, str] | None = None) -> Response:
    content = (
        f'<?xml version="1.0" encoding="utf-8"?>\n<Error xmlns="{PREG}"><Message>{escape(what)}</Message>'
        f"<ToDo>{escape(todo)}</ToDo></Error>"
    )
    return Response(content, status, headers, _CONTENT_TYPE)
