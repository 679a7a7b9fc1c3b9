-- The summary by the kommune in which the persons live; blank for those without a Norwegian address, and for those
-- whose address is hidden.
{{ config(materialized='table') }}
with final as (
    {{ added_counts(['st']) }}
)

select * from final
where compared + both_blank > 0
