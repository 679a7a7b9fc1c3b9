"""A thousand persons are granted protection: what was published before has their addresses, what comes after nowhere.

Every text of their addresses, and of anyone who lives at their dwellings, is marked in the deliveries; the mark is then
looked for in every column of every table and in every file.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import zstandard

from ingest.synthetic.sample import SampleSize, write_sample
from tests.support.deliveries import as_lines, deliver, packed
from tests.support.running import forked_preg_run, preg

pytestmark = pytest.mark.slow

MARK = "Zqxvz"
PROTECTED = 1000
FILE = "persons-0001.ndjson.zst"
ADDRESSES = {
    "freg": ("bostedsadresse", "deltBosted", "oppholdsadresse", "postadresse", "postadresseIUtlandet"),
    "persontjenesten": ("residentialAddress", "sharedResidence", "presentAddress", "postalAddress",
                        "foreignPostalAddress"),
}  # fmt: skip
TEXTS = {
    "adressenavn", "adressetilleggsnavn", "coAdressenavn", "poststedsnavn", "postbokseier", "byEllerStedsnavn",
    "bygning", "distriktsnavn", "region", "adresselinje",
    "addressName", "addressAdditionalName", "coAddressName", "cityName", "cityOrPlaceName", "building", "districtName",
    "addressLine", "municipalityName", "urbanDistrictName", "geographicalUrbanDistrictName", "basicStatisticalUnitName",
}  # fmt: skip


def _documents(folder: Path) -> Iterator[dict[str, Any]]:
    for file in sorted(folder.glob("*.zst")):
        with file.open("rb") as packed_file:
            for line in io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(packed_file), encoding="utf-8"):
                yield json.loads(line)


def _marked(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _marked(member, key) for key, member in value.items()}
    if isinstance(value, list):
        return [_marked(member, name) for member in value]
    return f"{MARK} {value}" if name in TEXTS and isinstance(value, str) else value


def _home(address: dict[str, Any]) -> tuple[Any, ...]:
    return (
        address.get("adresseIdentifikatorFraMatrikkelen"),
        address.get("vegadresse", address.get("matrikkeladresse", {})).get("bruksenhetsnummer"),
    )


def _nin(person: dict[str, Any]) -> str:
    numbers = person.get("identifikasjonsnummer", [])
    return next((number["foedselsEllerDNummer"] for number in numbers if number.get("erGjeldende")), "")


def _write_freg(sample: Path, landing: Path) -> set[str]:
    """Two deliveries: everybody, with nobody protected; then the documents that grant protection. Who is protected."""
    documents = list(_documents(next(sample.glob("freg/*-full"))))
    for document in documents:
        document["folkeregisterperson"].pop("adressebeskyttelse", None)
    homes: dict[str, tuple[Any, ...]] = {}
    for document in documents:
        nin = _nin(document["folkeregisterperson"])
        for address in document["folkeregisterperson"].get("bostedsadresse", []):
            if nin and address["erGjeldende"] and _home(address)[0] and len(homes) < PROTECTED:
                homes[nin] = _home(address)
    assert len(homes) == PROTECTED
    secret = set(homes.values())
    granted = []
    last = max(document["sekvensnummer"] for document in documents)
    for document in documents:
        person = document["folkeregisterperson"]
        own = _nin(person) in homes
        for kind in ADDRESSES["freg"]:
            if kind in person:
                person[kind] = [
                    _marked(address) if own or _home(address) in secret else address for address in person[kind]
                ]
        if own:
            protection = {
                "erGjeldende": True,
                "graderingsnivaa": "strengtFortrolig" if len(granted) % 2 else "fortrolig",
                "gyldighetstidspunkt": "2026-02-01T00:00:00.000+01:00",
                "ajourholdstidspunkt": "2026-02-01T00:00:00.000+01:00",
            }
            granted.append(
                {
                    **document,
                    "sekvensnummer": last + 1 + len(granted),
                    "dokumentidentifikator": f"{document['dokumentidentifikator']}-protected",
                    "hendelsetype": "endringIAdressebeskyttelse",
                    "ajourholdstidspunkt": "2026-02-01T00:00:00.000+01:00",
                    "folkeregisterperson": {**person, "adressebeskyttelse": [protection]},
                }
            )
    for delivery_id, kind, lines, first in (
        ("1-full", "full", documents, 1),
        ("2-change", "change", granted, last + 1),
    ):
        deliver(
            landing if kind == "full" else landing.with_name("later"), "freg", delivery_id,
            {FILE: packed(FILE, as_lines(lines))}, rows={FILE: len(lines)}, kind=kind, sequence_from=first,
            sequence_to=max(line["sekvensnummer"] for line in lines),
        )  # fmt: skip
    return set(homes)


def _write_persontjenesten(sample: Path, landing: Path, protected: set[str]) -> None:
    persons = list(_documents(next(sample.glob("persontjenesten/*-full"))))
    for person in persons:
        numbers = {each["identificationNumber"] for each in person["norwegianIdentificationNumber"]}
        if numbers & protected:
            person.update({kind: _marked(person[kind]) for kind in ADDRESSES["persontjenesten"] if kind in person})
    deliver(
        landing, "persontjenesten", "1-full", {FILE: packed(FILE, as_lines(persons))}, rows={FILE: len(persons)},
        sequence_to=max(person["sequenceNumber"] for person in persons),
    )  # fmt: skip


def _found(release: Path, data: Path) -> dict[str, int]:
    """Where the mark is: table or file → rows or times."""
    places = {}
    with duckdb.connect(str(release / "preg.duckdb"), read_only=True) as connection:
        tables = connection.execute("select table_name from duckdb_tables() union select view_name from duckdb_views()"
                                    " where not internal").fetchall()  # fmt: skip
        for (table,) in tables:
            places[table] = f"from {table}"
        for file in (release / "parquet").glob("*.parquet"):
            places[file.name] = f"from read_parquet('{file}')"
        found = {}
        for place, query in places.items():
            ((rows,),) = connection.execute(
                f"select count(*) from ({query}) as row_of where contains(lower(to_json(row_of)::varchar), ?)",
                [MARK.lower()],
            ).fetchall()
            found[place] = rows
    for file in [*release.rglob("*"), *(data / "dagster").rglob("*"), *data.glob("*.*")]:
        if file.is_file() and file.suffix not in (".duckdb", ".parquet"):
            found[file.name] = found.get(file.name, 0) + file.read_bytes().lower().count(MARK.lower().encode())
    return {place: times for place, times in found.items() if times}


def test_a_thousand_protected_persons_are_nowhere_in_a_release(tmp_path: Path) -> None:
    sample, landing, data = tmp_path / "sample", tmp_path / "landing", tmp_path / "data"
    write_sample(SampleSize(persons=6000, days=0, seed=5), sample)
    protected = _write_freg(sample, landing)
    _write_persontjenesten(sample, landing, protected)
    (sample / "matrikkel").rename(landing / "matrikkel")

    before = forked_preg_run(landing, data)
    assert before.returncode == 0, before.stdout + before.stderr
    old = (data / "releases" / "current").resolve()
    found = _found(old, data)
    # The search finds what is there: the addresses were published as long as nobody was protected.
    assert found["preg_address"] >= PROTECTED
    assert found["preg_address.parquet"] == found["preg_address"]
    assert found["preg_address_history"] >= PROTECTED

    (tmp_path / "later" / "freg" / "2-change").rename(landing / "freg" / "2-change")
    after = forked_preg_run(landing, data)
    assert after.returncode == 0, after.stdout + after.stderr
    new = (data / "releases" / "current").resolve()
    assert new != old
    assert _found(new, data) == {}
    assert MARK.lower() not in (after.stdout + after.stderr).lower()
    with duckdb.connect(str(new / "preg.duckdb"), read_only=True) as connection:
        assert connection.execute(
            "select count(distinct nin) from preg_address where nin in (select unnest(?)) and postal_type in (6, 7)",
            [sorted(protected)],
        ).fetchall() == [(PROTECTED,)]

    withdrawn = preg("release", "withdraw", "--older", "--why", "protection granted", "--data", data)
    assert withdrawn.returncode == 0, withdrawn.stdout + withdrawn.stderr
    assert not old.exists()
    listed = preg("release", "list", "--data", data)
    assert old.name in listed.stdout
    assert "protection granted" in listed.stdout
