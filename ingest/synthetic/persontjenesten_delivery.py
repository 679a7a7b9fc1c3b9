"""Writing the Persontjenesten delivery: the same register in the successor's words, with planted discrepancies.

A Freg entry becomes a Persontjeneste entry by renaming its members and recoding its values
(`freg_to_persontjenesten.csv`), by writing dates as points in time, and by adding what Persontjenesten adds from
Kartverket: names of kommuner, the full grunnkrets number and the bydeler. Addresses of protected persons, and of those
who live with them, are left out, as PREG does.
"""

from __future__ import annotations

import csv
import datetime as dt
from functools import cache
from importlib.resources import files
from pathlib import Path

import duckdb

from ingest.landing_writer import new_delivery
from ingest.synthetic.discrepancies import plant, write_expected
from ingest.synthetic.document_files import PERSONS_IN_A_FILE, DocumentFile, write_files
from ingest.synthetic.entries import choose_subjects, create_entry_views, documents_sql
from ingest.synthetic.persontjenesten_discrepancies import DISCREPANCIES

ADDRESS_ELEMENTS = ("bostedsadresse", "deltBosted", "oppholdsadresse", "postadresse", "postadresseIUtlandet")

_HIDDEN_STAY = "element = 'oppholdsadresse' and person_id in (select person_id from hidden_stay)"

_ENTRY = """
    '{' || concat_ws(',',
        text_member('registeredAt', freg_time(registered)),
        plain_member('isValid', is_current),
        text_member('validFrom', freg_time(valid_from)),
        text_member('validTo', freg_time(valid_to)),
        nullif(body, '')
    ) || '}'
"""


def write_persontjenesten(connection: duckdb.DuckDBPyConnection, landing: Path, created_at: dt.datetime) -> None:
    """Write a full delivery of everybody who is a person, and `expected_discrepancies.csv` next to it."""
    _create_tables(connection)
    _create_views(connection)
    plant(connection, created_at, DISCREPANCIES)
    (last_sequence,) = connection.execute("select max(sequence_number) from persontjenesten_person").fetchall()[0]
    delivery_id = f"{created_at:%Y%m%dT%H%M%SZ}-full"
    with new_delivery(
        landing,
        "persontjenesten",
        delivery_id,
        kind="full",
        created_at=created_at,
        sequence_from=1,
        sequence_to=last_sequence,
    ) as writer:
        write_files(connection, writer, _document_files(connection), _create_views)
        write_expected(connection, writer.folder, DISCREPANCIES)


def _document_files(connection: duckdb.DuckDBPyConnection) -> list[DocumentFile]:
    """The files that have somebody in them."""
    parts = connection.execute(
        f"select distinct person_id // {PERSONS_IN_A_FILE} as part from persontjenesten_person order by part"
    ).fetchall()
    document_files = []
    for (part,) in parts:
        where = f"person_id >= {part * PERSONS_IN_A_FILE} and person_id < {(part + 1) * PERSONS_IN_A_FILE}"
        lines = f"""
            select
                person_id,
                left(document, length(document) - 1)
                || ',"id":"' || persontjenesten_id || '","sequenceNumber":' || sequence_number || '}}' as line
            from ({documents_sql("persontjenesten_entry", _ENTRY)}) as documents
            inner join persontjenesten_person using (person_id)
            where {where}
            order by person_id
        """
        document_files.append(DocumentFile(part + 1, where, lines))
    return document_files


def _create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create what all connections share: `persontjenesten_person` (who is delivered), `hidden_person`, `hidden_stay`,
    `adresse_extra`, and `planted_person` and `planted_entry`, in which nobody is yet.
    """
    connection.execute(
        """
        create or replace table persontjenesten_person as
        select
            person_id,
            cast(cast(md5('persontjenesten' || person_id) as uuid) as varchar) as persontjenesten_id,
            row_number() over (order by person_id) as sequence_number
        from person
        where not is_dublett_record
        """
    )
    choose_subjects(connection, "true")
    _create_hidden_persons(connection)
    connection.execute("create or replace table planted_entry as select * from standing_entry limit 0")
    connection.execute(
        """
        create or replace table planted_person (
            name varchar, person_id bigint primary key, nin varchar, persontjenesten_id varchar
        )
        """
    )
    connection.execute(
        """
        create or replace table adresse_extra as
        select
            adresse_id,
            kommunenummer,
            kommunenavn,
            cast(right(grunnkretsnummer, 4) as integer) as grunnkrets,
            concat_ws(',',
                text_member('fullBasicStatisticalUnitNumber', grunnkretsnummer),
                text_member('basicStatisticalUnitName', grunnkretsnavn),
                -- Sentrum and Marka have no administration of their own: neighbours serve them.
                text_member('urbanDistrictCode', case bydelsnummer
                    when '030116' then '030104' when '030117' then '030107' else bydelsnummer end),
                text_member('urbanDistrictName', case bydelsnummer
                    when '030116' then 'St. Hanshaugen' when '030117' then 'Vestre Aker' else bydelsnavn end),
                text_member('geographicalUrbanDistrictCode', bydelsnummer),
                text_member('geographicalUrbanDistrictName', bydelsnavn)) as extra
        from adresse
        """
    )


def _create_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Create this connection's `translated_entry` and, with what is planted in it, `persontjenesten_entry`."""
    create_entry_views(connection)
    connection.execute(
        f"""
        create or replace temp view translated_entry as
        with translated as (
            select original.* replace ({_translated_body()} as body)
            from (
                select standing_entry.* replace (
                    -- A stay at a protected dwelling has only the kind of stay.
                    case when {_HIDDEN_STAY} then regexp_extract(body, '"oppholdAnnetSted":"[^"]*"') else body end
                        as body,
                    case when not ({_HIDDEN_STAY}) then adresse_id end as adresse_id
                )
                from standing_entry
            ) as original
            where not (
                element in {ADDRESS_ELEMENTS} and person_id in (select person_id from hidden_person)
            )
        )
        select
            person_id,
            {_renamed_element()} as element,
            position,
            is_list,
            ordinal,
            is_current,
            registered,
            valid_from,
            valid_to,
            adresse_id,
            case
                when unknown.kommunenavn is not null
                    then replace(
                        body,
                        '"municipalityNumber":"' || unknown.kommunenummer || '"',
                        '"municipalityNumber":"' || unknown.kommunenummer
                        || '","municipalityName":"' || unknown.kommunenavn || '"'
                    )
                when adresse_extra.adresse_id is null then body
                else concat_ws(',',
                replace(
                    body,
                    '"municipalityNumber":"' || adresse_extra.kommunenummer || '"',
                    '"municipalityNumber":"' || adresse_extra.kommunenummer
                    || '","municipalityName":"' || adresse_extra.kommunenavn || '"'
                ),
                case when element <> 'bostedsadresse' then plain_member('basicStatisticalUnit', grunnkrets) end,
                extra)
            end as body
        from translated
        left join adresse_extra using (adresse_id)
        left join kommune as unknown
            on unknown.kommunenummer = regexp_extract(body, '"unknownResidence":."municipalityNumber":"(....)"', 1)
        """
    )
    connection.execute(
        """
        create or replace temp view persontjenesten_entry as
        select * from translated_entry where person_id not in (select person_id from planted_person)
        union all
        select * from planted_entry
        """
    )


