{#- The kommune's Norwegian name by its number on the day (seed kommunenavn), else as Matrikkelen names it; in capitals. -#}
{% macro municipality_name(by_number, by_matrikkel) -%}
    {{ in_capitals('coalesce(' ~ by_number ~ ', ' ~ by_matrikkel ~ ')') }}
{%- endmacro %}
