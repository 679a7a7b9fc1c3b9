{#- Compare rule: names of areas, equal whatever their letter case; another area is a difference of enrichment. -#}
{% macro enriched_name(left, right) -%}
    {{ name(left, right) }}
{%- endmacro %}
