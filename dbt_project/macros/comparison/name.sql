{#- Compare rule: names are equal whatever their letter case and spacing. -#}
{% macro name(left, right) -%}
    {{ folded(left) }} = {{ folded(right) }}
{%- endmacro %}
