"""Rows of a client's register as they are in practice: persons of a release with the slips that people make.

The rates are stated here, and are what the figures in docs/benchmarks.md hold for. Some of the persons are taken out of
the register: their rows have to find nobody.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import duckdb

from foundation.database import sql_text

# Share of rows. Of a person who has none of it (a middle name, a maiden name, a day up to the 12th) nothing is changed.
RATES = {
    "a slip of the pen in the given name": 0.02,
    "a slip of the pen in the family name": 0.02,
    "the given name spelt otherwise": 0.02,
    "the family name spelt otherwise": 0.02,
    "no middle name": 0.40,
    "the first word of the given name only": 0.20,
    "given and middle name in each other's place": 0.01,
    "given and family name in each other's place": 0.005,
    "the maiden name": 0.05,
    "day and month in each other's place": 0.01,
    "a digit of the birth date wrong": 0.01,
    "another house number": 0.05,
    "an address of somebody else (moved)": 0.15,
    "no address": 0.20,
    "no gender": 0.50,
}
# Share of the rows whose person the register does not have.
NOT_THERE = 0.10

# Tables of persons that a wash does not ask.
EMPTY = ("preg_person_retired", "preg_state", "preg_person_earlier", "preg_address_earlier", "preg_change_log")

_LETTERS = "abcdefghijklmnopqrstuvwxyzæøå"
_SPELLINGS = (
    *(("å", "aa"), ("aa", "å"), ("ø", "oe"), ("æ", "ae"), ("ph", "f"), ("f", "ph"), ("k", "c"), ("c", "k"), ("v", "w")),
    *(("ks", "x"), ("th", "t"), ("t", "th"), ("ll", "l"), ("nn", "n"), ("ss", "s"), ("tt", "t"), ("sen", "son")),
)


@dataclass
class Row:
    """A row of a client's register. truth: the person's number; blank where the register does not have the person."""

    truth: str
    number: str
    given_name: str
    middle_name: str
    family_name: str
    birth_date: str
    gender: str
    street: str
    postal_code: str


_PERSONS = """
    select
        person.nin, person.given_name, person.middle_name, person.sn, person.maiden_name, person.date_of_birth,
        person.gender, address.postal_address, address.postal_code
    from preg_person as person
    left join (select * from preg_address where current_address) as address using (nin)
    where person.date_of_birth is not null
    order by hash(person.nin || $seed)
    limit $rows
