{#- A number of the source as text. -#}
{% macro text_of_number(number) -%}
    cast({{ number }} as varchar)
{%- endmacro %}
