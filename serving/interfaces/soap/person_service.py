"""PREG's own service, where clients know it: `/Personregister.WCF/PersonService.svc`."""

from __future__ import annotations

from lxml import etree
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from serving.calls import Services
from serving.interfaces.preg_xml import CONTRACT, read_request
from serving.interfaces.soap.exchange import SoapService, answer, described

_FOLDER = "/Personregister.WCF"
_PLACE = f"{_FOLDER}/PersonService.svc"
_SERVICE = SoapService("soap", "http://register.nhn.no/PR/IPersonService/", lambda element, *_: read_request(element))


async def answer_directly(request: Request, services: Services) -> Response | None:
    """The answer to a call of an operation; None for any other call."""
    if request.scope["path"] != _PLACE or request.method != "POST":
        return None
    return await answer(request, services, _SERVICE)


def routes(services: Services) -> list[Route]:
    """The WSDL of the service (`?wsdl`), and its schemas."""

    async def wsdl(request: Request) -> Response:
        if request.url.query.lower() not in ("wsdl", "singlewsdl"):
            return Response(f"PREG's SOAP service. Its description: {_PLACE}?wsdl\n", media_type="text/plain")
        file = etree.parse(str(CONTRACT / "PersonService.wsdl"))
        content = described(file, request, services, _PLACE, {f"https://localhost{_PLACE}"})
        return Response(content, media_type="text/xml; charset=utf-8")

    async def schema(request: Request) -> Response:
        file = CONTRACT / f"PersonService{request.path_params['number']}.xsd"
        if not file.is_file():
            return Response("There is no such schema.", 404, media_type="text/plain")
        return Response(file.read_bytes(), media_type="text/xml; charset=utf-8")

    return [
        Route(_PLACE, wsdl, methods=["GET"]),
        Route(f"{_FOLDER}/PersonService{{number:int}}.xsd", schema, methods=["GET"]),
    ]
