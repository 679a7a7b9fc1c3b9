{#- The parts of a text between separators, as a list; blank parts and a NULL give none. -#}
{% macro text_parts(text, separator) -%}
    {{ return(adapter.dispatch('text_parts', 'preg')(text, separator)) }}
{%- endmacro %}

{% macro duckdb__text_parts(text, separator) -%}
    list_filter(string_split(coalesce({{ text }}, ''), '{{ separator }}'), lambda part: part <> '')
{%- endmacro %}
