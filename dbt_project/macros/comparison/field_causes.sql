{#-
    Which field follows from which, of the fields given (`compared_fields`): entity, field, its compare rule, cause, and the
    place of the cause among the field's causes.
-#}
{% macro field_causes(fields) -%}
    select
        cast(null as varchar) as entity, cast(null as varchar) as field, cast(null as varchar) as compare_rule,
        cast(null as varchar) as cause, cast(null as integer) as place
    where false
    {%- for field in fields if field.follows_from %}
    {%- for cause in field.follows_from.split('|') %}
    union all
    select '{{ field.preg_entity }}', '{{ field.column_name }}', '{{ field.compare_rule }}', '{{ cause }}', {{ loop.index }}
    {%- endfor %}
    {%- endfor %}
{%- endmacro %}
