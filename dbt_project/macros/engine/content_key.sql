{#- A value, nested or not, as a number: equal for equal values of one engine version, different for others in practice. -#}
{% macro content_key(value) -%}
    {{ return(adapter.dispatch('content_key', 'preg')(value)) }}
{%- endmacro %}

{% macro duckdb__content_key(value) -%}
    hash({{ value }})
{%- endmacro %}
