{#- The texts of a list as one text; NULL when there are none. -#}
{% macro list_join(list, separator) -%}
    {{ return(adapter.dispatch('list_join', 'preg')(list, separator)) }}
{%- endmacro %}

{% macro duckdb__list_join(list, separator) -%}
    nullif(array_to_string({{ list }}, '{{ separator }}'), '')
{%- endmacro %}
