-- The keys of protected places (macros/place.sql) with the number of the dwelling, where it is given: where a person
-- with a protected address (fortrolig, strengt fortrolig) lives, stays or has post sent now, an address that is so
-- graded itself, all that is the same place by Matrikkelen or by anybody's document, and the names under which others
-- would send post there. None when PREG_HOUSEHOLD_PROTECTION is none (docs/protection.md).
{{ config(materialized='table') }}
-- Few rows of many: put together before their place's names are read, which costs as much for a few rows as for many
-- (int_persontjenesten__address).
with few_entries as materialized (
    select
        entries.*,
        protection.grade as person_grade,
        present.present_kommunenummer as present_st
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

entries as (
    select
        *,
        place.dwelling_number(apartment_number) as dwelling_number,
        {{ place_columns('few_entries') }}
    from few_entries
),

-- Every name that a protected person has or had, in any document, and where the person lives.
documents_of_protected as (
    select distinct
        every.document_number,
        every.person_nin
    from {{ ref('int_person__protection') }} as every
    inner join {{ ref('int_person__protection') }} as present
        on every.person_nin = present.person_nin and present.is_present and present.grade is not null
    where '{{ env_var("PREG_HOUSEHOLD_PROTECTION", "dwelling") }}' = 'dwelling'
),

named as (
    select
        protected.person_nin,
        unnest(documents.folkeregisterperson.navn) as navn
    from {{ ref('stg_freg__dokument') }} as documents
    inner join documents_of_protected as protected on documents.document_number = protected.document_number
),

postal_codes as (
    select distinct
        protected.person_nin,
        text.left_padded(trim(entries.postal_code), 4) as postal_code
    from entries
    inner join documents_of_protected as protected on entries.document_number = protected.document_number
    where coalesce(entries.country, 'NO') = 'NO' and entries.postal_code is not null
),

parts_of_names as (
    select
        person_nin,
        navn.fornavn,
        navn.mellomnavn,
        navn.etternavn
    from named
    union
    select
        person_nin,
        navn.originaltnavn.fornavn,
        navn.originaltnavn.mellomnavn,
        navn.originaltnavn.etternavn
    from named
),

names as (
    select
        parts_of_names.*,
        postal_codes.postal_code
    from parts_of_names
    left join postal_codes on parts_of_names.person_nin = postal_codes.person_nin
),

-- Identifiers that Matrikkelen has given to one address, one after the other.
identified as (
    select distinct
        entries.*,
        known.uuid_adresse
    from entries
    left join {{ ref('stg_matrikkel__identifier') }} as known
        on place.address_identifier(entries.matrikkel_address_id) = place.address_identifier(known.adresse_id)
),

sought as (
    select
        place.address_identifier(matrikkel_address_id) as adresse_id,
        uuid_adresse,
        matrikkel.street_key(
            coalesce(present_st, st),
            street_number,
            place.house_digits(house_number, house_letter),
            place.house_letters(house_number, house_letter)
        ) as street_key,
        matrikkel.street_name_key(
            street_name,
            place.house_digits(house_number, house_letter),
            place.house_letters(house_number, house_letter),
            postal_code
        ) as street_name_key,
        coalesce(present_st, st) || '|' || cadastral_number || '|' || property_number as plot,
        leasehold_number,
        dwelling_number
    from identified
),

-- What Matrikkelen says is the same place, and what it was called before, by any identifier.
same_place as (
    {%- set addresses = ref('int_matrikkel__adresse') %}
    {%- set ever = ref('stg_matrikkel__identifier') %}
    {%- for relation in [addresses, ever] %}
    {%- do must_have(relation, [
        'adresse_id', 'kommunenummer', 'adressekode', 'adressenavn', 'nummer', 'bokstav', 'adressetilleggsnavn', 'gardsnummer',
        'bruksnummer', 'festenummer', 'postnummer', 'poststed', 'oest', 'nord'
    ]) %}
    {%- endfor %}
    {%- for relation, condition in [
        (addresses, 'place.address_identifier(addresses.adresse_id) = sought.adresse_id'),
        (addresses, 'addresses.street_key = sought.street_key'),
        (addresses, 'addresses.street_name_key = sought.street_name_key'),
        (addresses, "addresses.kommunenummer || '|' || addresses.gardsnummer || '|' || addresses.bruksnummer = sought.plot"
            ~ ' and (coalesce(addresses.festenummer, 0) = coalesce(sought.leasehold_number, 0)'
            ~ ' or coalesce(addresses.festenummer, 0) = 0 or coalesce(sought.leasehold_number, 0) = 0)'),
        (ever, 'place.address_identifier(addresses.adresse_id) = sought.adresse_id'),
        (ever, 'addresses.uuid_adresse = sought.uuid_adresse'),
    ] %}
    select
        addresses.*,
        sought.dwelling_number
    from {{ relation }} as addresses
    inner join sought on {{ condition }}
    {{ 'union all by name' if not loop.last }}
    {%- endfor %}
),

-- How others' documents, of any day, write an address with the same identifier.
written_elsewhere as (
    select distinct
        others.place_key,
        sought.dwelling_number
    from {{ ref('int_address__entry') }} as others
    inner join sought on place.address_identifier(others.matrikkel_address_id) = sought.adresse_id
),

few_others as materialized (
    select
        others.*,
        present.present_kommunenummer as present_st,
        written_elsewhere.dwelling_number,
        row_number() over (
            partition by others.place_key, written_elsewhere.dwelling_number
            order by others.document_number
        ) as row_rank
    from {{ ref('int_address__entry') }} as others
    inner join written_elsewhere on others.place_key = written_elsewhere.place_key
    left join {{ ref('int_kommune__present') }} as present on others.st = present.kommunenummer
),

others as (
    select
        *,
        {{ place_columns('few_others') }}
    from few_others
    where row_rank = 1
),

-- In the columns of an address; those that Matrikkelen does not have, `protected` fills.
of_matrikkel as (
    select distinct
        kommunenummer as st,
        adressenavn as street_name,
        cast(adressekode as varchar) as street_number,
        cast(nummer as varchar) as house_number,
        bokstav as house_letter,
        gardsnummer as cadastral_number,
        bruksnummer as property_number,
        festenummer as leasehold_number,
        adressetilleggsnavn as additional_name,
        postnummer as postal_code,
        poststed as postal_place,
        adresse_id as matrikkel_address_id,
        place.bare_street(adressenavn) as bare_street,
        place.bare_house(nummer, bokstav) as bare_house,
        oest,
        nord,
        dwelling_number
    from same_place
),

protected as (
    select * from entries
    union all by name
    select * from of_matrikkel
    union all by name
    select * from others
),

keyed as (
    select
        place.keys(protected, as_protected := true) as keys,
        dwelling_number
    from protected
    union all
    select
        place.position_keys(oest, nord) as keys,
        dwelling_number
    from of_matrikkel
    union all
    select
        place.keys_of_person_names(fornavn, mellomnavn, etternavn, postal_code) as keys,
        cast(null as varchar) as dwelling_number
    from names
),

final as (
    select distinct
        unnest(keys) as key,
        dwelling_number
    from keyed
)

select * from final
