"""Protection: the address of a fortrolig or strengt fortrolig person is nowhere in the candidate.

Looks at Freg's documents directly, not at what the models made of them: who is protected now, and at which addresses
the documents say that they live or stay. Then it searches the candidate: rows of such a person with any content, and
rows of anybody at such a dwelling.
"""

from __future__ import annotations

import duckdb

from quality.expectations import ADDRESS_CONTENT
from quality.result import CheckResult, CheckSpec, Severity

# What Freg calls a protected address. A client address hides itself only, and is checked as an expectation.
_GRADES = "('fortrolig', 'strengtFortrolig')"

_PROTECTED = f"""
    create or replace temp table protected_document as
    with graded as (
        select
            document_number,
            folkeregisterperson as person,
            len(list_filter(
                folkeregisterperson.adressebeskyttelse,
                lambda entry: entry.graderingsnivaa in {_GRADES}
                    and coalesce(entry.erGjeldende, entry.opphoerstidspunkt is null)
            )) > 0 as is_protected
        from raw.freg_document
        where document_number in (select document_number from intermediate.int_person__current)
    )
    select
        graded.document_number,
        current_person.nin,
        coalesce(is_protected, false) as is_protected,
        person.bostedsadresse as bostedsadresse,
        person.oppholdsadresse as oppholdsadresse
    from graded
    inner join intermediate.int_person__current as current_person using (document_number)
"""

_DWELLINGS = f"""
    create or replace temp table protected_place as
    with lodgings as (
        select is_protected, unnest(bostedsadresse) as entry, bostedsadresse is null as nothing
        from protected_document
        where bostedsadresse is not null
    ),
    stays as (
        select is_protected, unnest(oppholdsadresse) as entry
        from protected_document
        where oppholdsadresse is not null
    ),
    places as (
        select is_protected, entry.erGjeldende as is_current, entry.opphoerstidspunkt as ended,
            entry.adressegradering as grade, entry.vegadresse as street, entry.matrikkeladresse as plot
        from lodgings
        union all
        select is_protected, entry.erGjeldende, entry.opphoerstidspunkt,
            entry.adressegradering, entry.vegadresse, entry.matrikkeladresse
        from stays
    )
    select distinct
        coalesce(street.kommunenummer, plot.matrikkelnummer.kommunenummer) as st,
        lower(trim(street.adressenavn)) as street_name,
        try_cast(street.adressenummer.husnummer as integer) as house_number,
        lower(street.adressenummer.husbokstav) as house_letter,
        cast(plot.matrikkelnummer.gaardsnummer as varchar) as cadastral_number,
        cast(plot.matrikkelnummer.bruksnummer as varchar) as property_number,
        coalesce(street.bruksenhetsnummer, plot.bruksenhetsnummer) as apartment_number
    from places
    where coalesce(is_current, ended is null)
        and (is_protected or grade in {_GRADES})
        and (street.adressenavn is not null or plot.matrikkelnummer.gaardsnummer is not null)
"""


def _spec(name: str, about: str) -> CheckSpec:
    return CheckSpec(
        name,
        "protection",
        about,
        Severity.BLOCK,
        "somebody's life may depend on nobody learning this address",
        "do not publish: find out how it got past dbt_project/models/intermediate/int_address__chosen.sql",
    )


OWN_ADDRESS = _spec("protected_person_has_no_address", "preg_address")
SHARED_DWELLING = _spec("protected_dwelling_is_nowhere", "preg_address")
COMPARED_ADDRESS = _spec("protected_address_is_not_compared", "field_comparison_differences")
PROTECTION_CHECKS = (OWN_ADDRESS, SHARED_DWELLING, COMPARED_ADDRESS)


def search_protected(
    warehouse: duckdb.DuckDBPyConnection, candidate_alias: str, dwellings_too: bool
) -> list[CheckResult]:
    """Search the candidate, attached to the warehouse as `candidate_alias`.

    dwellings_too: whether nobody else's address may be that of a protected dwelling either.
    """
    warehouse.execute(_PROTECTED)
    warehouse.execute(_DWELLINGS)
    content = " or ".join(f"address.{column} is not null" for column in ADDRESS_CONTENT)
    (own,) = warehouse.execute(
        f"""
        select count(*)
        from {candidate_alias}.preg_address as address
        where nin in (select nin from protected_document where is_protected) and ({content})
        """
    ).fetchall()[0]
    (shared,) = warehouse.execute(
        f"""
        select count(*)
        from {candidate_alias}.preg_address as address
        inner join protected_place as place
            on address.st = place.st
            and lower(trim(address.street_name)) is not distinct from place.street_name
            and address.house_number is not distinct from place.house_number
            and lower(address.house_letter) is not distinct from place.house_letter
            and address.cadastral_number is not distinct from place.cadastral_number
            and address.property_number is not distinct from place.property_number
            and address.apartment_number is not distinct from place.apartment_number
        """
    ).fetchall()[0]
    (compared,) = warehouse.execute(
        f"""
        select count(*)
        from {candidate_alias}.field_comparison_differences
        where entity = 'Address'
            and field <> 'postal_type'
            and (left_value is not null or right_value is not null)
            and nin in (select nin from protected_document where is_protected)
        """
    ).fetchall()[0]
    return [
        OWN_ADDRESS.result(own),
        SHARED_DWELLING.result(shared if dwellings_too else 0),
        COMPARED_ADDRESS.result(compared),
    ]
