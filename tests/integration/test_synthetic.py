"""The synthetic register: the same for the same seed, families that fit, numbers that are valid and synthetic."""

from __future__ import annotations

import csv
import itertools
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from foundation.errors import ConfigurationError
from foundation.settings import Settings
from ingest.contracts.numbers import is_valid_number_sql
from ingest.contracts.tables import rows
from ingest.landing import take_inventory, verify
from ingest.limits import Limits
from ingest.synthetic.persontjenesten_discrepancies import DISCREPANCIES
from ingest.synthetic.sample import SampleSize, write_sample

SIZE = SampleSize(persons=4000, seed=3, days=2)

# The 38 event types of Freg's schema.
EVENT_TYPES = {row["value"] for row in rows("freg_event_enums") if row["type"] == "Hendelsestype"}


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("synthetic")
    write_sample(SIZE, folder)
    return folder


@pytest.fixture(scope="module")
def documents(landing: Path) -> duckdb.DuckDBPyConnection:
    """A connection with `line` (delivery, document) and `person` (one row per person of the full delivery)."""
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'Europe/Oslo'")
    connection.execute(
        f"""
        create table line as
        select regexp_extract(filename, 'freg/([^/]+)/', 1) as delivery, json as document
        from read_json_objects('{landing}/freg/*/*.ndjson.zst', format = 'newline_delimited', filename = true)
        """
    )
    connection.execute(
        """
        create table person as
        select
            document ->> '$.folkeregisterperson.identifikasjonsnummer[#-1].foedselsEllerDNummer' as nin,
            cast(document ->> '$.folkeregisterperson.foedsel[0].foedselsdato' as date) as born,
            document ->> '$.folkeregisterperson.kjoenn[0].kjoenn' as kjoenn,
            list_filter(
                json_extract(document, '$.folkeregisterperson.familierelasjon[*]'),
                lambda r: (r ->> 'relatertPersonsRolle') = 'mor'
            )[1] ->> 'relatertPerson' as mother,
            list_filter(
                json_extract(document, '$.folkeregisterperson.familierelasjon[*]'),
                lambda r: (r ->> 'relatertPersonsRolle') = 'far'
            )[1] ->> 'relatertPerson' as father,
            list_filter(
                json_extract(document, '$.folkeregisterperson.sivilstand[*]'),
                lambda s: (s ->> 'erGjeldende')::boolean
            )[1] ->> 'relatertVedSivilstand' as spouse,
            document
        from line
        where delivery like '%full'
        """
    )
    return connection


def ask(connection: duckdb.DuckDBPyConnection, query: str) -> Any:
    return connection.execute(query).fetchall()


def test_deliveries_are_as_their_manifests_say(landing: Path) -> None:
    inventory = take_inventory(landing)
    assert (inventory.refused, inventory.notices) == ([], [])
    for delivery in inventory.deliveries:
        verify(delivery, Limits.of(Settings()))
    kinds = [(delivery.manifest.source, delivery.manifest.kind) for delivery in inventory.deliveries]
    assert kinds == [
        ("freg", "full"),
        ("freg", "change"),
        ("freg", "change"),
        ("matrikkel", "full"),
        ("persontjenesten", "full"),
    ]


def test_sequence_numbers_have_no_gap(landing: Path, documents: duckdb.DuckDBPyConnection) -> None:
    numbers = [n for (n,) in ask(documents, "select (document ->> 'sekvensnummer')::bigint as n from line order by n")]
    assert numbers == list(range(1, len(numbers) + 1))
    spans = [(d.manifest.sequence_from, d.manifest.sequence_to) for d in take_inventory(landing).of("freg")]
    assert all(before[1] + 1 == after[0] for before, after in itertools.pairwise(spans))


def test_the_same_seed_gives_the_same_files(landing: Path, tmp_path: Path) -> None:
    write_sample(SIZE, tmp_path / "again")
    for delivery in take_inventory(landing).deliveries:
        again = tmp_path / "again" / delivery.folder.relative_to(landing)
        assert (again / "manifest.json").read_bytes() == (delivery.folder / "manifest.json").read_bytes()


