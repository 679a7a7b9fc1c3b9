{#- Lists put one after the other; a NULL list counts as empty. -#}
{% macro list_concat(lists) -%}
    {{ return(adapter.dispatch('list_concat', 'preg')(lists)) }}
{%- endmacro %}

{% macro duckdb__list_concat(lists) -%}
    list_concat({{ lists | join(', ') }})
{%- endmacro %}
