{#- A text without the zeros at its beginning. -#}
{% macro without_leading_zeros(text) -%}
    {{ return(adapter.dispatch('without_leading_zeros', 'preg')(text)) }}
{%- endmacro %}

{% macro duckdb__without_leading_zeros(text) -%}
    ltrim({{ text }}, '0')
{%- endmacro %}
