{#- Compare rule: numbers of persons; another number, even of the same person, is a difference (of kind identity). -#}
{% macro same_person(left, right) -%}
    false
{%- endmacro %}
