{#-
    A field of the running PREG as it was exported (`owner`: what it is a member of): an empty text is no value, and a point
    in time is its day in Norway.
-#}
{% macro legacy_value(column, owner='') -%}
    {%- if column.type in ('string', 'char') -%}
        nullif(trim({{ owner }}{{ column.preg_field }}), '')
    {%- elif column.type == 'date' -%}
        {{ local_date(owner ~ column.preg_field) }}
    {%- else -%}
        {{ owner }}{{ column.preg_field }}
    {%- endif -%}
{%- endmacro %}
