{#-
    A text reduced to what another way of writing leaves: letters without marks (å as a, ø as o), digits without leading
    zeros, nothing else. Two texts with the same bare form differ in format only.
-#}
{% macro bare(text) -%}
    {{ return(adapter.dispatch('bare', 'preg')(text)) }}
{%- endmacro %}

{% macro duckdb__bare(text) -%}
    regexp_replace(
        regexp_replace(
            replace(replace(strip_accents(lower({{ text }})), 'ø', 'o'), 'æ', 'ae'),
            '\b0+(\d)', '\1', 'g'
        ),
        '[^a-z0-9]', '', 'g'
    )
{%- endmacro %}
