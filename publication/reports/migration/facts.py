"""What the migration page shows, asked of a release: counts, masked examples, sign-offs; nothing of a person."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from foundation.person_hash import bind_key, person_hash_sql
from foundation.text import printable
from publication.access.client_profile import ClientProfile
from publication.reports.migration.mask import masked_sql
from publication.reports.signoff import Signoff


@cache
def kind_words() -> dict[str, dict[str, tuple[str, str]]]:
    """Each kind of difference with its name and meaning by language (`no`, `en`), those first that matter most."""
    with Path(__file__).with_name("kinds.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["kind"]: {each: (row[f"name_{each}"], row[f"meaning_{each}"]) for each in ("no", "en")}
            for row in csv.DictReader(file)
        }


KINDS = tuple(kind_words())

# Kinds that a client would notice: somebody has to decide what to do about them. The others are explained by
# themselves: the same value, a value more, the other moment, the other number of the same person; what follows from
# another field's difference is decided there.
OPEN_KINDS = ("unexplained", "only_left", "code_list", "meaning")

_EXAMPLES_A_KIND = 3
_LONGEST_NOTE = 2000


def migration_facts(
    database: Path,
    release: dict[str, Any],
    key: str,
    signoffs: dict[tuple[str, str, str], Signoff],
    profiles: Iterable[ClientProfile],
) -> dict[str, Any]:
    """Everything the page needs, as JSON can hold it. `release`: its id and when it is published."""
    with duckdb.connect(str(database), read_only=True) as connection:
        bind_key(connection, key)
        fields = _fields(connection)
        summary = _summary(connection)
        facts = {
            "release": release,
            "kinds": KINDS,
            "kindWords": kind_words(),
            "openKinds": OPEN_KINDS,
            "pairs": _pairs(connection),
            "fields": fields,
            "codes": _codes(connection),
            "summary": summary,
            "classes": _classes(connection),
            "trend": _trend(connection, release),
            "changes": _changes(connection),
            "examples": _examples(connection),
        }
    facts["signoffs"] = [
        {
            **asdict(signoff),
            "name": printable(signoff.name),
            "note": printable(signoff.note, _LONGEST_NOTE),
            "rate": signoff.rate,
            "holds": signoff.holds(*_compared_and_equal(summary, signoff)),
        }
        for signoff in signoffs.values()
    ]
    facts["profiles"] = [{"name": printable(profile.name), "fields": profile.fields} for profile in profiles]
    return facts


def _compared_and_equal(summary: dict[str, Any], signoff: Signoff) -> tuple[int, int]:
    found = summary.get(signoff.pair, {}).get(f"{signoff.entity}.{signoff.field}")
    return (found["equal"] + found["causes"], found["equal"]) if found else (0, 0)


def _rows(connection: duckdb.DuckDBPyConnection, query: str, *parameters: Any) -> list[dict[str, Any]]:
    cursor = connection.execute(query, list(parameters))
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _pairs(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    return _rows(
        connection,
        """
        select pair as name, max(compared) as compared, sum(causes) as different, sum(derived) as derived
        from field_comparison_summary
        group by pair
        having max(compared) > 0
        order by case pair when 'preg_persontjenesten' then 0 when 'legacy_persontjenesten' then 1 else 2 end
        """,
    )


def _fields(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    return _rows(
        connection,
        """
        select
            mapping.preg_entity || '.' || mapping.column_name as id,
            mapping.preg_entity || '.' || mapping.preg_field as name,
            catalogue.client_action as action,
            catalogue.client_steps as steps,
            mapping.build_rule as rule,
            coalesce(mapping.compare_rule, '') as "compareRule",
            replace(coalesce(mapping.persontjenesten_path, ''), '|', ' | ') as path,
            replace(coalesce(mapping.freg_path, ''), '|', ' | ') as "fregPath",
            catalogue.preg_type as type,
            catalogue.persontjenesten_type as "pathType",
            mapping.comment_no as "commentNo",
            mapping.comment_en as "commentEn",
            mapping.basis,
            mapping.source,
            coalesce(regexp_extract(mapping.build_rule, 'code list (\\w+)', 1), '') as codes,
            coalesce(mapping.persontjenesten_basis, '') as "ptBasis",
            coalesce(mapping.persontjenesten_source, '') as "ptSource",
            replace(coalesce(mapping.follows_from, ''), '|', ', ') as "followsFrom"
        from field_mapping as mapping
        inner join field_catalogue as catalogue
            on catalogue.system = 'PREG' and mapping.preg_entity = catalogue.entity
                and mapping.preg_field = catalogue.field
        order by case mapping.preg_entity when 'Person' then 0 when 'Store' then 1 else 2 end, mapping.preg_field
        """,
    )


def _codes(connection: duckdb.DuckDBPyConnection) -> dict[str, list[dict[str, str]]]:
    """By code list each code of PREG with its words, and the values of Freg and Persontjenesten that become it."""
    # A release from before views 2.1.0 has no words.
    if not _rows(connection, "from duckdb_tables() where table_name = 'preg_code'"):
        return {}
    found: dict[str, list[dict[str, str]]] = {}
    for row in _rows(
        connection,
        """
        select
            preg_code.code_list as list,
            preg_code.code,
            preg_code.word_no as "no",
            preg_code.word_en as en,
            coalesce(string_agg(distinct code_list.freg_value, ', ' order by code_list.freg_value), '') as freg,
            coalesce(
                string_agg(distinct code_list.persontjenesten_value, ', ' order by code_list.persontjenesten_value), ''
            ) as pt
        from preg_code
        left join code_list
            on preg_code.code_list = code_list.code_list and preg_code.code = code_list.code
        group by all
        order by all
        """,
    ):
        found.setdefault(row.pop("list"), []).append(row)
    return found


def _summary(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for row in _rows(connection, "select * from field_comparison_summary where compared + both_blank > 0"):
        found.setdefault(row["pair"], {})[f"{row['entity']}.{row['field']}"] = {
            "compared": row["compared"],
            "blank": row["both_blank"],
            "equal": row["equal"],
            "causes": row["causes"],
            "byRule": row["equal_after_rule"],
            "kinds": {kind: row[kind] for kind in KINDS if row[kind]},
        }
    return found


def _classes(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for row in _rows(
        connection,
        """
        select pair, entity || '.' || field as id, person_class, compared, causes
        from field_comparison_by_class
        where compared > 0
        order by pair, id, person_class
        """,
    ):
        found.setdefault(row["pair"], {}).setdefault(row["id"], []).append(
            [row["person_class"], row["compared"], row["causes"]]
        )
    return found


def _trend(connection: duckdb.DuckDBPyConnection, release: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """By pair a point a release, oldest first: when, and of each field the equal and the causes, and the equal alone.

    Releases that counted blank cells as equal are left out: their shares are of something else.
    """
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for row in _rows(
        connection,
        """
        select
            coalesce(release_id, ?) as release_id,
            strftime(coalesce(published_at, ?::timestamp), '%Y-%m-%dT%H:%M:%SZ') as at,
            pair,
            entity || '.' || field as id,
            equal + causes as compared,
            equal
        from field_comparison_trend
        where both_blank is not null
        order by published_at nulls last, pair, id
        """,
        release["id"],
        release["publishedAt"].removesuffix("Z"),
    ):
        points = found.setdefault(row["pair"], {})
        point = points.setdefault(row["release_id"], {"release": row["release_id"], "at": row["at"], "fields": {}})
        point["fields"][row["id"]] = [row["compared"], row["equal"]]
    return {pair: list(points.values()) for pair, points in found.items()}


def _changes(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, dict[str, int]]]:
    """By pair and field how many differences are new, gone or of another kind, without what follows from another's."""
    found: dict[str, dict[str, dict[str, int]]] = {}
    for row in _rows(
        connection,
        """
        select pair, entity || '.' || field as id, change, count(*) as persons
        from field_comparison_change
        where coalesce(difference_kind, kind_before) <> 'derived'
        group by all
        order by all
        """,
    ):
        found.setdefault(row["pair"], {}).setdefault(row["id"], {})[row["change"]] = row["persons"]
    return found


