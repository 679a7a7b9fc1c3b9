"""The first page: where the interfaces are; in a test environment also whom to ask for, and by which request."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from publication.reports.pages import page_templates
from serving.calls import Services
from serving.store.read_store import NothingServed
from serving.test_environment import persons_by_situation, read_test_clients, widest_reader

# The page has its style in itself, and nothing from elsewhere.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


def routes(services: Services) -> list[Route]:
    """The page."""
    template = page_templates("serving.interfaces").get_template("test_page.html")

    def page(request: Request) -> Response:
        clients = read_test_clients(services.settings)
        situations = []
        release_id = ""
        try:
            if (reader := widest_reader(services.current, services.settings)) is not None:
                release_id = reader.release_id
                # Numbers of persons are for who is let in; these persons are made up.
                situations = persons_by_situation(reader) if clients else []
        except NothingServed:
            pass
        address = services.serving.address or f"{request.url.scheme}://{request.url.netloc}"
        content = template.render(address=address, clients=clients, situations=situations, release_id=release_id)
        return HTMLResponse(content, headers={"Content-Security-Policy": _POLICY})

    return [Route("/", page, methods=["GET"])]