def test_another_seed_gives_another_register(tmp_path: Path) -> None:
    small = SampleSize(persons=200, seed=1, days=0)
    write_sample(small, tmp_path / "one")
    write_sample(SampleSize(persons=200, seed=2, days=0), tmp_path / "two")
    one, two = (next((tmp_path / name / "freg").glob("*/manifest.json")).read_bytes() for name in ("one", "two"))
    assert one != two


def test_every_number_is_valid_and_synthetic(documents: duckdb.DuckDBPyConnection) -> None:
    query = """
        select distinct unnest(
            json_extract_string(document, '$.folkeregisterperson.identifikasjonsnummer[*].foedselsEllerDNummer')
        ) as n
        from line
    """
    assert ask(documents, f"select count(*) from ({query}) where not {is_valid_number_sql('n')}") == [(0,)]
    assert ask(documents, f"select count(*) from ({query}) where n[3:4]::integer not between 81 and 92") == [(0,)]


def test_a_number_agrees_with_birth_date_and_gender(documents: duckdb.DuckDBPyConnection) -> None:
    assert ask(
        documents,
        """
        select count(*) from person
        where born is not null and (
            nin[1:2]::integer not in (day(born), day(born) + 40)
            or nin[3:4]::integer <> month(born) + 80
            or nin[5:6]::integer <> year(born) % 100
            or (nin[9]::integer % 2 = 0) <> (kjoenn = 'kvinne')
        )
        """,
    ) == [(0,)]


def test_parents_are_older_than_their_children(documents: duckdb.DuckDBPyConnection) -> None:
    for parent, fewest in (("mother", 15), ("father", 17)):
        ((known, wrong),) = ask(
            documents,
            f"""
            select count(*), count(*) filter (date_diff('year', parent.born, person.born) not between {fewest} and 66)
            from person inner join person as parent on person.{parent} = parent.nin
            """,
        )
        assert known > 100
        assert wrong == 0


def test_spouses_are_mutual(documents: duckdb.DuckDBPyConnection) -> None:
    ((couples, one_sided),) = ask(
        documents,
        """
        select count(*), count(*) filter (spouse.spouse is distinct from person.nin)
        from person inner join person as spouse on person.spouse = spouse.nin
        """,
    )
    assert couples > 100
    assert one_sided == 0


def test_every_event_type_occurs_each_day(documents: duckdb.DuckDBPyConnection) -> None:
    assert len(EVENT_TYPES) == 38
    for (delivery,) in ask(documents, "select distinct delivery from line where delivery like '%change'"):
        found = {
            event
            for (event,) in ask(
                documents, f"select distinct document ->> 'hendelsetype' from line where delivery = '{delivery}'"
            )
        }
        assert found == EVENT_TYPES


@pytest.mark.parametrize(
    "condition",
    [
        "document ->> '$.folkeregisterperson.adressebeskyttelse[0].graderingsnivaa' = 'fortrolig'",
        "document ->> '$.folkeregisterperson.adressebeskyttelse[0].graderingsnivaa' = 'strengtFortrolig'",
        "json_exists(document, '$.folkeregisterperson.bostedsadresse[#-1].ukjentBosted')",
        "json_exists(document, '$.folkeregisterperson.bostedsadresse[0].matrikkeladresse')",
        "json_exists(document, '$.folkeregisterperson.oppholdsadresse[0].utenlandskAdresse')",
        "json_exists(document, '$.folkeregisterperson.doedsfall')",
        "json_exists(document, '$.folkeregisterperson.utflytting')",
        "json_array_length(document -> '$.folkeregisterperson.navn') > 1",
        "json_array_length(document -> '$.folkeregisterperson.sivilstand') > 2",
        "json_array_length(document -> '$.folkeregisterperson.identifikasjonsnummer') > 1",
        "document ->> '$.folkeregisterperson.identifikasjonsnummer[0].identifikatortype' = 'dNummer'",
    ],
)
def test_the_register_has_every_kind_of_person(documents: duckdb.DuckDBPyConnection, condition: str) -> None:
    ((found,),) = ask(documents, f"select count(*) from line where {condition}")
    assert found > 0


