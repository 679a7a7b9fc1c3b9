{#- The greatest of several values; those that are NULL do not count. -#}
{% macro greatest_known(values) -%}
    {{ return(adapter.dispatch('greatest_known', 'preg')(values)) }}
{%- endmacro %}

{% macro duckdb__greatest_known(values) -%}
    greatest({{ values | join(', ') }})
{%- endmacro %}
