{#- Whether a list has an element equal to `value`. -#}
{% macro list_contains_value(list, value) -%}
    {{ return(adapter.dispatch('list_contains_value', 'preg')(list, value)) }}
{%- endmacro %}

{% macro duckdb__list_contains_value(list, value) -%}
    list_contains({{ list }}, {{ value }})
{%- endmacro %}
