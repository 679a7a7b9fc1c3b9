-- The addresses of PREG, each field by the rule that `field_mapping` names: as PREG shows them, and as it showed them
-- before (int_person__state). A hidden address is a row with its kind, and nothing that says where it is. Where
-- `is_in_preg` is false, PREG does not show the address; it stands in preg_other_address.
{{ config(
    materialized='incremental', incremental_strategy='append',
    pre_hook="{{ forget_touched('person_nin', ref('int_touched__person')) }}"
) }}
with enriched as (
    select
        *,
        -- The day whose name of the kommune is told: today's where the address holds.
        case
            when is_current then date '9999-12-31'
            else coalesce(valid_to, starts_on, valid_from, date '9999-12-31')
        end as named_on
    from {{ ref('int_address__enriched') }} as enriched
    where {{ only_just_built('enriched') }}
),

addresses as (
    select
        enriched.*,
        case
            when enriched.is_current and enriched.is_in_preg and not enriched.is_hidden then enriched.document_number
        end as postal_key,
        grade_code.code as grade_code,
        stay_code.code as stay_code,
        coalesce(country.landnavn, case when enriched.st is not null then 'Norge' end) as landnavn,
        kommunenavn.kommunenavn
    from enriched
    {{ code_list_join('grade_code', 'PostalType', 'freg', 'enriched.grade_in_force') }}
    {{ code_list_join('stay_code', 'PostalType', 'freg', 'enriched.stay_in_force') }}
    left join {{ ref('landkode') }} as country on enriched.country = country.iso_alfa2
    left join {{ ref('kommunenavn') }} as kommunenavn
        on
            enriched.st = kommunenavn.kommunenummer
            and enriched.named_on between kommunenavn.named_from and kommunenavn.named_to
),

postal as (
    select
        postal.*,
        country.landnavn as country_name
    from {{ ref('int_address__postal') }} as postal
    left join {{ ref('landkode') }} as country on postal.country_abroad = country.iso_alfa2
    where {{ only_just_built('postal') }}
),

with_postal as (
    select
        addresses.*,
        postal.lines as postal_lines,
        postal.postal_code as line_postal_code,
        postal.postal_place as line_postal_place,
        postal.country_name as line_country,
        postal.starts_on as postal_starts_on
    from addresses
    left join postal on addresses.postal_key = postal.document_number
),

final as (
    select
        addresses.document_number,
        addresses.person_nin,
        addresses.is_present,
        addresses.is_in_preg,
        {{ current_number('addresses.nin') }} as nin,
        {{ as_is('addresses.is_current') }} as current_address,
        {{ shown(first_known(['addresses.starts_on', 'addresses.valid_from'])) }} as date_adr_from,
        {{ postal_type('addresses.grade_code', shown('addresses.is_unknown_residence'), shown('addresses.stay_code')) }}
            as postal_type,
        {{ first_known(['addresses.person_grade_from', shown('addresses.valid_from')]) }} as date_postal_type,
        {{ shown(as_is('addresses.st')) }} as st,
        {{ shown(municipality_name('addresses.kommunenavn', 'addresses.matrikkel_municipality')) }} as municipality,
        {{ shown(as_is('addresses.street_name')) }} as street_name,
        {{ shown(as_is('addresses.street_number')) }} as street_number,
        {{ shown(house_number('addresses.house_number')) }} as house_number,
        {{ shown(as_is('addresses.house_letter')) }} as house_letter,
        {{ shown(as_is('addresses.apartment_number')) }} as apartment_number,
        {{ shown(text_of_number('addresses.cadastral_number')) }} as cadastral_number,
        {{ shown(text_of_number('addresses.property_number')) }} as property_number,
        {{ shown(at_most('addresses.co_address', 25)) }} as co_address,
        {{ shown(postal_line('addresses.postal_lines', 'addresses.line_postal_code', 'addresses.line_postal_place',
            'addresses.line_country', 1)) }} as address_line1,
        {{ shown(postal_line('addresses.postal_lines', 'addresses.line_postal_code', 'addresses.line_postal_place',
            'addresses.line_country', 2)) }} as address_line2,
        {{ shown(postal_line('addresses.postal_lines', 'addresses.line_postal_code', 'addresses.line_postal_place',
            'addresses.line_country', 3)) }} as address_line3,
        {{ shown(computed_street_line('addresses')) }} as postal_address,
        {{ shown(postal_valid_from('addresses.postal_starts_on', 'addresses.postal_lines', 'addresses.line_postal_code',
            'addresses.line_postal_place')) }} as postal_address_valid_from,
        {{ shown(as_is('addresses.postal_code')) }} as postal_code,
        {{ shown(in_capitals('addresses.postal_place')) }} as postal_place,
        {{ shown(country_name('addresses')) }} as country,
        {{ shown(as_is('addresses.district_code')) }} as district_code,
        {{ shown(first_known(['addresses.district_name'])) }} as district_name,
        {{ shown(grunnkrets_within_kommune('addresses.grunnkrets_number')) }} as basic_statistical_unit,
        {{ shown(number_of_krets('addresses.constituency', 'addresses.matrikkel_constituency',
            'addresses.address_type')) }} as constituency,
        {{ shown(number_of_krets('addresses.school_district', 'addresses.matrikkel_school_district',
            'addresses.address_type')) }} as school_district,
        {{ shown(as_is('addresses.x_coord')) }} as x_coord,
        {{ shown(as_is('addresses.y_coord')) }} as y_coord,
        {{ shown(as_is('addresses.grunnkrets_number')) }} as grunnkrets_number,
        {{ shown(as_is('addresses.grunnkrets_name')) }} as grunnkrets_name,
        {{ shown(as_is('addresses.service_district_code')) }} as service_district_code,
        {{ shown(as_is('addresses.service_district_name')) }} as service_district_name,
        {{ shown(as_is('addresses.present_st')) }} as present_st,
        {{ shown(as_is('addresses.valid_to')) }} as valid_to,
        addresses.enrichment_method,
        addresses.enrichment_reason,
        addresses.address_type
    from with_postal as addresses
)

select * from final
