-- The present address of each of Persontjenesten's persons in PREG's words, by the rules of preg_address.
{{ config(
    materialized='incremental', incremental_strategy='append',
    pre_hook="{{ forget_touched('persontjenesten_id', ref('int_touched__persontjenesten_person')) }}"
) }}
with entries as (
    select
        addresses.*,
        row_number() over (
            partition by addresses.document_number
            order by
                {{ address_type_rank('addresses.address_type') }},
                addresses.starts_on desc nulls last,
                addresses.registered_at desc nulls last
        ) as choice
    from {{ ref('stg_persontjenesten__address') }} as addresses
    where
        addresses.is_current
        and {{ only_touched('addresses.persontjenesten_id', ref('int_touched__persontjenesten_person')) }}
),

postal_entries as (
    select
        *,
        cast(null as varchar) as present_st,
        {{ place_columns('entries') }},
        row_number() over (
            partition by document_number
            order by {{ address_type_rank('address_type') }}, starts_on desc nulls last, registered_at desc nulls last
        ) as postal_choice
    from entries
    where
        address_type in ('postadresse', 'postadresseIUtlandet')
        and coalesce(grade, 'Unclassified') = 'Unclassified'
),

postal as (
    select
        postal_entries.document_number,
        {{ address_lines('postal_entries', street_line('postal_entries')) }} as lines,
        postal_entries.postal_code,
        postal_entries.postal_place,
        case when postal_entries.is_abroad then country.landnavn end as country_abroad,
        postal_entries.starts_on,
        {{ place_keys('postal_entries') }} as place_keys
    from postal_entries
    left join {{ ref('landkode') }} as country on postal_entries.country = country.iso_alfa2
    where postal_entries.postal_choice = 1
),

stays as (
    select
        document_number,
        stay,
        row_number() over (
            partition by document_number
            order by starts_on desc nulls last, registered_at desc nulls last
        ) as choice
    from entries
    where address_type = 'oppholdsadresse' and stay is not null
),

persons as (
    select
        document_number,
        persontjenesten_id,
        protection_level,
        protection_level_from
    from {{ ref('stg_persontjenesten__person') }}
    where {{ only_touched('persontjenesten_id', ref('int_touched__persontjenesten_person')) }}
),

chosen as (
    select
        persons.document_number,
        persons.persontjenesten_id,
        persons.protection_level_from,
        {{ all_except('entries', ['document_number', 'persontjenesten_id']) }},
        {{ strictest_grade('persons.protection_level', 'entries.grade', 'StrictlyConfidential', 'Confidential',
            'ClientAddress') }} as grade_in_force,
        stays.stay as stay_in_force,
        present.present_kommunenummer as present_st,
        {{ place_columns('entries') }}
    from persons
    left join entries on persons.document_number = entries.document_number and entries.choice = 1
    left join stays on persons.document_number = stays.document_number and stays.choice = 1
    left join {{ ref('int_kommune__present') }} as present on entries.st = present.kommunenummer
    where
        entries.document_number is not null
        or persons.protection_level in ('Confidential', 'StrictlyConfidential')
),

addresses as (
    select
        chosen.*,
        grade_code.code as grade_code,
        stay_code.code as stay_code,
        coalesce(country.landnavn, case when chosen.st is not null then 'Norge' end) as landnavn,
        postal.lines as postal_lines,
        postal.postal_code as line_postal_code,
        postal.postal_place as line_postal_place,
        postal.country_abroad as line_country,
        postal.starts_on as postal_starts_on,
        {{ place_keys('chosen') }} as own_place_keys,
        postal.place_keys as postal_place_keys
    from chosen
    {{ code_list_join('grade_code', 'PostalType', 'persontjenesten', 'chosen.grade_in_force') }}
    {{ code_list_join('stay_code', 'PostalType', 'persontjenesten', 'chosen.stay_in_force') }}
    left join {{ ref('landkode') }} as country on chosen.country = country.iso_alfa2
    left join postal on chosen.document_number = postal.document_number
),

final as (
    select
        document_number,
        persontjenesten_id,
        {{ first_known(['starts_on', 'valid_from']) }} as date_adr_from,
        {{ postal_type('grade_code', 'is_unknown_residence', 'stay_code') }} as postal_type,
        {{ first_known(['protection_level_from', 'valid_from']) }} as date_postal_type,
        {{ as_is('st') }} as st,
        {{ in_capitals('municipality') }} as municipality,
        {{ as_is('street_name') }} as street_name,
        {{ as_is('street_number') }} as street_number,
        {{ house_number('house_number') }} as house_number,
        {{ as_is('house_letter') }} as house_letter,
        {{ as_is('apartment_number') }} as apartment_number,
        {{ text_of_number('cadastral_number') }} as cadastral_number,
        {{ text_of_number('property_number') }} as property_number,
        {{ at_most('co_address', 25) }} as co_address,
        {{ postal_line('postal_lines', 'line_postal_code', 'line_postal_place', 'line_country', 1) }} as address_line1,
        {{ postal_line('postal_lines', 'line_postal_code', 'line_postal_place', 'line_country', 2) }} as address_line2,
        {{ postal_line('postal_lines', 'line_postal_code', 'line_postal_place', 'line_country', 3) }} as address_line3,
        {{ computed_street_line('addresses') }} as postal_address,
        {{ postal_valid_from('postal_starts_on', 'postal_lines', 'line_postal_code', 'line_postal_place') }}
            as postal_address_valid_from,
        {{ as_is('postal_code') }} as postal_code,
        {{ in_capitals('postal_place') }} as postal_place,
        {{ country_name('addresses') }} as country,
        {{ as_is('district_code') }} as district_code,
        {{ as_is('district_name') }} as district_name,
        cast(coalesce(basic_statistical_unit, {{ grunnkrets_within_kommune('grunnkrets_number') }}) as integer)
            as basic_statistical_unit,
        {{ number_of_krets('constituency', 'null', 'address_type') }} as constituency,
        {{ number_of_krets('school_district', 'null', 'address_type') }} as school_district,
        service_district_code as district_code_meaning,
        service_district_name as district_name_meaning,
        grade_in_force as postal_type_value,
        {{ list_concat(['own_place_keys', 'postal_place_keys']) }} as place_keys
    from addresses
)

select * from final
