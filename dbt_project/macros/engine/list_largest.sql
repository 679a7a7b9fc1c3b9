{#- The largest value of a list; NULL for an empty list. -#}
{% macro list_largest(list) -%}
    {{ return(adapter.dispatch('list_largest', 'preg')(list)) }}
{%- endmacro %}

{% macro duckdb__list_largest(list) -%}
    list_max({{ list }})
{%- endmacro %}
