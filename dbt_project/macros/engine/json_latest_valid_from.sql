{#-
    Of a list of objects below `path` in a JSON document: when the latest of those that hold now came into force. For
    elements that the contract does not know yet and that raw keeps as JSON.
-#}
{% macro json_latest_valid_from(json, path, current_key, from_key) -%}
    {{ return(adapter.dispatch('json_latest_valid_from', 'preg')(json, path, current_key, from_key)) }}
{%- endmacro %}

{% macro duckdb__json_latest_valid_from(json, path, current_key, from_key) -%}
    list_max(
        list_transform(
            {{ duckdb__json_current_objects(json, path, current_key) }},
            lambda entry: try_cast(entry ->> '{{ from_key }}' as timestamptz)
        )
    )
{%- endmacro %}
