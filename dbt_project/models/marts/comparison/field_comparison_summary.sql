-- One row per compared field of a pair of sides: how many were compared, blank, equal and different, and how many of
-- each kind. The pair of PREG and Persontjenesten is always there, with zeros while a side has delivered nothing.
{{ config(materialized='table') }}
with counted as (
    {{ added_counts() }}
),

not_compared as (
    select
        'preg_persontjenesten' as pair,
        preg_entity as entity,
        column_name as field,
        0 as compared,
        0 as both_blank,
        0 as equal,
        0 as different,
        0 as causes,
        0 as equal_after_rule,
        {% for kind in difference_kinds() %}
        0 as {{ kind }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('field_mapping') }}
    where
        coalesce(compare_rule, '') <> ''
        and coalesce(persontjenesten_path, '') <> ''
        and 'preg_persontjenesten' not in (select counted.pair from counted)
),

final as (
    select * from counted
    union all
    select * from not_compared
)

select * from final
