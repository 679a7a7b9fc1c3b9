-- The summary by class of persons: which of them a difference is about.
{{ config(materialized='table') }}
with final as (
    {{ count_differences(['person_class']) }}
)

select * from final