def test_the_population_is_shaped_as_the_real_one(documents: duckdb.DuckDBPyConnection) -> None:
    """Of 4 000 persons: shares of women, the dead, D-numbers, known relatives, against the real register's counts."""
    reference = Path(__file__).parents[2] / "ingest" / "synthetic" / "reference" / "preg_population_by_age.csv"
    groups = list(csv.DictReader(reference.open(encoding="utf-8")))
    total = sum(int(group["persons"]) for group in groups)
    expected = {
        column: sum(float(group[column]) * int(group["persons"]) for group in groups) / total
        for column in ("share_female", "share_dead", "share_d_number", "share_spouse_nin", "share_mothers_nin")
    }
    ((women, dead, d_numbers, spouses, mothers),) = ask(
        documents,
        """
        select
            count(*) filter (kjoenn = 'kvinne') / count(*),
            count(*) filter (json_exists(document, '$.folkeregisterperson.doedsfall')) / count(*),
            count(*) filter (nin[1]::integer >= 4) / count(*),
            count(spouse) / count(*),
            count(mother) / count(*)
        from person
        """,
    )
    found = {
        "share_female": women,
        "share_dead": dead,
        "share_d_number": d_numbers,
        "share_spouse_nin": spouses,
        "share_mothers_nin": mothers,
    }
    for column, share in expected.items():
        assert abs(found[column] - share) < 0.015, (column, found[column], share)


def test_what_is_planted_is_written_down(landing: Path) -> None:
    (file,) = (landing / "persontjenesten").glob("*/expected_discrepancies.csv")
    expected = list(csv.DictReader(file.open(encoding="utf-8"), delimiter=";"))
    planned = {
        *((each.kind, entity, field) for each in DISCREPANCIES for entity, field in each.fields),
        *(("derived", entity, field) for each in DISCREPANCIES for entity, field in each.derived),
    }
    # Few mothers have had another number: in a small register perhaps none of a chosen child.
    assert planned - {(row["kind"], row["entity"], row["field"]) for row in expected} <= {
        ("identity", "Person", "mothers_nin")
    }
    assert {(row["kind"], row["entity"], row["field"]) for row in expected} <= planned
    assert len(DISCREPANCIES) >= 40
    assert all(row["person_id"] and row["nin"] for row in expected)


def test_no_protected_address_is_given_to_persontjenesten(landing: Path) -> None:
    with duckdb.connect() as connection:
        ((leaks,),) = connection.execute(
            f"""
            select count(*)
            from read_json_objects('{landing}/persontjenesten/*/*.ndjson.zst', format = 'newline_delimited')
            where list_contains(json_extract_string(json, '$.addressProtection[*].isValid'), 'true')
                and (json_exists(json, '$.residentialAddress') or json_exists(json, '$.presentAddress')
                    or json_exists(json, '$.postalAddress') or json_exists(json, '$.foreignPostalAddress'))
            """
        ).fetchall()
    assert leaks == 0


def test_deliveries_are_not_written_over_others(landing: Path) -> None:
    with pytest.raises(ConfigurationError, match="there are deliveries already"):
        write_sample(SampleSize(persons=100, seed=1, days=0), landing)


@pytest.mark.parametrize(("persons", "days"), [(10, 0), (100, -1), (100, 1000)])
def test_a_size_that_cannot_be_made_is_said_to_be(tmp_path: Path, persons: int, days: int) -> None:
    with pytest.raises(ConfigurationError):
        write_sample(SampleSize(persons=persons, seed=1, days=days), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_line_is_what_the_file_format_says(documents: duckdb.DuckDBPyConnection) -> None:
    ((line,),) = ask(documents, "select document from line where delivery like '%change' limit 1")
    assert list(json.loads(line)) == [
        "sekvensnummer",
        "dokumentidentifikator",
        "hendelsetype",
        "ajourholdstidspunkt",
        "folkeregisterperson",
    ]
