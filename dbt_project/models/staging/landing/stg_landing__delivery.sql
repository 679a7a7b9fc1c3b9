-- A delivery counts for a table from the last full delivery of that table on: a full one replaces what was known.
with deliveries as (
    select * from {{ source('raw', 'delivery') }}
),

ranked as (
    select
        delivery_number,
        source,
        delivery_id,
        kind,
        sequence_to,
        created_at,
        tables,
        row_number() over (
            partition by source
            order by position, created_at, delivery_id
        ) as delivery_rank
    from deliveries
),

by_table as (
    select
        delivery_number,
        source,
        delivery_id,
        kind,
        sequence_to,
        created_at,
        delivery_rank,
        unnest(tables) as raw_table
    from ranked
),

final as (
    select
        *,
        delivery_rank >= coalesce(
            max(case when kind = 'full' then delivery_rank end) over (partition by source, raw_table), 0
        ) as is_in_force
    from by_table
)

select * from final
