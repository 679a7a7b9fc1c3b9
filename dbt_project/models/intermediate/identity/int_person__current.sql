-- One row per person: what the person's present record says now.
{{ config(materialized='view') }}
with final as (
    select
        states.nin,
        person.*
    from {{ ref('stg_freg__person') }} as person
    inner join {{ ref('int_person__state') }} as states
        on person.document_number = states.document_number and states.is_present
)

select * from final
