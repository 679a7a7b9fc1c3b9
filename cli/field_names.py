"""The name of a field as a person writes it: as PREG calls it, or as its column is called."""

from __future__ import annotations

import csv

from foundation.errors import PregError
from foundation.release import Release
from foundation.settings import Settings

# The table in which a field of an entity is published.
TABLE_OF = {"Person": "preg_person", "Store": "preg_person", "Address": "preg_address"}


def mapped_fields(settings: Settings, release: Release | None) -> list[dict[str, str]]:
    """The field mapping: that of the release, or that of this code where there is none."""
    if release is None or "field_mapping" not in release.manifest.tables:
        with (settings.dbt_project_dir / "seeds" / "field_mapping.csv").open(encoding="utf-8") as file:
            return list(csv.DictReader(file))
    with release.open() as connection:
        rows = connection.execute(
            "select preg_entity, preg_field, column_name, build_rule, freg_path, persontjenesten_path"
            " from field_mapping"
        )
        names = [column[0] for column in rows.description]
        return [dict(zip(names, (each or "" for each in row), strict=True)) for row in rows.fetchall()]


def fields_named(name: str, fields: list[dict[str, str]]) -> list[dict[str, str]]:
    """The fields of the mapping that a name may mean.

    RegStatus and reg_status; with the entity or the table before it, too: Person.RegStatus, person.reg_status,
    preg_person.reg_status. Letter case means nothing. Several where persons and addresses both have the field.
    """
    prefix, _, short = name.lower().rpartition(".")
    return [
        field
        for field in fields
        if short in (field["preg_field"].lower(), field["column_name"].lower())
        and prefix in ("", field["preg_entity"].lower(), TABLE_OF[field["preg_entity"]])
    ]


def column_named(name: str, fields: list[dict[str, str]]) -> str:
    """The published column, with its table, that a name means; the name itself where it means none.

    Raises `PregError` where it means several.
    """
    found = sorted({f"{TABLE_OF[field['preg_entity']]}.{field['column_name']}" for field in fields_named(name, fields)})
    if len(found) > 1:
        raise PregError(f"{name} is the name of several fields", where=name, todo=f"name one: {', '.join(found)}")
    return found[0] if found else name


def compared_field(name: str, fields: list[dict[str, str]]) -> str:
    """The field as the comparison names it (Person.reg_status); the name itself where it means none, or several."""
    found = {f"{field['preg_entity']}.{field['column_name']}" for field in fields_named(name, fields)}
    return found.pop() if len(found) == 1 else name


def pregs_name(entity: str, column: str, fields: list[dict[str, str]]) -> str:
    """A compared field as it is shown everywhere, by PREG's own name: Person.RegStatus for the column reg_status."""
    for field in fields:
        if (field["preg_entity"], field["column_name"]) == (entity, column):
            return f"{entity}.{field['preg_field']}"
    return f"{entity}.{column}"
