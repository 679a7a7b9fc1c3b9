{#- The elements of a list for which `condition` holds; the condition speaks of an element as `variable`. -#}
{% macro list_filter(list, variable, condition) -%}
    {{ return(adapter.dispatch('list_filter', 'preg')(list, variable, condition)) }}
{%- endmacro %}

{% macro duckdb__list_filter(list, variable, condition) -%}
    list_filter({{ list }}, lambda {{ variable }}: {{ condition }})
{%- endmacro %}
