-- The documents that count: those delivered since, and with, the last full delivery.
with deliveries as (
    select
        delivery_number,
        delivery_rank
    from {{ ref('stg_landing__delivery') }}
    where raw_table = 'freg_document' and is_in_force
),

documents as (
    select
        document_number,
        delivery_number,
        sekvensnummer,
        dokumentidentifikator,
        hendelsetype,
        ajourholdstidspunkt,
        unknown_elements,
        folkeregisterperson
    from {{ source('raw', 'freg_document') }}
),

final as (
    select
        documents.*,
        deliveries.delivery_rank
    from documents
    inner join deliveries on documents.delivery_number = deliveries.delivery_number
)

select * from final
