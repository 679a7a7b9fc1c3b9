{#- A field of the running PREG as it was exported (`owner`: what it is a member of): an empty text is no value. -#}
{% macro legacy_value(column, owner='') -%}
    {%- if column.type in ('string', 'char') -%}
        nullif(trim({{ owner }}{{ column.preg_field }}), '')
    {%- else -%}
        {{ owner }}{{ column.preg_field }}
    {%- endif -%}
{%- endmacro %}
