-- The addresses of PREG, each field by its rule in macros/preg_address.sql: as PREG shows them, and as it showed them
-- before (int_person__state). A hidden address is a row with its kind, and nothing that says where it is. Where
-- `is_in_preg` is false, PREG does not show the address; it is in preg_other_address.
{{ rebuilt_for_affected('person_nin', 'int_affected__person') }}
with enriched as (
    select
        *,
        -- The day whose name of the kommune is shown: today's where the address holds.
        case
            when is_current then date '9999-12-31'
            else coalesce(valid_to, starts_on, valid_from, date '9999-12-31')
        end as named_on,
        case when is_current and is_in_preg and not is_hidden then document_number end as postal_key
    from {{ ref('int_address__enriched') }} as enriched
    where {{ only_just_built('enriched') }}
),

postal as (
    select
        postal.*,
        country.landnavn as country_name
    from {{ ref('int_address__postal') }} as postal
    left join {{ ref('landkode') }} as country on postal.country_abroad = country.iso_alfa2
    where {{ only_just_built('postal') }}
),

addresses as (
    select
        enriched.*,
        coalesce(kommunenavn.kommunenavn, enriched.matrikkel_municipality) as municipality_name,
        right(enriched.grunnkrets_number, 4) as grunnkrets_in_kommune,
        coalesce(cast(enriched.constituency as varchar), enriched.matrikkel_constituency) as valgkrets_number,
        coalesce(cast(enriched.school_district as varchar), enriched.matrikkel_school_district) as skolekrets_number,
        postal.lines,
        postal.postal_code as line_postal_code,
        postal.postal_place as line_postal_place,
        postal.country_name as line_country,
        postal.starts_on as lines_from
    from enriched
    left join {{ ref('kommunenavn') }} as kommunenavn
        on
            enriched.st = kommunenavn.kommunenummer
            and enriched.named_on between kommunenavn.named_from and kommunenavn.named_to
    left join postal on enriched.postal_key = postal.document_number
),

fields as (
    {{ preg_address('addresses', 'freg', extra_columns=[
        'document_number', 'person_nin', 'is_present', 'is_in_preg', 'nin', 'is_current as current_address', 'is_hidden',
        'grunnkrets_number', 'grunnkrets_name', 'service_district_code', 'service_district_name', 'present_st',
        'valid_to', 'enrichment_method', 'enrichment_reason', 'address_type'
    ]) }}
),

final as (
    select
        fields.* exclude (
            is_hidden, grunnkrets_number, grunnkrets_name, service_district_code, service_district_name, present_st,
            valid_to, enrichment_method, enrichment_reason, address_type
        ),
        record.masked_if(is_hidden, grunnkrets_number) as grunnkrets_number,
        record.masked_if(is_hidden, grunnkrets_name) as grunnkrets_name,
        record.masked_if(is_hidden, service_district_code) as service_district_code,
        record.masked_if(is_hidden, service_district_name) as service_district_name,
        record.masked_if(is_hidden, present_st) as present_st,
        record.masked_if(is_hidden, valid_to) as valid_to,
        enrichment_method,
        enrichment_reason,
        address_type
    from fields
)

select * from final
