"""The synthetic register is believable: families, names, places and days that could be; its next day can be made."""

from __future__ import annotations

import csv
import datetime as dt
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from foundation.errors import ConfigurationError
from ingest.landing import take_inventory
from ingest.synthetic import sample
from ingest.synthetic.sample import RECORD, SampleSize, write_next_day, write_sample

REFERENCE = Path(sample.__file__).parent / "reference"
SIZE = SampleSize(persons=8000, seed=4, days=3)
YEAR = 365.2425

# Where some kommuner lie: southernmost, northernmost, westernmost and easternmost metres of EPSG:25833.
BOXES = {
    "0301": (6638000, 6676000, 245000, 276000),  # Oslo
    "1103": (6550000, 6620000, -60000, -10000),  # Stavanger
    "4601": (6713000, 6760000, -47000, -14000),  # Bergen
    "5001": (7010000, 7060000, 245000, 290000),  # Trondheim
    "5501": (7700000, 7830000, 600000, 720000),  # Tromsø
    "5612": (7590000, 7720000, 760000, 900000),  # Kautokeino
}


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("believable")
    write_sample(SIZE, folder)
    return folder


@pytest.fixture(scope="module")
def register(landing: Path) -> duckdb.DuckDBPyConnection:
    """A connection with `line` (delivery, document) and `person` (one row for each in the full Freg delivery)."""
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'Europe/Oslo'")
    connection.execute(
        f"""
        create table line as
        select regexp_extract(filename, 'freg/([^/]+)/', 1) as delivery, document ->> 'hendelsetype' as event,
            document -> 'folkeregisterperson' as person
        from (
            select filename, json as document
            from read_json_objects('{landing}/freg/*/*.ndjson.zst', format = 'newline_delimited', filename = true)
        )
        """
    )
    # All but the second record of a person who was registered twice.
    connection.execute(
        """
        create macro current(list) as list_filter(list::json[], lambda entry: (entry ->> 'erGjeldende')::boolean);
        create macro relative(person, his_role) as list_filter(
            current(person -> 'familierelasjon'), lambda entry: (entry ->> 'relatertPersonsRolle') = his_role
        )[1] ->> 'relatertPerson';
        create macro number_of(person) as
            (list_filter((person -> 'identifikasjonsnummer')::json[], lambda n: (n ->> 'status') = 'iBruk')[1])
            ->> 'foedselsEllerDNummer';

        create table known as
        select
            delivery,
            event,
            number_of(person) as nin,
            cast(person ->> '$.foedsel[0].foedselsdato' as date) as born,
            (current(person -> 'kjoenn')[1]) ->> 'kjoenn' as gender,
            (current(person -> 'status')[1]) ->> 'status' as status,
            relative(person, 'mor') as mother,
            relative(person, 'far') as father,
            current(person -> 'sivilstand')[1] as civil,
            civil ->> 'relatertVedSivilstand' as spouse,
            (current(person -> 'navn')[1]) ->> 'etternavn' as sn,
            list_transform((person -> 'navn')::json[], lambda name: name ->> 'etternavn') as all_sn,
            (current(person -> 'navn')[1]) ->> 'fornavn' as given_name,
            (current(person -> 'bostedsadresse')[1]) ->> 'adresseIdentifikatorFraMatrikkelen' as home,
            person
        from line;
        create table person as select * from known where delivery like '%full' and nin is not null;
        """
    )
    return connection


def ask(connection: duckdb.DuckDBPyConnection, query: str) -> Any:
    return connection.execute(query).fetchall()


def test_parents_have_their_children_at_an_age_that_people_do(register: duckdb.DuckDBPyConnection) -> None:
    for parent, oldest, mean in (("mother", 47, 29), ("father", 65, 31)):
        ((pairs, youngest, eldest, average),) = ask(
            register,
            f"""
            select count(*), min(age), max(age), avg(age)
            from (
                select date_diff('day', parent.born, person.born) / {YEAR} as age
                from person inner join person as parent on person.{parent} = parent.nin
            )
            """,
        )
        assert pairs > 2500
        assert youngest >= 16
        assert eldest <= oldest
        assert abs(average - mean) < 2.5


