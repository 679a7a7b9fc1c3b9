-- Which record of each person is the last that the running PREG exported, since and with its last full export.
{{ rebuilt_for_affected('nin', 'int_affected__legacy_person') }}
with deliveries as (
    select
        delivery_number,
        delivery_rank
    from {{ ref('stg_landing__delivery') }}
    where raw_table = 'preg_person' and is_in_force
),

documents as (
    select
        documents.nin,
        documents.document_number,
        row_number() over (
            partition by documents.nin
            order by deliveries.delivery_rank desc, documents.document_number desc
        ) as row_rank
    from {{ source('raw', 'preg_person') }} as documents
    inner join deliveries on documents.delivery_number = deliveries.delivery_number
    where {{ only_affected('documents.nin', ref('int_affected__legacy_person')) }}
),

final as (
    select
        nin,
        document_number
    from documents
    where row_rank = 1
)

select * from final
