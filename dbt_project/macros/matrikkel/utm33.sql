{#-
    A coordinate in metres of EPSG 25833: the converted one, else the one delivered where that is its system; `oest` or
    `nord` of a raw table of Matrikkelen. What comes without a coordinate system is in the usual one.
-#}
{% macro utm33(column, is_usual_system) -%}
    coalesce(matrikkel.{{ column }}_utm33, case when {{ is_usual_system }} then matrikkel.{{ column }} end)
{%- endmacro %}
