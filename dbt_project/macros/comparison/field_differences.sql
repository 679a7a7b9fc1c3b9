{#-
    One row for each field in which a pair differs: nin, entity, field, left_value, right_value, difference_kind. Values of
    a hidden address are left out, whichever side has them.
-#}
{% macro field_differences(pairs, entity, fields, right_columns) -%}
    {%- if not fields %}
    select
        cast(null as varchar) as nin, cast(null as varchar) as entity, cast(null as varchar) as field,
        cast(null as varchar) as left_value, cast(null as varchar) as right_value,
        cast(null as varchar) as difference_kind
    where false
    {%- endif -%}
    {%- for field in fields %}
    select
        nin,
        '{{ field.preg_entity }}' as entity,
        '{{ field.column_name }}' as field,
        {%- if entity == 'Address' and field.column_name != 'postal_type' %}
        case when not is_hidden then cast(left_{{ field.column_name }} as varchar) end as left_value,
        case when not is_hidden then cast(right_{{ field.column_name }} as varchar) end as right_value,
        {%- else %}
        cast(left_{{ field.column_name }} as varchar) as left_value,
        cast(right_{{ field.column_name }} as varchar) as right_value,
        {%- endif %}
        {{ difference_kind(field, right_columns) }} as difference_kind
    from {{ pairs }}
    where left_{{ field.column_name }} is distinct from right_{{ field.column_name }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
