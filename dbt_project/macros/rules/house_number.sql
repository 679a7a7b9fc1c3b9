{#- The house number as a number. -#}
{% macro house_number(text) -%}
    {{ whole_number(text) }}
{%- endmacro %}
