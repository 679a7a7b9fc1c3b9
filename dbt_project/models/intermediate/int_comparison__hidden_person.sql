-- Persons of whom a side of the comparison has an address at a place that nobody may learn (int_address__secret), whatever PREG
-- shows of them: of their addresses no values are told.
{{ config(materialized='table') }}
with addresses as (
    select
        'persontjenesten' as side,
        document_number,
        place_keys,
        dwelling_number
    from {{ ref('int_persontjenesten__address') }}
    union all
    select
        'legacy' as side,
        document_number,
        place_keys,
        dwelling_number
    from {{ ref('int_legacy__address') }}
),

keys as (
    select
        side,
        document_number,
        dwelling_number,
        {{ one_row_each('place_keys') }} as key
    from addresses
),

hidden as (
    select distinct
        keys.side,
        keys.document_number
    from keys
    inner join {{ ref('int_address__secret') }} as secret on keys.key = secret.key
    where
        keys.dwelling_number is null
        or secret.dwelling_number is null
        or keys.dwelling_number = secret.dwelling_number
),

final as (
    select distinct records.person
    from hidden
    inner join {{ ref('int_comparison__record') }} as records
        on hidden.side = records.side and hidden.document_number = records.document_number
)

select * from final
