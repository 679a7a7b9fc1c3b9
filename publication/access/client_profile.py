"""Client profiles: which fields of PREG a client's integration reads.

A CSV file with a column `field`: PREG's own name with its entity (`Person.GivenName`), without it where the name is not
in two entities (`GivenName`), or our column (`given_name`). Examples are in `client_profiles/`; an installation's own
are `<data>/client_profiles/*.csv`.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from foundation.errors import PregError
from foundation.settings import Settings
from ingest.contracts.preg import snake_case
from ingest.contracts.tables import rows

_EXAMPLES = Path(__file__).with_name("client_profiles")


@dataclass(frozen=True)
class ClientProfile:
    """A client: its name, and its fields as `Entity.column_name` in PREG's order."""

    name: str
    fields: tuple[str, ...]


def read_profile(file: Path) -> ClientProfile:
    """The profile in a file. Raises `PregError` naming the line of a field that PREG does not have."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            if "field" not in (reader.fieldnames or ()):
                raise PregError(
                    f"the file has no column `field`, only {', '.join(reader.fieldnames or ()) or 'nothing'}",
                    where=str(file),
                    todo="give a CSV file with a header `field` and a field of PREG a line",
                )
            wanted = [(reader.line_num, (row["field"] or "").strip()) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise PregError(
            f"the list of fields cannot be read: {error}", where=str(file), todo="give a CSV file in UTF-8"
        ) from error
    chosen: set[str] = set()
    for line, name in wanted:
        if name:
            chosen.update(_resolve(name, file, line))
    return ClientProfile(file.stem, tuple(field for field in all_fields() if field in chosen))


def read_profiles(settings: Settings) -> list[ClientProfile]:
    """The shipped examples and the installation's own, by name; an own one goes before an example."""
    found = {file.stem: file for folder in _folders(settings) for file in sorted(folder.glob("*.csv"))}
    return [read_profile(file) for _, file in sorted(found.items())]


def all_fields() -> list[str]:
    """Every field of PREG as `Entity.column_name`, in the order of its record."""
    return [f"{row['entity']}.{snake_case(row['field'])}" for row in rows("preg_fields")]


def _folders(settings: Settings) -> Sequence[Path]:
    return (_EXAMPLES, settings.data_dir / "client_profiles")


def _resolve(name: str, file: Path, line: int) -> list[str]:
    entity, dot, field = name.rpartition(".")
    column = snake_case(field)
    found = [
        each
        for each in all_fields()
        if each.split(".")[1] == column and (not dot or each.split(".")[0].lower() == entity.lower())
    ]
    if not found:
        raise PregError(
            f"PREG has no field {name}",
            where=f"{file}, line {line}",
            todo="name it as PREG's clients know it, Person.GivenName or Address.PostalCode (docs/data-dictionary.md)",
        )
    # A name in two entities: the client's own number is on the person and on each address.
    return found
