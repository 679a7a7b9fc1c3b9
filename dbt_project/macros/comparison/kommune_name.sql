{#- Compare rule: names of kommuner, equal whatever their letter case; the name of another year's list is a difference. -#}
{% macro kommune_name(left, right) -%}
    {{ name(left, right) }}
{%- endmacro %}
