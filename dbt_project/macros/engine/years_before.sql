{#- The day so many years before another. -#}
{% macro years_before(day, years) -%}
    {{ return(adapter.dispatch('years_before', 'preg')(day, years)) }}
{%- endmacro %}

{% macro duckdb__years_before(day, years) -%}
    ({{ day }} - interval {{ years }} years)
{%- endmacro %}
