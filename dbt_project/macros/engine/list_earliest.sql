{#- The smallest value of a list; NULL for an empty list. -#}
{% macro list_earliest(list) -%}
    {{ return(adapter.dispatch('list_earliest', 'preg')(list)) }}
{%- endmacro %}

{% macro duckdb__list_earliest(list) -%}
    list_min({{ list }})
{%- endmacro %}
