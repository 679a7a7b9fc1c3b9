"""Protection, in every text: the address of a protected person is in no column of any table, and in no text file.

`quality.protection` looks where an address belongs. This looks everywhere else: at each text column of each table of
the candidate, and at each file that people read. What is looked for is what Freg's documents say of where protected
persons are now, written as addresses are written; what an unprotected person's document says too (the neighbours in
the same building) is no secret and is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import ahocorasick_rs
import duckdb

from quality.result import CheckResult, CheckSpec, Severity

_TEXT_SUFFIXES = {
    ".html",
    ".json",
    ".csv",
    ".txt",
    ".md",
    ".xml",
    ".log",
    ".js",
    ".css",
    ".svg",
    ".ics",
    ".atom",
    ".yml",
}

# A text shorter than this names no place by itself.
_SHORTEST = 8

_STREET_KINDS = (
    ("bostedsadresse", "vegadresse"),
    ("oppholdsadresse", "vegadresse"),
    ("deltBosted", "vegadresse"),
    ("postadresse", "vegadresse"),
)
_PLOT_KINDS = (
    ("bostedsadresse", "matrikkeladresse"),
    ("oppholdsadresse", "matrikkeladresse"),
    ("deltBosted", "matrikkeladresse"),
)

PROTECTED_TEXT_IN_TABLES = CheckSpec(
    "protected_text_is_in_no_column",
    "protection",
    "every table",
    Severity.BLOCK,
    "an address that is hidden where it belongs may still stand in another column",
    "do not publish: the sample names the columns; find how the text got there",
    owner="protection officer",
)
PROTECTED_ROWS = CheckSpec(
    "protected_person_has_no_place_in_any_row",
    "protection",
    "every table",
    Severity.BLOCK,
    "a row that names a protected person may not name a part of the person's address, in whatever column",
    "do not publish: the sample names the columns; find how the text got there",
    owner="protection officer",
)
PROTECTED_TEXT_CHECKS = (PROTECTED_TEXT_IN_TABLES, PROTECTED_ROWS)


_DWELLING = "lower({0}.street), {0}.house_number, lower({0}.house_letter), {0}.gnr, {0}.bnr, {0}.dwelling, {0}.st"


def list_protected_texts(warehouse: duckdb.DuckDBPyConnection, dwellings_too: bool) -> None:
    """Make the temporary tables `protected_text` (text) and `protected_part` (nin, part).

    dwellings_too: whether what others' documents say of the same dwelling is a secret as well.

    Needs `protected_document` of `quality.protection`. A text is a whole address as it may be written; a part is one
    word of it that means a place beside its person only: the street, the postal code, the kommune.
    """
    warehouse.execute(
        f"""
        create or replace temp table protected_entry as
        with documents as (
            select protected.nin, protected.is_protected, document.folkeregisterperson as person
            from protected_document as protected
            inner join raw.freg_document as document using (document_number)
            where protected.is_present
        )
        {_entries("documents", "nin, is_protected")}
        """
    )
    warehouse.execute(
        f"""
        create or replace temp table protected_text as
        with secret as (
            select * from protected_entry
            where coalesce(is_current, true) and (is_protected or grade in ('fortrolig', 'strengtFortrolig'))
        ),
        unprotected as (
            select folkeregisterperson as person from raw.freg_document
            where document_number not in (select document_number from protected_document)
        ),
        texts as (select distinct unnest({_variants("secret")}) as text from secret),
        -- Only entries that share a house, a plot or a c/o with a secret one can be written the same way.
        open_texts as (
            select unnest({_variants("entry")}) as text
            from ({_entries("unprotected", "null as nin")}) as entry
            where (
                (lower(entry.street), entry.house_number) in (select (lower(street), house_number) from secret)
                or entry.co_address in (select co_address from secret)
                or (entry.gnr, entry.bnr) in (select (gnr, bnr) from secret)
            )
            and not ({dwellings_too} and exists (
                from secret
                where row({_DWELLING.format("secret")}) is not distinct from row({_DWELLING.format("entry")})
            ))
        )
        select text from texts
        where length(text) >= {_SHORTEST} and text not in (select text from open_texts where text is not null)
        """
    )
    warehouse.execute(
        """
        create or replace temp table protected_part as
        with secret as (select * from protected_entry where is_protected and coalesce(is_current, true)),
        parts as (
            select nin, unnest([street, postal_code, postal_place, st, co_address, address_id]) as part from secret
        )
        select distinct nin, lower(trim(part)) as part
        from parts
        where length(trim(part)) >= 4
        """
    )


def search_tables(warehouse: duckdb.DuckDBPyConnection, candidate: str) -> list[CheckResult]:
    """Search each text column of each table of the attached `candidate`; needs `list_protected_texts`."""
    whole: dict[str, int] = {}
    beside: dict[str, int] = {}
    tables = warehouse.execute(
        """
        select table_name, list(column_name order by column_index)
        from duckdb_columns()
        where database_name = ? and data_type = 'VARCHAR'
            and table_name in (select table_name from duckdb_tables() where database_name = ?)
        group by table_name order by table_name
        """,
        [candidate, candidate],
    ).fetchall()
    for table, columns in tables:
        whole |= _columns_with_a_text(warehouse, candidate, table, columns)
        beside |= _columns_beside_a_person(warehouse, candidate, table, columns)
    return [
        PROTECTED_TEXT_IN_TABLES.result(sum(whole.values()), _named(whole)),
        PROTECTED_ROWS.result(sum(beside.values()), _named(beside)),
    ]


@dataclass(frozen=True)
class TextFinding:
    """What stands in a file that may not: in which file and line, and of which kind. Never the text itself."""

    file: str
    line: int
    what: str


def read_secrets(warehouse: duckdb.DuckDBPyConnection, candidate: str) -> list[str]:
    """The texts that no file may hold; needs `list_protected_texts`.

    What the catalogue of fields gives as an example is the same on every day and is nobody's.
    """
    return [
        text
        for (text,) in warehouse.execute(
            f"""
            select text from protected_text
            where not exists (from {candidate}.field_mapping where contains(lower(example), text))
                and not exists (from {candidate}.field_catalogue where contains(lower(comment), text))
            """
        ).fetchall()
    ]


def search_files(folder: Path, secrets: Sequence[str], known_of: Callable[[set[str]], set[str]]) -> list[TextFinding]:
    """Search each text file below `folder` for a protected address, and for a person's number.

    known_of: says which of some numbers of eleven digits are a person's.
    """
    search = ahocorasick_rs.AhoCorasick(list(secrets)) if secrets else None
    findings = []
    for file in sorted(path for path in folder.rglob("*") if path.suffix in _TEXT_SUFFIXES):
        text = re.sub(r"[^\S\n]+", " ", file.read_text(encoding="utf-8", errors="replace").lower())
        name = file.relative_to(folder).as_posix()
        for start, end in _matches(search, text):
            if _is_whole(text, start, end):
                findings.append(TextFinding(name, text.count("\n", 0, start) + 1, "a protected address"))
        numbers = list(re.finditer(r"(?<![0-9a-f])\d{11}(?![0-9a-f])", text))
        known = known_of({match.group() for match in numbers}) if numbers else set()
        for match in numbers:
            if match.group() in known:
                findings.append(TextFinding(name, text.count("\n", 0, match.start()) + 1, "a person's number"))
    return findings


def _matches(search: ahocorasick_rs.AhoCorasick | None, text: str) -> list[tuple[int, int]]:
    if search is None:
        return []
    return [(start, end) for _, start, end in search.find_matches_as_indexes(text, overlapping=True)]


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether a match is not a part of a longer word or number: number 1 is not found in number 12."""
    before, after = text[start - 1 : start], text[end : end + 1]
    return not before.isalnum() and not after.isalnum()


