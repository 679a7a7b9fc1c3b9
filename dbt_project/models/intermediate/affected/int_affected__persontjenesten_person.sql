-- The persons of Persontjenesten, by its own id, whom this build touches: those with new documents. Empty when
-- everything is built.
{{ config(materialized='table') }}
with final as (
    select distinct id as number
    from {{ source('raw', 'persontjenesten_person') }}
    where {{ only_after_the_last_build() }}
)

select * from final
