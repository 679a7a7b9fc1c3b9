{#- A text as a number with decimals; NULL where it is none. -#}
{% macro decimal_number(text) -%}
    {{ return(adapter.dispatch('decimal_number', 'preg')(text)) }}
{%- endmacro %}

{% macro duckdb__decimal_number(text) -%}
    try_cast({{ text }} as double)
{%- endmacro %}
