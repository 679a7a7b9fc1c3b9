-- The persons whose addresses this build makes anew: those with new documents, and whoever has lived at a dwelling
-- that has become, or is no longer, protected. Empty when everything is built.
{{ config(materialized='table') }}
with at_changed_dwellings as (
    select states.person_nin as number
    from {{ ref('int_address__protected_dwelling') }} as dwellings
    inner join {{ ref('int_address__entry') }} as entries on dwellings.dwelling_key = entries.dwelling_key
    inner join {{ ref('int_person__state') }} as states on entries.document_number = states.document_number
    where dwellings.is_changed
),

final as (
    select number from {{ ref('int_touched__number') }}
    union
    select number from at_changed_dwellings
)

select number from final
{{ 'where false' if is_whole_build() }}
