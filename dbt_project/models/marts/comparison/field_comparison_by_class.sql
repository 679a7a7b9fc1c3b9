-- The summary by class of persons: which of them a difference is about.
{{ config(materialized='table') }}
with final as (
    {{ added_counts(['person_class']) }}
)

select * from final
