-- Persons of whom a side of the comparison has an address at a protected place (int_address__protected_key),
-- no matter what PREG shows of them: no values of their addresses are shown.
{{ config(materialized='table') }}
with addresses as (
    select
        'persontjenesten' as side,
        document_number,
        place_keys
    from {{ ref('int_persontjenesten__address') }}
    union all
    select
        'legacy' as side,
        document_number,
        place_keys
    from {{ ref('int_legacy__address') }}
),

keys as (
    select
        side,
        document_number,
        unnest(place_keys) as key
    from addresses
),

-- Other dwellings of the house too: a text naming the house may disclose where a protected person lives, and nothing
-- in Freg says that it is a neighbour's.
hidden as (
    select distinct
        side,
        document_number
    from keys
    where key in (select key from {{ ref('int_address__protected_key') }})
),

final as (
    select distinct records.person
    from hidden
    inner join {{ ref('int_comparison__record') }} as records
        on hidden.side = records.side and hidden.document_number = records.document_number
)

select * from final
