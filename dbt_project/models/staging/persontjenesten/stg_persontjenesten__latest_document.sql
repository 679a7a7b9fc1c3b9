-- Which document of each person is the last, of what was delivered since, and with, the last full delivery.
{{ rebuilt_for_affected('id', 'int_affected__persontjenesten_person') }}
with deliveries as (
    select
        delivery_number,
        delivery_rank
    from {{ ref('stg_landing__delivery') }}
    where raw_table = 'persontjenesten_person' and is_in_force
),

documents as (
    select
        documents.id,
        documents.document_number,
        row_number() over (
            partition by documents.id
            order by documents.sequencenumber desc, deliveries.delivery_rank desc, documents.document_number desc
        ) as row_rank
    from {{ source('raw', 'persontjenesten_person') }} as documents
    inner join deliveries on documents.delivery_number = deliveries.delivery_number
    where {{ only_affected('documents.id', ref('int_affected__persontjenesten_person')) }}
),

final as (
    select
        id,
        document_number
    from documents
    where row_rank = 1
)

select * from final
