{#- A text as a whole number; NULL where it is none. -#}
{% macro whole_number(text) -%}
    {{ return(adapter.dispatch('whole_number', 'preg')(text)) }}
{%- endmacro %}

{% macro duckdb__whole_number(text) -%}
    try_cast({{ text }} as integer)
{%- endmacro %}
