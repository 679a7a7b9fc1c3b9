{#- Compare rule: only the same value is equal. -#}
{% macro exact(left, right) -%}
    false
{%- endmacro %}
