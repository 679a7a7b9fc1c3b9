-- Under which id Persontjenesten has each person: of several records of a person the one that is compared.
with final as (
    select
        nin,
        record_id as persontjenesten_id
    from {{ ref('int_comparison__record') }}
    where side = 'persontjenesten' and row_rank = 1 and nin is not null
)

select * from final
