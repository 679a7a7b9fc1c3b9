-- One row a compared field of a pair: how many were compared, equal and different, and how many of each kind.
{{ config(materialized='table') }}
with fields as (
    select
        preg_entity as entity,
        column_name as field
    from {{ ref('field_mapping') }}
    where coalesce(compare_rule, '') <> ''
),

sizes as (
    select
        (select count(*) from {{ ref('int_comparison__person_pair') }}) as persons,
        (select count(*) from {{ ref('int_comparison__address_pair') }}) as addresses,
        (
            select count(*) from {{ ref('int_comparison__field') }}
            where field = 'nin' and difference_kind = 'only_left'
        ) as only_in_preg,
        (
            -- Persons whom PREG lacks, and second records of a person.
            select count(*) from {{ ref('int_comparison__match') }}
            where not is_match
        ) as only_in_persontjenesten
),

counted as (
    select
        entity,
        field,
        {% for kind in ['equal_after_rule'] + difference_kinds() %}
        count(case when difference_kind = '{{ kind }}' then 1 end) as {{ kind }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('int_comparison__field') }}
    group by entity, field
),

combined as (
    select
        fields.entity,
        fields.field,
        case
            when fields.entity = 'Address' then sizes.addresses
            when fields.field = 'nin' then sizes.persons + sizes.only_in_preg + sizes.only_in_persontjenesten
            else sizes.persons
        end as compared,
        {% for kind in ['equal_after_rule'] + difference_kinds() %}
        coalesce(counted.{{ kind }}, 0) as {{ kind }}{{ ',' if not loop.last }}
        {% endfor %}
    from fields
    cross join sizes
    left join counted on fields.entity = counted.entity and fields.field = counted.field
),

final as (
    select
        'preg_persontjenesten' as pair,
        entity,
        field,
        compared,
        compared - ({{ difference_kinds() | join(' + ') }}) as equal,
        {{ difference_kinds() | join(' + ') }} as different,
        equal_after_rule,
        {{ difference_kinds() | join(', ') }}
    from combined
)

select * from final