def test_a_mother_has_her_children_one_after_the_other_or_twins(register: duckdb.DuckDBPyConnection) -> None:
    ((births, twins, too_soon),) = ask(
        register,
        """
        select count(*), count(*) filter (days = 0), count(*) filter (days between 1 and 270)
        from (
            select date_diff('day', lag(born) over (partition by mother order by born), born) as days
            from person where mother is not null and born is not null
        )
        """,
    )
    assert 0.003 < twins / births < 0.03
    assert too_soon == 0


def test_women_have_as_many_children_as_women_have(register: duckdb.DuckDBPyConnection) -> None:
    ((mean, most, childless),) = ask(
        register,
        f"""
        select avg(children), max(children), avg(cast(children = 0 as integer))
        from (
            select woman.nin, count(child.nin) as children
            from person as woman left join person as child on child.mother = woman.nin
            where woman.gender = 'kvinne' and woman.nin[1]::integer < 4 and woman.status = 'bosatt'
                and date_diff('day', woman.born, date '2026-01-02') / {YEAR} between 45 and 70
            group by all
        )
        """,
    )
    assert 1.4 < mean < 2.2
    assert most <= 8
    assert 0.05 < childless < 0.25


def test_nobody_has_many_half_siblings(register: duckdb.DuckDBPyConnection) -> None:
    counts = [
        n
        for (n,) in ask(
            register,
            """
            select count(*) filter (one.mother <> other.mother or one.father <> other.father)
            from person as one
            inner join person as other
                on one.nin <> other.nin and (one.mother = other.mother or one.father = other.father)
            where one.mother is not null and one.father is not null
            group by one.nin
            """,
        )
    ]
    assert 0.02 < sum(n > 0 for n in counts) / len(counts) < 0.3
    assert sum(n > 4 for n in counts) / len(counts) < 0.02
    assert max(counts) <= 9


@pytest.mark.parametrize("delivery", ["full", "change"])
def test_spouses_are_adults_of_about_an_age_and_no_relatives(
    register: duckdb.DuckDBPyConnection, delivery: str
) -> None:
    ((couples, one_sided, relatives, young, apart),) = ask(
        register,
        f"""
        select
            count(*),
            count(*) filter (spouse.spouse is distinct from one.nin or one.nin = spouse.nin),
            count(*) filter (
                one.mother = spouse.mother or one.father = spouse.father or spouse.nin in (one.mother, one.father)
                or one.nin in (spouse.mother, spouse.father)
            ),
            count(*) filter (date_diff('day', one.born, cast(one.civil ->> 'sivilstandsdato' as date)) / {YEAR} < 18),
            count(*) filter (abs(date_diff('day', one.born, spouse.born)) / {YEAR} > 20)
        from known as one
        inner join known as spouse on one.spouse = spouse.nin and one.delivery = spouse.delivery
        where one.delivery like '%{delivery}' and (one.civil ->> 'sivilstand') in ('gift', 'separert', 'skilt')
            and ('{delivery}' = 'full' or one.event = 'endringISivilstand')
        """,
    )
    assert couples > (2000 if delivery == "full" else 3)
    assert (one_sided, relatives, young, apart) == (0, 0, 0, 0)


def test_children_live_with_a_parent_and_bear_a_parents_name(register: duckdb.DuckDBPyConnection) -> None:
    ((children, at_home, named),) = ask(
        register,
        f"""
        select
            count(*),
            count(*) filter (child.home in (mother.home, father.home)),
            count(*) filter (list_contains(mother.all_sn, child.sn) or list_contains(father.all_sn, child.sn))
        from person as child
        left join person as mother on child.mother = mother.nin
        left join person as father on child.father = father.nin
        where child.status = 'bosatt' and date_diff('day', child.born, date '2026-01-02') / {YEAR} < 18
            and (mother.home is not null or father.home is not null) and child.home is not null
        """,
    )
    assert children > 500
    assert at_home / children > 0.9
    assert named / children > 0.95


