{#-
    The element of a list that is latest by `keys` (points in time, most significant first; unknown is earliest); of equals,
    the one that stands last. NULL for an empty list.
-#}
{% macro list_latest(list, keys) -%}
    {{ return(adapter.dispatch('list_latest', 'preg')(list, keys)) }}
{%- endmacro %}

{% macro duckdb__list_latest(list, keys) -%}
    case
        when len({{ list }}) <= 1 then {{ list }}[1]
        else list_reduce(
            {{ list }},
            lambda one, other: case
                when ({% for key in keys %}coalesce(other.{{ key }}, timestamptz '-infinity'){{ ', ' if not loop.last }}{% endfor %})
                    >= ({% for key in keys %}coalesce(one.{{ key }}, timestamptz '-infinity'){{ ', ' if not loop.last }}{% endfor %})
                    then other
                else one
            end
        )
    end
{%- endmacro %}
