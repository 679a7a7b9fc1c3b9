{#- The n-th element of a list, counted from 1; NULL beyond its end. -#}
{% macro list_item(list, n) -%}
    {{ return(adapter.dispatch('list_item', 'preg')(list, n)) }}
{%- endmacro %}

{% macro duckdb__list_item(list, n) -%}
    {{ list }}[{{ n }}]
{%- endmacro %}
