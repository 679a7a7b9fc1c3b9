"""Mutation testing of the gate: each corruption of the catalogue, made in a good candidate, is stopped; and so are
corrupt deliveries, run through the whole job.

`tests/artefacts/corruptions.csv` keeps which checks caught which corruption.
"""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
import zstandard

from foundation.release import Release
from foundation.settings import Settings
from publication.candidate.candidate import read_candidate
from publication.store.release import list_releases
from quality.gate import run_gate
from quality.registry import checks
from quality.result import CheckResult
from tests.integration.test_gate import BROKEN_BY_HAND
from tests.support.corruptions import CORRUPTIONS, Corruption
from tests.support.deliveries import as_lines, deliver, packed
from tests.support.running import REPOSITORY, forked_preg_run, preg

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("corruptions")]

# They compare the candidate with the warehouse: they would find anything here, and nothing that came with a delivery.
_NOT_COUNTED = {"candidate_is_the_marts", "candidate_parquet_is_the_database"}
# Found by the corrupt deliveries at the end of this file, and by tests/unit/test_drift.py.
_BROKEN_BELOW = {
    "sequence_has_no_gap",
    "deliveries_are_not_forgotten",
    "drift_documents_of_a_day",
    "drift_births",
    "drift_deaths",
    "drift_moves",
}
_REPORT = REPOSITORY / "tests" / "artefacts" / "corruptions.csv"