def test_given_names_are_of_their_time(register: duckdb.DuckDBPyConnection) -> None:
    years = dict(ask(register, "select given_name, median(year(born)) from person where born is not null group by all"))
    for old, young in (("Kjell", "Sander"), ("Berit", "Thea"), ("Solveig", "Julie"), ("Odd", "Henrik")):
        assert years[old] < years[young] - 15, (old, young)


def test_siblings_have_names_of_their_own(register: duckdb.DuckDBPyConnection) -> None:
    ((children, names),) = ask(
        register,
        """
        select count(*), count(distinct (mother, given_name)) from person where mother is not null
        """,
    )
    # A brother and a sister have lists of their own; so have children of different decades.
    assert children - names < children * 0.003


def test_the_names_have_letters_of_other_languages(register: duckdb.DuckDBPyConnection) -> None:
    ((polish, rare),) = ask(
        register,
        """
        select count(*) filter (regexp_matches(given_name || sn, '[łśńżźćą]')),
            count(*) filter (regexp_matches(given_name || sn, '[^A-Za-zæøåÆØÅ .''-]'))
        from person
        """,
    )
    assert polish > 5
    assert rare < SIZE.persons * 0.15


def test_an_address_lies_in_its_kommune(landing: Path) -> None:
    (file,) = landing.glob("matrikkel/*/matrikkelenAdresse.csv")
    addresses = f"read_csv('{file}', delim = ';', header = true, all_varchar = true)"
    with duckdb.connect() as connection:
        found = {
            number: tuple(values)
            for number, *values in ask(
                connection,
                f"""
                select kommunenummer, min(nord::double), max(nord::double), min("Øst"::double), max("Øst"::double)
                from {addresses} group by kommunenummer
                """,
            )
        }
        wrong = ask(
            connection,
            f"""
            select distinct kommunenummer, postnummer, poststed
            from {addresses}
            where (kommunenummer, postnummer, poststed) not in (
                select (kommunenummer, postnummer, poststed)
                from read_csv('{REFERENCE / "postnummer.csv"}', all_varchar = true)
            )
            """,
        )
    assert wrong == []
    for number, (south, north, west, east) in BOXES.items():
        low, high, left, right = found[number]
        assert south < low <= high < north, number
        assert west < left <= right < east, number
    # No two kommuner lie in each other: each is a few kilometres around its centre.
    assert all(high - low < 14_000 and right - left < 14_000 for low, high, left, right in found.values())


def test_moves_are_what_happens_most(register: duckdb.DuckDBPyConnection) -> None:
    happened = dict(ask(register, "select event, count(*) from line where delivery like '%change' group by all"))
    moves = happened.pop("endringIBostedsadresse")
    # Whole households move: some more than are due.
    assert SIZE.days * 3 <= moves <= SIZE.days * 9
    # What happens to two or three at a time.
    several = ("endringISivilstand", "endringIFamilierelasjon")
    assert all(count < moves for event, count in happened.items() if event not in several)


@pytest.mark.parametrize("seed", [1, pytest.param(3, marks=pytest.mark.slow)])
def test_no_child_moves_away_from_home_alone(seed: int, tmp_path: Path) -> None:
    """In a small register, of which a day is due one move, too."""
    with sample._people(SampleSize(persons=1500, seed=seed, days=0), tmp_path, lambda _: None) as connection:
        last = sample._persons(connection)
        moved = 0
        for number in range(1, 9):
            before = "select person_id, dwelling_id, head_id, age, mother_id, father_id from person"
            connection.execute(f"create or replace temp table before as {before}")
            last = sample.play_day(connection, sample.FIRST_DAY + dt.timedelta(days=number), number, last + 1)
            movers = "select person_id from event where event_type = 'endringIBostedsadresse'"
            ((alone, movers_today),) = ask(
                connection,
                f"""
                with movers as ({movers})
                select
                    count(*) filter (
                        before.age < 18 and coalesce(before.mother_id not in (from movers), true)
                        and coalesce(before.father_id not in (from movers), true)
                    ),
                    count(*)
                from before where before.person_id in (from movers)
                """,
            )
            assert alone == 0, number
            moved += movers_today
    assert moved >= 8


