"""Protection: the address of a fortrolig or strengt fortrolig person is nowhere in the candidate.

Looks at Freg's documents directly, not at what the models made of them: who is protected, now and in earlier documents,
and at which addresses the documents say that they lived or stayed then. Then it searches the candidate: rows of such a
person with any content, rows of anybody at such a dwelling, and what PREG showed before of where the person was
protected.
"""

from __future__ import annotations

import duckdb

from quality.expectations import ADDRESS_CONTENT
from quality.owners import PROTECTION
from quality.result import CheckResult, CheckSpec, Severity

# An address is open when Freg says exactly so, or says nothing; a client address hides itself only, and is checked
# as an expectation. Every other grade, in whatever spelling, is protected.
_OPEN = "('ugradert', 'klientadresse')"
IS_SECRET = f"coalesce({{0}}, 'ugradert') not in {_OPEN}"

# Documents in which the person, or an address, is protected: the present ones, and those of earlier states. A person is
# protected who is so by the document, or by the relation that the models use (the person's other records, what was told
# before).
_PROTECTED = f"""
    create or replace temp table protected_document as
    with graded as (
        select
            document_number,
            len(list_filter(
                coalesce(folkeregisterperson.adressebeskyttelse, []),
                lambda entry: entry.graderingsnivaa is distinct from 'ugradert'
                    and coalesce(entry.erGjeldende, entry.opphoerstidspunkt is null)
            )) > 0 as is_graded,
            folkeregisterperson.bostedsadresse as bostedsadresse,
            folkeregisterperson.oppholdsadresse as oppholdsadresse
        from raw.freg_document
    ),
    states as (
        select
            graded.*,
            protection.nin,
            protection.person_nin,
            protection.is_present,
            graded.is_graded or protection.grade is not null as is_protected
        from graded
        inner join intermediate.int_person__protection as protection using (document_number)
    )
    select * exclude (is_graded)
    from states
    where is_protected
        or len(list_filter(bostedsadresse, lambda entry: {IS_SECRET.format("entry.adressegradering")})) > 0
        or len(list_filter(oppholdsadresse, lambda entry: {IS_SECRET.format("entry.adressegradering")})) > 0
"""

_DWELLINGS = f"""
    create or replace temp table protected_place as
    with lodgings as (
        select person_nin, is_present, is_protected, unnest(bostedsadresse) as entry
        from protected_document
    ),
    stays as (
        select person_nin, is_present, is_protected, unnest(oppholdsadresse) as entry
        from protected_document
    ),
    places as (
        select person_nin, is_present, is_protected, entry.erGjeldende as is_current, entry.opphoerstidspunkt as ended,
            entry.adressegradering as grade, entry.vegadresse as street, entry.matrikkeladresse as plot
        from lodgings
        union all
        select person_nin, is_present, is_protected, entry.erGjeldende, entry.opphoerstidspunkt,
            entry.adressegradering, entry.vegadresse, entry.matrikkeladresse
        from stays
    )
    select distinct
        person_nin,
        is_present,
        coalesce(street.kommunenummer, plot.matrikkelnummer.kommunenummer) as st,
        lower(trim(street.adressenavn)) as street_name,
        try_cast(street.adressenummer.husnummer as integer) as house_number,
        lower(street.adressenummer.husbokstav) as house_letter,
        cast(plot.matrikkelnummer.gaardsnummer as varchar) as cadastral_number,
        cast(plot.matrikkelnummer.bruksnummer as varchar) as property_number,
        coalesce(street.bruksenhetsnummer, plot.bruksenhetsnummer) as apartment_number
    from places
    where coalesce(is_current, ended is null)
        and (is_protected or {IS_SECRET.format("grade")})
        -- What is published has no festenummer: a plot with one is not told from its neighbours there.
        and (
            street.adressenavn is not null
            or (plot.matrikkelnummer.gaardsnummer is not null and coalesce(plot.matrikkelnummer.festenummer, 0) = 0)
        )
"""


