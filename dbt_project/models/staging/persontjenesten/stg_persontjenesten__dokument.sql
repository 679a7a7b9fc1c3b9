-- The last document of each person in what was delivered since, and with, the last full delivery.
with deliveries as (
    select
        delivery_number,
        delivery_rank
    from {{ ref('stg_landing__delivery') }}
    where raw_table = 'persontjenesten_person' and is_in_force
),

recent as (
    select
        documents.document_number,
        row_number() over (
            partition by documents.id
            order by documents.sequencenumber desc, deliveries.delivery_rank desc, documents.document_number desc
        ) as recency
    from {{ source('raw', 'persontjenesten_person') }} as documents
    inner join deliveries on documents.delivery_number = deliveries.delivery_number
),

final as (
    select documents.*
    from {{ source('raw', 'persontjenesten_person') }} as documents
    inner join recent on documents.document_number = recent.document_number and recent.recency = 1
)

select * from final
