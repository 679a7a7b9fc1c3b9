-- The present address of each of the running PREG's persons in the columns of preg_address; of several that are marked
-- as present, the latest.
{{ config(
    materialized='incremental', incremental_strategy='append',
    pre_hook="{{ forget_touched('person_nin', ref('int_touched__legacy_person')) }}"
) }}
with addresses as (
    select
        addresses.*,
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
        {{ all_except('addresses', ['choice', 'postal_type']) }},
        {{ known_code('PostalType', 'addresses.postal_type') }} as postal_type,
        cast(addresses.postal_type as varchar) as postal_type_value
    from addresses
    where choice = 1
)

select * from final
