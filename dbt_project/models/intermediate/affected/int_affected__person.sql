-- The persons whose addresses this build makes again: those with new documents, and anyone who has lived at a dwelling
-- that has become, or is no longer, protected, or has post sent there. Empty when everything is built.
{{ config(materialized='table') }}
with at_changed_places as (
    select states.person_nin as number
    from {{ ref('int_address__protected_place') }} as places
    inner join {{ ref('int_address__entry') }} as entries on places.place_key = entries.place_key
    inner join {{ ref('int_person__state') }} as states on entries.document_number = states.document_number
    where places.is_changed
),

final as (
    select number from {{ ref('int_affected__number') }}
    union
    select number from at_changed_places
)

select number from final
{{ 'where false' if is_whole_build() }}
