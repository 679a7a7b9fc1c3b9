-- The rows that PREG kept of numbers that were replaced: the number, the one that the person goes by now, and the
-- status of a number that is no longer in use.
with final as (
    select
        numbers.number as nin,
        numbers.nin as new_nin,
        cast(retired.code as integer) as reg_status,
        numbers.ended_on as date_status,
        numbers.kind
    from {{ ref('int_person__number') }} as numbers
    left join {{ ref('code_list') }} as retired
        on retired.code_list = 'RegStatus' and retired.freg_value = 'opphoert'
    where numbers.number <> numbers.nin
)

select * from final
