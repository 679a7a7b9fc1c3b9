{#- A text without what does not matter in a name: letter case, spaces at the ends, repeated spaces. -#}
{% macro folded(text) -%}
    {{ return(adapter.dispatch('folded', 'preg')(text)) }}
{%- endmacro %}

{% macro duckdb__folded(text) -%}
    lower(regexp_replace(trim({{ text }}), '\s+', ' ', 'g'))
{%- endmacro %}
