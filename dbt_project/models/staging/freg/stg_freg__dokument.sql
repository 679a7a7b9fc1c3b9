-- Every document that was ever delivered. In force are those that came since, and with, the last full delivery.
with deliveries as (
    select
        delivery_number,
        delivery_rank,
        is_in_force,
        kind,
        created_at
    from {{ ref('stg_landing__delivery') }}
    where raw_table = 'freg_document'
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
        deliveries.delivery_rank,
        deliveries.is_in_force,
        deliveries.kind as delivery_kind,
        deliveries.created_at as delivered_at
    from documents
    inner join deliveries on documents.delivery_number = deliveries.delivery_number
)

select * from final
