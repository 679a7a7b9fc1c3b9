{#- The elements of a list from the n-th on. -#}
{% macro list_tail(list, n) -%}
    {{ return(adapter.dispatch('list_tail', 'preg')(list, n)) }}
{%- endmacro %}

{% macro duckdb__list_tail(list, n) -%}
    list_slice({{ list }}, {{ n }}, len({{ list }}))
{%- endmacro %}
