{#-
    A coordinate in metres of EPSG 25833: the converted one, else the one delivered where that is its system; `oest` or
    `nord` of a raw table of Matrikkelen. What comes without a coordinate system is in the usual one. The point 0;0 stands
    for none.
-#}
{% macro utm33(column, is_usual_system) -%}
    case
        when matrikkel.oest <> 0 or matrikkel.nord <> 0
            then coalesce(
                matrikkel.{{ column }}_utm33,
                case when {{ is_usual_system }} then cast(matrikkel.{{ column }} as decimal(12, 2)) end
            )
    end
{%- endmacro %}