@dataclass(frozen=True)
class Bench:
    """A data directory with two releases and a third candidate, a good copy of its database, a protected address."""

    settings: Settings
    good: Path
    last: Release
    secret: dict[str, str]


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Deliveries of two thousand persons and four days, and a data directory with a release of all but the last two."""
    root = tmp_path_factory.mktemp("register")
    made = preg("sample", "--persons", "2000", "--days", "4", "--seed", "11", "--out", root / "all")
    assert made.returncode == 0, made.stderr
    shutil.copytree(root / "all", root / "landing")
    for day in sorted((root / "landing" / "freg").iterdir())[-2:]:
        shutil.move(day, root / day.name)
    result = forked_preg_run(root / "landing", root / "data")
    assert result.returncode == 0, result.stdout + result.stderr
    return root


def _next_day(register: Path, landing: Path) -> None:
    name = sorted(path.name for path in register.glob("2026*"))[0]
    shutil.copytree(register / name, landing / "freg" / name)


@pytest.fixture(scope="module")
def bench(register: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    root = tmp_path_factory.mktemp("bench")
    landing, data = root / "landing", root / "data"
    shutil.copytree(register / "landing", landing)
    shutil.copytree(register / "data", data, symlinks=True)
    _next_day(register, landing)
    result = forked_preg_run(landing, data)
    assert result.returncode == 0, result.stdout + result.stderr
    settings = Settings(landing_dir=landing, data_dir=data)
    good = root / "good.duckdb"
    shutil.copy2(read_candidate(settings).database, good)
    yield Bench(settings, good, list_releases(settings)[-2], _protected_address(settings))
    shutil.rmtree(root, ignore_errors=True)


def _protected_address(settings: Settings) -> dict[str, str]:
    """An address that Freg delivered and nobody may see: street, postal code, and the whole of it as it is written."""
    with duckdb.connect(str(settings.warehouse), read_only=True) as warehouse:
        street, postal_code, secret = warehouse.execute(
            """
            with protected as (
                select min(nin) as nin from marts.preg_address where postal_type in (6, 7)
            ),
            entries as (
                select unnest(folkeregisterperson.bostedsadresse) as entry
                from raw.freg_document
                inner join intermediate.int_person__current using (document_number)
                inner join protected using (nin)
            )
            select entry.vegadresse.adressenavn, entry.vegadresse.poststed.postnummer, concat(
                entry.vegadresse.adressenavn, ' ', entry.vegadresse.adressenummer.husnummer,
                entry.vegadresse.adressenummer.husbokstav, ' ' || entry.vegadresse.bruksenhetsnummer, ', ',
                entry.vegadresse.poststed.postnummer, ' ', entry.vegadresse.poststed.poststedsnavn
            )
            from entries
            where entry.erGjeldende and entry.vegadresse is not null
            """
        ).fetchall()[0]
    return {"street": street, "postal_code": postal_code, "secret": secret}


def _gate(bench: Bench) -> list[CheckResult]:
    candidate = read_candidate(bench.settings)
    return run_gate(
        bench.settings, candidate.database, bench.settings.work_dir / "dbt", candidate.check_results, bench.last
    )


def test_the_catalogue_is_large_enough() -> None:
    assert len({corruption.name for corruption in CORRUPTIONS}) == len(CORRUPTIONS) >= 60


def test_the_good_candidate_passes(bench: Bench) -> None:
    fired = [result.name for result in _gate(bench) if result.blocks or result.awaits_approval]
    assert fired == []


@pytest.fixture(scope="module")
def found(bench: Bench) -> dict[str, list[CheckResult]]:
    """Corruption → the checks that fired."""
    return {corruption.name: _fired(bench, corruption) for corruption in CORRUPTIONS}


def _fired(bench: Bench, corruption: Corruption) -> list[CheckResult]:
    database = read_candidate(bench.settings).database
    shutil.copy2(bench.good, database)
    try:
        with duckdb.connect(str(database)) as candidate:
            for statement in corruption.statements:
                candidate.execute(statement.format(**bench.secret) if "{" in statement else statement)
        return [result for result in _gate(bench) if not result.passed and result.name not in _NOT_COUNTED]
    finally:
        shutil.copy2(bench.good, database)


@pytest.mark.parametrize("corruption", [corruption.name for corruption in CORRUPTIONS])
def test_is_stopped(found: dict[str, list[CheckResult]], corruption: str) -> None:
    assert [result.name for result in found[corruption] if result.blocks]


def test_the_report_says_what_caught_what(found: dict[str, list[CheckResult]]) -> None:
    _REPORT.parent.mkdir(exist_ok=True)
    with _REPORT.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("corruption", "caught by"))
        for name, results in found.items():
            writer.writerow((name, " ".join(result.name for result in results if result.blocks) or "MISSED"))
    assert "MISSED" not in _REPORT.read_text(encoding="utf-8")


def test_every_check_fires_somewhere(found: dict[str, list[CheckResult]]) -> None:
    fired = {result.name for results in found.values() for result in results}
    assert {check.name for check in checks()} - fired - BROKEN_BY_HAND - _NOT_COUNTED - _BROKEN_BELOW == set()


Document = dict[str, Any]


def _full_again(register: Path, landing: Path, change: Callable[[Document], Document | None]) -> None:
    """Deliver the register whole once more, as it was on the last day that was loaded, each document changed."""
    latest: dict[str, Document] = {}
    last_number = 0
    for file in sorted((landing / "freg").glob("*/persons-*.ndjson.zst")):
        for line in zstandard.ZstdDecompressor().stream_reader(file.open("rb")).read().splitlines():
            document = json.loads(line)
            numbers = document["folkeregisterperson"]["identifikasjonsnummer"]
            number = max(numbers, key=lambda entry: bool(entry.get("erGjeldende")))["foedselsEllerDNummer"]
            last_number = max(last_number, document["sekvensnummer"])
            if document["sekvensnummer"] >= latest.get(number, document)["sekvensnummer"]:
                latest[number] = document
    lines = [changed for document in latest.values() if (changed := change(document)) is not None]
    content = packed("persons-0001.ndjson.zst", as_lines(lines))
    deliver(
        landing,
        "freg",
        "20260120T030000Z-full",
        {"persons-0001.ndjson.zst": content},
        rows={"persons-0001.ndjson.zst": len(lines)},
        created_at="2026-01-20T03:00:00Z",
        sequence_from=1,
        sequence_to=last_number,
    )


def _places(document: Document) -> Iterator[Document]:
    for entry in document["folkeregisterperson"].get("bostedsadresse", []):
        for kind in ("vegadresse", "matrikkeladresse"):
            if entry.get(kind):
                yield entry[kind]


def _is_in_oslo(document: Document) -> bool:
    return any(place.get("kommunenummer") == "0301" for place in _places(document))


def _as_it_is(document: Document) -> Document:
    return document


def _one_in_ten_is_gone(document: Document) -> Document | None:
    return None if document["sekvensnummer"] % 10 == 0 else document


def _no_names_in_oslo(document: Document) -> Document:
    if _is_in_oslo(document):
        document["folkeregisterperson"].pop("navn", None)
    return document


def _protection_is_lost(document: Document) -> Document:
    person = document["folkeregisterperson"]
    person.pop("adressebeskyttelse", None)
    for element in ("bostedsadresse", "oppholdsadresse", "postadresse", "deltBosted"):
        for entry in person.get(element, []):
            entry.pop("adressegradering", None)
    return document


def _oslo_and_bergen_change_places(document: Document) -> Document:
    swap = {"0301": "4601", "4601": "0301"}
    for place in _places(document):
        if place.get("kommunenummer") in swap:
            place["kommunenummer"] = swap[place["kommunenummer"]]
    return document


def _wrong_character_set(document: Document) -> Document:
    text = json.dumps(document, ensure_ascii=False)
    return dict(json.loads(text.encode("utf-8").decode("latin-1")))


def _everybody_is_unmarried(document: Document) -> Document:
    for entry in document["folkeregisterperson"].get("sivilstand", []):
        entry["sivilstand"] = "ugift"
    return document


@pytest.mark.parametrize(
    "change",
    [
        _one_in_ten_is_gone,
        _no_names_in_oslo,
        _protection_is_lost,
        _oslo_and_bergen_change_places,
        _wrong_character_set,
        _everybody_is_unmarried,
    ],
)
def test_a_corrupt_full_delivery_is_stopped(
    register: Path, tmp_path: Path, change: Callable[[Document], Document | None]
) -> None:
    landing, data = _copy(register, tmp_path)
    before = (data / "releases" / "current").readlink()
    _full_again(register, landing, change)
    result = forked_preg_run(landing, data)
    assert result.returncode == 3, result.stdout + result.stderr
    assert (data / "releases" / "current").readlink() == before


def test_a_good_full_delivery_passes(register: Path, tmp_path: Path) -> None:
    landing, data = _copy(register, tmp_path)
    _full_again(register, landing, _as_it_is)
    result = forked_preg_run(landing, data)
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_day_that_is_missing_is_seen(register: Path, tmp_path: Path) -> None:
    landing, data = _copy(register, tmp_path)
    later = max(path.name for path in register.glob("2026*"))
    shutil.copytree(register / later, landing / "freg" / later)
    result = forked_preg_run(landing, data)
    assert result.returncode == 3, result.stdout + result.stderr
    assert "sequence_has_no_gap" in result.stderr


def test_a_delivery_that_is_forgotten_is_seen(register: Path, tmp_path: Path) -> None:
    landing, data = _copy(register, tmp_path)
    (data / "warehouse.duckdb").unlink()
    shutil.rmtree(max((landing / "freg").iterdir()))
    later = max(path.name for path in register.glob("2026*"))
    shutil.copytree(register / later, landing / "freg" / later)
    result = forked_preg_run(landing, data)
    assert result.returncode == 3, result.stdout + result.stderr
    assert "deliveries_are_not_forgotten" in result.stderr


def test_a_matrikkel_of_half_the_country_is_stopped(register: Path, tmp_path: Path) -> None:
    landing, data = _copy(register, tmp_path)
    (old,) = (landing / "matrikkel").iterdir()
    files = {}
    for file in old.glob("*.csv*"):
        lines = file.read_bytes().splitlines(keepends=True)
        kept = [lines[0], *lines[1::2]] if "grunnkrets" not in file.name else lines
        files[file.name] = b"".join(kept)
    rows = {name: content.count(b"\n") - 1 for name, content in files.items()}
    deliver(
        landing,
        "matrikkel",
        "20260120T030000Z-full",
        files,
        rows=rows,
        created_at="2026-01-20T03:00:00Z",
        sequence_from=None,
        sequence_to=None,
        extracted_at="2026-01-20",
    )
    result = forked_preg_run(landing, data)
    assert result.returncode == 3, result.stdout + result.stderr
    assert "drift_enriched" in result.stderr


def _copy(register: Path, tmp_path: Path) -> tuple[Path, Path]:
    shutil.copytree(register / "landing", tmp_path / "landing")
    shutil.copytree(register / "data", tmp_path / "data", symlinks=True)
    return tmp_path / "landing", tmp_path / "data"
