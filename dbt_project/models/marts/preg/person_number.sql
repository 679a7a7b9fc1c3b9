-- From any number that a person ever had to the number that the person goes by now.
with final as (
    select
        number,
        nin,
        kind,
        status
    from {{ ref('int_person__number') }}
)

select * from final
