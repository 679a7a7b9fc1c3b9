-- One row per grunnkrets: its bydel, as delivered last.
with deliveries as (
    select
        delivery_number,
        delivery_rank
    from {{ ref('stg_landing__delivery') }}
    where raw_table = 'matrikkel_grunnkrets_bydel' and is_in_force
),

rows_in_force as (
    select
        text.left_padded(matrikkel.grunnkretsnummer, 8) as grunnkretsnummer,
        matrikkel.grunnkretsnavn,
        text.left_padded(matrikkel.bydelsnummer, 6) as bydelsnummer,
        matrikkel.bydelsnavn,
        row_number() over (
            partition by text.left_padded(matrikkel.grunnkretsnummer, 8)
            order by deliveries.delivery_rank desc, matrikkel.bydelsnummer asc
        ) as row_rank
    from {{ source('raw', 'matrikkel_grunnkrets_bydel') }} as matrikkel
    inner join deliveries on matrikkel.delivery_number = deliveries.delivery_number
),

final as (
    select
        grunnkretsnummer,
        grunnkretsnavn,
        bydelsnummer,
        bydelsnavn
    from rows_in_force
    where row_rank = 1
)

select * from final
