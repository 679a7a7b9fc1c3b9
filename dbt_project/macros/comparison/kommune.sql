{#- Compare rule: numbers of kommuner; another number, even of what is one kommune today, is a difference (of code list). -#}
{% macro kommune(left, right) -%}
    false
{%- endmacro %}
