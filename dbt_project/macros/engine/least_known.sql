{#- The least of several values; those that are NULL do not count. -#}
{% macro least_known(values) -%}
    {{ return(adapter.dispatch('least_known', 'preg')(values)) }}
{%- endmacro %}

{% macro duckdb__least_known(values) -%}
    least({{ values | join(', ') }})
{%- endmacro %}