def test_a_newborn_is_born_on_the_day_to_parents_who_are_told_of_it(register: duckdb.DuckDBPyConnection) -> None:
    newborns = ask(
        register,
        """
        select
            date_diff('day', child.born, strptime(child.delivery[:8], '%Y%m%d')::date),
            contains(parent.person::varchar, child.nin)
        from known as child
        inner join known as parent
            on parent.delivery = child.delivery and parent.nin in (child.mother, child.father)
        where child.event = 'personErOpprettet' and parent.event = 'endringIFamilierelasjon'
        """,
    )
    assert len(newborns) >= SIZE.days
    assert set(newborns) == {(1, True)}


def test_the_next_day_is_the_last_one_of_a_sample_that_is_a_day_longer(tmp_path: Path) -> None:
    short, long = tmp_path / "short", tmp_path / "long"
    write_sample(SampleSize(persons=300, seed=7, days=1), short)
    before = {delivery.folder for delivery in take_inventory(short).deliveries}
    assert write_next_day(short) == SampleSize(persons=300, seed=7, days=2)
    write_sample(SampleSize(persons=300, seed=7, days=2), long)

    inventory = take_inventory(short)
    assert (inventory.refused, inventory.notices) == ([], [])
    new = {delivery.folder for delivery in inventory.deliveries} - before
    assert sorted(folder.parent.name for folder in new) == ["freg", "persontjenesten"]
    for delivery in take_inventory(long).deliveries:
        here = short / delivery.folder.relative_to(long)
        for file in delivery.folder.iterdir():
            assert (here / file.name).read_bytes() == file.read_bytes(), file


def test_a_next_day_that_broke_off_is_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_sample(SampleSize(persons=60, seed=1, days=0), tmp_path)
    with monkeypatch.context() as broken:
        broken.setattr(sample, "write_persontjenesten", lambda *_: (_ for _ in ()).throw(OSError("full")))
        with pytest.raises(OSError, match="full"):
            write_next_day(tmp_path)
    assert write_next_day(tmp_path).days == 1
    kinds = [(found.manifest.source, found.manifest.kind) for found in take_inventory(tmp_path).deliveries]
    assert kinds.count(("freg", "change")) == 1
    assert kinds.count(("persontjenesten", "full")) == 2


def test_only_a_sample_of_this_generator_has_a_next_day(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no sample that has a next day"):
        write_next_day(tmp_path)
    record = {"persons": 60, "seed": 1, "days": 0, "generator": "another"}
    (tmp_path / RECORD).write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="another version of the generator"):
        write_next_day(tmp_path)
    (tmp_path / RECORD).write_text("{", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        write_next_day(tmp_path)


def test_every_kommune_has_a_centre_in_norway() -> None:
    def numbers(name: str) -> list[dict[str, str]]:
        with (REFERENCE / name).open(encoding="utf-8") as stream:
            return list(csv.DictReader(stream))

    centres = numbers("kommunesentre.csv")
    assert {row["kommunenummer"] for row in centres} == {row["kommunenummer"] for row in numbers("kommuner_2024.csv")}
    assert all(6440000 < int(row["nord"]) < 7950000 and -80000 < int(row["oest"]) < 1120000 for row in centres)
    assert len({(row["nord"], row["oest"]) for row in centres}) == len(centres)


def test_the_next_day_needs_the_days_before(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for make in (lambda: write_next_day(file), lambda: write_sample(SampleSize(persons=20, seed=1, days=0), file)):
        with pytest.raises(ConfigurationError, match="no folder"):
            make()
    landing = tmp_path / "landing"
    write_sample(SampleSize(persons=20, seed=1, days=1), landing)
    for manifest in (landing / "freg").glob("*-full/manifest.json"):
        manifest.unlink()
    with pytest.raises(ConfigurationError, match="1 of the 2 deliveries of Freg are not there any more"):
        write_next_day(landing)
