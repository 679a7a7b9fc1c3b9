{#- Whether a list of objects below `path` in a JSON document has one that holds now. -#}
{% macro json_has_current(json, path, current_key) -%}
    {{ return(adapter.dispatch('json_has_current', 'preg')(json, path, current_key)) }}
{%- endmacro %}

{% macro duckdb__json_has_current(json, path, current_key) -%}
    coalesce(len({{ duckdb__json_current_objects(json, path, current_key) }}) > 0, false)
{%- endmacro %}

{% macro duckdb__json_current_objects(json, path, current_key) -%}
    list_filter(
        json_extract({{ json }} -> '{{ path }}', '$[*]'),
        lambda entry: coalesce(try_cast(entry ->> '{{ current_key }}' as boolean), true)
    )
{%- endmacro %}
