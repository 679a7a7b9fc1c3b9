"""The services over a built release, in this process: clients of every profile, and zeep without a network."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import zeep
from starlette.testclient import TestClient
from zeep.wsse.username import UsernameToken

from foundation.settings import Settings
from publication.access.access_profile import find_access_profile
from publication.store.release import current_release
from serving.access.clients import Client, approve_client, order_client
from serving.app import create_app
from serving.settings import ServingSettings
from serving.store.build import build_store
from serving.store.read_store import Reader

CONTRACTS = Path(__file__).parents[2] / "serving" / "interfaces" / "soap" / "contract"
_BINDING = "{http://register.nhn.no/PR}CustomBinding_IPersonService"
SOAP = "/Personregister.WCF/PersonService.svc"


@dataclass
class Served:
    """The services, and a client per profile: `http` asks, `passwords` by profile."""

    settings: Settings
    http: TestClient
    services: Any
    api: Any
    passwords: dict[str, str] = field(default_factory=dict)

    def by(self, profile: str = "helseforetak") -> tuple[str, str]:
        """User name and password of a client of a profile; made when it is first asked for."""
        if profile not in self.passwords:
            order_client(self.settings, new_client(profile), dt.datetime.now(dt.UTC))
            self.passwords[profile] = approve_client(
                self.settings, user_name(profile), "B", dt.datetime.now(dt.UTC), terms_accepted=True
            )
        return user_name(profile), self.passwords[profile]

    def requisitioner(self, profile: str = "helseforetak") -> tuple[str, str]:
        """User name and password of a client of a profile that may have common help numbers issued."""
        name = f"{user_name(profile)}-fh"
        if name not in self.passwords:
            order_client(
                self.settings, new_client(profile, user_name=name, may_requisition=True), dt.datetime.now(dt.UTC)
            )
            self.passwords[name] = approve_client(
                self.settings, name, "B", dt.datetime.now(dt.UTC), terms_accepted=True
            )
        return name, self.passwords[name]

    def get(self, path: str, profile: str = "helseforetak", **given: Any) -> Any:
        """The answer to a GET."""
        return self.http.get(path, auth=self.by(profile), **given)

    def post(self, path: str, content: Any, profile: str = "helseforetak") -> Any:
        """The answer to a POST: of text as it is, of anything else as JSON."""
        given = {"content": content} if isinstance(content, str | bytes) else {"json": content}
        return self.http.post(path, auth=self.by(profile), **given)  # type: ignore[arg-type]

    def soap(self, profile: str = "helseforetak", **token: Any) -> Any:
        """zeep's client of PREG's service, from the original files."""
        client = zeep.Client(
            str(CONTRACTS / "PersonService.wsdl"),
            wsse=UsernameToken(*self.by(profile), **token),
            transport=InProcess(self.http),
        )
        return client.create_service(_BINDING, f"https://testserver{SOAP}")

    def reader(self, profile: str = "helseforetak") -> Reader:
        """What a profile sees, without an interface."""
        return self.services.current.store().reader(find_access_profile(self.settings, profile))  # type: ignore[no-any-return]


class InProcess(zeep.Transport):
    """zeep's way to a server, without a network."""

    def __init__(self, http: TestClient) -> None:
        super().__init__()
        self._http = http

    def post(self, address: str, message: Any, headers: Any) -> Any:
        return self._http.post(address, content=message, headers=headers)


def user_name(profile: str) -> str:
    """The client of a profile."""
    return f"of-{profile.replace('_', '-')}"


def new_client(profile: str, **given: Any) -> Client:
    """A client as it is ordered."""
    values = {
        "user_name": user_name(profile),
        "organisation": "Sykehus A",
        "organisation_number": "999999999",
        "contact_name": "Kari Nordmann",
        "contact_email": "kari@example.no",
        "member_type": "helseforetak",
        "profile": profile,
        "purpose": "test",
        "state": "ordered",
        "valid_from": "2026-01-01",
        "valid_to": "2199-12-31",
        "ordered_by": "A",
    }
    return Client(**{**values, **given})


def serve(settings: Settings, **serving: Any) -> Served:
    """The services over the current release of a data directory."""
    release = current_release(settings)
    assert release is not None
    build_store(settings, release)
    limits = {"requests_per_second": 1e6, "burst": 1_000_000, "help_number_series": "89", **serving}
    made = create_app(settings, ServingSettings(**limits))
    http = TestClient(made.asgi, base_url="https://testserver", raise_server_exceptions=False)
    return Served(settings, http, made.services, made.api)


def serve_again(served: Served, data: Path, **serving: Any) -> Served:
    """The services over the same release, in a data directory of their own: other clients, another register."""
    (data / "releases").symlink_to((served.settings.data_dir / "releases").resolve())
    return serve(Settings(data_dir=data), **serving)
