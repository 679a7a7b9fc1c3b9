{#- How many elements a list has; 0 for NULL. -#}
{% macro list_size(list) -%}
    {{ return(adapter.dispatch('list_size', 'preg')(list)) }}
{%- endmacro %}

{% macro duckdb__list_size(list) -%}
    coalesce(len({{ list }}), 0)
{%- endmacro %}
