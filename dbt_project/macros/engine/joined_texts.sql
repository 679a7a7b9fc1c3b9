{#- As an aggregate: the distinct texts of a group in their order, put together with ` | `; NULL where there is none. -#}
{% macro joined_texts(text) -%}
    {{ return(adapter.dispatch('joined_texts', 'preg')(text)) }}
{%- endmacro %}

{% macro duckdb__joined_texts(text) -%}
    string_agg(distinct {{ text }}, ' | ' order by {{ text }})
{%- endmacro %}
