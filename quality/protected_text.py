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

from foundation.database import sql_text
from ingest.contracts.places import NAMES_A_PERSON
from quality.protection import IS_SECRET, NAMES_A_STREET
from quality.registry import check
from quality.result import CheckResult

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

# Columns that hold what a person is called, not where one is: a family has the name of its farm or its town.
_OF_PERSONS = ("given_name", "middle_name", "sn", "maiden_name", "citizenship")

# Kinds of address: whether they have a vegadresse, a matrikkeladresse, and the kommune and Matrikkelen's address.
_ELEMENTS = {
    "bostedsadresse": (True, True, True),
    "oppholdsadresse": (True, True, True),
    "deltBosted": (True, True, True),
    "postadresse": (True, False, False),
}


# Only these of a document are read: the rest of it is many times as wide.
_LISTS = ", ".join(f"folkeregisterperson.{element} as {element}" for element in _ELEMENTS)

_DWELLING = "lower({0}.street), {0}.house_number, lower({0}.house_letter), {0}.gnr, {0}.bnr, {0}.dwelling, {0}.st"
# A postal address has no kommune: where both have a postal code, and another one, they are two houses of one name.
_ELSEWHERE = "{0}.st is null and {1}.st is null and coalesce({0}.postal_code <> {1}.postal_code, false)"


