-- One row a difference between PREG and Persontjenesten: what a rule takes for equal is none.
with final as (
    select
        'preg_persontjenesten' as pair,
        nin,
        entity,
        field,
        left_value,
        right_value,
        difference_kind
    from {{ ref('int_comparison__field') }}
    where difference_kind <> 'equal_after_rule'
)

select * from final
