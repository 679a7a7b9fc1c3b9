-- Records that PREG showed in two states at once.
with states as (
    select
        nin,
        shown_from,
        lag(coalesce(shown_to, shown_from)) over (
            partition by nin
            order by is_present, shown_from, sequence_number
        ) as earlier_shown_to,
        lag(is_present) over (
            partition by nin
            order by is_present, shown_from, sequence_number
        ) as is_second_present
    from {{ ref('preg_state') }}
)

select nin
from states
where shown_from < earlier_shown_to or is_second_present
