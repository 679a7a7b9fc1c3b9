{#- The kommune's name by its number on the day (seed kommunenavn), else as Matrikkelen names it. -#}
{% macro municipality_name(by_number, by_matrikkel) -%}
    coalesce({{ by_number }}, {{ by_matrikkel }})
{%- endmacro %}