def _examples(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """A few differences of each kind of each field, masked; which ones depends on the hash, not on the person."""
    person = person_hash_sql("nin")
    rows = _rows(
        connection,
        f"""
        with hashed as (
            select *, {person} as person from field_comparison_differences
        ),
        chosen as (
            select *, row_number() over (partition by pair, entity, field, difference_kind order by person) as place
            from hashed
        )
        select
            chosen.pair,
            chosen.entity || '.' || chosen.field as id,
            chosen.difference_kind as kind,
            chosen.person,
            chosen.caused_by as cause,
            {_masked("left_value", "cast(null as varchar)")} as left_value,
            {_masked("right_value", "chosen.left_value")} as right_value
        from chosen
        left join field_mapping as mapping
            on chosen.entity = mapping.preg_entity and chosen.field = mapping.column_name
        where chosen.place <= {_EXAMPLES_A_KIND}
        order by chosen.pair, id, {_rank("chosen.difference_kind", KINDS)}, chosen.person
        """,
    )
    found: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for row in rows:
        found.setdefault(row["pair"], {}).setdefault(row["id"], []).append(
            {
                "kind": row["kind"],
                "cause": row["cause"],
                "person": row["person"],
                "left": row["left_value"],
                "right": row["right_value"],
            }
        )
    return found


def _masked(column: str, other: str) -> str:
    codes = "select code from code_list union all select ssb_landkode from landkode"
    return masked_sql(f"chosen.{column}", other, "mapping.compare_rule", f"chosen.{column} in ({codes})")


def _rank(expression: str, order: Sequence[str]) -> str:
    whens = " ".join(f"when '{value}' then {place}" for place, value in enumerate(order))
    return f"case {expression} {whens} end"
