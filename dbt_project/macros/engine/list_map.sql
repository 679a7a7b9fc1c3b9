{#- A list of `expression` for each element, which the expression calls `variable`. -#}
{% macro list_map(list, variable, expression) -%}
    {{ return(adapter.dispatch('list_map', 'preg')(list, variable, expression)) }}
{%- endmacro %}

{% macro duckdb__list_map(list, variable, expression) -%}
    list_transform({{ list }}, lambda {{ variable }}: {{ expression }})
{%- endmacro %}
