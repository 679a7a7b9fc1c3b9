{#- As a column of a select: one row for each element of a list; rows with an empty list disappear. -#}
{% macro one_row_each(list) -%}
    {{ return(adapter.dispatch('one_row_each', 'preg')(list)) }}
{%- endmacro %}

{% macro duckdb__one_row_each(list) -%}
    unnest({{ list }})
{%- endmacro %}
