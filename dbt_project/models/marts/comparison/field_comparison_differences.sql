-- One row per difference between the sides of a pair: what a rule takes for equal is none. An address at a protected
-- place, on either side, has no values here. The values are those of preg_person and preg_address on PREG's side, of
-- int_persontjenesten__person and int_persontjenesten__address, or int_legacy__person and int_legacy__address, on the
-- other. How a kind of difference is decided is in int_comparison__field.
with final as (
    select
        differences.pair,
        differences.person as nin,
        differences.entity,
        differences.field,
        case when hidden.person is null then differences.left_value end as left_value,
        case when hidden.person is null then differences.right_value end as right_value,
        differences.difference_kind,
        differences.caused_by
    from {{ ref('int_comparison__field') }} as differences
    left join {{ ref('int_comparison__hidden_person') }} as hidden
        on
            differences.person = hidden.person
            and differences.entity = 'Address'
            and not (
                differences.field = 'postal_type'
                and {{ tells_only_protection('differences.left_value') }}
                and {{ tells_only_protection('differences.right_value') }}
            )
    where differences.difference_kind <> 'equal_after_rule'
)

select * from final
