"""What the comparison says to one client: its fields, and a mapping that its programmers can work from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from publication.access.client_profile import ClientProfile
from publication.reports.migration.facts import KINDS, OPEN_KINDS

# 2: blank cells are no part of `compared`; causes and both_blank are new.
FORMAT_VERSION = 2


def client_mapping(database: Path, release_id: str, profile: ClientProfile) -> dict[str, Any]:
    """The mapping of a client's fields, as JSON can hold it.

    format_version, release_id, client, fields: a list of
      preg_field, preg_type, column; action, steps (see field_catalogue); persontjenesten_paths and freg_paths, in their
      order of trust; rule (how PREG's value is made), compare_rule, comment_no, comment_en, basis;
      code_list: a list of persontjenesten_value, freg_value, code, meaning - empty where the values are no codes;
      comparison: compared (with a value on either side), both_blank, equal, causes (differences that follow from no
      other field's), rate (equal of those that are equal or a cause; None where there are none), open (differences that
      somebody has to look at) and kinds; None where the field is not compared.
    """
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = _rows(connection, profile)
        codes = _code_lists(connection)
    return {
        "format_version": FORMAT_VERSION,
        "release_id": release_id,
        "client": profile.name,
        "fields": [_field(row, codes) for row in rows],
    }


# Which code list a field's values are of.
_CODE_LISTS = {
    "reg_status": "RegStatus",
    "marital_status": "MaritalStatus",
    "custody": "Custody",
    "parental_responsibility": "ParentalResponsibility",
    "gender": "Gender",
    "work_permit": "WorkPermit",
    "postal_type": "PostalType",
}
# Countries: which of their codes Persontjenesten gives, and what PREG gave for it.
_COUNTRIES = {
    "status_country_code": ("iso_alfa3", "ssb_landkode"),
    "citizenship": ("iso_alfa3", "ssb_landkode"),
    "country": ("iso_alfa2", "landnavn"),
}


def _rows(connection: duckdb.DuckDBPyConnection, profile: ClientProfile) -> list[dict[str, Any]]:
    connection.execute("create temp table wanted (id varchar, place integer)")
    connection.executemany("insert into wanted values (?, ?)", [[each, n] for n, each in enumerate(profile.fields)])
    cursor = connection.execute(
        """
        select
            mapping.preg_entity || '.' || mapping.preg_field as preg_field,
            catalogue.preg_type,
            mapping.column_name,
            catalogue.client_action,
            catalogue.client_steps,
            mapping.persontjenesten_path,
            mapping.freg_path,
            mapping.build_rule,
            mapping.compare_rule,
            mapping.comment_no,
            mapping.comment_en,
            mapping.basis,
            summary.*
        from wanted
        inner join field_mapping as mapping on wanted.id = mapping.preg_entity || '.' || mapping.column_name
        inner join field_catalogue as catalogue
            on catalogue.system = 'PREG' and mapping.preg_entity = catalogue.entity
                and mapping.preg_field = catalogue.field
        left join field_comparison_summary as summary
            on summary.pair = 'preg_persontjenesten' and mapping.preg_entity = summary.entity
                and mapping.column_name = summary.field
        order by wanted.place
        """
    )
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _code_lists(connection: duckdb.DuckDBPyConnection) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for name, persontjenesten, freg, code, meaning in connection.execute(
        "select code_list, persontjenesten_value, freg_value, code, code_meaning from code_list order by all"
    ).fetchall():
        found.setdefault(name, []).append(
            {"persontjenesten_value": persontjenesten, "freg_value": freg, "code": code, "meaning": meaning}
        )
    for column, (given, code) in _COUNTRIES.items():
        found[column] = [
            {"persontjenesten_value": value, "freg_value": value, "code": code, "meaning": name}
            for value, code, name in connection.execute(
                f"select distinct {given}, {code}, landnavn from landkode where {given} is not null order by all"
            ).fetchall()
        ]
    return found


def _field(row: dict[str, Any], codes: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    # A release from before blank cells were counted apart has neither them nor derived differences.
    compared, blank = row["compared"] or 0, row.get("both_blank") or 0
    kinds = {kind: row[kind] for kind in KINDS if row.get(kind)}
    of_its_own = compared - kinds.get("derived", 0)
    return {
        "preg_field": row["preg_field"],
        "preg_type": row["preg_type"],
        "column": row["column_name"],
        "action": row["client_action"],
        "steps": row["client_steps"].split(", then "),
        "persontjenesten_paths": _parts(row["persontjenesten_path"]),
        "freg_paths": _parts(row["freg_path"]),
        "rule": row["build_rule"],
        "compare_rule": row["compare_rule"] or None,
        "code_list": codes.get(_CODE_LISTS.get(row["column_name"], row["column_name"]), []),
        "comment_no": row["comment_no"],
        "comment_en": row["comment_en"],
        "basis": row["basis"],
        "comparison": None
        if not compared + blank
        else {
            "compared": compared,
            "both_blank": blank,
            "equal": row["equal"],
            "causes": of_its_own - row["equal"],
            "rate": row["equal"] / of_its_own if of_its_own else None,
            "open": sum(kinds.get(kind, 0) for kind in OPEN_KINDS),
            "kinds": kinds,
        },
    }


def _parts(paths: str | None) -> list[str]:
    return [part for part in (paths or "").split("|") if part]
