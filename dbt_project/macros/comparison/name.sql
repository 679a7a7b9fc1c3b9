{#- Compare rule: names are equal whatever their letter case, spacing and foreign marks (`folded_name`). -#}
{% macro name(left, right) -%}
    {{ folded_name(left) }} = {{ folded_name(right) }}
{%- endmacro %}
