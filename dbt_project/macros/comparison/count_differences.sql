{#-
    For each compared field of each pair, and each value of `by` (columns of int_comparison__pair, or person_class; without
    it, all persons together): how many were compared, equal, different, equal only by a rule, and how many of each kind of
    difference. The field nin counts whoever is on a side; the other fields whom both sides have; those of the address,
    whose address is compared.
-#}
{% macro count_differences(by=[]) -%}
    {%- set grouped = ['pair'] + by -%}
    with fields as (
        select
            preg_entity as entity,
            column_name as field,
            coalesce(persontjenesten_path, '') <> '' as persontjenesten_has_it
        from {{ ref('field_mapping') }}
        where coalesce(compare_rule, '') <> ''
    ),

    -- A child is one on the day of the newest delivery, not on the day on which the pair was made.
    pairs as (
        select
            pairs.*,
            {{ person_class('pairs', 'read_until.today') }} as person_class
        from {{ ref('int_comparison__pair') }} as pairs
        cross join ({{ read_until() }}) as read_until
    ),

    persons as (
        select
            {{ grouped | join(', ') }},
            count(*) as on_any_side,
            count(case when presence = 'both' then 1 end) as on_both_sides,
            count(case when presence = 'both' and has_address then 1 end) as with_address
        from pairs
        group by {{ grouped | join(', ') }}
    ),

    differences as (
        select
            differences.pair,
            {% for column in by %}
            pairs.{{ column }},
            {% endfor %}
            differences.entity,
            differences.field,
            differences.difference_kind
        from {{ ref('int_comparison__field') }} as differences
        {% if by %}
        inner join pairs
            on
                differences.pair = pairs.pair
                and differences.person = pairs.person
                and pairs.presence <> 'second'
        {% endif %}
    ),

    counted as (
        select
            {{ grouped | join(', ') }},
            entity,
            field,
            {% for kind in ['equal_after_rule'] + difference_kinds() %}
            count(case when difference_kind = '{{ kind }}' then 1 end) as {{ kind }}{{ ',' if not loop.last }}
            {% endfor %}
        from differences
        group by {{ grouped | join(', ') }}, entity, field
    ),

    combined as (
        select
            {% for column in grouped %}
            persons.{{ column }},
            {% endfor %}
            fields.entity,
            fields.field,
            case
                when fields.entity = 'Address' then persons.with_address
                when fields.field = 'nin' then persons.on_any_side
                else persons.on_both_sides
            end as compared,
            {% for kind in ['equal_after_rule'] + difference_kinds() %}
            coalesce(counted.{{ kind }}, 0) as {{ kind }}{{ ',' if not loop.last }}
            {% endfor %}
        from persons
        inner join fields
            on fields.persontjenesten_has_it or persons.pair not in (
                'none'{% for pair in comparison_pairs() if 'persontjenesten' in [pair.left, pair.right] %}, '{{ pair.name }}'{% endfor %}

            )
        left join counted
            on
                {% for column in grouped %}
                persons.{{ column }} is not distinct from counted.{{ column }} and
                {% endfor %}
                fields.entity = counted.entity
                and fields.field = counted.field
    )

    select
        {{ grouped | join(', ') }},
        entity,
        field,
        compared,
        compared - ({{ difference_kinds() | join(' + ') }}) as equal,
        {{ difference_kinds() | join(' + ') }} as different,
        equal_after_rule,
        {{ difference_kinds() | join(', ') }}
    from combined
{%- endmacro %}