def _entries(documents: str, keep: str) -> str:
    """SQL: each place that a person's document names, as columns alike for every kind."""
    streets = " union all ".join(
        f"""
        select {keep}, entry.erGjeldende as is_current, entry.adressegradering as grade,
            entry.{kind}.adressenavn as street, entry.{kind}.adressenummer.husnummer as house_number,
            entry.{kind}.adressenummer.husbokstav as house_letter, entry.{kind}.bruksenhetsnummer as dwelling,
            {"entry." + kind + ".kommunenummer" if element != "postadresse" else "cast(null as varchar)"} as st,
            entry.{kind}.poststed.postnummer as postal_code, entry.{kind}.poststed.poststedsnavn as postal_place,
            entry.{kind}.coAdressenavn as co_address, cast(null as bigint) as gnr, cast(null as bigint) as bnr,
            {"entry.adresseIdentifikatorFraMatrikkelen" if element != "postadresse" else "cast(null as varchar)"}
                as address_id
        from (select {keep}, unnest(person.{element}) as entry from {documents}) as unnested
        where entry.{kind} is not null
        """
        for element, kind in _STREET_KINDS
    )
    plots = " union all ".join(
        f"""
        select {keep}, entry.erGjeldende, entry.adressegradering, entry.{kind}.adressetilleggsnavn, null, null,
            entry.{kind}.bruksenhetsnummer, entry.{kind}.matrikkelnummer.kommunenummer,
            entry.{kind}.poststed.postnummer, entry.{kind}.poststed.poststedsnavn, entry.{kind}.coAdressenavn,
            entry.{kind}.matrikkelnummer.gaardsnummer, entry.{kind}.matrikkelnummer.bruksnummer,
            entry.adresseIdentifikatorFraMatrikkelen
        from (select {keep}, unnest(person.{element}) as entry from {documents}) as unnested
        where entry.{kind} is not null
        """
        for element, kind in _PLOT_KINDS
    )
    return f"{streets} union all {plots}"


