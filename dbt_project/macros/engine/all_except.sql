{#- Every column of a relation (by its alias) but those named. -#}
{% macro all_except(relation, columns) -%}
    {{ return(adapter.dispatch('all_except', 'preg')(relation, columns)) }}
{%- endmacro %}

{% macro duckdb__all_except(relation, columns) -%}
    {{ relation }}.* exclude ({{ columns | join(', ') }})
{%- endmacro %}
