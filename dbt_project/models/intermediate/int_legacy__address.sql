-- The present address of each of the running PREG's persons in the columns of preg_address; of several that are marked
-- as present, the latest.
{{ config(
    materialized='incremental', incremental_strategy='append',
    pre_hook="{{ forget_touched('person_nin', ref('int_touched__legacy_person')) }}"
) }}
with countries as (
    {{ countries_by_key() }}
),

addresses as (
    select
        addresses.*,
        {{ country_key('addresses.country') }} as country_key,
        row_number() over (
            partition by addresses.document_number
            order by addresses.date_adr_from desc nulls last, addresses.postal_address asc nulls last
        ) as choice
    from {{ ref('stg_preg__address') }} as addresses
    where
        addresses.current_address
        and {{ only_touched('addresses.person_nin', ref('int_touched__legacy_person')) }}
),

final as (
    select
        {{ all_except('addresses', ['choice', 'postal_type', 'country', 'country_key']) }},
        coalesce(countries.landnavn, addresses.country) as country,
        {{ known_code('PostalType', 'addresses.postal_type') }} as postal_type,
        cast(addresses.postal_type as varchar) as postal_type_value
    from addresses
    left join countries on addresses.country_key = countries.country_key
    where addresses.choice = 1
)

select * from final
