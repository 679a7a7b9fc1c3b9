{#- The last n characters of a text. -#}
{% macro last_characters(text, n) -%}
    {{ return(adapter.dispatch('last_characters', 'preg')(text, n)) }}
{%- endmacro %}

{% macro duckdb__last_characters(text, n) -%}
    right({{ text }}, {{ n }})
{%- endmacro %}
