{#-
    Compare rule: numbers of somebody's relatives are equal where they lead to the same person. Freg names a relative as it did
    when the relation was registered; PREG names the number of today.
-#}
{% macro relative(left, right) -%}
    {{ same_person_by_number(left, right) }}
{%- endmacro %}
