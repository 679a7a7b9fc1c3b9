{#- The n-th character of a text as a digit; NULL where it is none. -#}
{% macro digit(text, n) -%}
    {{ return(adapter.dispatch('digit', 'preg')(text, n)) }}
{%- endmacro %}

{% macro duckdb__digit(text, n) -%}
    try_cast({{ text }}[{{ n }}] as integer)
{%- endmacro %}