def list_protected_texts(warehouse: duckdb.DuckDBPyConnection, dwellings_too: bool) -> None:
    """Make the temporary tables `protected_text` (text) and `protected_part` (nin, part).

    dwellings_too: whether what others' documents say of the same dwelling is a secret as well.

    Needs `protected_document` of `quality.protection`. A text is a whole address as it may be written; a part is one
    word of it that means a place next to its person only: the street, the postal code, the kommune.
    """
    warehouse.execute(
        f"""
        create or replace temp table protected_entry as
        with documents as (
            select protected.nin, protected.is_protected, {_LISTS}
            from protected_document as protected
            inner join raw.freg_document using (document_number)
            where protected.is_present
        )
        {_entries("documents", "nin, is_protected")}
        """
    )
    warehouse.execute(
        f"""
        create or replace temp table protected_text as
        with secret as (
            select * replace (
                case when {NAMES_A_STREET.format("street")} then street end as street, nullif(gnr, 0) as gnr
            )
            from protected_entry
            where coalesce(is_current, true) and (is_protected or {IS_SECRET.format("grade")})
        ),
        -- Only a document that shares a house, a plot or a c/o with a secret entry can write it the same way: found by
        -- one short key an entry, before whole entries are looked at.
        secret_key as (
            select distinct unnest({_keys("secret")}) as key from secret
            union
            select {_key_of_line("text")} from ({_written_lines()})
        ),
        entry_key as (
            select document_number, unnest({_document_keys()}) as key from raw.freg_document
            where document_number not in (select document_number from protected_document)
        ),
        near as (select distinct document_number from entry_key where key in (select key from secret_key)),
        unprotected as (
            select {_LISTS} from raw.freg_document where document_number in (select document_number from near)
        ),
        open_entries as ({_entries("unprotected", "null as nin")}),
        texts as (select distinct unnest({_variants("secret")}) as text, postal_code from secret),
        -- A street that has a number in its name, elsewhere than where the protected street has that house.
        named_elsewhere as (
            select texts.text
            from texts inner join open_entries on texts.text = lower(trim(open_entries.street))
            where open_entries.postal_code <> texts.postal_code
        ),
        open_texts as (
            select unnest({_variants("entry")}) as text
            from open_entries as entry
            where not ({dwellings_too} and exists (
                from secret
                where row({_DWELLING.format("secret")}) is not distinct from row({_DWELLING.format("entry")})
                    and not ({_ELSEWHERE.format("secret", "entry")})
            ))
        )
        select text from texts
        -- A text without a number is a name, of a street, a farm, a person: it occurs elsewhere by right.
        where length(text) >= {_SHORTEST} and regexp_matches(text, '[0-9]')
            and text not in (
                select lower(trim(line))
                from ({_lines_of_documents()} where document_number not in (
                    select document_number from protected_document
                ))
                where line is not null
            )
            and text not in (select text from open_texts where text is not null)
            and text not in (select text from named_elsewhere)
        union
        select text from ({_written_lines()}) where text not in (select text from open_texts where text is not null)
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
    next_to_person: dict[str, int] = {}
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
        next_to_person |= _columns_next_to_a_person(warehouse, candidate, table, columns)
    return [
        check("protected_text_is_in_no_column").result(sum(whole.values()), _named(whole)),
        check("protected_person_has_no_place_in_any_row").result(sum(next_to_person.values()), _named(next_to_person)),
    ]


@dataclass(frozen=True)
class TextFinding:
    """What is in a file that must not be: in which file and line, and of which kind. Never the text itself."""

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
        # One digit eleven times is a mask, not a number.
        found = re.finditer(r"(?<![0-9a-f])\d{11}(?![0-9a-f])", text)
        numbers = [match for match in found if len(set(match.group())) > 1]
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
    """SQL: each place that a person's document names, as columns alike for every kind; one pass over the documents."""
    places = [_places(element, *kinds) for element, kinds in _ELEMENTS.items()]
    joined = places[0]
    for each in places[1:]:
        joined = f"list_concat({joined}, {each})"
    return f"""
        select {keep}, unnest(place)
        from (select {keep}, unnest({joined}) as place from {documents})
        where place.street is not null or place.gnr is not null or place.co_address is not null
    """


def _places(element: str, street: bool, plot: bool, has_place: bool) -> str:
    """SQL: the entries of one kind of address. street, plot: whether it has a vegadresse, a matrikkeladresse;
    has_place: whether it names the kommune and Matrikkelen's address."""
    road, lot = "entry.vegadresse", "entry.matrikkeladresse"

    def either(field: str, plot_field: str = "") -> str:
        chosen = [f"{road}.{field}"] if street else []
        if plot:
            chosen.append(f"{lot}.{plot_field or field}")
        return f"coalesce({', '.join(chosen)})" if len(chosen) > 1 else chosen[0]

    nothing = "cast(null as varchar)"
    number = f"{lot}.matrikkelnummer"
    fields = {
        "is_current": "entry.erGjeldende",
        "grade": "entry.adressegradering",
        "street": either("adressenavn", "adressetilleggsnavn"),
        "house_number": f"{road}.adressenummer.husnummer",
        "house_letter": f"{road}.adressenummer.husbokstav",
        "dwelling": either("bruksenhetsnummer"),
        "st": either("kommunenummer", "matrikkelnummer.kommunenummer") if has_place else nothing,
        "postal_code": either("poststed.postnummer"),
        "postal_place": either("poststed.poststedsnavn"),
        "co_address": either("coAdressenavn"),
        "gnr": f"{number}.gaardsnummer" if plot else "cast(null as bigint)",
        "bnr": f"{number}.bruksnummer" if plot else "cast(null as bigint)",
        "address_id": "entry.adresseIdentifikatorFraMatrikkelen" if has_place else nothing,
    }
    struct = ", ".join(f"'{name}': {value}" for name, value in fields.items())
    return f"list_transform(coalesce({element}, []), lambda entry: {{{struct}}})"


def _lines_of_documents() -> str:
    """SQL: every line of an address without a fixed form, or abroad, that holds now in some document."""

    def present(element: str) -> str:
        entries = f"folkeregisterperson.{element}"
        return f"list_filter(coalesce({entries}, []), lambda entry: coalesce(entry.erGjeldende, true))"

    def each_line(element: str, lines: str) -> str:
        return f"flatten(list_transform({present(element)}, lambda entry: coalesce({lines}, [])))"

    lines = (
        each_line("postadresse", "entry.postadresseIFrittFormat.adresselinje"),
        each_line("postadresseIUtlandet", "entry.utenlandskAdresseIFrittFormat.adresselinje"),
        each_line("postadresseIUtlandet", "[entry.utenlandskAdresse.adressenavn]"),
        each_line("oppholdsadresse", "[entry.utenlandskAdresse.adressenavn]"),
    )
    return f"select unnest(flatten([{', '.join(lines)}])) as line from raw.freg_document"


def _written_lines() -> str:
    """SQL: the lines of addresses without a fixed form, abroad or as they were reported, of protected persons.

    A line with a number and letters names a house; a name, a country or a postal place alone does not, and is in
    other columns of other persons by right.
    """

    of_document = _lines_of_documents()
    protected = "(select document_number from protected_document where is_present and is_protected)"
    return f"""
        select distinct lower(trim(line)) as text from ({of_document} where document_number in {protected})
        where length(trim(line)) >= {_SHORTEST}
            and regexp_matches(line, '[0-9]') and regexp_matches(line, '[[:alpha:]]')
            and not regexp_matches(line, '^[0-9]{{4}} ')
            and lower(trim(line)) not in (
                select lower(trim(line))
                from ({of_document} where document_number not in (select document_number from protected_document))
                where line is not null
            )
    """


def _keys(entry: str) -> str:
    """SQL: the house, the plot and the c/o of an entry, as a list of short texts; NULL for what it has not."""
    return (
        f"[lower({entry}.street) || '|' || {entry}.house_number, {entry}.gnr || '/' || {entry}.bnr,"
        f" lower({entry}.co_address)]"
    )


def _key_of_line(line: str) -> str:
    """SQL: the key of the house that a line names, as `_keys` makes it: its street and its number."""
    return f"regexp_replace(lower(trim({line})), '^(.*[^ ]) ([0-9]+) ?[a-z]?$', '\\1|\\2')"


def _document_keys() -> str:
    """SQL: the keys of every entry of a document, as `_keys` makes them."""
    keys = []
    for element, (_, plot, _) in _ELEMENTS.items():
        entries = f"folkeregisterperson.{element}"
        road, lot = "entry.vegadresse", "entry.matrikkeladresse"
        made = [
            f"lower({road}.adressenavn) || '|' || {road}.adressenummer.husnummer",
            f"lower({road}.coAdressenavn)",
            # A street with a number in its name; few have one.
            f"case when regexp_matches({road}.adressenavn, '[0-9]') then {_key_of_line(road + '.adressenavn')} end",
        ]
        if plot:
            made += [
                f"{lot}.matrikkelnummer.gaardsnummer || '/' || {lot}.matrikkelnummer.bruksnummer",
                f"lower({lot}.coAdressenavn)",
            ]
        keys += [f"list_transform({entries}, lambda entry: {each})" for each in made]
    return f"flatten([{', '.join(keys)}])"


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
    # Column by column, without what is too short to be one of the texts: few of most columns are left.
    counted = " union all ".join(
        f"""
        select {sql_text(column)}, count(*) from {candidate}.{table}
        where length(lower("{column}")) >= {_SHORTEST} and lower("{column}") in (select text from protected_text)
            {_legitimate_values(column, columns)}
        """
        for column in columns
    )
    found = warehouse.execute(counted).fetchall()
    return {f"{table}.{column}": count for column, count in found if count}


def _legitimate_values(column: str, columns: list[str]) -> str:
    """SQL: legitimate values of a column that read like an address.

    The name of a grunnkrets may be that of a street with a number ("Sentrum 1"): where it is the name that Matrikkelen
    gives the row's own grunnkrets, it was not taken from anybody's document. The log of changes has such names as
    values of the field grunnkrets_name.
    """
    if column in ("from_value", "to_value") and "field" in columns:
        return (
            f" and not (field = 'grunnkrets_name' and entity = 'Address' and \"{column}\" in"
            " (select grunnkretsnavn from intermediate.int_matrikkel__grunnkrets where grunnkretsnavn is not null))"
        )
    if column != "grunnkrets_name" or "grunnkrets_number" not in columns:
        return ""
    return (
        " and not coalesce((grunnkrets_number, grunnkrets_name) in"
        " (select (grunnkretsnummer, grunnkretsnavn) from intermediate.int_matrikkel__grunnkrets"
        " where grunnkretsnummer is not null and grunnkretsnavn is not null), false)"
    )


def _columns_next_to_a_person(
    warehouse: duckdb.DuckDBPyConnection, candidate: str, table: str, columns: list[str]
) -> dict[str, int]:
    """Rows of a protected person, by whichever column names the person, with a part of the person's place."""
    naming = [column for column in columns if column in NAMES_A_PERSON]
    others = [column for column in columns if column not in (*naming, *_OF_PERSONS)]
    if not naming or not others:
        return {}
    names = " or ".join(f'"{column}" in (select nin from protected_part)' for column in naming)
    values = ", ".join(f"{{'name': '{column}', 'text': lower(\"{column}\")}}" for column in others)
    keys = ", ".join(f'"{column}"' for column in naming)
    if "entity" in columns:
        # A value of another entity is no place: a name may be that of a town.
        names = f"({names}) and entity = 'Address'"
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
