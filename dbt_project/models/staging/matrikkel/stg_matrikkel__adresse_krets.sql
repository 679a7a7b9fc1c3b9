-- Which kretser an address lies in. An address that a change delivers has the kretser of that delivery only.
with deliveries as (
    select
        delivery_number,
        delivery_rank
    from {{ ref('stg_landing__delivery') }}
    where raw_table = 'matrikkel_adresse_krets' and is_in_force
),

ranked as (
    select
        matrikkel.adresse_id,
        matrikkel.krets_id,
        rank() over (
            partition by matrikkel.adresse_id
            order by deliveries.delivery_rank desc
        ) as row_rank
    from {{ source('raw', 'matrikkel_adresse_krets') }} as matrikkel
    inner join deliveries on matrikkel.delivery_number = deliveries.delivery_number
),

final as (
    select distinct
        adresse_id,
        krets_id
    from ranked
    where row_rank = 1
)

select * from final
