{#- A list of the texts given, those that are NULL or blank left out. -#}
{% macro list_without_blanks(texts) -%}
    {{ return(adapter.dispatch('list_without_blanks', 'preg')(texts)) }}
{%- endmacro %}

{% macro duckdb__list_without_blanks(texts) -%}
    list_filter([{{ texts | join(', ') }}], lambda text: trim(coalesce(text, '')) <> '')
{%- endmacro %}
