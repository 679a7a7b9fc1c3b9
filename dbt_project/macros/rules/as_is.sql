{#- The value as the source has it. -#}
{% macro as_is(value) -%}
    {{ value }}
{%- endmacro %}
