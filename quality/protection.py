"""Protection: the address of a fortrolig or strengt fortrolig person is nowhere in the candidate.

Looks at Freg's documents directly, not at what the models made of them: who is protected, now and in earlier documents,
and at which addresses the documents say that they lived or stayed then. Then it searches the candidate: rows of such a
person with any content, rows of anybody at such a dwelling, and what PREG showed before of where the person was
protected.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import duckdb

from ingest.contracts.places import TELLS_A_PLACE
from quality.last_release import ALIAS
from quality.registry import check
from quality.result import CheckResult

# An address is open when Freg says exactly so, or says nothing; a client address hides itself only, and is checked
# as an expectation. Every other grade, in any spelling, is protected.
_OPEN = "('ugradert', 'klientadresse')"
IS_SECRET = f"coalesce({{0}}, 'ugradert') not in {_OPEN}"
# Signs alone, and what says that there is none, name no street: nobody's place.
NAMES_A_STREET = (
    "regexp_matches({0}, '[\\p{{L}}\\p{{N}}]')"
    " and not regexp_full_match(lower(trim({0})), '(uten fast|ukjent)( (bopel|bosted|bolig|adresse))?')"
)
_IS_GRADED = IS_SECRET.format("entry.adressegradering")
_ADDRESSES = ("bostedsadresse", "oppholdsadresse", "delt_bosted", "postadresse", "postadresse_i_utlandet")

# Documents in which the person, or an address, is protected: the present ones, and those of earlier states. A person is
# protected who is so by the document, or by the relation that the models use (the person's other records, what was said
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
            folkeregisterperson.oppholdsadresse as oppholdsadresse,
            folkeregisterperson.deltBosted as delt_bosted,
            folkeregisterperson.postadresse as postadresse,
            folkeregisterperson.postadresseIUtlandet as postadresse_i_utlandet
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
        {" ".join(f"or len(list_filter({element}, lambda entry: {_IS_GRADED})) > 0" for element in _ADDRESSES)}
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
        nullif(lower(trim(street.adressenavn)), '') as street_name,
        try_cast(street.adressenummer.husnummer as integer) as house_number,
        lower(street.adressenummer.husbokstav) as house_letter,
        cast(plot.matrikkelnummer.gaardsnummer as varchar) as cadastral_number,
        cast(plot.matrikkelnummer.bruksnummer as varchar) as property_number,
        coalesce(street.bruksenhetsnummer, plot.bruksenhetsnummer) as apartment_number
    from places
    where coalesce(is_current, ended is null or ended > now())
        and (is_protected or {IS_SECRET.format("grade")})
        -- What is published has no festenummer, and no number that is none: a plot with one, or a house 12 B in the
        -- number, cannot be distinguished from its neighbours there.
        and (
            (
                {NAMES_A_STREET.format("street.adressenavn")}
                and (
                    street.adressenummer.husnummer is null
                    or try_cast(street.adressenummer.husnummer as integer) is not null
                )
            )
            or (plot.matrikkelnummer.gaardsnummer > 0 and coalesce(plot.matrikkelnummer.festenummer, 0) = 0)
        )
"""


# Persons whose protection a delivery may leave out without approval: at most this many, or this share of all protected.
_SILENT_AT_MOST = 2
_SILENT_SHARE = 0.05
_LISTED = 100


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
    content = TELLS_A_PLACE
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
        check("protected_person_has_no_address").result(own),
        check("protected_dwelling_is_nowhere").result(shared if dwellings_too else 0),
        check("protected_person_has_no_earlier_address").result(earlier),
        check("protected_dwelling_is_not_in_the_past").result(former_dwelling + earlier_dwelling),
        check("protected_address_is_not_logged").result(logged),
        check("protected_address_is_not_compared").result(compared),
    ]


def check_losses(
    warehouse: duckdb.DuckDBPyConnection,
    candidate: str,
    last_tables: set[str],
    last_document: int,
    mask: Callable[[str], str],
) -> list[CheckResult]:
    """What has become of protection since the last release, where it is attached; needs `list_protected`.

    last_document: the last document that the release was built from.
    """
    return [
        _lost(warehouse, candidate, mask) if "preg_address" in last_tables else check("protection_is_lost").result(0),
        _no_longer_told(warehouse, last_document if last_tables else None, mask),
        _unknown_grades(warehouse),
    ]


def _lost(warehouse: duckdb.DuckDBPyConnection, candidate: str, mask: Callable[[str], str]) -> CheckResult:
    """Persons, under any number, whose address the last release protected and who are shown now, or are gone."""
    lost = warehouse.execute(
        f"""
        with protected as (
            select distinct coalesce(numbers.nin, before.nin) as nin
            from {ALIAS}.preg_address as before
            left join {candidate}.person_number as numbers on before.nin = numbers.number
            where before.current_address and before.postal_type in (4, 6, 7)
        )
        select nin from protected
        where nin in (
            select nin from {candidate}.preg_address
            where current_address and enrichment_method is distinct from 'hidden'
        )
        -- Who is gone protects nobody who lived with them.
        or nin not in (select nin from {candidate}.preg_person)
        order by nin
        """
    ).fetchall()
    return check("protection_is_lost").result(len(lost), sorted(mask(str(nin)) for (nin,) in lost)[:_LISTED])


def _no_longer_told(
    warehouse: duckdb.DuckDBPyConnection, last_document: int | None, mask: Callable[[str], str]
) -> CheckResult:
    """Protected persons of whom a document since the last release says nothing of protection."""
    if last_document is None:
        return check("protection_is_no_longer_told").result(0)
    silent = warehouse.execute(
        """
        select distinct protection.nin
        from intermediate.int_person__protection as protection
        inner join staging.stg_freg__person as persons using (document_number)
        where protection.is_present and protection.grade is not null
            and persons.stated_protection is null and document_number > ?
        """,
        [last_document],
    ).fetchall()
    ((all_protected,),) = warehouse.execute(
        "select count(*) from intermediate.int_person__protection where is_present and grade is not null"
    ).fetchall()
    result = check("protection_is_no_longer_told").result(
        len(silent), sorted(mask(str(nin)) for (nin,) in silent)[:_LISTED]
    )
    return replace(result, needs_approval=len(silent) > max(_SILENT_AT_MOST, _SILENT_SHARE * all_protected))


def _unknown_grades(warehouse: duckdb.DuckDBPyConnection) -> CheckResult:
    """Grades of present documents that Freg's code list does not have, with how often each; a text that is no word is
    not shown."""
    addresses = " union all ".join(
        f"select unnest({element}).adressegradering as grade from protected_document where is_present"
        for element in _ADDRESSES
    )
    found = warehouse.execute(
        f"""
        with of_persons as (
            select unnest(folkeregisterperson.adressebeskyttelse).graderingsnivaa as grade
            from raw.freg_document
            where document_number in (select document_number from protected_document where is_present)
        ),
        grades as (
            select coalesce(grade, '(none)') as grade from of_persons
            where grade is null or grade not in ('ugradert', 'fortrolig', 'strengtFortrolig')
            union all
            select grade from ({addresses})
            where grade not in ('ugradert', 'klientadresse', 'fortrolig', 'strengtFortrolig')
        )
        select
            case when regexp_full_match(grade, '[[:alpha:] ()]{{0,40}}') then '"' || grade || '"'
                else 'a text of ' || length(grade) || ' characters' end as shown,
            count(*)
        from grades
        group by shown
        order by count(*) desc, shown
        """
    ).fetchall()
    return check("protection_grade_is_known").result(
        sum(count for _, count in found), [f"{shown}: {count}" for shown, count in found[:10]]
    )
