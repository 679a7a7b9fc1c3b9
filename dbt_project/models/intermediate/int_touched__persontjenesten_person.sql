-- The persons of Persontjenesten, by its own id, whom this build touches: those with new documents. Empty when everything is
-- built.
{{ config(materialized='table') }}
with final as (
    select distinct id as number
    from {{ source('raw', 'persontjenesten_person') }}
    where {{ 'false' if is_whole_build() else 'document_number > (select max(last_document_number) from build.progress)' }}
)

select * from final
