{#-
    One row for each field in which a pair differs: pair, person, entity, field, left_value, right_value, difference_kind,
    is_shown, is_on_one_side. Of an unknown code the source's own value is given. Values of a hidden address, and of the
    address of somebody whose protection we do not know, are not to be shown, whichever side has them (`is_shown`): they are
    here because what follows from what is told by them. The kind of such an address is shown where it tells no more than that it
    is protected.
-#}
{% macro field_differences(pairs, entity, fields, columns) -%}
    {%- if not fields %}
    select
        cast(null as varchar) as pair, cast(null as varchar) as person, cast(null as varchar) as entity,
        cast(null as varchar) as field, cast(null as varchar) as left_value, cast(null as varchar) as right_value,
        cast(null as varchar) as difference_kind, cast(null as boolean) as is_shown,
        cast(null as boolean) as is_on_one_side
    where false
    {%- endif -%}
    {%- for field in fields %}
    {%- set hides = entity == 'Address' and field.column_name != 'postal_type' %}
    select
        pair,
        person,
        '{{ field.preg_entity }}' as entity,
        '{{ field.column_name }}' as field,
        {%- for side in ['left', 'right'] %}
        {%- set column = side ~ '_' ~ field.column_name %}
        {%- set value = 'cast(' ~ column ~ ' as varchar)' %}
        {%- if column ~ '_value' in columns and field.column_name != 'postal_type' %}
        {%- set value = 'coalesce(' ~ value ~ ', ' ~ column ~ '_value)' %}
        {%- endif %}
        {{ value }} as {{ side }}_value,
        {%- endfor %}
        {{ difference_kind(field, columns) }} as difference_kind,
        {% if entity == 'Address' -%}
        is_known and not is_hidden
        {%- if not hides %}
        or {{ tells_only_protection('left_postal_type') }} and {{ tells_only_protection('right_postal_type') }}
        {%- endif %}
        {%- else -%}
        true
        {%- endif %} as is_shown,
        {{ 'is_on_one_side' if entity == 'Address' else 'false' }} as is_on_one_side
    from {{ pairs }}
    where
        left_{{ field.column_name }} is distinct from right_{{ field.column_name }}
        and pair in ('none'{% for pair in comparison_pairs() if is_compared_in(pair, field) %}, '{{ pair.name }}'{% endfor %})
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
