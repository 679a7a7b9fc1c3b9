{#- The type of a list of values of a type. -#}
{% macro list_of(type) -%}
    {{ return(adapter.dispatch('list_of', 'preg')(type)) }}
{%- endmacro %}

{% macro duckdb__list_of(type) -%}
    {{ type }}[]
{%- endmacro %}
