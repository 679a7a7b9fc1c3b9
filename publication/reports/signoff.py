"""Sign-off: who has accepted how a field compares, when, and at which rate; void when the rate has moved since.

Kept as data in `<data>/signoff.csv`, one line per sign-off, never changed: the last one of a field counts.
"""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

import duckdb
from filelock import FileLock

from foundation.errors import PregError
from foundation.settings import Settings

# By how much the share of equal values may fall before a sign-off is void: one in a thousand of those with a value.
TOLERANCE = 0.001


@dataclass(frozen=True)
class Signoff:
    """One sign-off. date: the day, ISO 8601. release_id, compared, equal: what was signed.

    compared: with a value on either side, without those whose difference follows from another field's (`equal + causes`
    of field_comparison_summary): a sign-off is not void for the sake of another field. One from before blank cells were
    counted apart has them in both numbers: where few have a value and one of them differs, its rate is above that of
    the values, and it is void until it is signed again.
    """

    pair: str
    entity: str
    field: str
    name: str
    date: str
    note: str
    release_id: str
    compared: int
    equal: int

    @property
    def key(self) -> tuple[str, str, str]:
        """Pair, entity and field."""
        return self.pair, self.entity, self.field

    @property
    def is_withdrawal(self) -> bool:
        """Whether it takes back the sign-off before it: nothing is signed."""
        return not self.compared

    @property
    def rate(self) -> float:
        """The share of equal values when it was signed."""
        return self.equal / self.compared if self.compared else 1.0

    def holds(self, compared: int, equal: int) -> bool:
        """Whether the rate is still what was signed; a better one is."""
        return bool(compared) and equal / compared >= self.rate - TOLERANCE


def signoff_file(settings: Settings) -> Path:
    """Where sign-offs are kept."""
    return settings.data_dir / "signoff.csv"


def read_signoffs(settings: Settings) -> dict[tuple[str, str, str], Signoff]:
    """The last sign-off of each field, where it was not withdrawn.

    Raises `PregError` for a file that is not as it must be.
    """
    file = signoff_file(settings)
    if not file.is_file():
        return {}
    try:
        with file.open(encoding="utf-8", newline="") as stream:
            read = [
                Signoff(
                    row["pair"],
                    row["entity"],
                    row["field"],
                    row["name"],
                    dt.date.fromisoformat(row["date"]).isoformat(),
                    row["note"],
                    row["release_id"],
                    int(row["compared"]),
                    int(row["equal"]),
                )
                for row in csv.DictReader(stream)
            ]
    except (KeyError, TypeError, ValueError, csv.Error) as error:
        raise PregError(
            f"the sign-offs cannot be read: {error}",
            where=str(file),
            todo=f"correct the line; the columns are {', '.join(each.name for each in fields(Signoff))}",
        ) from error
    last = {signoff.key: signoff for signoff in read}
    return {key: signoff for key, signoff in last.items() if not signoff.is_withdrawal}


def sign(
    settings: Settings, database: Path, release_id: str, *, pair: str, field: str, name: str, note: str, today: dt.date
) -> Signoff:
    """Sign a field of a pair off at the rate of a release.

    field: `Entity.column_name`, or the column alone. Raises `PregError` for a field that is not compared.
    """
    entity, _, column = field.rpartition(".")
    with duckdb.connect(str(database), read_only=True) as connection:
        found = [
            (key, counts)
            for key, counts in counts_to_sign(connection).items()
            if key[0] == pair and key[2] == column and entity.lower() in ("", key[1].lower()) and counts[0]
        ]
    if len(found) != 1:
        raise PregError(
            f"{field} is not a field that {pair} compares",
            where=f"release {release_id}",
            todo='name it as the report does, as Person.Sn; the fields: preg query "from field_comparison_summary"',
        )
    (((_, entity, column), (compared, equal)),) = found
    signoff = Signoff(pair, entity, column, name, today.isoformat(), note, release_id, compared, equal)
    _append(signoff_file(settings), signoff)
    return signoff


def withdraw_signoff(settings: Settings, key: tuple[str, str, str], *, name: str, note: str, today: dt.date) -> None:
    """Take back what was signed for a field. key: pair, entity, field. Raises `PregError` where nothing is signed."""
    signed = read_signoffs(settings).get(key)
    if signed is None:
        raise PregError(f"{key[1]}.{key[2]} is not signed off for {key[0]}", todo="preg signoff lists what is")
    taken_back = replace(signed, name=name, note=note, date=today.isoformat(), compared=0, equal=0)
    _append(signoff_file(settings), taken_back)


def counts_to_sign(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str, str], tuple[int, int]]:
    """What a sign-off is about, for each field of the open release: compared and equal (see `Signoff`).

    A release from before differences were derived has none of them, and compared there is everybody.
    """
    cursor = connection.execute("select * from field_comparison_summary")
    names = [column[0] for column in cursor.description]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return {
        (row["pair"], row["entity"], row["field"]): (row["compared"] - row.get("derived", 0), row["equal"])
        for row in rows
    }


def _append(file: Path, signoff: Signoff) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(str(file.with_name(".signoff.lock"))):
        is_new = not file.exists()
        with file.open("a", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, [each.name for each in fields(Signoff)], lineterminator="\n")
            if is_new:
                writer.writeheader()
            writer.writerow(asdict(signoff))
