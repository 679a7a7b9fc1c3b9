{#- A value of an address, unless the address is hidden. -#}
{% macro shown(value) -%}
    case when not addresses.is_hidden then {{ value }} end
{%- endmacro %}