def _variants(entry: str) -> str:
    """SQL: the ways in which an address is written, in small letters with single blanks."""
    house = f"concat({entry}.house_number, {entry}.house_letter)"
    street = f"{entry}.street || ' ' || {house}"
    spaced = f"{entry}.street || ' ' || {entry}.house_number || ' ' || {entry}.house_letter"
    place = f"{entry}.postal_code || ' ' || {entry}.postal_place"
    plot = f"{entry}.gnr || '/' || {entry}.bnr"
    written = [
        street,
        spaced,
        f"{street} || ' ' || {entry}.dwelling",
        f"{street} || ', ' || {place}",
        f"{street} || ' ' || {entry}.dwelling || ', ' || {place}",
        f"{entry}.co_address",
        f"{plot} || ', ' || {place}",
        f"{entry}.address_id",
    ]
    return "[" + ", ".join(f"lower(trim({text}))" for text in written) + "]"


def _columns_with_a_text(
    warehouse: duckdb.DuckDBPyConnection, candidate: str, table: str, columns: list[str]
) -> dict[str, int]:
    counted = ", ".join(
        f'count(*) filter (lower("{column}") in (select text from protected_text))' for column in columns
    )
    (found,) = warehouse.execute(f"select {counted} from {candidate}.{table}").fetchall()
    return {f"{table}.{column}": count for column, count in zip(columns, found, strict=True) if count}


def _columns_beside_a_person(
    warehouse: duckdb.DuckDBPyConnection, candidate: str, table: str, columns: list[str]
) -> dict[str, int]:
    """Rows of a protected person, by whichever column names the person, with a part of the person's place."""
    naming = [column for column in columns if column in ("nin", "person_nin", "number", "old_nin", "new_nin")]
    others = [column for column in columns if column not in naming]
    if not naming or not others:
        return {}
    names = " or ".join(f'"{column}" in (select nin from protected_part)' for column in naming)
    values = ", ".join(f"{{'name': '{column}', 'text': lower(\"{column}\")}}" for column in others)
    keys = ", ".join(f'"{column}"' for column in naming)
    rows = warehouse.execute(
        f"""
        with own as (select [{keys}] as keys, [{values}] as cells from {candidate}.{table} where {names}),
        cells as (select unnest(keys) as nin, cells from own),
        long as (select nin, unnest(cells) as cell from cells)
        select long.cell.name, count(*)
        from long
        inner join protected_part as secret using (nin)
        where long.cell.text is not null
            and (long.cell.text = secret.part
                or (length(secret.part) >= {_SHORTEST} and contains(long.cell.text, secret.part)))
        group by 1
        """
    ).fetchall()
    return {f"{table}.{column}": count for column, count in rows}


def _named(found: dict[str, int]) -> list[str]:
    most_first = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return [f"{column}: {count}" for column, count in most_first[:5]]
