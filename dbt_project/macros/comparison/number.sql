{#- Compare rule: numbers written as text are equal whatever their leading zeros. -#}
{% macro number(left, right) -%}
    {{ whole_number(left) }} = {{ whole_number(right) }}
{%- endmacro %}
