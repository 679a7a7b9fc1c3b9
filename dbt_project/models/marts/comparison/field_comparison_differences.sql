-- One row a difference between the sides of a pair: what a rule takes for equal is none.
with final as (
    select
        pair,
        person as nin,
        entity,
        field,
        left_value,
        right_value,
        difference_kind
    from {{ ref('int_comparison__field') }}
    where difference_kind <> 'equal_after_rule'
)

select * from final
