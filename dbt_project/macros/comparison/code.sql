{#- Compare rule: codes of PREG's code lists; only the same code is equal. -#}
{% macro code(left, right) -%}
    false
{%- endmacro %}
