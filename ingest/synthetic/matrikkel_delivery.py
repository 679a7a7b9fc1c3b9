"""Writing the Matrikkel delivery: the public address file and the table from grunnkrets to bydel."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb

from ingest.landing_writer import new_delivery
from ingest.synthetic.text_files import write_table

_ADDRESSES = """
    select
        adresse_id as "lokalId", kommunenummer, kommunenavn,
        case when is_matrikkeladresse then 'matrikkeladresse' else 'vegadresse' end as adressetype,
        adressetilleggsnavn, null as "adressetilleggsnavnKilde",
        case when not is_matrikkeladresse then adressekode end as adressekode,
        case when not is_matrikkeladresse then adressenavn end as adressenavn,
        case when not is_matrikkeladresse then husnummer end as nummer,
        case when not is_matrikkeladresse then husbokstav end as bokstav,
        gardsnummer, bruksnummer, festenummer, null as undernummer,
        concat_ws(', ', adressetilleggsnavn, {address_text}) as "adresseTekst",
        {address_text} as "adresseTekstUtenAdressetilleggsnavn",
        25833 as "EPSG-kode",
        cast(nord + u(i, 'nord') * 200 as decimal(12, 2)) as "Nord",
        cast(oest + u(i, 'oest') * 200 as decimal(12, 2)) as "Øst",
        postnummer, poststed, grunnkretsnummer, grunnkretsnavn,
        right(grunnkretsnummer, 4) as soknenummer, kommunenavn || ' sokn' as soknenavn,
        null as organisasjonsnummer, null as tettstednummer, null as tettstednavn,
        lpad(cast(1 + cast(right(grunnkretsnummer, 4) as integer) % 40 as varchar), 4, '0') as valgkretsnummer,
        kommunenavn || ' ' || (1 + cast(right(grunnkretsnummer, 4) as integer) % 40) as valgkretsnavn,
        '2025-11-03T10:00:00' as oppdateringsdato,
        strftime(today(), '%Y-%m-%dT02:00:00') as datauttaksdato,
        uuid_of('adresse', i) as "uuidAdresse",
        cast(300000000 + i as varchar) as "atkomstId",
        uuid_of('atkomst', i) as "uuidAtkomst",
        cast(nord + u(i, 'nord') * 200 + 4 as decimal(12, 2)) as "atkomstNord",
        cast(oest + u(i, 'oest') * 200 - 3 as decimal(12, 2)) as "atkomstØst"
    from adresse
    order by i
"""

_ADDRESS_TEXT = """
    case when is_matrikkeladresse
        then concat_ws('/', gardsnummer, bruksnummer, festenummer)
        else adressenavn || ' ' || husnummer || coalesce(husbokstav, '') end
"""


def write_matrikkel(connection: duckdb.DuckDBPyConnection, landing: Path, created_at: dt.datetime) -> None:
    """Write every address and every grunnkrets as a full delivery."""
    connection.execute(
        "create or replace macro uuid_of(purpose, i) as cast(cast(md5(purpose || i) as uuid) as varchar)"
    )
    delivery_id = f"{created_at:%Y%m%dT%H%M%SZ}-full"
    with new_delivery(
        landing,
        "matrikkel",
        delivery_id,
        kind="full",
        created_at=created_at,
        extracted_at=created_at.date().isoformat(),
    ) as writer:
        name = "matrikkelenAdresse.csv"
        query = _ADDRESSES.format(address_text=_ADDRESS_TEXT)
        writer.add(name, write_table(connection, query, writer.folder / name, ";"))
        name = "grunnkrets_bydel.csv"
        query = """
            select grunnkretsnummer, grunnkretsnavn, bydelsnummer, bydelsnavn
            from grunnkrets
            where bydelsnummer is not null
            order by grunnkretsnummer
        """
        writer.add(name, write_table(connection, query, writer.folder / name, ";"))
