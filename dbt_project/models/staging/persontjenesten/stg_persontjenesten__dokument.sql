-- The last document of each person.
with final as (
    select documents.*
    from {{ source('raw', 'persontjenesten_person') }} as documents
    inner join {{ ref('stg_persontjenesten__latest_document') }} as latest
        on documents.document_number = latest.document_number
)

select * from final
