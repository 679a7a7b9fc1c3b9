-- The number under which each document comes: the one that it has in use, else the last that it had.
{{ rebuilt_for_new_documents() }}
with numbers as (
    select
        *,
        row_number() over (
            partition by document_number
            order by
                case when er_i_bruk then 0 else 1 end,
                case when er_gjeldende then 0 else 1 end,
                case when identifikatortype = 'foedselsnummer' then 0 else 1 end,
                gyldighetstidspunkt desc nulls last,
                nummer
        ) as row_rank
    from {{ ref('stg_freg__identifikasjonsnummer') }}
    where {{ only_new_documents() }}
),

final as (
    select
        document_number,
        sekvensnummer,
        delivery_rank,
        is_in_force,
        nummer as own_number,
        er_i_bruk,
        identifikatortype
    from numbers
    where row_rank = 1
)

select * from final
