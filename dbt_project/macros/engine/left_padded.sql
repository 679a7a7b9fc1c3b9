{#- A number or text as text of at least `width` characters, zeros in front; NULL stays NULL. -#}
{% macro left_padded(value, width) -%}
    {{ return(adapter.dispatch('left_padded', 'preg')(value, width)) }}
{%- endmacro %}

{% macro duckdb__left_padded(value, width) -%}
    lpad(cast({{ value }} as varchar), cast(greatest({{ width }}, length(cast({{ value }} as varchar))) as integer), '0')
{%- endmacro %}
