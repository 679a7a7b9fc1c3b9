-- The persons of the running PREG, by the number they were exported under, whom this build touches: those with new
-- records. Empty when everything is built.
{{ config(materialized='table') }}
with final as (
    select distinct nin as number
    from {{ source('raw', 'preg_person') }}
    where {{ only_after_the_last_build() }}
)

select * from final