def _create_hidden_persons(connection: duckdb.DuckDBPyConnection) -> None:
    """Create `hidden_person`: those whose addresses are not given out, the protected and who lives at their dwelling;
    and `hidden_stay`: those who live elsewhere and stay there.
    """
    connection.execute(
        """
        create or replace temp table lodging as
        select
            person_id,
            element,
            adresse_id,
            coalesce(regexp_extract(body, '"bruksenhetsnummer":"([^"]*)"', 1), '') as bruksenhetsnummer
        from standing_entry
        where element in ('bostedsadresse', 'oppholdsadresse') and is_current and adresse_id is not null;

        create or replace temp table protected_person as
        select distinct person_id from standing_entry where element = 'adressebeskyttelse' and is_current;

        create or replace temp table sharing as
        select other.person_id, other.element
        from lodging as other
        inner join lodging as of_protected using (adresse_id, bruksenhetsnummer)
        where of_protected.person_id in (select person_id from protected_person);

        create or replace table hidden_person as
        select person_id from protected_person
        union
        -- A client address is not given out either, no matter what else the person has.
        select person_id from standing_entry
        where element = 'bostedsadresse' and is_current and contains(body, '"klientadresse"')
        union
        select person_id from sharing
        where element = 'bostedsadresse' or person_id not in (
            select person_id from standing_entry where element = 'bostedsadresse' and is_current
        );

        create or replace table hidden_stay as
        select distinct person_id from sharing
        where person_id not in (select person_id from hidden_person);
        """
    )


@cache
def _translation() -> tuple[dict[str, str], ...]:
    with files("ingest.synthetic").joinpath("freg_to_persontjenesten.csv").open(encoding="utf-8") as stream:
        return tuple(csv.DictReader(stream))


def _renamed_element() -> str:
    cases = " ".join(
        f"when '{row['freg']}' then '{row['persontjenesten']}'" for row in _translation() if row["kind"] == "element"
    )
    return f"case element {cases} end"


def _translated_body() -> str:
    """SQL: the body of an entry with members renamed, values recoded and dates written as points in time."""
    elements = [row["freg"] for row in _translation() if row["kind"] == "element"]
    cases = " ".join(f"when '{element}' then {_replaced('body', element)}" for element in elements)
    translated = f"case element {cases} end"
    return f"regexp_replace({translated}, ':\"(\\d{{4}}-\\d{{2}}-\\d{{2}})\"', ':\"\\1T00:00:00\"', 'g')"


def _replaced(body: str, element: str) -> str:
    own = [row for row in _translation() if row["element"] == element and row["kind"] != "element"]
    renamed = {row["freg"] for row in own if row["kind"] == "key"}
    shared = [row for row in _translation() if row["element"] == "address" and row["freg"] not in renamed]
    for row in own + (shared if element in ADDRESS_ELEMENTS else []):
        old, new = {
            "key": (f'"{row["freg"]}":', f'"{row["persontjenesten"]}":'),
            "value": (f':"{row["freg"]}"', f':"{row["persontjenesten"]}"'),
            "list_value": (f'"{row["freg"]}"', f'"{row["persontjenesten"]}"'),
        }[row["kind"]]
        body = f"replace({body}, '{old}', '{new}')"
    if element == "foedsel":
        # A year is text in Persontjenesten, a number in Freg.
        body = f'regexp_replace({body}, \'"birthYear":(\\d+)\', \'"birthYear":"\\1"\')'
    return body
