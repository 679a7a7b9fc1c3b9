-- The last document of each number under which documents come; a record goes by the number it has in use.
with numbers as (
    select * from {{ ref('stg_freg__identifikasjonsnummer') }}
),

own_number as (
    select
        document_number,
        sekvensnummer,
        delivery_rank,
        nummer as own_number,
        er_i_bruk,
        identifikatortype,
        row_number() over (
            partition by document_number
            order by
                case when er_i_bruk then 0 else 1 end,
                case when er_gjeldende then 0 else 1 end,
                case when identifikatortype = 'foedselsnummer' then 0 else 1 end,
                gyldighetstidspunkt desc nulls last,
                nummer
        ) as choice
    from numbers
),

documents as (
    select
        *,
        row_number() over (
            partition by own_number
            order by sekvensnummer desc, delivery_rank desc, document_number desc
        ) as recency
    from own_number
    where choice = 1
),

final as (
    select
        document_number,
        sekvensnummer,
        own_number,
        er_i_bruk,
        identifikatortype
    from documents
    where recency = 1
)

select * from final