def _spec(name: str, about: str) -> CheckSpec:
    return CheckSpec(
        name,
        "protection",
        about,
        Severity.BLOCK,
        "somebody's life may depend on nobody learning this address",
        "do not publish: find out how it got past dbt_project/models/intermediate/int_address__chosen.sql",
        owner=PROTECTION,
    )


OWN_ADDRESS = _spec("protected_person_has_no_address", "preg_address")
SHARED_DWELLING = _spec("protected_dwelling_is_nowhere", "preg_address")
EARLIER_ADDRESS = _spec("protected_person_has_no_earlier_address", "preg_address_earlier")
EARLIER_DWELLING = _spec("protected_dwelling_is_not_in_the_past", "preg_address_earlier")
LOGGED_ADDRESS = _spec("protected_address_is_not_logged", "preg_change_log")
COMPARED_ADDRESS = _spec("protected_address_is_not_compared", "field_comparison_differences")
PROTECTION_CHECKS = (
    OWN_ADDRESS,
    SHARED_DWELLING,
    EARLIER_ADDRESS,
    EARLIER_DWELLING,
    LOGGED_ADDRESS,
    COMPARED_ADDRESS,
)

_PROTECTED_NOW = "(select nin from protected_document where is_present and is_protected)"
_SAME_PLACE = """
    address.st = place.st
    and lower(trim(address.street_name)) is not distinct from place.street_name
    and address.house_number is not distinct from place.house_number
    and lower(address.house_letter) is not distinct from place.house_letter
    and address.cadastral_number is not distinct from place.cadastral_number
    and address.property_number is not distinct from place.property_number
    and address.apartment_number is not distinct from place.apartment_number
"""


def list_protected(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Make the temporary tables `protected_document` and `protected_place`: who is protected, and where they were."""
    warehouse.execute(_PROTECTED)
    warehouse.execute(_DWELLINGS)


def search_protected(
    warehouse: duckdb.DuckDBPyConnection, candidate_alias: str, dwellings_too: bool
) -> list[CheckResult]:
    """Search the candidate, attached to the warehouse as `candidate_alias`; needs `list_protected`.

    dwellings_too: whether nobody else's address may be that of a protected dwelling either.
    """
    content = " or ".join(f"address.{column} is not null" for column in ADDRESS_CONTENT)
    candidate = candidate_alias

    def count(query: str) -> int:
        ((found,),) = warehouse.execute(f"select count(*) from {query}").fetchall()
        return int(found)

    shown = f"(from {candidate}.preg_address union all by name from {candidate}.preg_other_address) as address"
    own = count(f"{shown} where nin in {_PROTECTED_NOW} and ({content})")
    shared = count(f"{shown} inner join protected_place as place on place.is_present and {_SAME_PLACE}")
    earlier = count(f"{candidate}.preg_address_earlier as address where person_nin in {_PROTECTED_NOW} and ({content})")
    former_dwelling = count(
        f"{candidate}.preg_address as address inner join protected_place as place"
        f" on not address.current_address and place.person_nin = address.nin and {_SAME_PLACE}"
    )
    earlier_dwelling = count(
        f"{candidate}.preg_address_earlier as address inner join protected_place as place"
        # Where nobody else may be, for the present; where the person may not have been, for ever.
        f" on ((place.is_present and {dwellings_too}) or place.person_nin = address.person_nin) and {_SAME_PLACE}"
    )
    of_address = "entity = 'Address' and field <> 'postal_type'"
    logged = count(
        f"{candidate}.preg_change_log where {of_address} and field not in ('date_postal_type', 'enrichment_method',"
        f" 'address_type') and nin in {_PROTECTED_NOW}"
    )
    compared = count(
        f"{candidate}.field_comparison_differences where {of_address}"
        f" and (left_value is not null or right_value is not null) and nin in {_PROTECTED_NOW}"
    )
    return [
        OWN_ADDRESS.result(own),
        SHARED_DWELLING.result(shared if dwellings_too else 0),
        EARLIER_ADDRESS.result(earlier),
        EARLIER_DWELLING.result(former_dwelling + earlier_dwelling),
        LOGGED_ADDRESS.result(logged),
        COMPARED_ADDRESS.result(compared),
    ]