"""


def without_some(release: Path, target: Path, share: float, seed: int) -> None:
    """Write the tables that are washed against to another database, without a share of the persons."""
    with duckdb.connect(str(target)) as connection:
        connection.execute(f"attach {sql_text(release)} as release (read_only)")
        connection.execute(
            "create table gone as select nin from release.preg_person where hash(nin || 'gone' || ?) % 10000 < ?",
            [str(seed), round(share * 10_000)],
        )
        names = connection.execute("select table_name from duckdb_tables() where database_name = 'release'").fetchall()
        for table in ("preg_person", "preg_address", "person_number"):
            connection.execute(f"create table {table} as select * from release.{table} where nin not in (from gone)")
        for (name,) in names:
            if name in EMPTY:
                connection.execute(f"create table {name} as select * from release.{name} limit 0")
        connection.execute("drop table gone")


def dirty_rows(release: Path, register: Path, rows: int, seed: int) -> Iterator[Row]:
    """Rows of persons of a release, without numbers, with the slips of `RATES`. register: what they are sought in."""
    chance = random.Random(seed)  # noqa: S311
    with duckdb.connect(str(release), read_only=True) as connection:
        persons = connection.execute(_PERSONS, {"seed": str(seed), "rows": rows}).fetchall()
    with duckdb.connect(str(register), read_only=True) as connection:
        there = {nin for (nin,) in connection.execute("select nin from preg_person").fetchall()}
    for nin, given, middle, family, maiden, born, gender, street, postal_code in persons:
        row = Row(
            nin if nin in there else "",
            "",
            given or "",
            middle or "",
            family or "",
            born.strftime("%d.%m.%Y"),
            "K" if gender == 0 else "M",
            street or "",
            postal_code or "",
        )
        other = chance.choice(persons)
        for slip, rate in RATES.items():
            if chance.random() < rate:
                _SLIPS[slip](row, chance, maiden or "", other)
        yield row


def write_rows(rows: Iterator[Row], file: Path) -> dict[int, str]:
    """Write rows as a CSV file, with a column `row`: place → truth."""
    truth = {}
    names = [field.name for field in fields(Row) if field.name != "truth"]
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=";")
        writer.writerow(["row", *names])
        for place, row in enumerate(rows):
            truth[place] = row.truth
            writer.writerow([place, *(getattr(row, name) for name in names)])
    return truth


def _slip(text: str, chance: random.Random) -> str:
    """One letter left out, put in, replaced, or changed places with the next."""
    if len(text) < 3:
        return text
    place = chance.randrange(1, len(text) - 1)
    letter = chance.choice(_LETTERS)
    return chance.choice(
        (
            text[:place] + text[place + 1 :],
            text[:place] + letter + text[place:],
            text[:place] + letter + text[place + 1 :],
            text[:place] + text[place + 1] + text[place] + text[place + 2 :],
        )
    )


def _respelt(text: str, chance: random.Random) -> str:
    fitting = [(one, other) for one, other in _SPELLINGS if one in text]
    if not fitting:
        return text
    one, other = chance.choice(fitting)
    return text.replace(one, other, 1)


def _wrong_digit(row: Row, chance: random.Random) -> None:
    place = chance.choice((0, 1, 3, 4, 8, 9))
    row.birth_date = row.birth_date[:place] + chance.choice("0123456789") + row.birth_date[place + 1 :]


def _other_house(row: Row, chance: random.Random) -> None:
    words = row.street.split()
    row.street = " ".join(str(chance.randrange(1, 99)) if word.isdigit() else word for word in words)


def _moved(row: Row, other: tuple[str | None, ...]) -> None:
    row.street, row.postal_code = other[7] or "", other[8] or ""


def _swapped_day(row: Row) -> None:
    day, month, year = row.birth_date.split(".")
    if int(day) <= 12:
        row.birth_date = f"{month}.{day}.{year}"


def _given_for_middle(row: Row) -> None:
    if row.middle_name:
        row.given_name, row.middle_name = row.middle_name, row.given_name


def _given_for_family(row: Row) -> None:
    row.given_name, row.family_name = row.family_name, row.given_name


_Slip = Callable[[Row, random.Random, str, tuple[str | None, ...]], None]
_SLIPS: dict[str, _Slip] = {
    "a slip of the pen in the given name": lambda row, chance, *_: setattr(
        row, "given_name", _slip(row.given_name, chance)
    ),
    "a slip of the pen in the family name": lambda row, chance, *_: setattr(
        row, "family_name", _slip(row.family_name, chance)
    ),
    "the given name spelt otherwise": lambda row, chance, *_: setattr(
        row, "given_name", _respelt(row.given_name, chance)
    ),
    "the family name spelt otherwise": lambda row, chance, *_: setattr(
        row, "family_name", _respelt(row.family_name, chance)
    ),
    "no middle name": lambda row, *_: setattr(row, "middle_name", ""),
    "the first word of the given name only": lambda row, *_: setattr(
        row, "given_name", (row.given_name.split() or [""])[0]
    ),
    "given and middle name in each other's place": lambda row, *_: _given_for_middle(row),
    "given and family name in each other's place": lambda row, *_: _given_for_family(row),
    "the maiden name": lambda row, _, maiden, __: setattr(row, "family_name", maiden or row.family_name),
    "day and month in each other's place": lambda row, *_: _swapped_day(row),
    "a digit of the birth date wrong": lambda row, chance, *_: _wrong_digit(row, chance),
    "another house number": lambda row, chance, *_: _other_house(row, chance),
    "an address of somebody else (moved)": lambda row, _, __, other: _moved(row, other),
    "no address": lambda row, *_: (setattr(row, "street", ""), setattr(row, "postal_code", ""))[0],
    "no gender": lambda row, *_: setattr(row, "gender", ""),
}
