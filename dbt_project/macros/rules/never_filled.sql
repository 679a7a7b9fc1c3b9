{#- A field that PREG's record has and PREG left blank, for everybody. -#}
{% macro never_filled(type) -%}
    cast(null as {{ type }})
{%- endmacro %}
