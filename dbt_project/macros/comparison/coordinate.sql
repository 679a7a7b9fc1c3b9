{#- Compare rule: coordinates in metres, equal when less than a metre apart. -#}
{% macro coordinate(left, right) -%}
    abs({{ decimal_number(left) }} - {{ decimal_number(right) }}) < 1
{%- endmacro %}
