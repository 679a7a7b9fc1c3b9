-- Who is who: each person of Persontjenesten with the person of PREG that any of its numbers leads to. Of several for
-- one person, the one under the present number is the match; the others are differences of identity.
{{ config(
    materialized='incremental', incremental_strategy='append',
    pre_hook=[
        "{{ forget_touched('coalesce(nin, right_nin)', ref('int_touched__pair')) }}",
        "{{ forget_touched('persontjenesten_id', ref('int_touched__persontjenesten_person')) }}",
    ]
) }}
with right_side as (
    select
        persontjenesten_id,
        document_number,
        nin as right_nin
    from {{ ref('int_persontjenesten__person') }}
),

matched as (
    select
        right_side.persontjenesten_id,
        right_side.document_number,
        right_side.right_nin,
        numbers.nin,
        row_number() over (
            partition by coalesce(numbers.nin, 'unknown ' || right_side.right_nin)
            order by case when numbers.nin = right_side.right_nin then 0 else 1 end, right_side.document_number
        ) as choice
    from right_side
    left join {{ ref('person_number') }} as numbers on right_side.right_nin = numbers.number
    where {{ only_touched('coalesce(numbers.nin, right_side.right_nin)', ref('int_touched__pair')) }}
),

final as (
    select
        persontjenesten_id,
        document_number,
        right_nin,
        nin,
        nin is not null and choice = 1 as is_match,
        {{ built_after() }}
    from matched
)

select * from final
