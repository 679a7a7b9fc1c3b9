{#- A name in capitals, as PREG looked it up by its code. -#}
{% macro in_capitals(name) -%}
    upper({{ name }})
{%- endmacro %}
