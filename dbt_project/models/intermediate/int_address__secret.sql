-- What nobody may learn, as keys of places (macros/protection/places.sql) with the number of the dwelling, where it is
-- told: where a person with a protected address (fortrolig, strengt fortrolig) lives, stays or has post sent now, an
-- address that is so graded itself, whatever Matrikkelen says is the same place, and the names under which others
-- would send post there. None when PREG_HOUSEHOLD_PROTECTION is none (docs/protection.md).
{{ config(materialized='table') }}
with entries as (
    select
        entries.*,
        protection.grade as person_grade,
        present.present_kommunenummer as present_st,
        {{ dwelling_number('entries.apartment_number') }} as dwelling_number,
        {{ place_columns('entries') }}
    from {{ ref('int_address__entry') }} as entries
    inner join {{ ref('int_person__protection') }} as protection
        on
            entries.document_number = protection.document_number
            and (protection.is_present or protection.is_last_of_nobody_present)
    left join {{ ref('int_kommune__present') }} as present on entries.st = present.kommunenummer
    where
        entries.is_current
        and (protection.grade is not null or entries.grade in ('fortrolig', 'strengtFortrolig'))
        and '{{ env_var("PREG_HOUSEHOLD_PROTECTION", "dwelling") }}' = 'dwelling'
),

names as (
    select
        persons.fornavn,
        persons.mellomnavn,
        persons.etternavn
    from {{ ref('stg_freg__person') }} as persons
    inner join {{ ref('int_person__protection') }} as protection
        on persons.document_number = protection.document_number
        and protection.is_present and protection.grade is not null
    where '{{ env_var("PREG_HOUSEHOLD_PROTECTION", "dwelling") }}' = 'dwelling'
),

-- Identifiers that Matrikkelen has given to one address, one after the other.
identified as (
    select
        entries.*,
        known.uuid_adresse
    from entries
    left join {{ ref('stg_matrikkel__identifier') }} as known on entries.matrikkel_address_id = known.adresse_id
),

sought as (
    select
        matrikkel_address_id as adresse_id,
        uuid_adresse,
        {{ street_key('coalesce(present_st, st)', 'street_number', house_digits('house_number', 'house_letter'),
            house_letters('house_number', 'house_letter')) }} as street_key,
        {{ street_name_key('street_name', house_digits('house_number', 'house_letter'),
            house_letters('house_number', 'house_letter'), 'postal_code') }} as street_name_key,
        coalesce(present_st, st) || '|' || cadastral_number || '|' || property_number as plot,
        leasehold_number,
        dwelling_number
    from identified
),

same_place as (
    select
        addresses.*,
        sought.dwelling_number
    from {{ ref('int_matrikkel__adresse') }} as addresses
    inner join sought on addresses.adresse_id = sought.adresse_id
    union all
    select
        addresses.*,
        sought.dwelling_number
    from {{ ref('int_matrikkel__adresse') }} as addresses
    inner join {{ ref('stg_matrikkel__identifier') }} as known on addresses.adresse_id = known.adresse_id
    inner join sought on known.uuid_adresse = sought.uuid_adresse
    union all
    select
        addresses.*,
        sought.dwelling_number
    from {{ ref('int_matrikkel__adresse') }} as addresses
    inner join sought on addresses.street_key = sought.street_key
    union all
    select
        addresses.*,
        sought.dwelling_number
    from {{ ref('int_matrikkel__adresse') }} as addresses
    inner join sought on addresses.street_name_key = sought.street_name_key
    union all
    select
        addresses.*,
        sought.dwelling_number
    from {{ ref('int_matrikkel__adresse') }} as addresses
    inner join sought
        on addresses.kommunenummer || '|' || addresses.gardsnummer || '|' || addresses.bruksnummer = sought.plot
    where
        coalesce(addresses.festenummer, 0) = coalesce(sought.leasehold_number, 0)
        or coalesce(addresses.festenummer, 0) = 0
        or coalesce(sought.leasehold_number, 0) = 0
),

of_matrikkel as (
    select
        {{ address_shape({
            'st': 'kommunenummer', 'street_name': 'adressenavn', 'street_number': 'adressekode', 'house_number': 'nummer',
            'house_letter': 'bokstav', 'cadastral_number': 'gardsnummer', 'property_number': 'bruksnummer',
            'leasehold_number': 'festenummer', 'postal_code': 'postnummer', 'matrikkel_address_id': 'adresse_id',
        }) }},
        cast(null as varchar) as present_st,
        dwelling_number
    from same_place
),

bare_of_matrikkel as (
    select
        *,
        {{ place_columns('of_matrikkel') }}
    from of_matrikkel
),

keyed as (
    select
        {{ place_keys('entries', as_secret=true) }} as keys,
        dwelling_number
    from entries
    union all
    select
        {{ place_keys('bare_of_matrikkel', as_secret=true) }} as keys,
        dwelling_number
    from bare_of_matrikkel
    union all
    select
        {{ keys_of_names('fornavn', 'mellomnavn', 'etternavn') }} as keys,
        cast(null as varchar) as dwelling_number
    from names
),

final as (
    select distinct
        {{ one_row_each('keys') }} as key,
        dwelling_number
    from keyed
)

select * from final
