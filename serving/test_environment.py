"""What a client's developer tries: a client for each access profile, and synthetic persons in every situation.

Only where `<data>/serving/test_clients.json` is: `preg serve --sample` makes it, over a register that it has made, too.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path

from foundation.files import write_json
from foundation.settings import Settings
from publication.access.access_profile import read_access_profiles
from serving.access.clients import Client, approve_client, list_clients, order_client, rotate_password
from serving.store.read_store import CurrentStore, Reader


@dataclass(frozen=True)
class Situation:
    """A kind of person that a client has to manage, in both languages, and the query of the numbers of some."""

    norsk: str
    english: str
    query: str


# Of the tables as they are: the persons are synthetic, and whoever tries sees what the profile of the client sees.
SITUATIONS = (
    Situation(
        "Bosatt, med adresse",
        "Resident, with an address",
        "select person.nin from release.preg_person as person inner join release.preg_address as address using (nin)"
        " where person.reg_status = 1 and address.current_address and address.postal_address is not null",
    ),
    Situation(
        "Barn av to som er i registeret",
        "Child of two persons in the register",
        "select child.nin from release.preg_person as child"
        " inner join release.preg_person as mother on child.mothers_nin = mother.nin"
        " inner join release.preg_person as father on child.fathers_nin = father.nin",
    ),
    Situation("Død", "Dead", "select nin from release.preg_person where reg_status = 5"),
    Situation("Utvandret", "Has moved abroad", "select nin from release.preg_person where reg_status = 3"),
    Situation(
        "Strengt fortrolig adresse",
        "Strictly confidential address",
        "select nin from release.preg_address where current_address and postal_type = 6",
    ),
    Situation(
        "Fortrolig adresse",
        "Confidential address",
        "select nin from release.preg_address where current_address and postal_type = 7",
    ),
    Situation(
        "D-nummer som ble fødselsnummer (det gamle nummeret)",
        "D-number that became a foedselsnummer (the former number)",
        "select nin from release.preg_person_retired where kind = 'dNummer'",
    ),
    Situation(
        "Fødselsnummer som er skiftet (det gamle nummeret)",
        "Foedselsnummer that was replaced (the former number)",
        "select nin from release.preg_person_retired where kind = 'foedselsnummer'",
    ),
    Situation(
        "D-nummer i bruk",
        "D-number in use",
        "select number as nin from release.person_number where kind = 'dNummer' and number = nin",
    ),
    Situation(
        "Tvillinger",
        "Twins",
        "select one.nin from release.preg_person as one inner join release.preg_person as other"
        " on one.mothers_nin = other.mothers_nin and one.date_of_birth = other.date_of_birth and one.nin <> other.nin",
    ),
    Situation(
        "Det lengste navnet",
        "The longest name",
        "select nin from release.preg_person"
        " order by length(coalesce(given_name, '') || coalesce(middle_name, '') || coalesce(sn, '')) desc",
    ),
    Situation(
        "Ingen adresse",
        "No address",
        "select nin from release.preg_person where nin not in (select nin from release.preg_address)",
    ),
    Situation(
        "Vist på en annen måte før (spør med dato)",
        "Shown otherwise before (ask with a date)",
        "select person_nin as nin from release.preg_person_earlier",
    ),
    Situation(
        "Persontjenesten har noe annet",
        "Persontjenesten has something else",
        "select nin from release.field_comparison_differences where pair = 'preg_persontjenesten'",
    ),
)

_WIDEST = "persontjenesten_legal_basis"
_SHOWN = 3
_LOOKED_AT = 50


def test_clients_file(settings: Settings) -> Path:
    """Where the test clients and their passwords are; only in a test environment."""
    return settings.serving_dir / "test_clients.json"


def make_test_clients(settings: Settings) -> dict[str, str]:
    """A client for each access profile, with a password of its own: user name → password."""
    file = test_clients_file(settings)
    if file.is_file():
        return read_test_clients(settings)
    now = dt.datetime.now(dt.UTC)
    there = {client.user_name for client in list_clients(settings)}
    passwords = {}
    for profile in read_access_profiles(settings):
        name = f"test-{profile.name.replace('_', '-')}"
        if name in there:
            passwords[name] = rotate_password(settings, name)
            continue
        client = Client(
            user_name=name,
            organisation=profile.file.title,
            organisation_number="999999999",
            contact_name="Test",
            contact_email="test@example.no",
            member_type="leverandoer",
            profile=profile.name,
            purpose="trying the services with synthetic persons",
            state="ordered",
            valid_from=now.date().isoformat(),
            valid_to=(now.date() + dt.timedelta(days=3650)).isoformat(),
            ordered_by="preg serve --sample",
            may_requisition=True,
        )
        order_client(settings, client, now)
        passwords[name] = approve_client(settings, name, "the test environment", now, terms_accepted=True)
    write_json(file, passwords)
    file.chmod(0o600)
    return passwords


def read_test_clients(settings: Settings) -> dict[str, str]:
    """The test clients: user name → password; empty where this is no test environment."""
    file = test_clients_file(settings)
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else {}


def widest_reader(current: CurrentStore, settings: Settings) -> Reader | None:
    """What the profile that receives most sees of the release that is current. Raises `NothingServed`."""
    profile = next((each for each in read_access_profiles(settings) if each.name == _WIDEST), None)
    return None if profile is None else current.store().reader(profile)


def persons_by_situation(reader: Reader) -> list[tuple[Situation, list[str]]]:
    """Each situation with the numbers of some persons who are in it; empty where nobody is."""
    found = []
    for situation in SITUATIONS:
        # A query may have an order, and a person more than once.
        numbers = dict.fromkeys(row["nin"] for row in reader.rows(f"{situation.query} limit {_LOOKED_AT}", {}))
        found.append((situation, list(numbers)[:_SHOWN]))
    return found
