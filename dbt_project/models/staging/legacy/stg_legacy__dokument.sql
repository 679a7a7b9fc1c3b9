-- The last record of each person whom the running PREG exported.
with final as (
    select documents.*
    from {{ source('raw', 'preg_person') }} as documents
    inner join {{ ref('stg_legacy__latest_document') }} as latest
        on documents.document_number = latest.document_number
)

select * from final
