{#- Compare rule: numbers of areas, equal whatever their leading zeros; another area is a difference of enrichment. -#}
{% macro enriched(left, right) -%}
    {{ number(left, right) }}
{%- endmacro %}
